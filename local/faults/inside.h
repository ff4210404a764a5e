/* inside.h -- what the parts of faults.h share. */
#ifndef GI_LOCAL_FAULTS_INSIDE_H
#define GI_LOCAL_FAULTS_INSIDE_H

#include "base/heap.h"
#include "base/mix.h"
#include "local/faults/faults.h"
#include "worker/loop.h"

/* A batch that comes later. */
typedef struct gi_delayed {
    gi_due due; /* in the order in which they were put off */
    gi_batch *batch;
    uint32_t from;
    bool unknown; /* nobody counts it as under way: it looks lost */
} gi_delayed;

/* What belongs to one loop. */
typedef struct gi_fault_side {
    gi_rng rng;
    _Atomic uint64_t count[GI_N_FAULT_KINDS]; /* one writer: the loop */
    _Atomic uint64_t redelivered;             /* likewise */
    gi_heap delayed;                          /* of gi_delayed */
    uint64_t delayed_so_far;
    int64_t *lane_due; /* [from * (n_tasks + 1) + to]: what comes in a lane
                          comes after what was delayed in it */
    uint64_t *fired;   /* [fault]: times it fell due on this loop */
    uint32_t doomed;   /* tasks that are about to start anew */
} gi_fault_side;

/* What belongs to one task, and so to its loop. */
typedef struct gi_fault_task {
    uint64_t given; /* tuples, or calls of next */
    bool dying;     /* it does its last tuple, and will not get to answer */
    bool doomed;    /* it died; whatever it is called for, it does not hear */
    bool clean;     /* ... and is to be closed in an orderly way */
    const gi_fault *fail_next; /* makes its next answer FAIL; NULL: none */
} gi_fault_task;

enum { GI_REPLAYS = 1 << 16 };

struct gi_faults {
    gi_plan *plan;
    const gi_fault_plan *what;
    gi_faults_opts o;
    gi_env env;
    gi_between between;
    gi_watcher watcher;
    bool links, notes;          /* some fault concerns tuples, notes */
    _Atomic int64_t started_ns; /* 0: not yet */
    _Atomic int64_t wall_by_ms;
    uint64_t *suspended; /* [fault]: times it was done */
    uint32_t next_suspend;
    bool armed; /* a failpoint; loop 0's */
    uint64_t points_before[GI_N_FAULT_KINDS];
    gi_fault_side **side; /* [n_sides]: one a loop */
    uint32_t n_sides;
    gi_fault_task *task; /* [n_tasks] */
    gale_spout *spout;   /* [n_comps]: the callbacks behind the wrappers */
    gale_bolt *bolt;     /* [n_comps] */
    _Atomic uint64_t *replays; /* [GI_REPLAYS]: roots of replays, the last of
                                  each place */
};

static inline gi_faults *gi_faults_of(const gale_task *t)
{
    return t->loop->w->between->arg;
}

/* Is the plan's clock running? */
static inline bool gi_faults_on(const gi_faults *f, int64_t now_ns)
{
    int64_t began = atomic_load_explicit(&f->started_ns, memory_order_relaxed);

    return began != 0 && now_ns - began < f->what->until_ns;
}

static inline bool gi_fault_chance(gi_fault_side *s, uint64_t chance)
{
    return chance != 0 && gi_rng_next(&s->rng) <= chance;
}

static inline gi_fault_side *gi_fault_side_of(gi_faults *f, const gi_loop *l)
{
    return f->side[l->no];
}

/* All chance comes from it. */
static inline uint64_t gi_fault_seed(const gi_faults *f)
{
    return f->what->seeded ? f->what->seed : f->o.seed;
}

static inline void gi_fault_bump(_Atomic uint64_t *c, uint64_t by)
{
    atomic_store_explicit(c,
                          atomic_load_explicit(c, memory_order_relaxed) + by,
                          memory_order_relaxed);
}

/* It happened: count it, tell who listens. */
void gi_fault_count(gi_faults *f, gi_loop *l, const gi_fault *what,
                    uint64_t root, uint32_t task);

/* The same for all trees in which `in`, of task `t`, stands. */
void gi_fault_count_all(gi_faults *f, gale_task *t, const gale_tuple *in,
                        const gi_fault *what);

/* links.c */
bool gi_fault_calls(void *arg, const gale_task *from, const gale_task *to);
void gi_fault_arrived(void *arg, gi_loop *l, uint32_t from, gi_batch *b);
bool gi_fault_deliver_due(gi_faults *f, gi_loop *l);
int64_t gi_fault_next_delivery(const gi_fault_side *s);
void gi_fault_links_end(gi_faults *f, gi_loop *l);

/* calls.c */
void gi_fault_wrap(gi_faults *f);
bool gi_fault_fails(void *arg, gale_task *t, const gale_tuple *in);
gale_verdict gi_fault_answers(void *arg, gale_task *t, const gale_tuple *in,
                              gale_verdict v);

/* Does `x` concern this task? */
static inline bool gi_fault_of_task(const gi_fault *x, const gale_task *t)
{
    return !x->acks && (x->comp == GI_FAULT_ANY || x->comp == t->comp->no) &&
           (x->task == GI_FAULT_ANY || x->task == t->index);
}

/* timed.c */
bool gi_fault_turn(void *arg, gi_loop *l);
int64_t gi_fault_next_ns(void *arg, const gi_loop *l);
void gi_fault_doom(gi_faults *f, gale_task *t, const gi_fault *what);
void gi_fault_points(gi_faults *f);
void gi_fault_points_end(gi_faults *f);

#endif
