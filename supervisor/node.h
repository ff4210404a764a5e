/* node.h -- all slots of one node together, and what is said to Nimbus.
 *
 * Nimbus says what shall run, all of it at once, under a version that only
 * grows; what is older, or came before, changes nothing.  While Nimbus is away
 * the node goes on with what it was told last; reports wait, and when Nimbus
 * is back it hears of every slot.
 *
 * After the supervisor was started anew: gi_node_adopt for each worker that
 * was found living, then gi_node_assign with what the record says.  Until then
 * nothing is started, so a living worker is never started twice; and nothing
 * is saved, so the record that is being read is not written over.
 *
 * Pure, as slot.h is, and asked in the same manner: after each call marked (!)
 * call gi_node_next until there is nothing to do.  Of what it says, one SAVE
 * stands for all slots, and comes before any START.
 *
 * Thread  any, one at a time
 */
#ifndef GI_SUPERVISOR_NODE_H
#define GI_SUPERVISOR_NODE_H

#include "supervisor/health.h"
#include "supervisor/slot.h"

typedef struct gi_node gi_node;

/* Zero means default. */
typedef struct gi_node_opts {
    gi_slot_opts slot;
    gi_health_opts health;
    uint64_t seed; /* of the jitter */
    uint64_t last; /* incarnation that was given out, from the record; without
                      one, a number higher than any before: wall clock */
    int64_t truce_ns; /* when more than a third of the workers, and more than
                         one, look frozen at once, it may be us: for so long
                         nobody is killed for it; 5 s */
} gi_node_opts;

/* An order for a slot. */
typedef struct gi_placed {
    uint16_t port;
    gi_order order; /* its count means nothing */
} gi_placed;

/* GALE_EINVAL: no port, 0, or one twice.  GALE_ENOMEM. */
gale_err gi_node_create(gi_node **out, const gi_node_opts *opts,
                        const uint16_t *ports, uint32_t n_ports);
void gi_node_destroy(gi_node *n); /* NULL is fine */

/* (!) A worker that was found living.  GALE_ENOTFOUND: there is no such slot;
 * GALE_ELIMIT: too many in this slot; GALE_EINVAL: the order is none, or there
 * was an assignment before; then it has to be killed by the caller.
 * GALE_ENOMEM. */
gale_err gi_node_adopt(gi_node *n, const gi_placed *p, uint64_t incarnation,
                       int32_t pid, uint64_t began, int64_t now);

/* (!) What shall run, all of it.  GALE_EINVAL: a port that is not ours or
 * comes twice, or an order that is none; GALE_ENOMEM.  Then nothing changes.
 * *taken is whether the version was new. */
gale_err gi_node_assign(gi_node *n, uint64_t version, const gi_placed *placed,
                        uint32_t n_placed, int64_t now, bool *taken);
uint64_t gi_node_version(const gi_node *n); /* 0: none yet */

/* (!) What is of an unknown port is dropped. */
void gi_node_event(gi_node *n, uint16_t port, const gi_slot_event *e,
                   int64_t now);

/* (!) READY or FETCH_FAILED: to every slot that waits for that program. */
void gi_node_fetched(gi_node *n, const gi_slot_event *e, int64_t now);

/* (!) What was seen of the loops of `incarnation`. */
gi_finding gi_node_look(gi_node *n, uint16_t port, uint64_t incarnation,
                        const gi_loop_signs *signs, uint32_t n_loops,
                        int64_t now);

/* (!) */
void gi_node_tick(gi_node *n, int64_t now);
int64_t gi_node_due(const gi_node *n);

/* (!) Can Nimbus be reached?  At first it cannot. */
void gi_node_nimbus(gi_node *n, bool reachable);

bool gi_node_next(gi_node *n, gi_slot_act *out);

/* To look at: the slots, by port, and what was last found of their loops. */
uint32_t gi_node_n_slots(const gi_node *n);
const gi_keeper *gi_node_slot(const gi_node *n, uint32_t i);
gi_finding gi_node_finding(const gi_node *n, uint32_t i);
uint64_t gi_node_last(const gi_node *n); /* incarnation given out */

#endif
