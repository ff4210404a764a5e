/* run.h -- run a topology: from main(), or from a program of your own. */
#ifndef GALE_RUN_H
#define GALE_RUN_H

#include "gale/topology.h"

#ifdef __cplusplus
extern "C" {
#endif

/* All there is to main():
 *
 *     int main(int argc, char **argv)
 *     {
 *         return gale_main(argc, argv, &wordcount);
 *     }
 *
 * Run bare, the program is a local cluster; `--help` tells the rest.
 *
 *   t   borrowed until return
 *
 * Returns an exit code: 0 all done, 1 failed, 2 the command line, a setting
 *         or the topology is wrong (said on stderr), 130 interrupted twice.
 */
GALE_API int gale_main(int argc, char **argv, const gale_topology *t);

typedef struct gale_run_opts {
    const gale_setting *conf; /* on top of the topology's own; ends with {0} */
    uint32_t run_ms;          /* then drain and stop; 0: until exhausted */
    uint32_t drain_ms; /* how long to wait for trees in flight at the end;
                          0: the message timeout */
    uint32_t loops;    /* threads; 0: one a core this process may use */
    const char *const *args; /* words for gale_task_args, or NULL */
    size_t n_args;
    bool catch_signals; /* SIGINT, SIGTERM drain; crashes are named */
} gale_run_opts;

/* What a run did, summed over all tasks.  Exact, not sampled. */
typedef struct gale_run_result {
    uint64_t emitted;     /* tuples emitted by spouts and bolts */
    uint64_t transferred; /* copies sent: one a receiving task */
    uint64_t executed;    /* tuples handed to execute */
    uint64_t roots;       /* trees started; each replay is a new tree; without
                             ackers: what would have been one, acked at once */
    uint64_t acked;       /* trees completed */
    uint64_t failed;      /* trees failed by a bolt, lost or timed out */
    uint64_t timed_out;   /* those of them that timed out */
    uint64_t replayed;    /* emitted again by the runtime */
    uint64_t dead;        /* given up: sent to a dead-letter stream */
    uint64_t pending;     /* trees unfinished when the run ended */
    uint64_t refused;     /* double acks, strangers' acks, emits after ack */
    uint64_t errors;      /* gale_task_error calls */
    uint64_t p50_us, p99_us, p999_us, max_us; /* spout to ack */
    uint64_t run_ns; /* from the first next() to the last ack */

    /* What came of failures, injected or not. */
    uint64_t recovered; /* trees completed after the runtime replayed them */
    uint64_t recovery_p50_us, recovery_p99_us, recovery_max_us; /* of those:
                           from their first emission to their last ack */
    uint64_t forgotten;   /* trees in flight when their spout's task died */
    uint64_t redelivered; /* tuples executed in trees that were replays, and
                             duplicates: at least so many; counted while
                             faults are injected */
    uint64_t faults;      /* injected, of all kinds */
} gale_run_result;

/* Run `t` inside this process until every spout is exhausted and every tree
 * is complete, or until run_ms have passed; then call close and cleanup.
 *
 *   t      borrowed until return
 *   opts   borrowed; NULL for all defaults
 *   out    NULL, or where to put what it did; written also on failure
 *   why    NULL, or where to say in words what has to be changed
 *
 * Returns GALE_OK; GALE_EPLAN or GALE_ECONF if it cannot run (why says
 *         everything that has to be changed); GALE_EUSER if open or prepare
 *         refused or a task called gale_task_fatal; GALE_ETIME if trees were
 *         left when the drain ended; GALE_ENOMEM; GALE_EIO.
 * Thread  any; two at once are two clusters.  Callbacks run on threads of the
 *         runtime and have all returned when this returns.
 */
GALE_API GALE_MUST_CHECK gale_err gale_local_run(const gale_topology *t,
                                                 const gale_run_opts *opts,
                                                 gale_run_result *out,
                                                 gale_diag *why);

/* Check `t` without running it: every mistake, one a line.
 *
 * Returns GALE_OK, GALE_EPLAN, GALE_ECONF or GALE_ENOMEM.
 */
GALE_API GALE_MUST_CHECK gale_err gale_validate(const gale_topology *t,
                                                const gale_setting *conf,
                                                gale_diag *why);

#ifdef __cplusplus
}
#endif
#endif /* GALE_RUN_H */
