/* daemon_inside.h -- what the files of the daemon share.  Private to them. */
#ifndef GI_NIMBUS_DAEMON_INSIDE_H
#define GI_NIMBUS_DAEMON_INSIDE_H

#include <signal.h>

#include "base/sha256.h"
#include "nimbus/daemon.h"
#include "nimbus/mirror.h"
#include "nimbus/zookeeper/election.h"
#include "wire/answer.h"

#define GI_WHO "nimbus"

/* A request that is answered later. */
typedef struct gi_nd_waiting {
    gi_asked_for *asked;
    uint64_t until_ms;
    uint64_t n_whole; /* programs that had come whole when it came */
    bool taken;       /* a REPORT: Nimbus has heard it */
} gi_nd_waiting;

/* A Nimbus that stands by, as it last said. */
typedef struct gi_nd_standby {
    char id[64];
    uint64_t heard_ms; /* 0: nobody */
    uint32_t n;
    char (*hashes)[GI_SHA256_HEX + 1];
} gi_nd_standby;

enum { GI_ND_STANDBYS = 8 };

typedef struct gi_ndaemon {
    const gi_nimbus_daemon_opts *o;
    gi_secrets *secrets;
    int lock, wake; /* -1: none */
    gi_store store; /* of a leader */
    gi_blobs *blobs;
    gi_election election; /* these three: one of several has them */
    gi_candidate candidate;
    gi_mirror *mirror;
    gi_answerer *answerer;
    gi_nimbus *nimbus; /* NULL: it does not lead */
    bool leads;        /* and is sure of it */
    char id[40], host[256], url[512];
    char leader[512];   /* who else; "": nobody, as far as we know */
    uint64_t tidy_ms;   /* when blobs are looked after next */
    uint64_t ticked_ms; /* when there was a tick */
    bool more;          /* requests than one turn takes */

    uint64_t n_whole; /* programs that have come whole */
    gi_nd_standby standbys[GI_ND_STANDBYS];

    uint32_t n_waiting, cap_waiting;
    gi_nd_waiting *waiting; /* as they came */
} gi_ndaemon;

/* Whatever the verb. */
typedef union gi_nd_reply {
#define GI_ND_REPLY(name) gi_msg_##name name;
    GI_MESSAGES(GI_ND_REPLY)
#undef GI_ND_REPLY
} gi_nd_reply;

/* daemon_wake.c */
gi_when gi_nd_now(void);
void gi_nd_wake(void *daemon); /* on any thread */

/* SIGTERM and SIGINT wake it, if it heeds signals; one daemon a process. */
typedef struct gi_nd_signals {
    struct sigaction term, interrupt; /* what was done about them before */
} gi_nd_signals;

void gi_nd_catch_signals(const gi_ndaemon *d, gi_nd_signals *old);
void gi_nd_leave_signals(const gi_ndaemon *d, const gi_nd_signals *old);
bool gi_nd_signalled(const gi_ndaemon *d);

/* daemon_lead.c: begin, alone or as one of several; and end. */
gale_err gi_nd_lead_open(gi_ndaemon *d, gale_diag *why);
void gi_nd_lead_close(gi_ndaemon *d);

/* Does it lead?  Before and after each thing that is decided: nobody hears of
 * what may not be in the store.  What is not GALE_OK ends the daemon. */
gale_err gi_nd_stand(gi_ndaemon *d, gi_when now, gale_diag *why);
uint64_t gi_nd_stand_due(const gi_ndaemon *d, gi_when now);

/* Take one that has come, and answer it or put it among the waiting; false:
 * there is none. */
bool gi_nd_serve_one(gi_ndaemon *d, gi_when now);

/* Answer those for whom there is something, or who waited long enough. */
void gi_nd_answer_waiting(gi_ndaemon *d, gi_when now);

/* We lead no more: what they said will have to be said to another. */
void gi_nd_hear_anew(gi_ndaemon *d);

/* When the first of them has; UINT64_MAX: none waits. */
uint64_t gi_nd_waiting_due(const gi_ndaemon *d);

/* The verbs BLOB_HAS, BLOB_PUT, BLOB_GET. */
gale_err gi_nd_program(gi_ndaemon *d, gi_asked_for *q, gi_when now,
                       gi_nd_reply *out, gale_diag *why);

/* MIRROR: note what who stands by has; is there something that he has not? */
void gi_nd_hear_standby(gi_ndaemon *d, const gi_msg_mirror *m, gi_when now);
bool gi_nd_standby_lacks(const gi_ndaemon *d, const gi_msg_mirror *m);
gale_err gi_nd_list(const gi_ndaemon *d, gi_pool *pool, gi_msg_mirrored *out);

/* Would the program be there if we died now?  Yes too, if nobody stands by. */
bool gi_nd_is_mirrored(const gi_ndaemon *d, const char *hash, gi_when now);

void gi_nd_forget_standbys(gi_ndaemon *d);

#endif
