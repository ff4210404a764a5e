/* worker.h -- runs the tasks of a plan: the front door of this folder.
 *
 * A worker is made of loops.  It starts no thread and never sleeps: whoever
 * has the loops (local/) gives each a thread, or turns them one after another
 * on a virtual clock, which is what makes a run repeatable.
 */
#ifndef GI_WORKER_WORKER_H
#define GI_WORKER_WORKER_H

#include "acker/ledger.h"
#include "base/env.h"
#include "base/hist.h"
#include "base/park.h"
#include "gale/run.h"
#include "topology/plan.h"
#include "worker/between.h"
#include "worker/credentials.h"

typedef struct gi_worker gi_worker;

typedef struct gi_port_opts gi_port_opts; /* port.h */

typedef struct gi_worker_opts {
    const gi_env *env;       /* borrowed until destroy */
    uint32_t loops;          /* that run many tasks; at least 1 */
    const char *const *args; /* borrowed until destroy */
    size_t n_args;
    const gi_between *between; /* NULL: nobody; borrowed until destroy */
    const gi_watcher *watcher; /* likewise */
    const gi_port_opts *port;  /* NULL: all tasks run here; copied */
} gi_worker_opts;

/* `plan` is borrowed until destroy.  GALE_ENOMEM, GALE_EIO (no eventfd),
 * GALE_ELIMIT (more than 4096 tracked spout tasks). */
gale_err gi_worker_create(gi_worker **out, const gi_plan *plan,
                          const gi_worker_opts *opts);
void gi_worker_destroy(gi_worker *w); /* no loop may be running; NULL ok */

/* Loops: `loops` of them, and one for each executor that blocks. */
uint32_t gi_worker_n_loops(const gi_worker *w);
gi_loop *gi_worker_loop(gi_worker *w, uint32_t no);

/* --------------------------------------------------- Thread  the loop's -- */

/* Call open and prepare of its tasks.  False: one refused; see
 * gi_worker_error. */
bool gi_loop_open(gi_loop *l);

/* This thread is about to do something for the loop, other than a turn. */
void gi_loop_arrive(gi_loop *l);

/* One turn.  True: something was done. */
bool gi_loop_turn(gi_loop *l);

/* When something falls due here, in the env's nanoseconds; INT64_MAX: never.
 * Spouts that may have more to give want to be asked before long (nap.h), but
 * not before `least_ns` from now. */
int64_t gi_loop_next_ns(gi_loop *l, int64_t least_ns);

/* Did others send something, or was a task woken?  For the last look before
 * sleeping. */
bool gi_loop_has_mail(gi_loop *l);
gi_parker *gi_loop_parker(gi_loop *l);
bool gi_loop_is_apart(const gi_loop *l); /* belongs to a blocking executor */
bool gi_loop_is_port(const gi_loop *l);  /* the way to other workers */

/* Call close and cleanup of its tasks whose turn it is: they are called one
 * at a time, in the order of their numbers, over all loops.  True: all tasks
 * of this loop are closed. */
bool gi_loop_close(gi_loop *l);

/* A task loses all it knew, as if its process had died, and starts anew.  The
 * trees of what it was given and had not answered fail at once, and a spout
 * forgets what it waits for.  `clean`: its cleanup or close is called first.
 * Its prepare or open may refuse: then the worker halts, see gi_worker_error.
 */
void gi_task_restart(gale_task *t, bool clean);

/* The same for the acker that lives here, if one does: its spouts fail all
 * trees that it kept. */
void gi_loop_lose_acker(gi_loop *l);

/* ---------------------------------------------------------- Thread  any -- */

/* What tasks are given by gale_task_credential. */
gi_credentials *gi_worker_credentials(gi_worker *w);

/* Spouts may (not) give; their activate or deactivate is called. */
void gi_worker_set_active(gi_worker *w, bool active);

/* No execute or next is called any more; a batch may stay half read. */
void gi_worker_halt(gi_worker *w);

/* Nothing is under way, no tree is pending, and no spout has more to give
 * (or, if they are not active, may). */
bool gi_worker_quiet(gi_worker *w);

/* The same, where `idle` spout tasks that are not exhausted are known to have
 * nothing to give (a test's feeders). */
bool gi_worker_quiet_but(gi_worker *w, uint32_t idle);

/* How many spout tasks are not exhausted. */
uint32_t gi_worker_spouts_open(gi_worker *w);

/* A task by its number, for gale_task_wake and what tests want to know. */
gale_task *gi_worker_task(gi_worker *w, uint32_t id);

/* The first error that a callback reported; GALE_OK if none did. */
gale_err gi_worker_error(gi_worker *w, gale_diag *why);

/* Ring this bell (base/bell.h) when there is such an error; < 0: none, as at
 * first.  Before any loop runs. */
void gi_worker_set_bell(gi_worker *w, int bell);

/* What it did so far. */
void gi_worker_result(gi_worker *w, gale_run_result *out);

/* The same by component; `latency` only of spouts. */
typedef struct gi_comp_stats {
    uint64_t emitted, transferred, executed, acked, failed, timed_out;
    uint64_t replayed, dead, roots, refused, errors, held, busy_ns;
    uint64_t recovered, forgotten;
    uint64_t queued; /* batches that wait for its tasks */
} gi_comp_stats;
void gi_worker_comp_stats(gi_worker *w, uint32_t comp, gi_comp_stats *out);
void gi_worker_latency(gi_worker *w, gi_hist *out);

/* How many trees failed for this reason at this component (n_comps: nobody
 * knows which). */
uint64_t gi_worker_failures(gi_worker *w, gi_why why, uint32_t comp);

/* The i-th counter of the components' own, summed over tasks; false beyond
 * the last. */
bool gi_worker_counter(gi_worker *w, uint32_t comp, uint32_t i,
                       const char **name, int64_t *value);

/* Bytes allocated for batches and kept tuples now, and the most that batches
 * can take by the settings. */
uint64_t gi_worker_bytes(gi_worker *w);
uint64_t gi_worker_bound(const gi_worker *w);

/* The task whose callback runs in a loop; NULL: none.  *step is a number that
 * is another one in every callback. */
const gale_task *gi_loop_running(gi_loop *l, uint64_t *step);

/* "split/3", as logs, histories and plans of faults have it: a component, and
 * which of its tasks, from 0. */
enum { GI_TASK_NAME = 512 };
const char *gi_task_name(const gale_task *t, char to[GI_TASK_NAME]);

/* For the moment of a crash, async-signal-safe: who runs on this thread, and
 * what it was given.  False: nobody. */
typedef struct gi_crash_site {
    const char *component, *callback, *from, *stream;
    uint32_t task, from_task; /* which of their component's, from 0 */
    const gale_tuple *tuple;  /* NULL: not in execute */
} gi_crash_site;
bool gi_crash_site_here(gi_crash_site *out);

#endif
