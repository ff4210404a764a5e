/* roster.h -- what a duty says, in the terms of the program that is to
 * obey it: is it for this program at all, which tasks run here, and who are
 * the others?
 *
 * Other workers are numbered.  A number belongs to one node and port for as
 * long as the process lives, so what is said of a number is never meant for
 * somebody who had it before.
 *
 * Pure.  Thread  any, one at a time
 */
#ifndef GI_LOCAL_PROCESS_ROSTER_H
#define GI_LOCAL_PROCESS_ROSTER_H

#include "topology/plan.h"
#include "wire/msg.h"

/* What was set when the topology was submitted, to go above the table's own
 * settings.  GALE_ENOMEM. */
gale_err gi_roster_conf(gi_conf **out, const gi_msg_topology *t);

/* Are these the components of the plan?  Then they are cut into executors as
 * it says.  GALE_EPLAN: they are not, and `why` says where. */
gale_err gi_roster_cut(gi_plan *plan, const gi_msg_topology *t,
                       gale_diag *why);

typedef struct gi_roster_peer {
    uint64_t key;
    uint64_t since; /* of the two of us, the one that came later */
    uint64_t ended; /* its incarnations up to this one, for certain */
    bool here;      /* it is one of the workers now */
    char *url, *name;
} gi_roster_peer;

typedef struct gi_roster {
    uint32_t n_tasks, n_here; /* of all tasks, so many run here */
    uint32_t n_near;          /* workers on this node, besides this one */
    uint32_t n_peers, most;   /* numbers given so far; that can be */
    gi_roster_peer *peers;
    uint32_t *peer_of; /* [n_tasks]: see gi_port_opts */
} gi_roster;

/* Numbers go on from those of `before` (NULL: there were none).  A duty that
 * contradicts itself is refused.
 *
 * GALE_EINVAL: `why` says what is wrong; GALE_ENOTFOUND: this worker is not
 * among those of the topology; GALE_ELIMIT: there are more than `most` others,
 * with those that went; GALE_ENOMEM. */
gale_err gi_roster_make(gi_roster *out, const gi_roster *before,
                        const gi_msg_duty *duty, uint32_t n_tasks,
                        uint32_t most, gale_diag *why);
void gi_roster_fini(gi_roster *r); /* zeroed is fine */

/* The others alone, without who runs which task.  GALE_ENOMEM: what is there
 * of it is to be given to gi_roster_fini. */
gale_err gi_roster_copy_peers(gi_roster *to, const gi_roster *from);

/* Do the same tasks run here in both? */
bool gi_roster_same_here(const gi_roster *a, const gi_roster *b);

#endif
