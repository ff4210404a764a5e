/* loop.h -- the inside of a worker: loops, tasks, and what they own.
 *
 * A worker has a few loops, one a core.  A loop is a thread (or a turn in a
 * test) that owns many tasks and everything they touch; nothing in here is
 * shared but the rings, the frontier, and counters that others read.
 *
 *     turn:   take in   batches, notes and empty batches from other loops
 *             tick      what is due
 *             run       tasks with input, sinks first
 *             spouts    last: they run when all that is downstream is done
 *             flush     what was emitted, and what was learnt for the ackers
 *
 * The parts, each a file:
 *     batches.c  memory for them
 *     outbox.c   batches on their way out: claim, flush, credit
 *     link.c     from loop to loop; load.c: how busy they are (scope.h)
 *     route.c    how a stream reaches those who read it
 *     send.c     writing a tuple for each task that gets it; send_plain.h
 *     fused.c    readers that are called from within an emit
 *     emit.c     the public emit calls
 *     track.c    ack updates: folding them, ackers, what comes of them;
 *                track_own.h and answers.c where no note is needed
 *     spout.c    pending tuples, replay, calling next; ahead.c: how many
 *     bolt.c     running batches through execute, ticks
 *     hold.c     tuples that a bolt keeps
 *     restart.c  tasks and ackers that die and start anew
 *     port.c     the way to other workers
 *     loop.c     the turn
 */
#ifndef GI_WORKER_LOOP_H
#define GI_WORKER_LOOP_H

#include <pthread.h>

#include "base/env.h"
#include "base/hist.h"
#include "base/park.h"
#include "base/testpoint.h"
#include "worker/frontier.h"
#include "worker/link.h"
#include "worker/load.h"
#include "worker/task.h"

/* -------------------------------------------------------------- outlets -- */

/* From a loop to one task: batches being filled, and credit. */
typedef struct gi_outlet {
    gi_batch *open;     /* being filled */
    gi_batch *late;     /* was open, but a flush found no credit for it; `open`
                           is NULL then, so that who claims room hears of it */
    gi_queue full;      /* waits for credit */
    uint32_t under_way; /* sent and not yet returned */
    bool dirty;         /* in loop->dirty */
    bool here;          /* its task lives in this worker */
    bool blocked;       /* counted in blocked of who feeds it */
} gi_outlet;

enum { GI_FOLD = 256, GI_RING = 128, GI_POOL = 256 };

typedef struct gi_port gi_port;   /* port_inside.h */
typedef struct gi_fused gi_fused; /* fused.h */

/* One entry of the table in which updates of the same tree meet. */
typedef struct gi_fold {
    uint64_t root; /* 0: empty */
    uint64_t sum;
    uint16_t comp;
} gi_fold;

/* Trees that took equally long, which those of one turn mostly did, are
 * recorded together. */
typedef struct gi_took {
    uint64_t ns, n;
} gi_took;

/* ---------------------------------------------------------------- loops -- */

struct gi_loop {
    gi_worker *w;
    uint32_t no;
    uint32_t near; /* the loop that is reached by a call: this one, or, if
                      somebody stands between, none */
    bool apart;    /* runs one blocking executor only */
    gi_port *port; /* NULL but for the loop that is the port */

    /* The clock, read once a turn. */
    int64_t now_ns;
    uint32_t now_ms; /* low bits of it, for the ledgers */
    int64_t next_sweep_ns, next_shield_ns;
    gi_sight sight; /* of how busy loops are: load.h */

    /* Tasks, by rank: sinks first.  ready: those with input. */
    gale_task **tasks;
    uint32_t n_tasks, n_spouts; /* the last so many are spouts */
    uint32_t spout_turn;
    uint64_t *ready;
    uint32_t n_timed; /* tasks with ticks */
    bool ticks_owed;  /* a task was woken that has no room */

    /* Outgoing. */
    gi_outlet *out;  /* [2 * n_tasks of plan]: task - 1, and cycles */
    uint32_t *dirty; /* outlets with something to send */
    uint32_t n_dirty;
    uint32_t *blocked;       /* [comp]: outlets downstream without credit */
    uint32_t *inner_blocked; /* [comp]: those along its cycle */
    uint32_t *stuck;      /* [comp]: outlets to its tasks that are blocked */
    uint64_t inner_bytes; /* waiting along cycles */
    gi_backlog *to;       /* [loop] */
    gi_batch *pool;       /* empty batches */
    uint32_t n_pool;
    uint16_t turn_epoch;          /* of the oldest batch read in this turn */
    uint32_t finished[GI_EPOCHS]; /* batches read in this turn, by epoch */
    uint16_t finished_epochs[GI_EPOCHS];
    uint32_t n_finished;
    uint32_t tuple_max; /* topology.tuple.max.bytes */
    uint64_t edge_next; /* counter behind the edge ids ... */
    uint64_t edge_salt; /* ... and what sets this process apart */
    gi_fused *fused;    /* calls under way, the innermost first */

