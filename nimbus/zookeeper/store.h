/* store.h -- the store in ZooKeeper, for who holds the office there.
 *
 *     ROOT/state              a sum over all pairs (nimbus/store/sum.h)
 *     ROOT/state/KEY          a value, or where its pieces are
 *     ROOT/pieces/ID.0, ...   of what is too large for one request
 *
 * Every batch is one request that is carried out as a whole or not at all, on
 * two conditions: the office has the version that it was taken with, so what
 * somebody writes who led once is refused; and the sum has the version that
 * the batch before left.  Since the second makes a batch take place at most
 * once, it is sent again when the connection breaks; so a server that dies
 * costs a moment, and no office.
 *
 * What is too large goes into pieces first, which nobody looks for until the
 * batch names them.  The next leader throws away those that none names.
 *
 * A commit that fails for good steps down (leader_zk.h): whoever leads next,
 * also this one, has a version of its own, and what was under way is refused.
 */
#ifndef GI_NIMBUS_ZOOKEEPER_STORE_H
#define GI_NIMBUS_ZOOKEEPER_STORE_H

#include "nimbus/store/store.h"
#include "nimbus/zookeeper/leader_zk.h"

/* `z` leads, and outlives it.  Open it anew when the office was lost.
 * GALE_ENOMEM. */
gale_err gi_store_zk_open(gi_store *out, gi_leader_zk *z, gale_diag *why);

#endif
