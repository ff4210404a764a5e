/* daemon_opts.h -- what daemons read from settings, gathered in one place. */
#ifndef GI_CLI_GALE_DAEMON_OPTS_H
#define GI_CLI_GALE_DAEMON_OPTS_H

#include "base/conf.h"
#include "base/pool.h"
#include "drpc/server/daemon.h"
#include "nimbus/daemon.h"
#include "supervisor/daemon.h"

/* storm.local.dir, or where it is by default; in `pool`, NULL without memory.
 */
const char *gi_daemon_dir(const gi_conf *site, gi_pool *pool);

/* Where it would be for this user, if nothing is set: /var/lib/gale for root,
 * else $XDG_STATE_HOME/gale or ~/.local/state/gale. */
const char *gi_daemon_usual_dir(gi_pool *pool);

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

/* A copy in `pool`; NULL without memory. */
const char *gi_daemon_keep(gi_pool *pool, const char *text);

/* For both: a list as texts in `pool`. */
gale_err gi_daemon_list(const gi_conf *site, const char *key,
                        const char *const **list, uint32_t *n, gi_pool *pool);
void gi_daemon_secrets(gi_secrets_opts *o, const gi_conf *site);

/* nimbus.users, and if there are any, nimbus.admins as well.  GALE_ENOMEM. */
gale_err gi_daemon_users(const gi_conf *site, const char *const **list,
                         uint32_t *n, gi_pool *pool);

/* "HOST" and a port as a URL. */
const char *gi_daemon_url(const gi_conf *site, const char *host,
                          const char *port, gi_pool *pool);

#endif
