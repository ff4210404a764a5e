/* view.h -- a whole state as it is after some batch, beside those who write
 * it.
 *
 * The parts of a state commit a batch one after another, and the next one when
 * all have it.  So who has all parts at one moment (the embedded store sees to
 * that) finds the last batch in all of them or in some, and the one before it
 * in all.  If it counts by what the coordinators have on record, all have it.
 * If not, an opaque state remembers how to undo it, and it is undone here, in
 * memory; with any other it is looked again until the batch is over.
 *
 * Where nobody has anything on record (a program that uses maps by itself)
 * each part is taken as it is. */
#ifndef GI_STATE_VIEW_H
#define GI_STATE_VIEW_H

#include "gale/state.h"

/* Up to which batch does all count?  False: nobody counts.  Asked before the
 * state is opened and after that, since somebody may have begun to. */
typedef gale_err (*gi_view_counts)(void *arg, bool *known, uint64_t *txid,
                                   gale_diag *why);

typedef struct gi_view {
    gale_map *map;
    gale_state_kind kind;
    uint64_t txid; /* the last batch that is in it; 0: none that is known */
    bool undone;   /* one that was being committed is left out */
    bool mixed;    /* ... or could not be: it is in some parts */
} gi_view;

/* `where`: to be read only, all of it (index 0 of 1).  What the store's open
 * says.  To be fini'd when it succeeded. */
gale_err gi_view_open(gi_view *v, const gale_store *store,
                      const gale_store_where *where, gi_view_counts counts,
                      void *arg, gale_diag *why);
void gi_view_fini(gi_view *v);

/* As gale_map_get and gale_map_scan.  To scan keeps nothing in memory but what
 * is undone. */
gale_err gi_view_get(gi_view *v, gale_row key, gale_row *value,
                     gale_diag *why);
gale_err gi_view_scan(gi_view *v, gale_map_pair pair, void *arg,
                      gale_diag *why);

#endif
