/* fold.h -- what combiners, reducers and aggregators make of rows.
 *
 * A step has one or several folds; what they have so far of a group of rows
 * lies in that group's cells, values side by side.  A string there
 * belongs to the round: it is copied when a fold returns one.
 *
 * What an aggregator has lies behind a pointer in its one cell.  Where it is
 * the only fold, its rows go on as they are emitted; beside others they are
 * kept, and each row of one is put together with each row of the others.
 */
#ifndef GI_TRIDENT_FOLD_H
#define GI_TRIDENT_FOLD_H

#include "trident/op.h"
#include "trident/view.h"

typedef struct gi_fold_one gi_fold_one;

typedef struct gi_folds {
    gi_step *step;
    gi_fold_one *folds; /* step->op->n_folds */
    uint32_t n_cells;
    bool aggregates;       /* one of them is an aggregator */
    bool numbers;          /* all of them look at numbers only ... */
    bool looks;            /* ... or, if not that, at nothing */
    bool counts;           /* there is one, and it does nothing but count */
    uint32_t n_keys;       /* of the rows it puts out */
    gale_value *one, *two; /* room for what a combiner puts out */
} gi_folds;

/* A group: its key and its cells. */
typedef struct gi_fold_group {
    const gale_value *key; /* n_keys values */
    gale_value *cells;     /* zeroed at first */
} gi_fold_group;

/* GALE_ENOMEM; to be closed all the same. */
gale_err gi_folds_open(gi_folds *f, gi_step *s);
void gi_folds_close(gi_folds *f);

/* The first row of a group; a further one. */
void gi_folds_first(gi_folds *f, gi_round *r, gi_fold_group g, gale_row in);
void gi_folds_next(gi_folds *f, gi_round *r, gi_fold_group g, gale_row in);

/* The cells of no rows; false if one of the combiners has no zero. */
bool gi_folds_none(gi_folds *f, gi_round *r, gi_fold_group g);

/* Pass on what came of it. */
void gi_folds_complete(gi_folds *f, gi_round *r, gi_fold_group g);

/* What aggregators own is given back.  `cells` may be zeroed. */
void gi_folds_drop(gi_folds *f, gale_value *cells);

/* Values that a fold put out, into `n` cells, which are zeroed or were filled
 * so before: strings are copied into the round's pool. */
void gi_fold_keep(gi_round *r, gale_value *cells, const gale_value *values,
                  uint32_t n);

#endif