    /* Acking. */
    gi_acker *acker;            /* NULL: none lives here */
    gale_task **own;            /* [spout's ordinal]: its task, if that and its
                                   acker are both reached by a call; or NULL */
    uint64_t run_root, run_sum; /* the update being gathered */
    uint16_t run_comp;
    gi_fold fold[GI_FOLD];
    uint16_t folded[GI_FOLD]; /* entries in use */
    uint32_t n_folded;

    /* Seen by others. */
    _Alignas(128) gi_parker parker;
    _Atomic uint32_t poked;    /* a task here was woken */
    _Atomic int64_t fair_ns;   /* its tasks had their chance up to here: when
                                  the last whole turn or, asleep, the next one
                                  begins */
    _Atomic int64_t busy_ns;   /* in all turns that did something */
    _Atomic uint32_t n_held;   /* tuples its bolts hold */
    uint64_t steps;            /* calls of callbacks, see gi_count_read */
    _Atomic int64_t worked_ns; /* when a turn last did something */
    _Atomic(gale_task *) running;  /* whose callback runs */
    _Atomic uint64_t pending;      /* trees of its spouts */
    _Atomic uint32_t spouts_awake; /* activate was called, not deactivate */
    _Atomic uint32_t spouts_open;  /* not exhausted */
    _Atomic uint64_t batch_bytes;  /* allocated for batches */
    gi_took took;                  /* not yet in ... */
    gi_hist latency;               /* of its spouts' trees, ns */
    gi_hist recovery;              /* of those that were replayed */
};

struct gi_worker {
    const gi_plan *plan;
    const gi_env *env;
    uint32_t n_loops;  /* those apart included */
    uint32_t n_shared; /* the first so many run many tasks */
    gi_loop **loops;
    gi_peer *peers;     /* [from * n_loops + to] */
    gale_task *tasks;   /* [n_tasks]: task - 1 */
    uint32_t *loop_of;  /* [n_tasks]: task - 1; the port's: it is far */
    bool has_port;      /* the last loop is one: there are other workers */
    gi_port *port;      /* NULL: has none (yet) */
    uint32_t first_gen; /* of the roots of its spouts */
    uint32_t n_spout_tasks;
    uint32_t *spout_task;  /* [ordinal]: task number */
    uint32_t *spout_home;  /* [ordinal]: the loop that batches take its
                              answers home to (answers.h), or GI_NO_HOME */
    uint32_t n_ackers;     /* 0: nothing is tracked */
    uint32_t *acker_loop;  /* [acker]: loop */
    uint32_t *spout_acker; /* [ordinal]: its acker, or GI_ANY_ACKER */
    gi_frontier frontier;
    const char *const *args;
    size_t n_args;
    gi_credentials credentials;
    const gi_between *between;   /* NULL: nobody */
    const gi_watcher *watcher;   /* NULL: nobody */
    _Atomic uint64_t scope;      /* how far shuffles reach: scope.h */
    _Atomic bool active, halted; /* spouts run; nothing does */
    _Atomic int64_t started_ns;
    _Atomic uint32_t closing; /* the task whose turn it is to close */
    /* why x component of all failed trees: [GI_WHYS * (n_comps + 1)] */
    _Atomic uint64_t *fail_counts;
    uint64_t edge_salt;
    pthread_mutex_t mtx; /* guards: error, last words, throttles */
    gale_err error;      /* the first that a callback reported */
    gale_diag error_why;
    int bell;               /* rung then; see gi_worker_set_bell */
    uint32_t last_words_of; /* the task that reported an error in opening */
    char last_words[512];
    struct gi_throttle *throttle; /* [n_comps] */
};

#define GI_ANY_ACKER UINT32_MAX
#define GI_NO_HOME   UINT32_MAX
enum { GI_WHYS = GI_WHY_OVERFLOW + 1 };

