/* op_state.h -- the open maps of a task.
 *
 * Steps in one task that speak of the same state (who keeps it up to date, who
 * asks it, in this part or another) share one open map; they find each other
 * by its id.  From begin to commit is one call, so whoever asks sees what was
 * committed.  It is opened
 * when the first of them is; if another process has it still, or what it lies
 * on cannot be reached, when it is needed, and the batches that need it
 * meanwhile fail with the words why.  After an error it is opened anew.
 */
#ifndef GI_TRIDENT_OP_STATE_H
#define GI_TRIDENT_OP_STATE_H

#include "trident/op_inside.h"

typedef struct gi_shared {
    gale_map *map; /* NULL: to be opened */
    uint32_t users;
    bool read_only; /* no step in this task writes it */
} gi_shared;

/* What the types of such steps begin with. */
typedef struct gi_state_step {
    gi_shared *shared;
} gi_state_step;

/* GALE_ENOMEM; GALE_EINVAL, GALE_EFORMAT: what cannot get better by itself. */
gale_err gi_shared_open(gi_step *s, gale_diag *why);
void gi_shared_close(gi_step *s);

/* The map, opened if need be.  NULL: the round has failed. */
gale_map *gi_shared_map(gi_step *s, gi_round *r);

/* The same, and the round's transaction has begun in it. */
gale_map *gi_shared_begin(gi_step *s, gi_round *r);

/* What was put since then is forgotten, if it is not already. */
void gi_shared_abandon(gi_step *s);

/* All that was put counts.  False: the round has failed. */
bool gi_shared_commit(gi_step *s, gi_round *r);

/* A call on the map went wrong: the round fails with these words (the error's
 * own, if there are none), and what it put is forgotten. */
void gi_shared_failed(gi_step *s, gi_round *r, gale_err e,
                      const gale_diag *why);

#endif
