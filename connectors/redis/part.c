/* part.c -- what all that is done with a part needs: where its keys are, and a
 * connection. */
#include "connectors/redis/store.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

const char *gi_redis_key(const gi_redis *r, uint32_t bucket, char *key)
{
    snprintf(key, GI_REDIS_KEY, "%s:%u%s", r->base, bucket / 2,
             bucket % 2 == 0 ? "" : "!");
    return key;
}

gale_err gi_redis_sort(gi_redis_sorted *s, const gale_str *keys, size_t n,
                       size_t stride)
{
    size_t at[GI_REDIS_BUCKETS];
    const char *bytes = (const char *)keys;

    s->order = gi_calloc(n + 1, sizeof(*s->order));
    if (s->order == NULL)
        return GALE_ENOMEM;
    memset(s->start, 0, sizeof(s->start));
    for (size_t i = 0; i < n; i++)
        s->start[1 +
                 gi_redis_bucket(
                     *(const gale_str *)(const void *)(bytes + i * stride))]++;
    for (size_t b = 0; b < GI_REDIS_BUCKETS; b++) {
        at[b] = s->start[b];
        s->start[b + 1] += s->start[b];
    }
    for (size_t i = 0; i < n; i++) {
        const void *key = bytes + i * stride;

        s->order[at[gi_redis_bucket(*(const gale_str *)key)]++] = i;
    }
    return GALE_OK;
}

gale_err gi_redis_ready(gi_redis *r, gale_diag *why)
{
    if (r->unknown)
        return gi_redis_failed(&r->link, GALE_EIO, why,
                               "an earlier write failed; it has to be opened "
                               "anew");
    if (r->link.fd >= 0)
        return GALE_OK;
    gi_redis_hang_up(&r->link);
    return gi_redis_connect(&r->link, &r->o, why);
}
