/* coordinator.h -- which batch is begun, and which one counts.
 *
 * A transaction is a batch under its number.  Numbers count up from 1 without
 * gaps, and count in that order.  At most `window` are under way:
 *
 *     begin --> PROCESSING --acked--> PROCESSED --its turn--> COMMITTING
 *                  ^    \                 \                     /  |
 *                  |     +-----------------+--- failed --------+   acked
 *                  |                       v                       v
 *                  +------ pause ------- WAITS               it counts
 *
 * What fails takes all later ones with it: they may have begun where it would
 * have ended.  Each time that a transaction is begun it is a new attempt, with
 * a number that no attempt of this stream ever had, so news of an old attempt
 * is told from news of the present one by looking for it, and changes nothing.
 *
 * Pure: it is told the time and what came back, and says what to do.
 */
#ifndef GI_TRIDENT_COORDINATOR_H
#define GI_TRIDENT_COORDINATOR_H

#include <stdbool.h>
#include <stdint.h>

enum { GI_TXNS = 32 }; /* the largest window */

/* An instant that lies behind every other one, and may be subtracted. */
#define GI_LONG_AGO (INT64_MIN / 2)

typedef enum gi_txn_state {
    GI_TXN_WAITS, /* for its next attempt */
    GI_TXN_PROCESSING,
    GI_TXN_PROCESSED,
    GI_TXN_COMMITTING,
} gi_txn_state;

typedef struct gi_txn {
    uint64_t attempt; /* 0: none under way */
    gi_txn_state state;
} gi_txn;

typedef struct gi_coordinator_opts {
    uint32_t window;       /* 1 to GI_TXNS */
    int64_t interval_ns;   /* a busy stream begins a batch this often */
    int64_t pause_ns;      /* after the first failure; doubles ... */
    int64_t pause_most_ns; /* ... up to here */
    bool commits; /* somebody has to be told; else what is processed counts */
} gi_coordinator_opts;

typedef struct gi_coordinator {
    gi_coordinator_opts o;
    uint64_t committed; /* the last that counts */
    uint64_t next_attempt;
    uint32_t n;        /* committed + 1 ... committed + n are known */
    uint32_t failures; /* since one last counted */
    int64_t begun_ns, resume_ns;
    gi_txn txns[GI_TXNS]; /* by number */
} gi_coordinator;

/* `committed`, and the first attempt that was never given out (1 at least), as
 * they were remembered. */
void gi_coordinator_init(gi_coordinator *c, const gi_coordinator_opts *o,
                         uint64_t committed, uint64_t next_attempt);

/* May a batch be begun that never was?  Its number, or 0.  While none is being
 * processed, at once: an idle stream waits for nothing, and a busy one fills
 * the next batch while the last one is committed.  Else an interval after the
 * one before it. */
uint64_t gi_coordinator_may_begin(const gi_coordinator *c, int64_t now_ns);

/* Begin that one.  Returns its attempt. */
uint64_t gi_coordinator_begin(gi_coordinator *c, int64_t now_ns);

/* One that was begun before comes again: its number, or 0. */
uint64_t gi_coordinator_again(gi_coordinator *c, int64_t now_ns,
                              uint64_t *attempt);

/* Is there one that could be committed now? */
bool gi_coordinator_may_commit(const gi_coordinator *c);

/* One that is to be committed now: its number, or 0. */
uint64_t gi_coordinator_commit(gi_coordinator *c, uint64_t *attempt);

/* Its batch was processed everywhere / its commit is done.  Returns the
 * number if it counts from now on, else 0. */
uint64_t gi_coordinator_processed(gi_coordinator *c, uint64_t attempt);
uint64_t gi_coordinator_done(gi_coordinator *c, uint64_t attempt);

/* Without commits: the next processed one in turn that now counts, or 0. */
uint64_t gi_coordinator_counts(gi_coordinator *c);

/* Either of them failed.  False: an attempt that is over. */
bool gi_coordinator_failed(gi_coordinator *c, uint64_t attempt,
                           int64_t now_ns);

/* The attempt of the batch before that one; 0: it has counted. */
uint64_t gi_coordinator_before(const gi_coordinator *c, uint64_t txid);

/* Every attempt below this one is over. */
uint64_t gi_coordinator_floor(const gi_coordinator *c);

/* When time alone will change what it says; INT64_MAX: never. */
int64_t gi_coordinator_due(const gi_coordinator *c);

#endif
