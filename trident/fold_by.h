/* fold_by.h -- rows folded by key, in one round of one step.
 *
 * With many keys most of the time would go into waiting for memory: first for
 * the slot of a key, then for its group.  Where the folds look at numbers only
 * (counts and sums), rows are put off until there are some: then the slots of
 * all of them are looked at, then their groups, each while the others are on
 * their way.  A row that may not be put off, since its key is long, is done at
 * once, after all that wait: they stay in order.
 */
#ifndef GI_TRIDENT_FOLD_BY_H
#define GI_TRIDENT_FOLD_BY_H

#include "trident/fold.h"
#include "trident/keyed.h"

typedef struct gi_fold_by {
    gi_keyed groups;
    uint32_t waiting;     /* rows that were put off: */
    uint32_t n_values;    /* ... so many values of each, if any are needed, */
    gale_value *values;   /* ... which are here, */
    gi_keyed_value *keys; /* ... the values of their keys, */
    uint32_t *hashes;     /* ... and the keys' hashes; NULL: none is put off */
} gi_fold_by;

/* In the round's pool; NULL, and the round has failed, without memory. */
gi_fold_by *gi_fold_by_begin(const gi_folds *f, gi_round *r, uint32_t expect,
                             uint64_t seed);

void gi_fold_by_row(gi_fold_by *b, gi_folds *f, gi_round *r, gale_row in);

/* No more rows come: those that wait are done. */
void gi_fold_by_end(gi_fold_by *b, gi_folds *f, gi_round *r);

/* Group `i`. */
static inline gi_fold_group gi_fold_by_group(const gi_fold_by *b, uint32_t i)
{
    gale_value *cells = gi_keyed_cells(&b->groups, i);

    return (gi_fold_group){ gi_keyed_key(&b->groups, cells).values, cells };
}

#endif
