/* resource.h -- placing one topology where its executors fit.  Private to
 * the resource-aware scheduler: resource.c says who comes when. */
#ifndef GI_NIMBUS_SCHEDULE_RESOURCE_H
#define GI_NIMBUS_SCHEDULE_RESOURCE_H

#include "nimbus/schedule/board.h"

/* What happened to a node's pull on the executor that is being placed. */
typedef struct gi_pull {
    uint32_t talk; /* executors there that it talks to */
    bool here;     /* its topology has a worker there */
} gi_pull;

/* Who waits to be placed.  Components that have any way to one another are a
 * group; reach is how far one is from the group's spouts. */
typedef struct gi_queued {
    uint32_t executor;
    uint32_t group, reach; /* of its component */
    uint32_t k, n;         /* the k-th of its component's n executors */
} gi_queued;

typedef struct gi_resource {
    gi_board *b;
    uint64_t cpu, memory; /* of all supervisors: to weigh one with the other */
    uint32_t *order;      /* tenants: leaving ones, then by priority and id */
    gi_pull *pulls;       /* [n_nodes] */
    gi_queued *queue;     /* [most executors] */
    uint32_t *placed;     /* [most executors] */
    uint32_t n_placed;
    uint32_t *reach, *group; /* [most components] */
    bool *near;              /* [most components] */
    uint32_t *victims;       /* [n_tenants] */
} gi_resource;

/* Sit an executor down or take it up; `slot` becomes its tenant's. */
void gi_resource_sit(gi_resource *r, gi_tenant *t, gi_seated *e,
                     uint32_t slot);
void gi_resource_rise(gi_resource *r, gi_tenant *t, gi_seated *e);

/* Is there room for `e` in a slot that is free or its tenant's? */
bool gi_resource_fits(const gi_resource *r, const gi_tenant *t,
                      const gi_seated *e, uint32_t slot);

/* Give back slots of `t` in which nobody sits. */
void gi_resource_tidy(gi_resource *r, const gi_tenant *t);

/* Place whoever of `t` sits nowhere.  If somebody fits nowhere: GI_NOWHERE is
 * what all of them get, or with `some` only those that do not fit.  NULL if
 * all sit; else the first that does not fit. */
const gi_seated *gi_resource_place(gi_resource *r, gi_tenant *t, bool some);

/* Why `e` fits nowhere, in words. */
void gi_resource_say(const gi_resource *r, gi_tenant *t, const gi_seated *e);

#endif
