/* sim.h -- a whole run from one number.
 *
 * A simulated run is the runtime itself on one thread and a virtual clock.
 * Everything that may go differently from run to run (which loop goes on
 * next, how long a turn takes, ids, jitter, injected faults) is drawn from
 * the seed, so the same program with the same seed has the same history,
 * event by event; and as nothing waits, hours pass in seconds.
 *
 *     gale_sim_opts o = { .seed = 42, .faults = "drop=0.01,kill=count@3s" };
 *     gale_sim_result r;
 *
 *     assert(gale_sim_run(&wordcount, &o, &r, &why) == GALE_OK);
 *     assert(r.run.acked == 1000);
 *     assert(r.hash == 0x5d2c9c0fe7d1a8b4);
 *
 * The history, written to a file, is one line an event: number, virtual time,
 * what happened, the task (component/index), and what belongs to it.
 *
 *     912  1003.250112 ms  emit       split/0  root 0x3000007  default 'the'
 *     913  1003.250112 ms  ack        split/0  root 0x3000007  'the cow'
 *     977  1003.310400 ms  timed out  lines/0  id 7  root 0x3000007  count
 *
 * The root names a tree: each attempt at a message has its own.  What a bolt
 * answered (ack, fail, hold) stands behind what it emitted, with the tuple's
 * values; the component behind a failure is the one that moved the tree last;
 * a fault has the name that it has in a plan; "turned" ends a loop's turn.
 *
 * What the callbacks do outside of the runtime is theirs to keep repeatable:
 * take time from gale_task_now_ms, chance from gale_task_random, and do not
 * wait for other threads.
 *
 * Compile with the headers of the library that you run with: the structs here
 * carry no sizes.
 */
#ifndef GALE_SIM_H
#define GALE_SIM_H

#include "gale/run.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gale_sim_opts {
    const gale_setting *conf; /* on top of the topology's own; ends with {0} */
    uint64_t seed;
    const char *faults;      /* a fault plan, see gale_faults_help; NULL: what
                                topology.faults says */
    uint32_t loops;          /* that run many tasks; 0: 2 */
    int64_t within_ms;       /* of virtual time; 0: a day */
    const char *history;     /* NULL, or the file to write each event to */
    const char *const *args; /* words for gale_task_args, or NULL */
    size_t n_args;

    /* Called before each run: to set back what outlives tasks and runs, as the
     * source that is read or the place that is written to.  NULL: nothing. */
    void (*begin)(void *arg);
    void *begin_arg;
} gale_sim_opts;

typedef struct gale_sim_result {
    gale_run_result run;
    uint64_t hash;      /* of the history: the same for the same run */
    uint64_t events;    /* in it */
    uint64_t steps;     /* turns of loops, and hops of the clock */
    int64_t virtual_ms; /* that passed */
} gale_sim_result;

/* Run `t` until every spout is exhausted and every tree is complete, or until
 * within_ms have passed; then call close and cleanup.
 *
 *   t      borrowed until return
 *   opts   borrowed; NULL for all defaults
 *   out    NULL, or where to put what it did; written also on failure
 *   why    NULL, or where to say in words what has to be changed
 *
 * Returns GALE_OK; GALE_EPLAN or GALE_ECONF if it cannot run (why says
 *         everything that has to be changed); GALE_EUSER if open or prepare
 *         refused or a task called gale_task_fatal; GALE_ETIME if it was not
 *         done in time, or can never be; GALE_EIO if the history could not be
 *         written; GALE_ENOMEM; GALE_ELIMIT.
 * Thread  any, one at a time for each call; callbacks run inside it
 */
GALE_API GALE_MUST_CHECK gale_err gale_sim_run(const gale_topology *t,
                                               const gale_sim_opts *opts,
                                               gale_sim_result *out,
                                               gale_diag *why);

/* The same seed twice, and the histories compared.  A topology that uses
 * something outside of itself needs opts->begin for that.
 *
 * Returns as gale_sim_run for the first run; GALE_EUSER if the second one went
 *         differently (why says where to look).
 */
GALE_API GALE_MUST_CHECK gale_err gale_sim_check(const gale_topology *t,
                                                 const gale_sim_opts *opts,
                                                 gale_diag *why);

/* What a fault plan may say: a text of some forty lines.  Never freed. */
GALE_API const char *gale_faults_help(void);

#ifdef __cplusplus
}
#endif
#endif /* GALE_SIM_H */
