/* frontier.h -- what is the oldest work that still waits somewhere?
 *
 * Time is cut into epochs of 1/32 of the message timeout.  Every batch of
 * tuples carries the epoch in which the oldest of its trees began, and each
 * loop counts, by epoch, the batches it made and the batches it finished.
 * Made minus finished, over all loops, is what is under way.  Notes to ackers
 * are counted like tuples, and a batch of tuples is finished only when what
 * was learnt from it is with the acker, in such notes, or in a batch that goes
 * home with it and counts as one of notes (answers.h): a tree does not expire
 * while the news that it is done is on its way.
 *
 * The reader sums `done` first and `made` after it.  Both only grow, and work
 * that is being finished has already counted what it gave rise to; so if the
 * two sums are equal, there was an instant at which nothing of that epoch was
 * under way.  (The counting frontier of Naiad and Timely Dataflow, with
 * emission time for timestamp.)  Two things follow from it:
 *
 * - the horizon: a tree that began before it waits in no queue; if nothing
 *   moved in it for the timeout it is lost.  A tree that merely waits, in
 *   front of a bolt that is slower than the timeout, say, never expires.
 * - quiescence: nothing of any epoch is under way.
 *
 * There are 64 counters and they go round; the epoch stands still while the
 * next one's counter is still in use, so an epoch never has two meanings.
 */
#ifndef GI_WORKER_FRONTIER_H
#define GI_WORKER_FRONTIER_H

#include <stdatomic.h>

#include "base/mem.h"
#include "gale/base.h"

enum { GI_EPOCHS = 64 };

typedef struct gi_frontier_side {
    _Alignas(128) _Atomic uint64_t made[GI_EPOCHS];
    _Alignas(128) _Atomic uint64_t done[GI_EPOCHS];
} gi_frontier_side;

typedef struct gi_frontier {
    _Alignas(128) _Atomic uint16_t epoch; /* written by the timekeeper only */
    _Atomic uint32_t seen;  /* of others: epoch + 1; 0: nothing yet */
    gi_frontier_side *side; /* one a loop */
    uint32_t n_sides;
    int64_t length_ns; /* of an epoch */
    int64_t next_ns;   /* when it ends; the timekeeper's */
} gi_frontier;

/* `epoch` is the one to begin with. */
gale_err gi_frontier_init(gi_frontier *f, uint32_t n_sides,
                          uint32_t timeout_ms, uint16_t epoch);
void gi_frontier_fini(gi_frontier *f); /* zeroed is fine */

static inline uint16_t gi_frontier_now(const gi_frontier *f)
{
    return atomic_load_explicit(&f->epoch, memory_order_relaxed);
}

/* Single writer a side: no read-modify-write is needed. */
static inline void gi_frontier_bump(_Atomic uint64_t *c, uint64_t by)
{
    atomic_store_explicit(c,
                          atomic_load_explicit(c, memory_order_relaxed) + by,
                          memory_order_release);
}

/* Thread  the side's loop. */
static inline void gi_frontier_made(gi_frontier *f, uint32_t side,
                                    uint16_t epoch)
{
    gi_frontier_bump(&f->side[side].made[epoch % GI_EPOCHS], 1);
}

static inline void gi_frontier_done(gi_frontier *f, uint32_t side,
                                    uint16_t epoch, uint64_t n)
{
    gi_frontier_bump(&f->side[side].done[epoch % GI_EPOCHS], n);
}

/* Thread  the timekeeper (loop 0): go to the next epoch if it is time. */
void gi_frontier_tick(gi_frontier *f, int64_t now_ns);

/* Thread  any.  The oldest epoch with work under way; the one to come if
 * there is none. */
uint16_t gi_frontier_horizon(const gi_frontier *f);

/* The same in two steps, with as long between them as it takes: what was done
 * by now, and the oldest epoch of which since then more was made than that. If
 * the same is asked of several workers, all the first step before anybody the
 * second, there is an instant between the steps for which all answers hold.
 * False: nothing at all is under way. */
void gi_frontier_done_by_now(const gi_frontier *f, uint64_t done[GI_EPOCHS]);
bool gi_frontier_oldest(const gi_frontier *f, const uint64_t done[GI_EPOCHS],
                        uint16_t *oldest);

/* Thread  any.  Somebody elsewhere is in this epoch: catch up. */
void gi_frontier_saw(gi_frontier *f, uint16_t epoch);

/* Thread  the side's loop.  Work that came from elsewhere: count it as made in
 * `epoch` or, if this cannot be counted here, in one near it.  Which one is
 * returned: a later one only for work that is nearly as old as epochs go
 * back, and an earlier one if ours are behind. */
uint16_t gi_frontier_made_elsewhere(gi_frontier *f, uint32_t side,
                                    uint16_t epoch);

enum { GI_EPOCHS_FAR = GI_EPOCHS - 4 }; /* as far as that goes back */

/* Thread  any.  Was there an instant, during this call, with nothing under
 * way?  (If nothing else makes work, it is still so.) */
bool gi_frontier_quiet(const gi_frontier *f);

#endif
