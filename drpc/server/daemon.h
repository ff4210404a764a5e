/* daemon.h -- the DRPC server: callers on one side, topologies on the other,
 * and a desk (desk.h) between them.
 *
 *     callers   by nng at call_url (DRPC_CALL), by HTTP at http_port
 *     workers   by nng at take_url (DRPC_TAKE, DRPC_SAY)
 *
 * It keeps nothing on a disk.  When it dies its callers see their connections
 * break; who works on a request finds that nobody waits for the answer.
 *
 * One thread does it all, beside those of the ports (wire/answer.h).
 */
#ifndef GI_DRPC_SERVER_DAEMON_H
#define GI_DRPC_SERVER_DAEMON_H

#include "drpc/desk.h"
#include "wire/secrets.h"

/* All of it is borrowed until gi_drpc_daemon_run returns. */
typedef struct gi_drpc_daemon_opts {
    const char *call_url, *take_url; /* "tcp://127.0.0.1:3772"; port 0: any */
    const char *http_host;           /* "127.0.0.1" */
    int http_port;                   /* 0: any; -1: no HTTP */
    gi_secrets_opts secrets;
    bool open;                /* answers where others can reach it in clear */
    const char *const *users; /* who is obeyed; see wire/answer.h */
    uint32_t n_users;         /* 0: all */
    uint32_t queue;
    size_t most_bytes;
    int64_t timeout_ms;

    bool signals; /* SIGTERM and SIGINT stop it */
    int stop_fd;  /* readable: stop; 0: none */
    /* It answers from now on, at these ports. */
    void (*ready)(void *arg, uint16_t call, uint16_t take, uint16_t http);
    void *arg;
} gi_drpc_daemon_opts;

/* Runs until it is told to stop.  GALE_OK then; else why it cannot begin:
 * GALE_EIO, GALE_EINVAL, GALE_EFORMAT, GALE_ENOMEM. */
gale_err gi_drpc_daemon_run(const gi_drpc_daemon_opts *o, gale_diag *why);

#endif