/* The loop whose turn this thread is in; NULL on other threads. */
extern _Thread_local gi_loop *gi_loop_here
    __attribute__((tls_model("initial-exec")));

/* The task in one of whose callbacks this thread is, and which may emit. */
extern _Thread_local gale_task *gi_task_here
    __attribute__((tls_model("initial-exec")));

/* Does it run in another worker? */
static inline bool gi_task_is_far(const gi_worker *w, uint32_t task)
{
    return w->has_port && w->loop_of[task - 1] == w->n_loops - 1;
}

/* Batches that may be under way from a loop to this task. */
static inline uint32_t gi_credit_to(const gi_worker *w, uint32_t task)
{
    uint32_t near = w->plan->set.batch_credit;

    return gi_task_is_far(w, task) ? near * GI_FAR_CREDIT : near;
}

/* ------------------------------------------------------------- outbox.c -- */

/* Room for a tuple of `need` bytes to task `to`; NULL without memory.  Its
 * size is set, and it is as good as sent. */
gale_tuple *gi_claim_slow(gi_loop *l, uint32_t outlet, uint32_t to,
                          uint32_t need, uint16_t epoch);

static inline gale_tuple *gi_claim(gi_loop *l, uint32_t to, bool inner,
                                   uint32_t need, uint16_t epoch)
{
    uint32_t outlet = (to - 1) * 2 + inner;
    gi_batch *b = l->out[outlet].open;

    if (__builtin_expect(
            b == NULL || b->cap - b->used < need || b->epoch != epoch, 0))
        return gi_claim_slow(l, outlet, to, need, epoch);
    gale_tuple *t = gi_batch_at(b, b->used);
    t->size = need;
    b->used += need;
    b->n++;
    return t;
}

/* All different within a process, as both steps are bijections; never 0. */
static inline uint64_t gi_edge_id(gi_loop *l)
{
    uint64_t id = gi_mix64(l->edge_next++ ^ l->edge_salt);

    if (GI_BUG(LINEAR_IDS))
        return l->edge_next;
    if (__builtin_expect(id == 0, 0))
        id = gi_mix64(l->edge_next++ ^ l->edge_salt);
    return id;
}

/* Memory is gone, and going on without it would break a promise: wait a
 * little for others to give some back.  After ten seconds of that the process
 * is of no more use to anybody, and ends with a message. */
void gi_wait_for_memory(gi_loop *l, unsigned *tries);

/* `to`, or another reader for whom there is credit, if there is none for that
 * one and anybody will do. */
uint32_t gi_outbox_elsewhere(const gi_loop *l, gi_route *r, uint32_t to);

void gi_outbox_flush(gi_loop *l);
void gi_outbox_enqueue(gi_loop *l, gi_batch *b);   /* at its task, here */
void gi_outbox_came_back(gi_loop *l, gi_batch *b); /* it was read */
void gi_batch_read(gi_loop *l, gi_batch *b); /* done with: give it back */
void gi_batch_finish(gi_loop *l, const gi_batch *b); /* count it as done ... */
void gi_outbox_finished(gi_loop *l); /* ... after the turn's acks have left */
void gi_outbox_fini(gi_loop *l);

/* ------------------------------------------------------------ batches.c -- */

gi_batch *gi_batch_take(gi_loop *l, uint32_t need); /* NULL: no memory */

/* How many empty ones a loop keeps: enough to fill one for each task. */
static inline uint32_t gi_pool_most(const gi_worker *w)
{
    return GI_POOL + w->plan->n_tasks;
}

void gi_batch_drop(gi_loop *l, gi_batch *b); /* into the pool */
/* The oldest of its trees is older than we thought: count it there. */
void gi_batch_make_older(gi_loop *l, gi_batch *b, uint16_t epoch);
void gi_batches_release(gi_loop *l); /* free the empty ones put by */
void gi_batches_free(gi_queue *q);

/* May a task of component `comp` take input now? */
static inline bool gi_has_room(const gi_loop *l, const gale_task *t)
{
    return l->blocked[t->comp->no] == 0;
}

/* -------------------------------------------------------------- route.c -- */

gale_err gi_routes_make(gale_task *t);
void gi_routes_drop(gale_task *t);

/* -------------------------------------------------------------- watch.c -- */

