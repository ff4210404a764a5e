/* peers.h -- the carrier of a worker process: lines (wire/line.h) to
 * the other workers, by their numbers in the roster.
 *
 * The exchange belongs to the thread of the port's loop.  Whoever reads duties
 * hands a roster over, and it is obeyed in the next turn.
 *
 * Both ends of a line have to agree on an assignment before anything is sent.
 * It is one of the two workers, not of the topology: with which assignment the
 * later of them began.  So what becomes of others cuts no line.
 *
 * A peer that says goodbye is answered; when all is said, or it is gone, there
 * is a new line, for its next incarnation.
 */
#ifndef GI_LOCAL_PROCESS_PEERS_H
#define GI_LOCAL_PROCESS_PEERS_H

#include "local/process/roster.h"
#include "wire/secrets.h"
#include "worker/port.h"

typedef struct gi_peers gi_peers;

typedef struct gi_peers_opts {
    uint64_t key, incarnation;
    const char *url;       /* to listen at */
    const char *name;      /* of the topology, for the log */
    uint32_t most;         /* peers */
    uint32_t payload_most; /* see gi_port_payload_most */
    uint32_t frames;       /* under way to one peer; see gi_serve_make */
    const gi_secrets *secrets;
} gi_peers_opts;

/* GALE_EIO: it cannot listen there, and `why` says so; GALE_EINVAL,
 * GALE_ENOMEM. */
gale_err gi_peers_create(gi_peers **out, const gi_peers_opts *opts,
                         gale_diag *why);

/* No loop may be running.  What is still under way was lost.  NULL is fine. */
void gi_peers_destroy(gi_peers *p);

const gi_carrier *gi_peers_carrier(gi_peers *p);

/* Before the loops run: whom to wake. */
void gi_peers_bind(gi_peers *p, gi_worker *w);

/* When no loop runs any more, and before the worker is destroyed: it is not
 * being woken, and what is still under way comes back to it as lost. */
void gi_peers_unbind(gi_peers *p);

/* Thread  any.  These are the others now.  GALE_ENOMEM. */
gale_err gi_peers_set(gi_peers *p, const gi_roster *r);

/* Thread  any.  To how many of the others is there no open line? */
uint32_t gi_peers_missing(gi_peers *p);

/* When no loop is running any more: says goodbye, and waits for theirs no
 * longer than that. */
void gi_peers_leave(gi_peers *p, int64_t wait_ns);

#endif
