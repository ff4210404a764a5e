/* fused.h -- a reader that is called from within its sender's emit.
 *
 * If a component says that it is fused, and a grouping chose a task of it that
 * is on the sender's loop, no batch is needed: its execute is called there and
 * then, with a header on the stack whose values point at the sender's row.
 *
 *     sender's execute -> gale_emit -> reader's execute -> gale_emit -> ...
 *
 * What is left of the inner tuple counts as its sender's.  It has an edge as
 * any child would, but nobody is told of it if it is acked at once: then the
 * sender has made, in place of that edge, the edges that came of it, and its
 * own answer speaks for both.  If it is held, failed or lost the edge stands,
 * and all goes on as for a tuple that came in a batch.
 *
 * It is called only if nothing from this loop is on its way to it, for tuples
 * from one task to another keep their order, and if its readers have room.
 * Otherwise, or if calls are nested too deep, send.c goes on and writes the
 * tuple into a batch.
 *
 * No task meets itself: what lies in a cycle is never called, and the rest has
 * none.
 */
#ifndef GI_WORKER_FUSED_H
#define GI_WORKER_FUSED_H

#include "worker/send.h"

enum { GI_FUSED_DEEP = 4 }; /* calls within one another */

/* One call, while it is under way. */
struct gi_fused {
    gi_fused *outer; /* NULL: none */
    gale_task *from, *to;
    uint32_t depth;
    uint64_t edge; /* of the inner tuple; 0: it is in no tree */
    uint64_t left; /* of it, as edges of its sender's */
};

/* Could task `to` ever be called from `t`? */
bool gi_fused_may(const gale_task *t, uint32_t to);

/* Only if out->fused: have task `to` execute the row, in the trees of `a`.
 * `hash`: what gale_tuple_hash is to say, or 0.  False: it is to go in a
 * batch, and nothing was done. */
bool gi_fused_call(gale_task *t, uint32_t to, uint32_t hash, const gi_out *out,
                   gale_row row, const gi_anchor *a);

/* The task that is called said `v` of what it was called with, which is t->in.
 * True: acked here and now. */
bool gi_fused_settle(gale_task *t, gale_verdict v);

#endif
