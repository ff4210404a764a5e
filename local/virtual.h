/* virtual.h -- the other shell around a worker: one thread, a virtual clock.
 *
 * Where cluster.c gives each loop a thread, this turns them one after another
 * and moves time on when none has anything left to do at the present instant.
 * Nothing in here waits or reads a clock, and all chance comes from a seed, so
 * the same plan and the same seed give the same history.
 *
 * Thread  any, one at a time
 */
#ifndef GI_LOCAL_VIRTUAL_H
#define GI_LOCAL_VIRTUAL_H

#include "worker/worker.h"

typedef struct gi_virtual gi_virtual;

typedef struct gi_virtual_opts {
    uint32_t loops; /* that run many tasks; at least 1 */
    uint64_t seed;
    const char *const *args; /* borrowed until destroy */
    size_t n_args;
    uint32_t feeders; /* spout tasks that have nothing to give by themselves */
    gi_tap tap;       /* NULL: nobody watches */
    void *tap_arg;
} gi_virtual_opts;

/* `plan` is borrowed until destroy.  As gi_worker_create. */
gale_err gi_virtual_create(gi_virtual **out, const gi_plan *plan,
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

/* From inside a callback of whatever is being turned on this thread: so much
 * time passes.  Elsewhere nothing. */
void gi_virtual_pass(int64_t ns);

#endif
