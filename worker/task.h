/* task.h -- a task, as the loop that owns it sees it.
 *
 * A task is one instance of a component: the user's state, its queue of
 * input, its way to everybody who reads it, and its counters.  All of it
 * belongs to one loop; the counters may be read by others.
 */
#ifndef GI_WORKER_TASK_H
#define GI_WORKER_TASK_H

#include <stdatomic.h>

#include "base/hist.h"
#include "base/mix.h"
#include "topology/batch.h"
#include "worker/between.h"
#include "worker/keep.h"

/* ------------------------------------------------------------- counters -- */

/* One writer, its loop; others read each number whole (gi_count_read). */
typedef struct gi_counts {
    uint64_t emitted;     /* emit calls */
    uint64_t transferred; /* copies sent */
    uint64_t executed;
    uint64_t acked;  /* bolts: inputs acked; spouts: trees completed */
    uint64_t failed; /* likewise */
    uint64_t timed_out, replayed, dead;
    uint64_t recovered; /* spouts: acked after a replay */
    uint64_t forgotten; /* spouts: trees that it died before */
    uint64_t roots;     /* spouts: trees begun */
    uint64_t refused;   /* double acks and the like */
    uint64_t errors;
    uint64_t held;
    uint64_t busy_ns; /* inside callbacks, measured a batch */
} gi_counts;

static inline void gi_count(uint64_t *c, uint64_t by)
{
    gi_hist_bump(c, by);
}

static inline uint64_t gi_count_read(const uint64_t *c)
{
    return __atomic_load_n(c, __ATOMIC_RELAXED);
}

/* -------------------------------------------------------------- routing -- */

/* One edge as one task sees it. */
typedef struct gi_route {
    uint8_t how;         /* a gale_grouping */
    bool inner;          /* along a cycle */
    bool one_key;        /* FIELDS, and there is one ... */
    uint16_t key;        /* ... in this slot */
    uint32_t first, n;   /* the reading component's tasks */
    uint32_t next;       /* SHUFFLE and its kin: whose turn it is, ... */
    uint32_t begin, end; /* ... among these: all, or, while another one has no
                            credit, one until its batch is full or sent */
    uint32_t other;      /* which one next time */
    uint32_t *tasks;     /* those: for LOCAL the ones here, if there are */
    uint32_t n_tasks;
    uint32_t n_loop; /* the first so many are on this loop and may get
                        all of it; 0: it does not matter where they are */
    const gi_edge *edge;
    uint64_t *sent;     /* PARTIAL_KEY: how much each got from here */
    void *chooser_self; /* CUSTOM */
    uint32_t *chosen;   /* CUSTOM: room for n tasks */
} gi_route;

enum { GI_PLAIN_FIELDS = 16 };

/* One stream of one task. */
typedef struct gi_out {
    const gi_stream *stream;
    gi_route *routes;
    uint32_t n_routes;  /* stream->n_edges */
    uint32_t stream_no; /* stream->no */
    uint32_t fixed;     /* bytes of a tuple without those of its strings */
    uint32_t max;       /* topology.tuple.max.bytes */
    bool plain;         /* gi_send_plain will do; the next three are set */
    bool bytes;         /* some field has bytes behind the values */
    bool fused;         /* a reader on this loop may be called: fused.h */
    uint16_t n_fields;
    uint8_t type[GI_PLAIN_FIELDS];
    uint64_t emitted;
} gi_out;

/* ---------------------------------------------------------------- tasks -- */

typedef enum gi_phase {
    GI_PHASE_NEW = 0,
    GI_PHASE_OPENING, /* open, prepare: nothing may be emitted yet */
    GI_PHASE_RUNNING,
    GI_PHASE_CLOSING, /* close, cleanup: nothing may be emitted any more */
    GI_PHASE_CLOSED,
} gi_phase;

typedef struct gi_spout_state gi_spout_state; /* spout.c */
typedef struct gi_holds gi_holds;             /* hold.c */

enum { GI_MAX_COUNTERS = 64 };

struct gale_counter {
    char name[48];
    int64_t value;
};

/* They lie side by side, and neighbours are often of different loops: so each
 * has its cache lines to itself. */
struct gale_task {
    /* Read a tuple. */
    _Alignas(GI_APART) gi_loop *loop;
    const gi_comp *comp;
    uint32_t id, index;
    void *self;
    gi_out *out;          /* comp->n_streams of them */
    const gale_tuple *in; /* in execute: the tuple; else NULL */
    uint64_t born;        /* xor of the edges emitted under `in` so far */
    gale_tuple *lone;     /* all that was emitted under `in` so far, and has no
                             edge yet; NULL: nothing, or more (track_own.h) */
    uint32_t holding;     /* slot + 1 of the hold on `in`; 0: none */
    bool lost;            /* an emit under `in` found no memory */
    struct gi_together *together; /* in execute_batch: all of them */
    const char *callback; /* which one runs, or did last: for crashes */
    uint8_t phase;
    bool watched;   /* its emits are looked at: gi_watch_emit */
    bool debug;     /* ... and logged: topology.debug */
    uint16_t epoch; /* of what is emitted now */
    uint32_t slice; /* tuples (or nexts) between two looks at the clock */

    /* Input. */
    gi_queue queue, inner;   /* inner: what comes along a cycle */
    _Atomic uint32_t queued; /* batches in both, for others to read */
    uint32_t place;          /* in loop->tasks */

    /* Time. */
    int64_t tick_ns, next_tick_ns; /* 0: never */
    _Atomic uint32_t woken;        /* by gale_task_wake */

    gi_spout_state *spout; /* spouts */
    gi_holds *holds;       /* bolts; NULL until one is held */
    gi_rng rng;
    gi_keep keep;

    /* Words. */
    gi_counts count;
    uint32_t n_counters;
    struct gale_counter *counters;
};

#endif
