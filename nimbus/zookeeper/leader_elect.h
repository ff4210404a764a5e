/* leader_elect.h -- elections by ZooKeeper, as the daemon wants them
 * (election.h): leader_zk.h and store.h behind one table.
 */
#ifndef GI_NIMBUS_ZOOKEEPER_LEADER_ELECT_H
#define GI_NIMBUS_ZOOKEEPER_LEADER_ELECT_H

#include "nimbus/zookeeper/election.h"
#include "nimbus/zookeeper/leader_zk.h"

/* A gi_elect (daemon.h).  `with` is a gi_leader_zk_opts, of which servers,
 * root, session_ms and connect_ms are looked at.  GALE_EINVAL, GALE_ENOMEM. */
gale_err gi_leader_elect(gi_election *out, const void *with,
                         const gi_candidate *who, gale_diag *why);

#endif
