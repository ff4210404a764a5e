/* op_window.h -- a step that folds by window: what its files share.
 *
 * Rows of a batch are kept, or folded by pane where they come folded, until
 * the batch is committed.  Then, in this order:
 *
 *     op_window_kept.c   memory is made to agree with the state
 *     op_window_take.c   rows go to their panes, and the clock on
 *     op_window_kept.c   what has changed is put into the state, which commits
 *     op_window_close.c  what has closed is folded, passed on, and let go
 *
 * All windows close in batches, each batch is undone as a whole, and nothing
 * but what is in the state says what is open; so what comes out of a batch
 * that counts is what would have come out of it without failures.
 */
#ifndef GI_TRIDENT_OP_WINDOW_H
#define GI_TRIDENT_OP_WINDOW_H

#include "trident/fold_by.h"
#include "trident/op_state.h"
#include "trident/window_lines.h"

/* What a batch has of it. */
typedef struct gi_window_came {
    gi_fold_by *folded;
    gi_rows rows;
    bool any; /* some task says when its rows were */
    int64_t greatest;
} gi_window_came;

typedef struct gi_windowing {
    gi_state_step state; /* first */
    const gi_windows *o;
    bool combines;  /* panes hold what combiners made of them, else rows */
    uint32_t width; /* values of that, or of a row */
    uint64_t seed;
    uint32_t expect; /* groups of what comes folded */
    gi_folds in;     /* of rows as they come */
    gi_folds out;    /* of what is in panes; its step and op: */
    gi_step out_step;
    gi_op out_op;
    gi_op_fold *merging; /* those of out_op, if they are others */
    uint32_t *slots;     /* 0, 1, 2, ... */
    gale_value *cells;   /* of out */
    gale_value *key;     /* of a line, begin and end */
    gale_counter *late;

    /* As in the state, if it is `good`. */
    bool good;
    gi_lines lines;
    gi_clock clock;
    bool marked; /* each group knows the clock, as it is in `written` */
    gi_clock written;
    int64_t marks[GALE_STATE_GROUPS]; /* a key of each group */

    /* Pairs to be put: GI_WINDOW_CHUNK of them. */
    gale_row *keys, *values;
    gale_value *key_values; /* 2 + n_keys each */
    uint32_t n;
} gi_windowing;

enum { GI_WINDOW_CHUNK = 512 };

/* The map, and memory that agrees with it; the transaction has begun.  NULL:
 * the round has failed. */
gale_map *gi_window_begin_map(gi_step *s, gi_round *r);

/* Rows to their panes; false: the round has failed. */
bool gi_window_take(gi_step *s, gi_round *r, const gi_window_came *came);

/* What has changed, to the map; false: the round has failed. */
bool gi_window_put(gi_step *s, gi_round *r, gale_map *map);

/* Pass on what has closed since `was`. */
void gi_window_close(gi_step *s, gi_round *r, const gi_clock *was);

/* Let go of what nobody needs any more. */
void gi_window_cut(gi_step *s, gi_round *r, const gi_clock *was);

/* The first pane of a line that is still in an open window. */
static inline int64_t gi_window_needs(const gi_windowing *w, const gi_line *l)
{
    const gi_window *win = &w->o->w;
    int64_t open =
        w->o->by_rows ? gi_window_open_at(win, l->n) : w->clock.open;

    return open == GI_WINDOW_NONE ? INT64_MIN : gi_window_from(win, open);
}

#endif
