/* redis.h -- a store in Redis: for states that several machines share.
 *
 * It is a library of its own, gale_redis, which is there if Gale was built
 * where hiredis is.
 *
 *     gale_state_opts in_redis = { .store = &gale_store_redis };
 *
 *     gale_trident_remember(t, &gale_store_redis);
 *     gale_persistent_aggregate(words, "counts", folds, &in_redis);
 *
 * The settings topology.state.redis.* say where Redis is and how to log in;
 * docs/trident.md lists them.
 *
 * A write is one MULTI ... EXEC: all of it or nothing.  Whoever opens a part
 * takes it from its last owner, in whatever process or machine that is: beside
 * each group of keys stands who may write to it, and a write of an earlier
 * owner is refused as a whole, with GALE_EIO.  Its reads are not refused.
 *
 * What was written is as safe as Redis makes it.  It survives a power cut only
 * with "appendonly yes" and "appendfsync always"; with "everysec" the last
 * second may be lost, together with batches that had counted.  Keys must not
 * be evicted.  If Redis is set up otherwise, the log has a warning.
 *
 * While Redis is away, calls fail with GALE_EIO, after
 * topology.state.redis.timeout.millis at the latest.  The next get or scan
 * tries a new connection; a write needs the part to be opened again.
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
