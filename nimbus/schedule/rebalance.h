/* rebalance.h -- other numbers for a running topology.
 *
 * Workers, and for single components executors, cpu and memory.  Tasks are for
 * life: there cannot be more executors than tasks.
 */
#ifndef GI_NIMBUS_SCHEDULE_REBALANCE_H
#define GI_NIMBUS_SCHEDULE_REBALANCE_H

#include "nimbus/schedule/cluster.h"

#define GI_AS_IT_IS UINT32_MAX

typedef struct gi_rebalance_component {
    const char *id;
    uint32_t n_executors; /* each of these: or GI_AS_IT_IS */
    uint32_t cpu, memory_mb;
} gi_rebalance_component;

typedef struct gi_rebalance {
    uint32_t n_workers; /* or GI_AS_IT_IS */
    uint32_t n_components;
    const gi_rebalance_component *components;
} gi_rebalance;

/* Check `r` against a topology: GALE_EINVAL, and in `why` (may be NULL) every
 * mistake, with the nearest right answer. */
gale_err gi_rebalance_check(const gi_rebalance *r, const gi_topology *t,
                            gale_diag *why);

/* Carry it out on the topology's components, which are `components`; returns
 * the number of workers wanted from now on.  `r` was checked. */
uint32_t gi_rebalance_apply(const gi_rebalance *r, const gi_topology *t,
                            gi_component *components);

#endif
