/* between.h -- what may stand between the loops of a worker, and who watches.
 *
 * In a normal run neither is there: what a loop has for itself it calls, and
 * what it has for others goes through rings.  With somebody between, all of it
 * goes through rings, even to itself, and whoever stands there sees each batch
 * as it arrives and may lose it, change it or keep it back.  That is how
 * faults are injected without a question on the way of every tuple.
 */
#ifndef GI_WORKER_BETWEEN_H
#define GI_WORKER_BETWEEN_H

#include "acker/ledger.h"
#include "topology/batch.h"

typedef struct gi_loop gi_loop;

/* Thread  the loop's, all of them. */
typedef struct gi_between {
    void *arg;

    /* Take everything through rings, also what stays on its loop? */
    bool all;

    /* A batch came from loop `from`: it is yours.  Hand it on with
     * gi_link_deliver, now or later, or part with it by gi_link_lose. */
    void (*arrived)(void *arg, gi_loop *l, uint32_t from, gi_batch *b);

    /* A held tuple is about to be acked: must it fail instead? */
    bool (*fails)(void *arg, gale_task *t, const gale_tuple *in);

    /* `v` is said of a tuple of several (gale_answer); what instead? */
    gale_verdict (*answers)(void *arg, gale_task *t, const gale_tuple *in,
                            gale_verdict v);

    /* May task `to` be called from within an emit of `from` (fused.h)?  What
     * is called does not come through rings.  NULL: never. */
    bool (*calls)(void *arg, const gale_task *from, const gale_task *to);

    /* Once a turn: do what is due.  True: something was. */
    bool (*turn)(void *arg, gi_loop *l);

    /* When something falls due; INT64_MAX: never. */
    int64_t (*next_ns)(void *arg, const gi_loop *l);

    /* The loop is taken apart: gi_link_lose what you still have. */
    void (*end)(void *arg, gi_loop *l);
} gi_between;

/* Sees what happens to trees and rows; on the loop's thread.  Any may be
 * NULL. */
typedef struct gi_watcher {
    void *arg;

    /* A row is about to be sent. */
    void (*emitted)(void *arg, gale_task *from, const gi_stream *stream,
                    gale_row row);

    /* A tree is about to begin that may be called for (fused.h); `launched`
     * follows, when bolts may have executed some of it. */
    void (*begins)(void *arg, gale_task *spout, uint64_t id, uint64_t root,
                   bool replay);

    /* A tree began (or, for a replay, began anew) with `n` tuples sent. */
    void (*launched)(void *arg, gale_task *spout, uint64_t id, uint64_t root,
                     size_t n, bool replay);

    /* Its spout has heard: done (why is GI_WHY_NONE) or failed.  Before the
     * spout's ack or fail is called. */
    void (*settled)(void *arg, gale_task *spout, uint64_t id, uint64_t root,
                    gi_why why, uint16_t comp);

    /* The runtime gives the tuple up: it goes to the dead letters. */
    void (*gave_up)(void *arg, gale_task *spout, uint64_t id);

    /* The spout task died: it has forgotten all it waited for. */
    void (*forgot)(void *arg, gale_task *spout);
} gi_watcher;

#endif
