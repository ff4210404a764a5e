/* daemon.h -- a supervisor: the daemon of one node, which runs its workers.
 *
 * It asks Nimbus all the time for what shall run here (REPORT), fetches
 * programs, starts them, watches them, and replaces what dies.  What to do is
 * decided by node.h; this is the loop around it that does it.
 *
 * Workers outlive it.  Started anew, it finds them and goes on as before, and
 * it does so whether or not Nimbus can be reached.
 *
 * What it needs of the machine is in home.h; one supervisor a directory.
 */
#ifndef GI_SUPERVISOR_DAEMON_H
#define GI_SUPERVISOR_DAEMON_H

#include "supervisor/node.h"
#include "supervisor/process.h"
#include "supervisor/run_as.h"
#include "wire/secrets.h"

/* Zero means default.  All of it is borrowed until gi_supervisor_daemon_run
 * returns. */
typedef struct gi_supervisor_daemon_opts {
    const char *dir;     /* made if it is not there */
    const char *log_dir; /* what workers print; NULL: DIR/logs */
    const char *host;    /* where workers can be reached; NULL: 127.0.0.1 if
                            `url` is of the loopback, else the machine's */
    const char *url;     /* to answer at; NULL: "tcp://127.0.0.1:6628"; port 0
                            is any */
    const uint16_t *ports; /* a worker each; NULL: 6700 .. 6703 */
    uint32_t n_ports;
    const char *const *nimbus; /* urls; NULL: "tcp://127.0.0.1:6627" */
    uint32_t n_nimbus;
    gi_secrets_opts secrets;
    bool open;                /* speak with other machines without TLS too */
    const char *const *users; /* see wire/answer.h */
    uint32_t n_users;

    uint64_t cpu, memory_mb; /* of this node; 0: what the machine has */
    gi_node_opts node;       /* slots and health; `last` is not looked at */
    const gi_process_limit *limits; /* of each worker */
    uint32_t n_limits;
    const char *const *env; /* more of each worker's environment */
    gi_run_as run_as;       /* for a supervisor of root's */
    uint64_t log_most;      /* bytes of one worker's output; 16 MB */
    int64_t log_keep_ns;    /* output of topologies that are gone is kept; 7
                               days; < 0: for ever */
    int64_t check_ns;     /* a program may take to say that it can run; 10 s */
    int64_t unused_ns;    /* a program nobody needs is kept; 10 minutes */
    uint32_t patience_ms; /* for Nimbus to answer; 4 s */

    bool signals;      /* SIGTERM and SIGINT stop it */
    int stop_fd;       /* readable: stop; 0: none */
    bool stop_workers; /* when it stops, they drain and end too */
    /* It answers, has found what lives, and goes on to do its work. */
    void (*ready)(void *arg, const char *url, const char *id);
    void *arg;
} gi_supervisor_daemon_opts;

/* Runs until it is told to stop.  GALE_OK then; else what it cannot begin
 * without, and `why` in words: GALE_EIO, GALE_ELIMIT (another supervisor runs
 * in that directory), GALE_EFORMAT, GALE_EINVAL, GALE_ENOMEM.
 *
 * Thread  one; several daemons may run in one process, one with `signals` */
gale_err gi_supervisor_daemon_run(const gi_supervisor_daemon_opts *o,
                                  gale_diag *why);

#endif
