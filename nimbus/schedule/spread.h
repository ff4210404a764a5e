/* spread.h -- a topology's workers, evenly over the nodes.  Private.
 */
#ifndef GI_NIMBUS_SCHEDULE_SPREAD_H
#define GI_NIMBUS_SCHEDULE_SPREAD_H

#include "nimbus/schedule/board.h"

/* Move workers of `t`, each with all its executors, to free slots of nodes
 * with fewer of them, until no node with a free slot has two fewer than
 * another one; and of nodes that differ by one, the one more goes where at
 * least two slots more are free.  No fewer moves would do.  GALE_ENOMEM. */
gale_err gi_schedule_spread(gi_board *b, const gi_tenant *t);

#endif
