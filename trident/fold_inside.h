/* fold_inside.h -- what the files of fold.h share. */
#ifndef GI_TRIDENT_FOLD_INSIDE_H
#define GI_TRIDENT_FOLD_INSIDE_H

#include "trident/fold.h"

/* Counting and adding whole numbers is what most folds do: they have a way of
 * their own, without a call. */
typedef enum gi_fold_way {
    GI_FOLD_COUNT,
    GI_FOLD_SUM,
    GI_FOLD_COMBINE,
    GI_FOLD_REDUCE,
    GI_FOLD_AGGREGATE,
} gi_fold_way;

/* A row that an aggregator emitted, kept. */
struct gi_fold_row {
    struct gi_fold_row *next;
    gale_row row;
};

/* What an aggregator has in a group. */
struct gi_gathered {
    struct gi_fold_row *first, **end;
    void *state;
};

struct gi_fold_one {
    const gi_op_fold *spec;
    gi_fold_way way;
    bool merges;
    uint32_t cell; /* its first one */
    uint32_t n_out;
    const gale_field *output;
    gi_view view;
    const struct gi_fold_row *at; /* while rows are put together */
};

/* The aggregator's, in its cell; NULL if memory was gone. */
static inline struct gi_gathered *gi_gathered_of(const gale_value *cell)
{
    return (struct gi_gathered *)(uintptr_t)cell->as.p;
}

typedef enum gi_gather_call {
    GI_GATHER_BEGIN,
    GI_GATHER_ADD,
    GI_GATHER_COMPLETE
} gi_gather_call;

void gi_gather_begin(gi_folds *f, gi_fold_one *one, gi_round *r,
                     gi_fold_group group);
void gi_gather(gi_folds *f, gi_fold_one *one, gi_round *r, gi_fold_group group,
               gi_gather_call what, gale_row in);

/* What a fold just put out. */
void gi_fold_put(gi_folds *f, const gi_fold_one *one, gi_round *r,
                 gale_value *cells, const gale_value *out);

#endif
