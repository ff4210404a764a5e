/* op_inside.h -- what the kinds of steps share. */
#ifndef GI_TRIDENT_OP_INSIDE_H
#define GI_TRIDENT_OP_INSIDE_H

#include "trident/op.h"
#include "trident/view.h"

/* Rows of a round, in the order in which they came. */
typedef struct gi_kept_row {
    struct gi_kept_row *next;
    gale_row row;
} gi_kept_row;

typedef struct gi_rows {
    gi_kept_row *first, *last;
    size_t n;
} gi_rows;

/* Copies `row`; false, and the round has failed, without memory. */
static inline bool gi_rows_add(gi_rows *rows, gi_round *r, gale_row row)
{
    gi_kept_row *kept = gi_pool_piece(&r->pool, sizeof(*kept));

    if (kept == NULL) {
        gi_round_fail(r, "out of memory");
        return false;
    }
    kept->row = gi_round_keep(r, row);
    if (kept->row.values == NULL)
        return false;
    if (rows->first == NULL)
        rows->first = kept;
    else
        rows->last->next = kept;
    rows->last = kept;
    rows->n++;
    return true;
}

/* Hand them on, then forget them. */
static inline void gi_rows_pass(gi_rows *rows, gi_step *s, gi_round *r)
{
    for (gi_kept_row *k = rows->first; k != NULL && !r->failed; k = k->next)
        gi_pass(s, r, k->row);
    *rows = (gi_rows){ NULL, NULL, 0 };
}

/* What this step has of the round: zeroed room for it at first.  NULL, and
 * the round has failed, without memory. */
static inline void *gi_round_mine(gi_step *s, gi_round *r, size_t size)
{
    void **mine = &r->mine[s->op->no];

    if (*mine == NULL)
        *mine = gi_pool_piece(&r->pool, size);
    if (*mine == NULL)
        gi_round_fail(r, "out of memory");
    return *mine;
}

/* Says so in `why`, and returns GALE_ENOMEM. */
gale_err gi_step_no_memory(gale_diag *why);

/* A number that keys are hashed with, so that nobody can choose keys that
 * collide. */
uint64_t gi_step_seed(const gi_step *s);

#endif
