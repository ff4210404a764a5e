/* graph.h -- cycles of a directed graph, and how far each node is from its
 * sinks.
 *
 * Loops run tasks in the order of rank, sinks first, so that what is about to
 * be produced finds room.  A cycle has no order inside: it counts as one node,
 * and all of it has one rank.
 */
#ifndef GI_TOPOLOGY_GRAPH_H
#define GI_TOPOLOGY_GRAPH_H

#include "gale/base.h"

/* Arrows leave node v to to[first[v]] .. to[first[v + 1] - 1]. */
typedef struct gi_graph {
    uint32_t n;
    const uint32_t *first; /* n + 1 of them */
    const uint32_t *to;
} gi_graph;

typedef struct gi_place {
    uint32_t rank;  /* longest way to a sink; 0 at the sinks */
    uint32_t cycle; /* smallest node of its cycle; itself if it is in none */
    bool in_cycle;  /* also true for an arrow to itself */
} gi_place;

/* Fills out[0 .. n-1].  GALE_ENOMEM. */
gale_err gi_graph_place(const gi_graph *g, gi_place *out);

#endif
