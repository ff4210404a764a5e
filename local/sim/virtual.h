/* virtual.h -- the other shell around a worker: one thread, a virtual clock.
 *
 * Where cluster.c gives each loop a thread, this turns them one after another
 * and moves time on when none has anything left to do at the present instant.
 * Nothing in here waits or reads a clock, and all chance comes from a seed, so
 * the same plan and the same seed give the same history.
 *
 * A callback that an injected fault makes slow keeps its own loop from its
 * next turn; the others go on.
 *
 * Thread  any, one at a time
 */
#ifndef GI_LOCAL_SIM_VIRTUAL_H
#define GI_LOCAL_SIM_VIRTUAL_H

#include "local/faults/faults.h"

typedef struct gi_virtual gi_virtual;

typedef struct gi_virtual_opts {
    uint32_t loops; /* that run many tasks; at least 1 */
    uint64_t seed;
    const char *const *args; /* borrowed until destroy */
    size_t n_args;
    uint32_t feeders; /* spout tasks that have nothing to give by themselves */
    const gi_watcher *watcher;   /* NULL: nobody watches; borrowed */
    const gi_fault_plan *faults; /* NULL: no faults; borrowed */
    bool calls; /* with faults: look at every callback, see gi_faults_opts */
    gi_fault_hit hit;
    void *hit_arg;
    void (*answered)(void *arg, gale_task *t, const gale_tuple *in,
                     gale_verdict v);
    void *answered_arg;
} gi_virtual_opts;

/* `plan` is borrowed until destroy; with faults its callbacks are wrapped.  As
 * gi_worker_create. */
gale_err gi_virtual_create(gi_virtual **out, gi_plan *plan,
                           const gi_virtual_opts *opts);
void gi_virtual_destroy(gi_virtual *v); /* closed or never opened; NULL ok */

/* open and prepare of every task; GALE_EUSER if one refused. */
gale_err gi_virtual_open(gi_virtual *v, gale_diag *why);

/* close and cleanup of every task that was opened. */
void gi_virtual_close(gi_virtual *v);

/* Everything that can happen now.  False: it does not come to rest. */
bool gi_virtual_settle(gi_virtual *v);

/* Let time go on until `until_ns`, or, if `quiet`, until all is done.  False:
 * asked for quiet, and it is not. */
bool gi_virtual_advance(gi_virtual *v, int64_t until_ns, bool quiet);

int64_t gi_virtual_now_ns(const gi_virtual *v);
gi_worker *gi_virtual_worker(gi_virtual *v);
gi_faults *gi_virtual_faults(gi_virtual *v); /* NULL: it has none */

/* A task dies and starts anew, now; all ackers lose their ledgers. */
void gi_virtual_restart(gi_virtual *v, uint32_t task, bool clean);
void gi_virtual_lose_ackers(gi_virtual *v);

/* ------------------------------- piece by piece, for whoever directs it -- */

uint32_t gi_virtual_n_loops(const gi_virtual *v);

/* Does a callback keep this loop from its turn at present? */
bool gi_virtual_busy(const gi_virtual *v, uint32_t loop);

/* A turn of one loop.  True: it did something. */
bool gi_virtual_turn(gi_virtual *v, uint32_t loop);

/* Has nobody anything to do at this instant?  And when does the next thing
 * fall due, anywhere (INT64_MAX: never)? */
bool gi_virtual_at_rest(gi_virtual *v);
int64_t gi_virtual_next_ns(gi_virtual *v);
int64_t gi_virtual_loop_next_ns(gi_virtual *v, uint32_t loop);

/* The clock shows `ns`, if that is later; on the way the process may be
 * suspended, and it be later still. */
void gi_virtual_hop(gi_virtual *v, int64_t ns);

/* From inside a callback of whatever is being turned on this thread: so much
 * time passes.  Elsewhere nothing. */
void gi_virtual_pass(int64_t ns);

#endif
