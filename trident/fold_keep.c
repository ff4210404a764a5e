/* fold_keep.c -- what folds put out, in cells that last as long as the round.
 */
#include "trident/fold_inside.h"

/* Bytes of a cell that are ours lie behind how many there is room for. */
enum { HEAD = 8, LEAST = 16 };

static uint32_t room_of(const gale_value *cell)
{
    uint32_t room;

    if (cell->type < GALE_T_STR || cell->len == 0)
        return 0;
    memcpy(&room, cell->as.p - HEAD, sizeof(room));
    return room;
}

static char *new_room(gi_round *r, uint32_t len)
{
    uint64_t room = LEAST;
    uint32_t some;
    char *p;

    while (room < len)
        room *= 2;
    some = room > UINT32_MAX ? len : (uint32_t)room;
    p = gi_pool_piece(&r->pool, HEAD + (size_t)some);
    if (p == NULL) {
        gi_round_fail(r, "out of memory");
        return NULL;
    }
    memcpy(p, &some, sizeof(some));
    return p + HEAD;
}

/* alone: no other value may point to what the cell has. */
static void keep_value(gi_round *r, gale_value *cell, gale_value v, bool alone)
{
    uint32_t room = room_of(cell);
    bool there = room > 0 && v.as.p == cell->as.p && v.len <= room;
    char *p;

    if (v.type < GALE_T_STR || v.len == 0) {
        if (v.type >= GALE_T_STR)
            v.as.p = "";
        *cell = v;
        return;
    }
    if (there || (alone && v.len <= room)) {
        p = (char *)(uintptr_t)cell->as.p;
    } else {
        p = new_room(r, v.len);
        if (p == NULL)
            return;
    }
    if (!there)
        memmove(p, v.as.p, v.len); /* may lie in what the cell has */
    v.as.p = p;
    *cell = v;
}

void gi_fold_keep(gi_round *r, gale_value *cells, const gale_value *values,
                  uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        keep_value(r, &cells[i], values[i], n == 1);
}

/* What a fold just put out. */
void gi_fold_put(gi_folds *f, const gi_fold_one *one, gi_round *r,
                 gale_value *cells, const gale_value *out)
{
    for (uint32_t i = 0; i < one->n_out; i++)
        if (__builtin_expect(out[i].type - 1 >= GALE_T_MAP, 0))
            gi_fields_check(f->step, one->output, one->n_out,
                            (gale_row){ out, one->n_out });
    gi_fold_keep(r, cells, out, one->n_out);
}
