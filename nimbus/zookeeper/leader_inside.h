/* leader_inside.h -- calls to ZooKeeper, and what comes of them.  Private to
 * this folder.
 *
 * A call is begun by the owner and finished by a thread of ZooKeeper's client.
 * Until it is finished it belongs to both, under `mtx`; then to the owner, or,
 * if he gave up on it, it is freed.
 */
#ifndef GI_NIMBUS_ZOOKEEPER_LEADER_INSIDE_H
#define GI_NIMBUS_ZOOKEEPER_LEADER_INSIDE_H

#include <pthread.h>
#include <zookeeper/zookeeper.h>

#include "nimbus/zookeeper/leader_zk.h"

typedef struct gi_zk_call {
    struct gi_zk_call *next;
    gi_leader_zk *z;
    gi_want what; /* NOTHING: somebody waits for it */
    uint32_t session;
    uint64_t begun_ms;

    uint32_t parts; /* answers that are yet to come */
    bool given_up;  /* nobody waits any more */

    /* What came. */
    int rc;
    int32_t version;
    char *bytes; /* of a node, with a zero byte behind */
    size_t len;
    char **names; /* below a node */
    uint32_t n_names;
    uint32_t n_results;        /* of a multi ... */
    zoo_op_result_t results[]; /* ... one an op */
} gi_zk_call;

struct gi_leader_zk {
    gi_leader l;
    char *servers, *root, *url;
    char *election, *office, *state, *pieces; /* paths */
    char *node;                               /* our candidate's; NULL: none */
    gi_leader_zk_opts o; /* session_ms, wake, note, arg are looked at */
    zhandle_t *zh;       /* NULL: no session */
    uint32_t session;    /* their number */
    bool made;           /* the nodes that have to be there, in this one */
    bool complained;     /* that there is no connection */
    uint64_t since_ms;   /* when the connection came or went */
    uint64_t ids;        /* given to values in pieces (store.h) */
    char trouble[160];   /* what went wrong last */
    gi_standing stood;
    char led[GI_LEADER_URL_MOST + 1];

    pthread_mutex_t mtx;
    pthread_cond_t cv; /* a call that is waited for, or `connected` */
    /* guards: */
    bool connected, broke, ended, changed;
    gi_zk_call *done, **done_end;
};

uint64_t gi_zk_now_ms(void);

/* Every call that is under way is finished when this returns. */
void gi_zk_close_session(gi_leader_zk *z);

/* A call with room for `n` results; NULL without memory. */
gi_zk_call *gi_zk_call_make(gi_leader_zk *z, gi_want what, uint32_t n);
void gi_zk_call_free(gi_zk_call *c); /* NULL is fine */

/* Begin it.  What is not ZOK was not begun, and the call is the caller's.  A
 * multi is only begun while there is a connection: else ZCONNECTIONLOSS. */
int gi_zk_begin_multi(gi_zk_call *c, const zoo_op_t *ops, uint32_t n);
int gi_zk_begin_get(gi_zk_call *c, const char *path, bool watch);
int gi_zk_begin_list(gi_zk_call *c, const char *path, bool watch);
/* Both, watched, as one call. */
int gi_zk_begin_look(gi_zk_call *c, const char *get, const char *list);
int gi_zk_begin_enter(gi_zk_call *c, const char *path, const char *bytes);

/* Make a node if it is not there, without waiting. */
void gi_zk_make(gi_leader_zk *z, const char *path);

/* Wait for one with `what` NOTHING; false: until then nothing came, and the
 * call is not the caller's any more. */
bool gi_zk_wait(gi_zk_call *c, uint64_t until_ms);

/* Wait until there is a connection; false: not until then, or the session has
 * ended. */
bool gi_zk_wait_connected(gi_leader_zk *z, uint64_t until_ms);

/* Does this say nothing of whether it was done? */
bool gi_zk_unknown(int rc);

#endif
