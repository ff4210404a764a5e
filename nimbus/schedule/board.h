/* board.h -- the table on which schedulers move things about.  Private.
 *
 * Made from the facts: supervisors by id, their slots by port, and each
 * topology as a tenant whose executors sit in slots.  Schedulers change who
 * sits where; gi_board_result reads it off.
 */
#ifndef GI_NIMBUS_SCHEDULE_BOARD_H
#define GI_NIMBUS_SCHEDULE_BOARD_H

#include "base/strbuf.h"
#include "nimbus/schedule/schedule.h"

typedef struct gi_seat_node {
    const char *id;
    const gi_supervisor *of; /* NULL: known only from a worker that lives */
    uint32_t first_slot, n_slots;
    int64_t cpu, memory; /* free; below zero: overbooked */
} gi_seat_node;

typedef struct gi_seat_slot {
    uint32_t node; /* index in nodes */
    uint16_t port;
    bool open;       /* may be given to a worker that is not there yet */
    bool bad;        /* may not be kept either */
    uint32_t tenant; /* who has it; or GI_NOWHERE */
    int64_t memory;  /* what the tenant's executors take of it */

    uint32_t was;      /* whose worker it is now, if that can stay */
    uint64_t since;    /* that worker's */
    const char *host;  /* that worker's */
    uint32_t n, quota; /* even: executors that sit there, that shall */
} gi_seat_slot;

typedef struct gi_seated {
    uint32_t first_task, end_task;
    uint32_t component;
    uint32_t home;  /* slot in which most of its tasks are now; GI_NOWHERE */
    uint32_t stay;  /* how many that are */
    bool same;      /* it was there with just these tasks */
    uint32_t slot;  /* where it sits; GI_NOWHERE */
    uint32_t aside; /* resource: where it sat before it was pushed out */
} gi_seated;

typedef struct gi_tenant {
    const gi_topology *of;
    uint32_t no; /* index in tenants, and in cluster->topologies */
    uint32_t n_executors;
    gi_seated *executors; /* by first task */
    bool pushed;          /* out, by one that is more important */
    gi_strbuf why;
} gi_tenant;

typedef struct gi_board {
    const gi_cluster *cluster;
    uint32_t n_nodes, n_slots, n_tenants;
    gi_seat_node *nodes;
    gi_seat_slot *slots;
    gi_tenant *tenants;
    uint32_t *by_id;          /* [n_tenants] */
    const gi_living **living; /* sorted */
    uint32_t *tally;          /* [n_slots]; zero between calls */
    gi_pool pool;
} gi_board;

/* Nobody sits anywhere yet.  GALE_EINVAL, GALE_ENOMEM. */
gale_err gi_board_init(gi_board *b, const gi_cluster *c);
void gi_board_fini(gi_board *b);

/* Put a tenant's executors where they are now, as far as they may stay, and
 * take the slots of its workers.  Of two tenants with one slot the first one
 * keeps it.  GALE_ENOMEM. */
gale_err gi_board_seat(gi_board *b, gi_tenant *t);

/* Read off who sits where.  GALE_ENOMEM; `out` is whole or untouched. */
gale_err gi_board_result(gi_schedule *out, const gi_board *b);

static inline bool gi_seat_free(const gi_seat_slot *s)
{
    return s->open && s->tenant == GI_NOWHERE;
}

static inline bool gi_seat_alive(const gi_seat_node *n)
{
    return n->of != NULL && n->of->state == GI_SUPERVISOR_ALIVE;
}

#endif
