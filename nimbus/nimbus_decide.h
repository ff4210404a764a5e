/* nimbus_decide.h -- how what Nimbus knows is changed: a decision is made on
 * copies, stored, and then so.  Private to nimbus*.c.
 */
#ifndef GI_NIMBUS_NIMBUS_DECIDE_H
#define GI_NIMBUS_NIMBUS_DECIDE_H

#include "nimbus/nimbus_state.h"

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

/* ---------------------------------------------- verbs that change -- */

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
#endif
