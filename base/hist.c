#include "base/hist.h"

static uint64_t load(const uint64_t *p)
{
    return __atomic_load_n(p, __ATOMIC_RELAXED);
}

/* Every power of two, from 2^6 on, has 32 buckets of 2^(top - 5) values.  The
 * very last sum wraps to zero, and one less is the largest value there is. */
uint64_t gi_hist_upper(unsigned bucket)
{
    if (bucket < 64)
        return bucket;
    unsigned top = 6 + (bucket - 64) / GI_HIST_SUB;
    uint64_t part = (bucket - 64) % GI_HIST_SUB;
    return ((GI_HIST_SUB + part + 1) << (top - 5)) - 1;
}

void gi_hist_merge(gi_hist *into, const gi_hist *from)
{
    for (unsigned i = 0; i < GI_HIST_BUCKETS; i++) {
        uint64_t n = load(&from->count[i]);
        if (n > 0)
            gi_hist_bump(&into->count[i], n);
    }
    gi_hist_bump(&into->n, load(&from->n));
    gi_hist_bump(&into->sum, load(&from->sum));
    uint64_t max = load(&from->max);
    if (max > load(&into->max))
        __atomic_store_n(&into->max, max, __ATOMIC_RELAXED);
}

/* A copy taken while its owner recorded may hold a count without its maximum,
 * so the maximum narrows down only the bucket that it lies in itself. */
uint64_t gi_hist_quantile(const gi_hist *h, double q)
{
    uint64_t total = 0, below = 0, max = load(&h->max);
    unsigned i, last = 0;

    for (i = 0; i < GI_HIST_BUCKETS; i++) {
        total += load(&h->count[i]);
        if (load(&h->count[i]) > 0)
            last = i;
    }
    if (total == 0)
        return 0;

    for (i = 0; i < last; i++) {
        below += load(&h->count[i]);
        if (below > 0 && (double)below >= q * (double)total)
            break;
    }
    return i == gi_hist_bucket(max) ? max : gi_hist_upper(i);
}
