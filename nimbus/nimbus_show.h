/* nimbus_show.h -- what Nimbus tells: nodes what they have to do, people how
 * things are.  Changes nothing.  Private to nimbus*.c.
 */
#ifndef GI_NIMBUS_NIMBUS_SHOW_H
#define GI_NIMBUS_NIMBUS_SHOW_H

#include "nimbus/nimbus_state.h"

/* ----------------------------------------------- verbs that look -- */

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

/* --------------------------------------------------- nimbus_row.c -- */

gale_err gi_nimbus_row(const gi_nimbus *n, const gi_topo *t, gi_pool *pool,
                       gi_msg_topology_row *out);

/* The executors of a worker, as the wire has them; false without memory. */
bool gi_nimbus_spans(const gi_assignment *a, uint32_t worker, gi_pool *pool,
                     uint32_t *n, gi_msg_span **out);

#endif
