/* testing.h -- the inside of gale/testing.h.
 *
 *     testing.c   a gale_test: making it, letting it go on, counters
 *     feed.c      spouts replaced by feeders
 *     faults.c    what goes wrong
 *     rows.c      what was emitted
 *     same.c      are two lists of rows the same?
 *     bolt.c      a bolt by hand
 */
#ifndef GI_LOCAL_TESTING_TESTING_H
#define GI_LOCAL_TESTING_TESTING_H

#include "gale/testing.h"
#include "local/sim/virtual.h"
#include "worker/keep.h"

/* ------------------------------------------------------------- rows.c -- */

/* Copies of rows, in order. */
typedef struct gi_rows {
    gale_row *at;       /* each the values of ... */
    gale_tuple **tuple; /* ... a tuple in `keep` */
    size_t n, cap;
    gi_keep keep;
} gi_rows;

gale_err gi_rows_add(gi_rows *r, gale_row row);
void gi_rows_forget(gi_rows *r);
void gi_rows_fini(gi_rows *r); /* zeroed is fine */

/* A tap: keeps what is emitted; arg is the gale_test. */
void gi_test_see(void *arg, gale_task *from, const gi_stream *s, gale_row row);

/* ------------------------------------------------------------- feed.c -- */

/* Message ids, in order. */
typedef struct gi_ids {
    uint64_t *at;
    size_t n, cap;
} gi_ids;

/* A tuple that was fed and not yet emitted. */
typedef struct gi_fed {
    gale_tuple *tuple;
    gale_spout_emit_opts opts;
} gi_fed;

/* What takes the place of a spout; its component's arg points here. */
typedef struct gi_feeder {
    gale_test *t;
    const gi_comp *comp;
    gi_fed *fed; /* those before `next` are emitted */
    size_t n, cap, next;
    gi_keep keep;
    gi_ids acked, failed;
    char why[300];
} gi_feeder;

/* Put feeders in the place of the mocked spouts of t->plan. */
gale_err gi_feeders_make(gale_test *t, const gale_test_mock *mocks,
                         gale_diag *why);
void gi_feeders_forget(gale_test *t);
void gi_feeders_drop(gale_test *t);

/* Feed the rows that the mocks came with. */
gale_err gi_feeders_fill(gale_test *t, const gale_test_mock *mocks,
                         gale_diag *why);

/* --------------------------------------------------------------- a test -- */

struct gale_test {
    gi_plan *plan;
    gi_virtual *v;
    gi_watcher watcher;
    gi_fault_plan *faults; /* NULL: none */
    bool opened;
    bool no_rows;
    gi_feeder *feeders;
    size_t n_feeders;
    gi_rows *emitted; /* [plan->n_streams] */
    uint64_t *seen;   /* [plan->n_streams]: how many, kept or not */
    gale_err broken;  /* the first thing that could not be recorded */
};

/* faults.c: the plan of faults that `text` or the settings ask for. */
gale_err gi_test_plan_faults(gale_test *t, const char *text, gale_diag *why);

#endif
