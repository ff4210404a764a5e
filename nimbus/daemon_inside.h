/* daemon_inside.h -- what the files of the daemon share.  Private to them. */
#ifndef GI_NIMBUS_DAEMON_INSIDE_H
#define GI_NIMBUS_DAEMON_INSIDE_H

#include "nimbus/daemon.h"
#include "wire/answer.h"

#define GI_WHO "nimbus"

/* A REPORT that is answered later. */
typedef struct gi_nd_waiting {
    gi_asked_for *asked;
    uint64_t until_ms;
} gi_nd_waiting;

typedef struct gi_ndaemon {
    const gi_nimbus_daemon_opts *o;
    gi_secrets *secrets;
    int lock, wake; /* -1: none */
    gi_store store;
    gi_blobs *blobs;
    gi_answerer *answerer;
    gi_nimbus *nimbus;
    char id[40], host[256], url[512];
    uint64_t tidy_ms;   /* when blobs are looked after next */
    uint64_t ticked_ms; /* when there was a tick */
    bool more;          /* requests than one turn takes */

    uint32_t n_waiting, cap_waiting;
    gi_nd_waiting *waiting; /* the oldest first */
} gi_ndaemon;

gi_when gi_nd_now(void);

/* Take what has come, though no more than some, and answer it or put it among
 * the waiting. */
void gi_nd_serve(gi_ndaemon *d);

/* Answer those who wait if there is something new, they waited long enough, or
 * nobody listens any more. */
void gi_nd_answer_waiting(gi_ndaemon *d, gi_when now);

#endif
