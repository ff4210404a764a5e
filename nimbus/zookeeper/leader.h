/* leader.h -- which of several Nimbuses leads, from the view of one of them.
 *
 * In ZooKeeper there are the candidates, each a node that lives as long as its
 * session and has a number, and the office: a node that says who holds it, and
 * whose version is one more each time somebody takes it.  The candidate with
 * the lowest number takes the office.
 *
 *     election/ab12..-0000000007     the first: leads, or is about to
 *     election/9f03..-0000000009     stands by
 *     office   (version 5)  "ab12.."  "tcp://one:6627"
 *
 * Two never lead at once, for two reasons:
 *
 *   - who leads asks the ensemble, again and again, whether the office still
 *     has the version that it was taken with.  Each yes counts from when it
 *     was asked, and for two thirds of the time after which a session ends;
 *     so who hears nothing doubts before anybody else can lead.  In doubt
 *     nothing is decided.  It ends with a yes: then nobody took the office
 *   - should clocks go wrong, or a process stop in the middle of a thought:
 *     what is written is written on the same condition (store.h), so from
 *     him who lost the office nothing is taken
 *
 * All candidates look when the list of them changes.  To watch only the one
 * before spares those behind a look; there are few, and each wants to know who
 * leads, and whether anybody does.
 *
 * Pure: told what happened and when, it says what to do next, one thing at a
 * time (leader_zk.h does it).  Times are of a clock that only goes forward.
 *
 * Thread  owner
 */
#ifndef GI_NIMBUS_ZOOKEEPER_LEADER_H
#define GI_NIMBUS_ZOOKEEPER_LEADER_H

#include "gale/base.h"

enum {
    GI_LEADER_NAME = 32,        /* hexadecimal digits of a candidate's name */
    GI_LEADER_URL_MOST = 300,   /* bytes */
    GI_LEADER_FAILED_MS = 1000, /* what failed is tried again after this */
    GI_LEADER_RESIGNED_MS = 2000,
};

typedef enum gi_standing {
    GI_STANDS_BY, /* what it knew of the cluster is worth nothing any more */
    GI_DOUBTS,    /* led, and nobody else may have since: keep all, do nothing
                   */
    GI_LEADS,
} gi_standing;

/* What is to be done.  For all but OPEN and CLOSE it wants to be told how that
 * went; a session that is closed takes them with it. */
typedef enum gi_want {
    GI_WANT_NOTHING,
    GI_WANT_OPEN,  /* a session; then gi_leader_opened */
    GI_WANT_CLOSE, /* the session, whatever state it is in */
    GI_WANT_LOOK,  /* gi_leader_look; gi_leader_changed is called at the first
                      change  after */
    GI_WANT_ENTER, /* make a candidate's node, NAME- and a number */
    GI_WANT_TAKE,  /* the office: if its version is gi_leader_version, and the
                      candidate's node is there */
    GI_WANT_BEAT, /* is the office's version gi_leader_version?  By a quorum */
} gi_want;

typedef enum gi_went {
    GI_WENT_WELL,
    GI_WENT_REFUSED, /* by the ensemble: things are not as was thought */
    GI_WENT_UNKNOWN, /* the connection broke: it may have gone either way */
    GI_WENT_WRONG,   /* nothing to be done about it but to try again */
} gi_went;

typedef struct gi_leader_look {
    int32_t version;          /* of the office */
    const char *holder;       /* a candidate's name; "" */
    const char *url;          /* where he answers */
    const char *const *names; /* the candidates' nodes */
    uint32_t n_names;
} gi_leader_look;

/* Plain data; its members are its own affair. */
typedef struct gi_leader {
    char name[GI_LEADER_NAME + 1];
    char url[GI_LEADER_URL_MOST + 1]; /* of who leads; "": nobody */
    bool open, connected, ended;      /* the session */
    bool looked;  /* and nothing changed since, as far as we know */
    bool entered; /* our node is there */
    bool first;   /* and nobody is before it */
    bool holds;   /* the office; `version` is its */
    int32_t version;
    uint32_t ahead;      /* candidates before us */
    uint32_t session_ms; /* as the ensemble granted it */
    gi_want under_way;
    uint64_t sure_until_ms, beat_ms; /* if it holds the office */
    uint64_t not_before_ms;
} gi_leader;

/* How long a yes lasts, and when the next is asked for: see above. */
static inline uint64_t gi_leader_sure_ms(uint32_t session_ms)
{
    return session_ms - session_ms / 3;
}

void gi_leader_init(gi_leader *l);

/* A session was opened, with a name of its own, which no other candidate has
 * or had: GI_LEADER_NAME hexadecimal digits. */
void gi_leader_opened(gi_leader *l, const char *name);

/* What the session is told, after it was opened.  Connected, also again; the
 * ensemble ends it `session_ms` after it was last heard of. */
void gi_leader_connected(gi_leader *l, uint32_t session_ms, uint64_t now_ms);
void gi_leader_disconnected(gi_leader *l);
void gi_leader_ended(gi_leader *l);
void gi_leader_changed(gi_leader *l);

/* How it went.  `look` is for a LOOK that went well. */
void gi_leader_did(gi_leader *l, gi_want what, gi_went how,
                   const gi_leader_look *look, uint64_t begun_ms,
                   uint64_t now_ms);

/* Something else was written on condition of the version, and was begun then:
 * as good as a beat. */
void gi_leader_proved(gi_leader *l, uint64_t begun_ms);

/* Step down at once, and be the last candidate after a while. */
void gi_leader_resign(gi_leader *l, uint64_t now_ms);

/* What to do now; it is under way from here on. */
gi_want gi_leader_next(gi_leader *l, uint64_t now_ms);

/* When to ask again what to do, or how it stands, if nothing happens before;
 * UINT64_MAX: not by itself. */
uint64_t gi_leader_due(const gi_leader *l, uint64_t now_ms);

gi_standing gi_leader_standing(const gi_leader *l, uint64_t now_ms);
int32_t gi_leader_version(const gi_leader *l);

/* Where the leader answers, if there is one and we heard of it; else "". */
const char *gi_leader_url(const gi_leader *l);

#endif
