#include "trident/fold_by.h"

/* How many rows wait, and when a row that waits asks for its group: by then
 * its slot should be here.  Fewer than MANY groups are near anyway. */
enum { WAIT = 8, HALF = 4, MANY = 8192, WIDEST = 8 };

static bool puts_off(const gi_folds *f)
{
    return f->numbers && f->step->op->n_row <= WIDEST &&
           GI_KEYED_SHORT >= sizeof(uint64_t);
}

gi_fold_by *gi_fold_by_begin(const gi_folds *f, gi_round *r, uint32_t expect,
                             uint64_t seed)
{
    const gi_op *op = f->step->op;
    gi_fold_by *b = gi_pool_piece(&r->pool, sizeof(*b));
    bool well =
        b != NULL &&
        gi_keyed_init(&b->groups, &r->pool, op->n_keys,
                      f->n_cells * (uint32_t)sizeof(gale_value), expect, seed);

    if (well && puts_off(f)) {
        b->keys =
            gi_pool_piece(&r->pool, WAIT * op->n_keys * sizeof(*b->keys));
        b->values =
            gi_pool_piece(&r->pool, WAIT * op->n_row * sizeof(*b->values));
        b->hashes = gi_pool_piece(&r->pool, WAIT * sizeof(*b->hashes));
        well = b->keys != NULL && b->values != NULL && b->hashes != NULL;
    }
    if (!well) {
        gi_round_fail(r, "out of memory");
        return NULL;
    }
    return b;
}

static void fold(gi_fold_by *b, gi_folds *f, gi_round *r,
                 const gi_keyed_value *key, uint32_t hash, gale_row in)
{
    bool fresh;
    void *cells = gi_keyed_find(&b->groups, key, hash, &fresh);
    gi_fold_group g;

    if (cells == NULL) {
        gi_round_fail(r, "out of memory");
        return;
    }
    g = (gi_fold_group){ gi_keyed_key(&b->groups, cells).values, cells };
    if (fresh)
        gi_folds_first(f, r, g, in);
    else
        gi_folds_next(f, r, g, in);
}

/* The one that waits longest. */
static void do_one(gi_fold_by *b, gi_folds *f, gi_round *r)
{
    const gi_op *op = f->step->op;
    uint32_t i = b->done++ % WAIT;

    fold(b, f, r, b->keys + i * op->n_keys, b->hashes[i],
         (gale_row){ b->values + i * op->n_row, op->n_row });
}

void gi_fold_by_end(gi_fold_by *b, gi_folds *f, gi_round *r)
{
    while (b->done != b->came && !r->failed)
        do_one(b, f, r);
}

/* Are the bytes of the key in its words? */
static inline bool is_short(const gi_keyed_value *key, uint32_t n)
{
    uint32_t len = 0;

    for (uint32_t k = 0; k < n; k++)
        len |= key[k].len > GI_KEYED_SHORT;
    return len == 0;
}

void gi_fold_by_row(gi_fold_by *b, gi_folds *f, gi_round *r, gale_row in)
{
    const gi_op *op = f->step->op;
    gi_keyed_value *key = b->groups.asked;
    uint32_t i = b->came % WAIT, hash;

    if (b->hashes == NULL || b->groups.n < MANY) {
        hash = gi_keyed_hash(&b->groups, key, in.values, op->keys);
        fold(b, f, r, key, hash, in);
        return;
    }
    if (b->came - b->done == WAIT)
        do_one(b, f, r);
    key = b->keys + i * op->n_keys;
    hash = gi_keyed_hash(&b->groups, key, in.values, op->keys);
    if (!is_short(key, op->n_keys)) {
        gi_fold_by_end(b, f, r);
        fold(b, f, r, key, hash, in);
        return;
    }
    gi_keyed_near_slot(&b->groups, hash);
    b->hashes[i] = hash;
    for (uint32_t k = 0; k < op->n_row; k++)
        b->values[i * op->n_row + k] = in.values[k];
    b->came++;
    if (b->came - b->done > HALF)
        gi_keyed_near_group(&b->groups,
                            b->hashes[(b->came - 1 - HALF) % WAIT]);
}
