/* store.h -- a part of a state in Redis, from inside: what its files share.
 *
 *     PREFIX{TOPOLOGY/STATE}        hash: version, epoch
 *     PREFIX{TOPOLOGY/STATE}:G      hash: the pairs of group G
 *     PREFIX{TOPOLOGY/STATE}:G!     hash: its fence and what undoes its last
 *                                   batch (state/fence.h); "owner": the epoch
 *                                   of who may write to the group
 *
 * Fields are stored keys without their group.  The braces keep a state in one
 * place, where keys are divided among several servers.
 *
 * An epoch is a number that only one opening ever gets.  A write looks at the
 * owners of its groups and at the types of its keys, watching both, so that
 * EXEC does all of it or nothing. */
#ifndef GI_REDIS_STORE_H
#define GI_REDIS_STORE_H

#include "connectors/redis/link.h"
#include "state/stored.h"

enum {
    GI_REDIS_BUCKETS = 2 * GALE_STATE_GROUPS, /* of a group: pairs, fence */
    GI_REDIS_BASE = 900,
    GI_REDIS_KEY = GI_REDIS_BASE + 16,
};
#define GI_REDIS_OWNER   "owner"
#define GI_REDIS_VERSION "1"

typedef struct gi_redis {
    gi_redis_opts o;
    gi_redis_link link;
    char base[GI_REDIS_BASE];
    char state[200]; /* its name, for messages */
    uint32_t from, to;
    bool read_only;
    bool unknown; /* a write failed: nobody knows whether it happened */
    char epoch[24];
    redisReply **held; /* whose values were handed out */
    size_t n_held;
} gi_redis;

/* Items of a call by bucket: those of bucket b are order[start[b]] up to
 * order[start[b + 1]]. */
typedef struct gi_redis_sorted {
    size_t *order;
    size_t start[GI_REDIS_BUCKETS + 1];
} gi_redis_sorted;

static inline uint32_t gi_redis_bucket(gale_str key)
{
    return 2 * gi_stored_group(key) + gi_stored_is_fence(key);
}

/* The key of a bucket, into char[GI_REDIS_KEY]. */
const char *gi_redis_key(const gi_redis *r, uint32_t bucket, char *key);

/* What of a stored key is the field. */
static inline gale_str gi_redis_field(gale_str key)
{
    return (gale_str){ key.ptr + GI_STORED_GROUP, key.len - GI_STORED_GROUP };
}

/* The i-th key; `stride` bytes lie between two. */
gale_err gi_redis_sort(gi_redis_sorted *s, const gale_str *keys, size_t n,
                       size_t stride);

/* A connection, if there is none: to ask; what a write did has to be known. */
gale_err gi_redis_ready(gi_redis *r, gale_diag *why);

/* As of a gale_store. */
gale_err gi_redis_write(void *self, const gale_change *c, size_t n,
                        gale_diag *why);
gale_err gi_redis_scan(void *self, gale_str prefix, gale_store_pair pair,
                       void *arg, gale_diag *why);

#endif
