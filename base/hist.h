/* hist.h -- a log-linear histogram of durations.
 *
 * Values below 64 have a bucket each; above, every power of two is divided
 * into 32 equal buckets, so a quantile is at most 1/32 (3.1 %) too high and
 * never too low.  One thread records; anybody may copy and merge.  The
 * maximum is exact.
 */
#ifndef GI_BASE_HIST_H
#define GI_BASE_HIST_H

#include <stdint.h>

enum { GI_HIST_SUB = 32, GI_HIST_BUCKETS = 64 + (64 - 6) * GI_HIST_SUB };

typedef struct gi_hist {
    uint64_t n, max, sum;
    uint64_t count[GI_HIST_BUCKETS];
} gi_hist;

/* Which bucket `v` falls into, and the largest value of a bucket. */
static inline unsigned gi_hist_bucket(uint64_t v)
{
    if (v < 64)
        return (unsigned)v;
    unsigned top = 63u - (unsigned)__builtin_clzll(v); /* >= 6 */
    return 64 + (top - 6) * GI_HIST_SUB +
           (unsigned)((v >> (top - 5)) & (GI_HIST_SUB - 1));
}
uint64_t gi_hist_upper(unsigned bucket);

/* Single writer; readers see each field whole (relaxed), not all together. */
static inline void gi_hist_bump(uint64_t *p, uint64_t by)
{
    __atomic_store_n(p, __atomic_load_n(p, __ATOMIC_RELAXED) + by,
                     __ATOMIC_RELAXED);
}

static inline void gi_hist_record_many(gi_hist *h, uint64_t v, uint64_t n)
{
    gi_hist_bump(&h->count[gi_hist_bucket(v)], n);
    gi_hist_bump(&h->n, n);
    gi_hist_bump(&h->sum, v * n);
    if (v > __atomic_load_n(&h->max, __ATOMIC_RELAXED))
        __atomic_store_n(&h->max, v, __ATOMIC_RELAXED);
}

static inline void gi_hist_record(gi_hist *h, uint64_t v)
{
    gi_hist_record_many(h, v, 1);
}

/* into += from; `from` may be written to meanwhile by its thread. */
void gi_hist_merge(gi_hist *into, const gi_hist *from);

/* The value below or at which a share q (0..1) of all lie; 0 if empty. */
uint64_t gi_hist_quantile(const gi_hist *h, double q);

#endif
