/* redial.h -- how long to wait before the next try.
 *
 * Doubling from the shortest wait to the longest, each with jitter of up to a
 * half, so that many who lost the same peer do not come back at once.  Pure.
 */
#ifndef GI_WIRE_REDIAL_H
#define GI_WIRE_REDIAL_H

#include "base/mix.h"

typedef struct gi_redial {
    int64_t min_ns, max_ns;
    int64_t next_ns; /* 0: the shortest */
    gi_rng rng;
} gi_redial;

static inline int64_t gi_redial_wait(gi_redial *r)
{
    int64_t wait = r->next_ns == 0 ? r->min_ns : r->next_ns;

    r->next_ns = wait >= r->max_ns / 2 ? r->max_ns : wait * 2;
    return wait - (int64_t)gi_rng_below(&r->rng, (uint64_t)wait / 2 + 1);
}

/* The next wait is no longer than `most_ns`. */
static inline void gi_redial_at_most(gi_redial *r, int64_t most_ns)
{
    if (r->next_ns > most_ns)
        r->next_ns = most_ns;
}

static inline void gi_redial_reset(gi_redial *r)
{
    r->next_ns = 0;
}

#endif
