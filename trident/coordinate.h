/* coordinate.h -- a coordinator in its task, and what it has on record.
 *
 * What has to outlive the process is written down before anybody acts on it:
 * the plans of transactional spouts, which attempts were never used, and,
 * before a batch is committed, that the one before it was.  Whoever comes
 * after it begins at most one batch again that has counted already, and states
 * know how to take that.
 */
#ifndef GI_TRIDENT_COORDINATE_H
#define GI_TRIDENT_COORDINATE_H

#include "gale/spout.h"
#include "trident/batch_time.h"
#include "trident/coordinator.h"
#include "trident/program.h"
#include "trident/remember.h"

enum { GI_PLAN_MOST = 64 << 10 };

/* What is in a batch of a transactional source. */
typedef struct gi_plan {
    char *bytes; /* NULL: none */
    uint32_t len;
} gi_plan;

typedef struct gi_planned {
    const gale_batch_spout *spout;
    const char *id;
    void *mine;
    bool opened;            /* plan_close is due */
    gi_plan last;           /* of the newest batch */
    gi_plan next;           /* to be that one */
    gi_plan plans[GI_TXNS]; /* by number */
} gi_planned;

typedef struct gi_coordinate {
    const gi_group *group;
    gale_task *task;
    gi_coordinator c;
    gi_batch_time time;
    uint64_t timed;      /* of which this one is on record, ... */
    uint64_t time_noted; /* ... or will be with the next write */
    gi_remember notes;
    gi_planned *sources;
    uint32_t n;
    uint64_t written;      /* the last committed one that is on record */
    uint64_t told;         /* the last of those that sources were told of */
    uint64_t attempts_end; /* attempts below may be used */
    char *room;            /* GI_PLAN_MOST for a plan, and a list of them */
    gale_diag why;
} gi_coordinate;

/* Made in open and unmade in close; the struct is zeroed before. */
gale_err gi_coordinate_open(gi_coordinate *x, gale_task *task);
void gi_coordinate_close(gi_coordinate *x);

int64_t gi_coordinate_now_ns(const gi_coordinate *x);

/* What its source has in a batch that is under way. */
gi_plan *gi_coordinate_plan(gi_planned *s, uint64_t txid);

/* Ask each source that plans what is in the next batch, and write it down;
 * false: there is nothing (and none is begun all the same: `any`), or it
 * cannot be written. */
bool gi_coordinate_plan_all(gi_coordinate *x, uint64_t txid, bool any);

/* The time of a batch.  If windows go by it, it is on record with the next
 * write, if it is not yet. */
int64_t gi_coordinate_time(gi_coordinate *x, uint64_t txid);

/* With the next write: times of batches before the last that counted go.
 * False without memory. */
bool gi_coordinate_forget_times(gi_coordinate *x);

/* The times that are on record, and how many batches behind `committed` are
 * known by them. */
gale_err gi_coordinate_recall_times(gi_coordinate *x, uint64_t committed,
                                    uint32_t *known);

/* A number under a name: with the next write; 0 if there is none. */
bool gi_coordinate_note(gi_coordinate *x, const char *name, uint64_t v);
gale_err gi_coordinate_read(gi_coordinate *x, const char *name, uint64_t *v);

/* Is all of it on record that has to be before that batch is committed? */
bool gi_coordinate_noted(const gi_coordinate *x, uint64_t txid);

/* Write down what has changed.  False: not possible, and reported. */
bool gi_coordinate_write(gi_coordinate *x);

#endif
