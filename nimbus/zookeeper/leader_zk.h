/* leader_zk.h -- several Nimbuses and an ensemble of ZooKeeper: who of them
 * leads is decided by leader.h, and done here.
 *
 *     ROOT/election    the candidates, each with its url
 *     ROOT/office      who leads
 *     ROOT/state       what Nimbus keeps (store.h)
 *     ROOT/pieces
 *
 * ZooKeeper's client has threads of its own.  They only note what came, and
 * wake whoever owns this; all else is done in gi_leader_zk_turn.  To make the
 * office safe it has to be called when it is due; whoever comes late doubts,
 * which is no harm but for the time.
 *
 * To end a session takes its candidate away at once, so who ends in order is
 * followed at once.  Who is killed is followed when his session ends.
 *
 * The connection is not encrypted, and whoever reaches the ensemble can change
 * what is there: it belongs where only Nimbuses reach it.
 *
 * Thread  owner, but for what `wake` is called on
 */
#ifndef GI_NIMBUS_ZOOKEEPER_LEADER_ZK_H
#define GI_NIMBUS_ZOOKEEPER_LEADER_ZK_H

#include "nimbus/zookeeper/leader.h"

typedef struct gi_leader_zk gi_leader_zk;

/* Zero means default.  Copied. */
typedef struct gi_leader_zk_opts {
    const char *servers; /* "host:port,host:port"; required */
    const char *root;    /* "/gale" */
    uint32_t session_ms; /* 20 s; the ensemble has limits of its own */
    uint32_t connect_ms; /* without a connection for so long it complains; 15 s
                          */
    const char *url;     /* where this Nimbus answers; required */
    /* There is reason for a turn; on any thread. */
    void (*wake)(void *arg);
    /* Something for the log; on the owner's thread.  NULL: nobody listens. */
    void (*note)(void *arg, bool bad, const char *text);
    void *arg;
} gi_leader_zk_opts;

/* Does not wait for anybody to be there.  GALE_EINVAL: servers or root make no
 * sense, `why` says what; GALE_ENOMEM. */
gale_err gi_leader_zk_open(gi_leader_zk **out, const gi_leader_zk_opts *opts,
                           gale_diag *why);

/* Only that: do they make sense? */
gale_err gi_leader_zk_check(const gi_leader_zk_opts *opts, gale_diag *why);

/* Steps down, and is no candidate any more.  Stores are closed before. */
void gi_leader_zk_close(gi_leader_zk *z); /* NULL is fine */

/* Go on.  How it stands after that: what a leader decides it decides at once,
 * and asks again before the next. */
gi_standing gi_leader_zk_turn(gi_leader_zk *z);
gi_standing gi_leader_zk_standing(const gi_leader_zk *z);

/* Milliseconds from now to the next turn, if nothing wakes it before;
 * UINT32_MAX: none by itself. */
uint32_t gi_leader_zk_due_ms(const gi_leader_zk *z);

/* Where the leader answers: a url, ours if we lead; "": nobody leads, or we
 * cannot know. */
const char *gi_leader_zk_url(const gi_leader_zk *z);

/* The office's number: one that leads later has a higher one. */
uint64_t gi_leader_zk_number(const gi_leader_zk *z);

/* Step down at once; be the last candidate after a while. */
void gi_leader_zk_resign(gi_leader_zk *z);

/* Why nobody leads, as far as we know; for people. */
void gi_leader_zk_tell(const gi_leader_zk *z, gale_diag *out);

#endif
