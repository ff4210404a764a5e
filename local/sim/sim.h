/* sim.h -- a run on one thread and a virtual clock, with everything that may
 * go differently decided by a seed: which loop runs next, how long a turn
 * takes, ids, jitter, and faults.  The same seed gives the same history.
 *
 * One step is one turn of one loop, or a hop of the clock to when something
 * falls due, if no loop can do anything before.
 *
 * Thread  any, one at a time
 */
#ifndef GI_LOCAL_SIM_SIM_H
#define GI_LOCAL_SIM_SIM_H

#include "local/faults/faults.h"
#include "local/sim/history.h"

typedef struct gi_sim gi_sim;

typedef struct gi_sim_opts {
    uint64_t seed;
    uint32_t loops;              /* that run many tasks; 0: 2 */
    const gi_fault_plan *faults; /* NULL: none; borrowed */
    const gi_watcher *watcher;   /* NULL: nobody watches; borrowed */
    gi_fault_hit hit;            /* NULL: nobody listens */
    void *hit_arg;
    const char *const *args; /* borrowed until destroy */
    size_t n_args;
    FILE *log; /* NULL: none.  Where the history goes, a line an event */
    bool quiet_history; /* not even its hash */
} gi_sim_opts;

typedef enum gi_sim_step {
    GI_SIM_TURNED,  /* a loop had its turn, and did something or not */
    GI_SIM_HOPPED,  /* nobody had anything to do: time went on */
    GI_SIM_QUIET,   /* everything is done (gi_worker_quiet) */
    GI_SIM_STUCK,   /* nothing is due, ever, and it is not quiet */
    GI_SIM_STOPPED, /* a task said that it is over: gi_worker_error */
} gi_sim_step;

/* `plan` is borrowed until destroy, and its callbacks are wrapped. */
gale_err gi_sim_create(gi_sim **out, gi_plan *plan, const gi_sim_opts *opts);
void gi_sim_destroy(gi_sim *s); /* NULL is fine */

/* open and prepare of every task, then spouts may give.  GALE_EUSER. */
gale_err gi_sim_open(gi_sim *s, gale_diag *why);

gi_sim_step gi_sim_step_once(gi_sim *s);

/* Steps until quiet, stuck, stopped, or the virtual clock shows `until_ns`
 * (then GI_SIM_TURNED or _HOPPED). */
gi_sim_step gi_sim_run_until(gi_sim *s, int64_t until_ns);

/* Does an injected fault still keep a loop from its turn?  It may for long
 * after the plan's `until`. */
bool gi_sim_stalled(const gi_sim *s);

/* Spouts may (not) give: a drain. */
void gi_sim_activate(gi_sim *s, bool active);

/* close and cleanup of every task that was opened. */
void gi_sim_close(gi_sim *s);

gi_worker *gi_sim_worker(gi_sim *s);
gi_faults *gi_sim_faults(gi_sim *s);
int64_t gi_sim_now_ns(const gi_sim *s); /* starts at one second */
uint64_t gi_sim_steps(const gi_sim *s);
const gi_history *gi_sim_history(const gi_sim *s);

#endif
