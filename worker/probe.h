/* probe.h -- is a tree that looks lost still under way in another worker?
 *
 * In one worker the frontier (frontier.h) can tell: it sums what was done, and
 * after that what was made.  Over several workers the same is done in two
 * rounds.  First everybody is asked to note what was done by now; when all
 * have said that they have, everybody is asked what was made since.  So there
 * was an instant, between the rounds, for which all answers hold: no work
 * older than the oldest horizon was under way anywhere.  Work on the way
 * between two workers counts at its sender until it counts at its receiver.
 *
 * With the first answer comes how far a worker lags: how long ago everybody
 * there who holds tuples had the chance to answer for them.
 *
 * It is asked only when a tree is about to be overdue, so usually never.
 * Epochs are common to all workers as far as it matters: they begin by the
 * wall clock, and whoever hears of a later one catches up.  Who is behind
 * counts what comes as older than it is; that errs on the side of waiting.
 *
 * A worker that does not answer holds up the verdict until it does, or until
 * it is known that it has died: then what was there is gone.
 */
#ifndef GI_WORKER_PROBE_H
#define GI_WORKER_PROBE_H

#include <stdatomic.h>

#include "worker/frontier.h"

typedef enum gi_probe_phase {
    GI_PROBE_IDLE,
    GI_PROBE_NOTING,  /* everybody notes what was done */
    GI_PROBE_SUMMING, /* everybody says what was made since */
} gi_probe_phase;

/* Of one peer. */
typedef struct gi_probe_peer {
    bool waits;     /* its answer is awaited */
    uint64_t ended; /* incarnations of it when it was asked */

    /* As the one who is asked. */
    bool noted;
    uint32_t round;
    uint64_t done[GI_EPOCHS];
} gi_probe_peer;

typedef struct gi_probe {
    gi_probe_phase phase;
    uint32_t round;
    uint32_t asked_ms; /* when the round began */
    uint32_t fair_ms;
    uint16_t horizon; /* the oldest we heard of, ... */
    bool any;         /* ... if there was any ... */
    bool too_old;     /* ... and it cannot be told how old it is */
    uint64_t done[GI_EPOCHS];
    _Atomic uint32_t wanted;
    _Atomic uint64_t judged; /* fair_ms << 32 | epoch << 16 | horizon; 0: no */
} gi_probe;

#endif
