/* view.h -- a row as a callback sees it: the fields that its step names. */
#ifndef GI_TRIDENT_VIEW_H
#define GI_TRIDENT_VIEW_H

#include "base/mem.h"
#include "gale/value.h"

typedef struct gi_view {
    const uint32_t *slots;
    uint32_t n;
    bool run;         /* side by side already */
    gale_value *room; /* where they are put side by side */
} gi_view;

/* `slots` is borrowed.  GALE_ENOMEM. */
static inline gale_err gi_view_open(gi_view *v, const uint32_t *slots,
                                    uint32_t n)
{
    *v = (gi_view){ .slots = slots, .n = n, .run = true };
    for (uint32_t i = 1; i < n; i++)
        v->run = v->run && slots[i] == slots[0] + i;
    if (v->run)
        return GALE_OK;
    v->room = gi_calloc(n, sizeof(*v->room));
    return v->room == NULL ? GALE_ENOMEM : GALE_OK;
}

static inline void gi_view_close(gi_view *v)
{
    gi_free(v->room);
    v->room = NULL;
}

/* Those fields of `row` at `room`, which has v->n values. */
static inline gale_row gi_view_into(const gi_view *v, gale_row row,
                                    gale_value *room)
{
    if (v->run)
        return (gale_row){ row.values + (v->n == 0 ? 0 : v->slots[0]), v->n };
    for (uint32_t i = 0; i < v->n; i++)
        room[i] = row.values[v->slots[i]];
    return (gale_row){ room, v->n };
}

/* The same, good until the next call. */
static inline gale_row gi_view_of(const gi_view *v, gale_row row)
{
    return gi_view_into(v, row, v->room);
}

#endif
