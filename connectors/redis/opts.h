/* opts.h -- where Redis is, who we are to it, how long it is waited for. */
#ifndef GI_REDIS_OPTS_H
#define GI_REDIS_OPTS_H

#include "gale/state.h"

typedef struct gi_redis_opts {
    char *name;            /* of it, for messages: as it was set */
    char *host, *port;     /* or ... */
    char *path;            /* ... of a socket, and those are NULL */
    char *user, *password; /* or NULL */
    char *prefix;          /* of all keys */
    int64_t database;
    int64_t timeout_ms;
} gi_redis_opts;

/* As settings, `place` and credentials say.  GALE_EINVAL: they make no sense;
 * GALE_EIO: the file of the password; GALE_ENOMEM.  To be fini'd in any case.
 */
gale_err gi_redis_opts_read(gi_redis_opts *o, const gale_store_where *where,
                            gale_diag *why);
void gi_redis_opts_fini(gi_redis_opts *o);

/* "host", "host:port", "[::1]:port", or a path with a '/' in it.  False: it is
 * none, or there is no memory. */
bool gi_redis_opts_address(gi_redis_opts *o, const char *address);

#endif
