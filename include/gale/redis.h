/* redis.h -- a store in Redis: for states that several machines share.
 *
 * It is a library of its own, gale_redis, which is there if Gale was built
 * where hiredis is.
 *
 *     gale_persistent_aggregate(words, "counts", folds,
 *                               &(gale_state_opts){ .store = &gale_store_redis
 * }); gale_trident_remember(t, &gale_store_redis);
 *
 * Where Redis is, and who we are to it, say the settings
 * topology.state.redis.*; docs/trident.md has them.
 *
 * A write is one MULTI ... EXEC: all of it or nothing.  Whoever opens a part
 * takes it from whoever had it, in whatever process or machine: each group of
 * keys says who may write to it, and what a stale owner writes is refused with
 * GALE_EIO, all of it.  What it reads is not.
 *
 * What was written survives what Redis promises: a power cut only with
 * "appendonly yes" and "appendfsync always"; with "everysec" the last second
 * may be gone, and batches that counted with it.  Keys must not be evicted.
 * Where Redis says that it is set up otherwise, the log has a warning.
 *
 * While Redis is away calls fail with GALE_EIO after
 * topology.state.redis.timeout.millis at the latest; to get and to scan try a
 * new connection, and so does whoever opens the part again.
 */
#ifndef GALE_REDIS_H
#define GALE_REDIS_H

#include "gale/state.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A `place` is host:port, or the path of a socket. */
GALE_API extern const gale_store gale_store_redis;

#ifdef __cplusplus
}
#endif
#endif /* GALE_REDIS_H */
