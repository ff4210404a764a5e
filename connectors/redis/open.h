/* open.h -- a part of a state is taken: from now on nobody else writes to it.
 */
#ifndef GI_REDIS_OPEN_H
#define GI_REDIS_OPEN_H

#include "connectors/redis/store.h"

/* To be read only, it is looked whether there is one: GALE_ENOTFOUND.
 * GALE_EFORMAT: what is there is no state, or one of another version;
 * GALE_EINVAL, GALE_EIO, GALE_ENOMEM. */
gale_err gi_redis_take(gi_redis *r, const gale_store_where *where,
                       gale_diag *why);

/* Is what Redis says a key has the type of what has to be there, or nothing?
 */
bool gi_redis_is_hash(const redisReply *type);

#endif
