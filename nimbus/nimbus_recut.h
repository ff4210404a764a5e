/* nimbus_recut.h -- the rebalance that a topology waits for.  Private. */
#ifndef GI_NIMBUS_NIMBUS_RECUT_H
#define GI_NIMBUS_NIMBUS_RECUT_H

#include "nimbus/nimbus_keep.h"

/* Is it the one that `k` waits for? */
bool gi_recut_same(const gi_kept *k, const gi_msg_rebalance *r);

/* Remember it.  Borrowed as long as `k` is: it is stored before it goes. */
gale_err gi_recut_set(gi_kept *k, const gi_msg_rebalance *r);

/* Is there no number in it?  Then all of it is to be spread evenly. */
bool gi_recut_plain(const gi_kept *k);

/* Carry it out on workers and components, and forget it. */
void gi_recut_apply(gi_kept *k);

#endif
