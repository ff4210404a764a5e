/* tracker.h -- has all of a batch come to this task?
 *
 * Rows come from many tasks.  Each of those, when it has finished the batch,
 * reports how many rows it sent to this task, and the sum over their marks,
 * mixed; the report travels behind the rows, so at that moment both have to
 * agree with what came.  If not, something was lost or came twice, and the
 * attempt is void.  When all have reported, the batch is here.
 *
 * A record belongs to an attempt.  Records go when they are finished, when a
 * later attempt of the same transaction shows up, and when the coordinator's
 * floor passes them; never because time passes, since a batch may wait long
 * for its turn to commit.
 *
 * Pure.  What else belongs to a record hangs on `owner`.
 */
#ifndef GI_TRIDENT_TRACKER_H
#define GI_TRIDENT_TRACKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gale/base.h"

enum { GI_RECORDS = 96 }; /* three windows: live ones and what was left */

/* What came from one task, and what it said. */
typedef struct gi_told {
    uint64_t n, sum;
    bool reported;
} gi_told;

typedef struct gi_record {
    uint64_t attempt; /* its low bits, until a report has come */
    uint64_t txid;    /* 0: only rows have come */
    uint32_t missing; /* reports */
    bool used;
    bool whole; /* `attempt` is complete */
    gi_told *from;
    void *owner; /* NULL at first */
} gi_record;

typedef struct gi_tracker {
    uint32_t n_from; /* tasks that report */
    uint64_t floor;
    gi_record *last;                       /* that was asked for */
    void (*drop)(void *arg, gi_record *r); /* it is over */
    void *arg;
    gi_record records[GI_RECORDS];
} gi_tracker;

/* `drop` is called with each record that goes, but for those that the caller
 * finishes. */
void gi_tracker_init(gi_tracker *t, uint32_t n_from,
                     void (*drop)(void *arg, gi_record *r), void *arg);
void gi_tracker_fini(gi_tracker *t);

typedef enum gi_came {
    GI_CAME_WELL,
    GI_CAME_STALE,  /* of an attempt that is over: nothing to do */
    GI_CAME_SPOILT, /* too many or too few: this attempt has to fail */
    GI_CAME_NOMEM,
} gi_came;

/* A row with this mark from task `from` (0 to n_from - 1).  *r: its record, if
 * WELL or SPOILT. */
gi_came gi_tracker_row(gi_tracker *t, uint64_t mark, uint32_t from,
                       gi_record **r);

/* A report.  If WELL, the batch is complete once (*r)->missing is 0.  The same
 * report a second time is STALE. */
gi_came gi_tracker_report(gi_tracker *t, uint64_t txid, uint64_t attempt,
                          uint32_t from, uint64_t n, uint64_t sum,
                          gi_record **r);

/* The record of an attempt that is begun or committed: made if `make`, else
 * STALE if it is not there. */
gi_came gi_tracker_find(gi_tracker *t, uint64_t txid, uint64_t attempt,
                        bool make, gi_record **r);

/* It is done with. */
void gi_tracker_finish(gi_tracker *t, gi_record *r);

/* Attempts below are over. */
void gi_tracker_raise(gi_tracker *t, uint64_t floor);

#endif
