/* faults.h -- a fault plan at work.
 *
 * Stands where things can go wrong without the runtime knowing: between loops
 * (worker/between.h), around the callbacks of every task, and in front of the
 * clock.  All of it works the same on threads and in simulation; what a loop
 * does here belongs to that loop.
 *
 *     faults.c   making it, counting
 *     links.c    batches on their way: drop, duplicate, delay, ...
 *     calls.c    callbacks: fail, slow, hang, kill
 *     timed.c    what falls due at a time
 */
#ifndef GI_LOCAL_FAULTS_FAULTS_H
#define GI_LOCAL_FAULTS_FAULTS_H

#include "local/faults/plan.h"
#include "worker/worker.h"

typedef struct gi_faults gi_faults;

/* Something went wrong on purpose.  `root` is the tree that it concerns, 0 if
 * none; `task` the task, 0 if none.  For DROP and LATE of notes: of the tree
 * the note is about.  On the thread where it happens. */
typedef void (*gi_fault_hit)(void *arg, gi_fault_kind kind, bool acks,
                             uint64_t root, uint32_t task);

typedef struct gi_faults_opts {
    const gi_env *env; /* the world without faults; borrowed */
    uint64_t seed;     /* used if the plan names none */
    /* A callback of `l` takes so much longer: wait on a thread, let virtual
     * time pass in a simulation. */
    void (*stall)(void *arg, gi_loop *l, int64_t ns);
    void *stall_arg;
    bool suspends;    /* SUSPEND is done by whoever keeps the clock */
    bool calls;       /* wrap all callbacks, whether or not they can fail */
    gi_fault_hit hit; /* NULL: nobody listens */
    void *hit_arg;
    const gi_watcher *watcher; /* who else watches; NULL: nobody */
    /* Sees every answer of execute; NULL: nobody. */
    void (*answered)(void *arg, gale_task *t, const gale_tuple *in,
                     gale_verdict v);
    void *answered_arg;
} gi_faults_opts;

/* Everything is borrowed until destroy.  The callbacks of `plan` are wrapped:
 * make the worker after this, destroy it before. */
gale_err gi_faults_create(gi_faults **out, gi_plan *plan,
                          const gi_fault_plan *what,
                          const gi_faults_opts *opts);
void gi_faults_destroy(gi_faults *f); /* NULL is fine */

/* The worker has been made; before it runs.  GALE_ENOMEM. */
gale_err gi_faults_attach(gi_faults *f, gi_worker *w);

/* So much later; times so far away that they cannot be told are the end of
 * time. */
static inline int64_t gi_fault_after(int64_t now_ns, int64_t ns)
{
    const int64_t end = INT64_MAX / 4;

    return ns > end - now_ns ? end : now_ns + ns;
}

/* What the worker is to be made with. */
const gi_env *gi_faults_env(gi_faults *f);
const gi_between *gi_faults_between(gi_faults *f);
const gi_watcher *gi_faults_watcher(gi_faults *f);

/* The clock of the plan starts.  Before that nothing goes wrong. */
void gi_faults_start(gi_faults *f);

/* Does the plan speak of this kind? */
bool gi_faults_asks(const gi_faults *f, gi_fault_kind kind);

/* How often each kind happened, and what it did.  Thread  any */
uint64_t gi_faults_count(const gi_faults *f, gi_fault_kind kind);
uint64_t gi_faults_total(const gi_faults *f);
void gi_faults_result(const gi_faults *f, gale_run_result *out);

/* For whoever keeps a virtual clock: when the whole process is suspended next
 * (INT64_MAX: never), for how long; and that it was (l: any loop). */
int64_t gi_faults_next_suspend(gi_faults *f, int64_t *for_ns);
void gi_faults_suspended(gi_faults *f, gi_loop *l);

#endif
