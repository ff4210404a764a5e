/* nimbus_state.h -- what Nimbus knows: topologies as they are kept,
 * supervisors as they were heard.  Private to nimbus*.c.
 */
#ifndef GI_NIMBUS_NIMBUS_STATE_H
#define GI_NIMBUS_NIMBUS_STATE_H

#include "nimbus/nimbus.h"
#include "nimbus/nimbus_keep.h"

enum {
    GI_SUPERVISORS_MOST = 4096,
    GI_TOPOLOGIES_MOST = 4096,
    GI_SUSPECTS = 3, /* slots in which a topology does not come up, before it
                        is the one to blame, and not the slots */
};

/* A topology. */
typedef struct gi_topo {
    gi_kept *kept;
    uint64_t log_until_ms; /* of the clock that goes forward; 0: never */

    uint64_t gone_version; /* GONE: nodes have heard of it that have this */

    uint32_t suspects;     /* slots that were left since it came up nowhere */
    uint64_t move_from_ms; /* not moved for that before then */
} gi_topo;

typedef struct gi_seen_port {
    uint16_t port;
    uint64_t bad_until_ms; /* 0: it is good */
    const gi_topo *of;     /* what did not come up in it; only compared */
} gi_seen_port;

/* A report as it came. */
typedef struct gi_told {
    gi_pool pool; /* its memory, and its own */
    gi_msg_report m;
} gi_told;

/* A supervisor. */
typedef struct gi_seen {
    char *id;
    const char *host; /* borrowed from `told`; without one, `first_host` */
    char *first_host;
    gi_supervisor_state state;
    uint64_t heard_ms; /* the last report; of the clock `awake_ms` */
    uint64_t version;  /* of what it shall do */
    gi_told *told;     /* the latest report; NULL: only the store knows it */
    uint32_t n_ports;
    gi_seen_port *ports; /* by port */

    /* One with a lower incarnation that goes on reporting. */
    uint64_t other, other_number;
    uint32_t other_times;
    bool other_said;
} gi_seen;

struct gi_nimbus {
    gi_nimbus_opts opts; /* settled; texts in `pool` */
    gi_pool pool;
    const gi_store *store;
    gi_when began, now;

    /* Time in which we were awake: goes with `now`, but jumps of more than
     * lag_ms are no more than that. */
    uint64_t awake_ms;

    gi_msg_kept_cluster cluster;
    uint64_t version; /* the last that was given to a node */
    gi_topo **topologies;
    uint32_t n_topologies, topologies_cap;
    gi_seen **seen; /* by id */
    uint32_t n_seen, seen_cap;

    bool dirty;        /* something changed that scheduling goes by */
    uint64_t retry_ms; /* a decision could not be taken; again then; or 0 */
    bool retry_said;
    gale_diag broken; /* "": it is not */
};

/* --------------------------------------------------- nimbus_load.c -- */

/* Read the store, and write that we began. */
gale_err gi_nimbus_load(gi_nimbus *n, gale_diag *why);

/* ------------------------------------------------- nimbus_seen.c -- */

gi_seen *gi_nimbus_seen(const gi_nimbus *n, const char *id);

/* A worker of it is in that slot by the assignment; NULL: of none. */
gi_topo *gi_nimbus_owner(const gi_nimbus *n, const gi_seen *s,
                         const gi_msg_slot *slot);
gale_err gi_nimbus_meet(gi_nimbus *n, const char *id, const char *host,
                        gi_seen **out);
void gi_seen_destroy(gi_seen *s);

/* Time has passed: move `now`, and see who is silent. */
void gi_nimbus_pass(gi_nimbus *n, gi_when now);

/* What is known of the worker; NULL: nothing. */
const gi_msg_slot *gi_nimbus_slot(const gi_nimbus *n, const char *topology,
                                  const gi_assigned *w);

/* Has the supervisor said that something of it is in one of its slots? */
bool gi_seen_runs(const gi_seen *s, const char *topology);

/* The node has something new to do. */
void gi_nimbus_turn_version(gi_nimbus *n, const char *node);

/* ----------------------------------------------- nimbus_suspect.c -- */

/* Look for workers of `s` that do not come up. */
void gi_nimbus_suspect(gi_nimbus *n, gi_seen *s);
/* Slots that are tried again; what a topology is blamed for is forgotten. */
void gi_nimbus_forgive(gi_nimbus *n);
void gi_nimbus_absolve(gi_nimbus *n, const gi_topo *t);

/* ---------------------------------------------------- nimbus_find.c -- */

/* By name or id.  GALE_ENOTFOUND, with the nearest; GALE_ENOMEM. */
gale_err gi_nimbus_find(const gi_nimbus *n, const char *name, gi_topo **out,
                        gale_diag *why);
gi_topo *gi_nimbus_named(const gi_nimbus *n, const char *name);

/* May the user do this to it?  GALE_EINVAL. */
gale_err gi_nimbus_may(const gi_nimbus *n, const gi_kept *k, const char *user,
                       const char *verb, gale_diag *why);
bool gi_nimbus_admin(const gi_nimbus *n, const char *user);

/* Say something in the log. */
void gi_nimbus_note(const gi_nimbus *n, bool bad, const char *format, ...)
    GALE_PRINTF(3, 4);

#endif
