#include "trident/fold_by.h"

/* How many rows wait, and of how many values at most. */
enum { WAIT = 32, WIDEST = 8 };

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
        b->n_values = f->looks ? op->n_row : 0;
        b->keys =
            gi_pool_piece(&r->pool, WAIT * op->n_keys * sizeof(*b->keys));
        b->values =
            gi_pool_piece(&r->pool, WAIT * b->n_values * sizeof(*b->values));
        b->hashes = gi_pool_piece(&r->pool, WAIT * sizeof(*b->hashes));
        well = b->keys != NULL && b->values != NULL && b->hashes != NULL;
    }
    if (!well) {
        gi_round_fail(r, "out of memory");
        return NULL;
    }
    return b;
}

/* `cells`: of its group, or NULL if that is not known. */
static inline void fold(gi_fold_by *b, gi_folds *f, gi_round *r,
                        const gi_keyed_value *key, uint32_t hash, void *cells,
                        gale_row in)
{
    bool fresh = false;
    gi_fold_group g;

    if (cells == NULL || !gi_keyed_is(&b->groups, cells, key))
        cells = gi_keyed_find(&b->groups, key, hash, &fresh);
    if (cells == NULL) {
        gi_round_fail(r, "out of memory");
        return;
    }
    g = (gi_fold_group){ gi_keyed_key(&b->groups, cells).values, cells };
    if (fresh)
        gi_folds_first(f, r, g, in);
    else if (f->counts)
        g.cells->as.i++;
    else
        gi_folds_next(f, r, g, in);
}

void gi_fold_by_end(gi_fold_by *b, gi_folds *f, gi_round *r)
{
    const gi_op *op = f->step->op;
    uint32_t n = b->waiting;
    void *cells[WAIT];

    b->waiting = 0;
    for (uint32_t i = 0; i < n; i++)
        cells[i] = gi_keyed_near(&b->groups, b->hashes[i]);
    for (uint32_t i = 0; i < n && !r->failed; i++)
        fold(b, f, r, b->keys + i * op->n_keys, b->hashes[i], cells[i],
             (gale_row){ b->values + i * b->n_values, b->n_values });
}

/* Are the bytes of the key in its words? */
static inline bool is_short(const gi_keyed_value *key, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++)
        if (key[k].len > GI_KEYED_SHORT)
            return false;
    return true;
}

/* Behind all that wait. */
static __attribute__((noinline)) void at_once(gi_fold_by *b, gi_folds *f,
                                              gi_round *r,
                                              const gi_keyed_value *key,
                                              uint32_t hash, gale_row in)
{
    gi_fold_by_end(b, f, r);
    fold(b, f, r, key, hash, NULL, in);
}

void gi_fold_by_row(gi_fold_by *b, gi_folds *f, gi_round *r, gale_row in)
{
    const gi_op *op = f->step->op;
    uint32_t i = b->waiting, hash;
    gi_keyed_value *key =
        b->hashes == NULL ? b->groups.asked : b->keys + i * op->n_keys;

    hash = gi_keyed_hash(&b->groups, key, in.values, op->keys);
    if (b->hashes == NULL || !is_short(key, op->n_keys)) {
        at_once(b, f, r, key, hash, in);
        return;
    }
    gi_keyed_near_slot(&b->groups, hash);
    b->hashes[i] = hash;
    for (uint32_t k = 0; k < b->n_values; k++)
        b->values[i * b->n_values + k] = in.values[k];
    b->waiting = i + 1;
    if (b->waiting == WAIT)
        gi_fold_by_end(b, f, r);
}
