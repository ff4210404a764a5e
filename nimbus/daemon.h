/* daemon.h -- Nimbus as a daemon: the loop around what nimbus.h decides.
 *
 * Requests come by a port (wire/answer.h) and are answered at once, but for a
 * supervisor's REPORT: that is kept until there is something that its node
 * does not know, or report_wait_ms have passed.  What has to survive is in
 * DIR/state.mdb, the programs of topologies in DIR/blobs; one daemon a
 * directory (base/dir_lock.h).
 *
 * When the store fails it ends, and says so: what it knows and what is there
 * may differ.  Started anew, it goes on from what is there.  The cluster works
 * on in between.
 *
 * Of several, one leads (election.h).  The others send whoever asks them to
 * the leader, keep the programs that he has (mirror.h), and one of them leads
 * when he is gone.  While nobody leads, requests wait for a few seconds.
 */
#ifndef GI_NIMBUS_DAEMON_H
#define GI_NIMBUS_DAEMON_H

#include "nimbus/blobs.h"
#include "nimbus/nimbus.h"
#include "wire/secrets.h"

/* Begin to take part in an election.  `with` is what it is told by settings,
 * `who` who wants to lead: borrowed until the election is closed. */
struct gi_election;
struct gi_candidate;
typedef gale_err (*gi_elect)(struct gi_election *out, const void *with,
                             const struct gi_candidate *who, gale_diag *why);

/* Zero means default.  All of it is borrowed until gi_nimbus_daemon_run
 * returns. */
typedef struct gi_nimbus_daemon_opts {
    const char *dir;  /* made if it is not there; required */
    const char *url;  /* to answer at; NULL: "tcp://127.0.0.1:6627"; port 0 is
                         any */
    const char *host; /* for people to see; NULL: the machine's name */
    gi_secrets_opts secrets;
    bool open; /* answers without TLS where others can reach it */
    const char *const *users; /* see wire/answer.h */
    uint32_t n_users;

    /* Of these: admins, by_resources, the times.  The rest is not looked at.
     */
    gi_nimbus_opts nimbus;
    gi_blobs_opts blobs;    /* but for dir */
    bool set_damaged_aside; /* see store/lmdb.h */

    /* One of several Nimbuses: how it hears whether it leads.  Then there is
     * no state.mdb.  NULL: it is the only one. */
    gi_elect elect;
    const void *elect_with;

    bool signals; /* SIGTERM and SIGINT stop it */
    int stop_fd;  /* readable: stop; 0: none */
    /* It answers from now on.  `port` is where, if any was to be found. */
    void (*ready)(void *arg, const char *url, uint16_t port);
    void *arg;
} gi_nimbus_daemon_opts;

/* Runs until it is told to stop.  GALE_OK then; else why it cannot begin, or
 * go on, which is not logged: GALE_EIO (the store; the port), GALE_ELIMIT
 * (another Nimbus has the directory), GALE_EFORMAT (the store or a secret is
 * damaged), GALE_EINVAL, GALE_ENOMEM.
 *
 * Thread  one; several daemons may run in one process, one with `signals` */
gale_err gi_nimbus_daemon_run(const gi_nimbus_daemon_opts *o, gale_diag *why);

#endif
