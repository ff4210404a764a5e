/* batch_time.h -- the time of each batch, for windows of rows that have none
 * of their own.
 *
 * A batch has the wall-clock time at which it was begun first, or that of the
 * batch before it if the clock went back.  It keeps it however often it is
 * done again, so its rows are in the same windows each time; the coordinator
 * has it on record before the batch is committed.
 *
 * Windows close in batches.  So when there is nothing to begin one for, but
 * windows may be open, one without rows is begun whenever one may close.
 *
 * Pure.
 */
#ifndef GI_TRIDENT_BATCH_TIME_H
#define GI_TRIDENT_BATCH_TIME_H

#include "trident/coordinator.h"

typedef struct gi_batch_time {
    int64_t every_ms;   /* windows may close as often as that; 0: none do */
    int64_t horizon_ms; /* so long after the last row they may be open */
    bool known;         /* there was a batch, and ... */
    int64_t last_ms;    /* ... the newest was begun then, and ... */
    int64_t busy_ms;    /* ... the newest that may have rows then */
    struct gi_batch_at {
        uint64_t txid; /* 0: none */
        int64_t ms;
    } at[GI_TXNS];
} gi_batch_time;

/* What was on record. */
void gi_batch_time_recall(gi_batch_time *t, uint64_t txid, int64_t ms);

/* The time of a batch, `now_ms` if it has none yet. */
int64_t gi_batch_time_of(gi_batch_time *t, uint64_t txid, int64_t now_ms);

/* That batch may have rows. */
void gi_batch_time_busy(gi_batch_time *t, uint64_t txid);

/* Is one to be begun although there is nothing? */
bool gi_batch_time_due(const gi_batch_time *t, int64_t now_ms);

#endif
