/* election.h -- how a daemon hears whether it leads, as a table of functions.
 *
 * One Nimbus alone needs none.  Several ask somebody who knows (leader_zk.h
 * asks an ensemble of ZooKeeper), and keep what they know where the next
 * leader finds it.
 *
 * To begin to take part is a gi_elect (daemon.h).
 *
 * Thread  owner, but for what `wake` is called on
 */
#ifndef GI_NIMBUS_ZOOKEEPER_ELECTION_H
#define GI_NIMBUS_ZOOKEEPER_ELECTION_H

#include "nimbus/store/store.h"
#include "nimbus/zookeeper/leader.h"

typedef struct gi_election {
    void *self;

    /* Go on, and how it stands then.  What a leader decides it decides at
     * once, and asks again before the next. */
    gi_standing (*turn)(void *self);
    /* To the next turn, if nothing wakes us before; UINT32_MAX: none. */
    uint32_t (*due_ms)(const void *self);
    /* Where the leader answers; "": nobody leads, or nobody knows. */
    const char *(*url)(const void *self);
    /* What the cluster's Nimbuses keep; only for a leader.  The store is
     * closed before the election is. */
    gale_err (*store)(void *self, gi_store *out, gale_diag *why);
    /* Let another lead. */
    void (*resign)(void *self);
    void (*close)(void *self);
} gi_election;

/* Who wants to lead; borrowed until the election is closed. */
typedef struct gi_candidate {
    const char *url;         /* where it answers */
    void (*wake)(void *arg); /* there is reason for a turn; on any thread */
    void (*note)(void *arg, bool bad, const char *text); /* for the log */
    void *arg;
} gi_candidate;

#endif
