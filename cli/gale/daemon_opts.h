/* daemon_opts.h -- what daemons read from settings, gathered in one place:
 * nimbus_opts.c, supervisor_opts.c, drpc_opts.c, zookeeper_opts.c. */
#ifndef GI_CLI_GALE_DAEMON_OPTS_H
#define GI_CLI_GALE_DAEMON_OPTS_H

#include "base/conf.h"
#include "base/pool.h"
#include "drpc/server/daemon.h"
#include "nimbus/daemon.h"
#include "supervisor/daemon.h"

/* Fills in what settings speak of.  What does not make sense is added to `r`.
 * All of it lies in `pool`, or in `site`.  GALE_ENOMEM. */
gale_err gi_daemon_nimbus(gi_nimbus_daemon_opts *o, const gi_conf *site,
                          gi_pool *pool, gi_report *r);

/* The same of a supervisor. */
gale_err gi_daemon_supervisor(gi_supervisor_daemon_opts *o,
                              const gi_conf *site, gi_pool *pool,
                              gi_report *r);

/* The same of a DRPC server. */
gale_err gi_daemon_drpc(gi_drpc_daemon_opts *o, const gi_conf *site,
                        gi_pool *pool);

/* Of Nimbus, what is said of storm.zookeeper; nothing, if no server is. */
gale_err gi_daemon_zookeeper(gi_nimbus_daemon_opts *o, const gi_conf *site,
                             gi_pool *pool, gi_report *r);

#endif
