/* daemon_read.h -- settings as daemons want them: directories, lists,
 * addresses, users.  Texts lie in `pool`; NULL without memory. */
#ifndef GI_CLI_GALE_DAEMON_READ_H
#define GI_CLI_GALE_DAEMON_READ_H

#include "base/conf.h"
#include "base/pool.h"
#include "base/strbuf.h"
#include "wire/secrets.h"

/* A copy. */
const char *gi_daemon_keep(gi_pool *pool, const char *text);
/* What is in `b`, which is empty then. */
const char *gi_daemon_keep_buf(gi_pool *pool, gi_strbuf *b);

/* storm.local.dir; if nothing is set, /var/lib/gale for root, and for others
 * where they keep such things. */
const char *gi_daemon_dir(const gi_conf *site, gi_pool *pool);
/* "DIR/NAME" */
const char *gi_daemon_below(gi_pool *pool, const char *dir, const char *name);

/* What these two settings, a host and a port, are as a URL. */
const char *gi_daemon_url(const gi_conf *site, const char *host,
                          const char *port, gi_pool *pool);

/* A list as texts.  GALE_ENOMEM. */
gale_err gi_daemon_list(const gi_conf *site, const char *key,
                        const char *const **list, uint32_t *n, gi_pool *pool);

/* nimbus.users, and if there are any, nimbus.admins as well.  GALE_ENOMEM. */
gale_err gi_daemon_users(const gi_conf *site, const char *const **list,
                         uint32_t *n, gi_pool *pool);

/* The files of what is secret, as `site` names them. */
void gi_daemon_secrets(gi_secrets_opts *o, const gi_conf *site);

#endif
