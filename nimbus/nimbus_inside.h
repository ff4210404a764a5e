/* nimbus_inside.h -- what Nimbus consists of.  Private to nimbus*.c. */
#ifndef GI_NIMBUS_NIMBUS_INSIDE_H
#define GI_NIMBUS_NIMBUS_INSIDE_H

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

void gi_nimbus_note(const gi_nimbus *n, bool bad, const char *format, ...)
    GALE_PRINTF(3, 4);

/* --------------------------------------------------- nimbus_load.c -- */

/* Read the store, and write that we began. */
gale_err gi_nimbus_load(gi_nimbus *n, gale_diag *why);

/* ------------------------------------------------- nimbus_decide.c -- */

/* What becomes of one topology. */
typedef struct gi_fate {
    gi_topo *of;
    gi_kept *kept; /* what it will be; NULL: it goes */
    bool fresh;    /* `of` is new, and the decision's own until it is taken */
    bool tell;     /* its workers have to hear of it */
    bool spread;   /* they are to be even over the nodes */
} gi_fate;

/* Changes that are made as one, or not at all. */
typedef struct gi_decision {
    gi_nimbus *n;
    gi_fate *fates;
    uint32_t n_fates, cap;
    gi_msg_kept_cluster cluster;
    bool cluster_changes;
    bool scheduled;
} gi_decision;

void gi_decision_init(gi_decision *d, gi_nimbus *n);
void gi_decision_fini(gi_decision *d);

/* A copy that may be changed; with `tell` its nodes will hear of it. */
gale_err gi_decision_change(gi_decision *d, gi_topo *t, bool tell,
                            gi_kept **out);
/* `kept` is taken. */
gale_err gi_decision_add(gi_decision *d, gi_kept *kept, gi_topo **out);
gale_err gi_decision_remove(gi_decision *d, gi_topo *t);

/* What waits for a rebalance gets it.  It has to be changed already. */
void gi_decision_recut(gi_decision *d, const gi_topo *t);
bool gi_decision_spreads(const gi_decision *d, const gi_topo *t);

/* As it would be; NULL: gone. */
const gi_kept *gi_decision_see(const gi_decision *d, const gi_topo *t);

/* The nodes of these workers have something new to do. */
void gi_nimbus_tell(gi_nimbus *n, const gi_assignment *a);

/* Store it, then make it so. */
gale_err gi_decision_take(gi_decision *d, gale_diag *why);

/* -------------------------------------------------- nimbus_place.c -- */

/* Put every executor somewhere, as things would be. */
gale_err gi_nimbus_place(gi_decision *d, gale_diag *why);

/* ------------------------------------------------- nimbus_settle.c -- */

/* Do all that became due or possible. */
void gi_nimbus_settle(gi_nimbus *n);

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

/* ------------------------------------------------------ the verbs -- */

gale_err gi_nimbus_submit(gi_nimbus *n, const gi_msg_submit *q,
                          const char *user, gi_pool *pool,
                          gi_msg_submitted *out, gale_diag *why);
gale_err gi_nimbus_wish(gi_nimbus *n, gi_verb_no verb, const void *request,
                        const char *user, gale_diag *why);
gale_err gi_nimbus_rebalance(gi_nimbus *n, const gi_msg_rebalance *q,
                             const char *user, gi_pool *pool,
                             gi_msg_rebalanced *out, gale_diag *why);
gale_err gi_nimbus_credentials(gi_nimbus *n, const gi_msg_credentials *q,
                               const char *user, gale_diag *why);
gale_err gi_nimbus_set_log(gi_nimbus *n, const gi_msg_set_log *q,
                           const char *user, gale_diag *why);
gale_err gi_nimbus_list(const gi_nimbus *n, gi_pool *pool,
                        gi_msg_topologies *out);
gale_err gi_nimbus_look(const gi_nimbus *n, const gi_topo *t, gi_pool *pool,
                        gi_msg_topology_look *out);
gale_err gi_nimbus_cluster(const gi_nimbus *n, gi_pool *pool,
                           gi_msg_cluster *out);
void gi_nimbus_info(const gi_nimbus *n, gi_msg_info *out);

/* ------------------------------------------------- nimbus_parts.c -- */

/* Tell who reported of `t`, unless he knows it; if that is too much at a time,
 * out->part is set.  `bytes`: of what was added so far.  GALE_ENOMEM. */
gale_err gi_nimbus_add(gi_msg_topology *t, const gi_msg_report *r,
                       size_t *bytes, gi_msg_orders *out);

/* ----------------------------------------------- nimbus_preview.c -- */

/* What would come of a rebalance that was checked, as things are now.
 * GALE_ENOMEM. */
gale_err gi_nimbus_preview(gi_nimbus *n, gi_topo *t, const gi_msg_rebalance *q,
                           gi_pool *pool, gi_msg_rebalanced *out);

/* In words, what is missing of what was wanted, and what becomes of it; "":
 * nothing is.  `wanted` workers, that somebody asks for just now; 0: nobody.
 * NULL without memory. */
const char *gi_nimbus_missing(const gi_nimbus *n, const gi_kept *k,
                              uint64_t wanted, gi_pool *pool);

/* --------------------------------------------------- nimbus_row.c -- */

gale_err gi_nimbus_row(const gi_nimbus *n, const gi_topo *t, gi_pool *pool,
                       gi_msg_topology_row *out);

/* The executors of a worker, as the wire has them; false without memory. */
bool gi_nimbus_spans(const gi_assignment *a, uint32_t worker, gi_pool *pool,
                     uint32_t *n, gi_msg_span **out);

#endif