/* Only if t->watched. */
void gi_watch_emit(gale_task *t, const gi_out *out, gale_row row);
void gi_watch_before_launch(gale_task *t, uint32_t slot, uint64_t root);
void gi_watch_launch(gale_task *t, uint32_t slot, uint64_t root, size_t n);
void gi_watch_settled(gale_task *t, uint32_t slot, gi_why why);

/* --------------------------------------------------------------- emit.c -- */

/* Count an emit, and show it to whoever watches. */
static inline void gi_count_emit(gale_task *t, gi_out *out, gale_row row)
{
    gi_count(&t->count.emitted, 1);
    gi_count(&out->emitted, 1);
    if (__builtin_expect(t->watched, 0))
        gi_watch_emit(t, out, row);
}

/* End the process by name if the row or the stream is wrong.  The first
 * returns how many bytes the row's strings have. */
size_t gi_check_row(const gale_task *t, const gi_stream *s, gale_row row);
gi_out *gi_check_out(gale_task *t, unsigned stream, uint32_t direct_task);

/* --------------------------------------------------------------- bolt.c -- */

/* What an execute that is wrapped may answer besides: the task died over this
 * tuple, and gi_task_restart is about to be called. */
#define GI_DIED ((gale_verdict)0x6469)

bool gi_bolt_run(gale_task *t);  /* a slice of its input; true: did some */
bool gi_bolt_tick(gale_task *t); /* its tick, if it is due */
bool gi_bolt_has_work(const gale_task *t); /* input that there is room for */

/* --------------------------------------------------------------- task.c -- */

gale_err gi_task_make(gi_worker *w, uint32_t id, gi_loop *l);
void gi_task_drop(gale_task *t);

/* loop.c: call open or prepare; say that it refused; call close or cleanup. */
gale_err gi_task_open(gale_task *t);
void gi_task_refused(gale_task *t, gale_err e);
void gi_task_close(gale_task *t);

/* A tree of this spout failed: count it by reason and component. */
void gi_note_failure(gale_task *t, gi_why why, uint16_t comp);

/* A rule of the headers was broken; count it and say so, a few times. */
void gi_refuse(gale_task *t, const char *format, ...) GALE_PRINTF(2, 3);

/* An emit call was given NULL for its opts.  Ends the process. */
_Noreturn void gi_no_opts(const gale_task *t, const char *call);

/* May this thread emit from this task now?  Ends the process if not. */
void gi_check_here_slow(const gale_task *t, const char *call);

static inline void gi_check_here(const gale_task *t, const char *call)
{
    if (__builtin_expect(gi_task_here != t, 0))
        gi_check_here_slow(t, call);
}

static inline bool gi_halted(const gi_worker *w)
{
    return atomic_load_explicit(&w->halted, memory_order_relaxed);
}

/* A callback begins; within another one it is not a step of its own, for it is
 * that one's time. */
static inline void gi_enter_within(gale_task *t, const char *callback)
{
    t->callback = callback;
    atomic_store_explicit(&t->loop->running, t, memory_order_relaxed);
    gi_reader_here.task = t->id;
    gi_task_here = t->phase == GI_PHASE_RUNNING ? t : NULL;
}

static inline void gi_enter(gale_task *t, const char *callback)
{
    gi_count(&t->loop->steps, 1);
    gi_enter_within(t, callback);
}

static inline void gi_leave(gale_task *t)
{
    atomic_store_explicit(&t->loop->running, NULL, memory_order_relaxed);
    gi_task_here = NULL;
}

static inline int64_t gi_loop_clock(gi_loop *l)
{
    const gi_env *env = l->w->env;

    l->now_ns = env->now_ns(env->arg);
    l->now_ms = (uint32_t)(l->now_ns / 1000000);
    return l->now_ns;
}

static inline void gi_loop_record_took(gi_loop *l)
{
    if (l->took.n > 0)
        gi_hist_record_many(&l->latency, l->took.ns, l->took.n);
    l->took.n = 0;
}

static inline void gi_queued_publish(gale_task *t)
{
    atomic_store_explicit(&t->queued, t->queue.n + t->inner.n,
                          memory_order_relaxed);
}

/* Places in loop->tasks that have input. */
static inline void gi_ready_set(gi_loop *l, const gale_task *t)
{
    l->ready[t->place / 64] |= (uint64_t)1 << (t->place % 64);
}

static inline void gi_ready_clear(gi_loop *l, const gale_task *t)
{
    l->ready[t->place / 64] &= ~((uint64_t)1 << (t->place % 64));
}

#include "worker/track.h"

#endif
