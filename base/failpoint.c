#include "base/failpoint.h"

#include <stdatomic.h>
#include <stddef.h>

#include "base/mix.h"

/* Arming is for tests, so its parts need not change as one; `armed` is set
 * last and taken back first. */
static struct point {
    atomic_uint_least64_t asked, failed;
    atomic_bool armed;
    atomic_uint_least64_t from, first, count, every, chance, seed;
} points[GI_N_POINTS];

static uint64_t get(const atomic_uint_least64_t *a)
{
    return atomic_load_explicit(a, memory_order_relaxed);
}

static bool hits(const struct point *p, uint64_t no)
{
    uint64_t n = no - get(&p->from) + 1; /* counted from 1 */
    uint64_t first = get(&p->first), every = get(&p->every);

    if (no < get(&p->from))
        return false;
    if (first != 0 && n >= first) {
        if (n - first < get(&p->count))
            return true;
        if (every != 0 && (n - first) % every == 0)
            return true;
    }
    return gi_mix64(n ^ get(&p->seed)) < get(&p->chance);
}

bool gi_point_fails(gi_point point)
{
    struct point *p = &points[point];
    uint64_t no =
        atomic_fetch_add_explicit(&p->asked, 1, memory_order_relaxed);

    if (!atomic_load_explicit(&p->armed, memory_order_acquire) || !hits(p, no))
        return false;
    atomic_fetch_add_explicit(&p->failed, 1, memory_order_relaxed);
    return true;
}

void gi_point_arm(gi_point point, const gi_point_plan *plan)
{
    struct point *p = &points[point];

    atomic_store(&p->armed, false);
    if (plan == NULL)
        return;
    atomic_store(&p->from, get(&p->asked));
    atomic_store(&p->first, plan->first);
    atomic_store(&p->count, plan->count);
    atomic_store(&p->every, plan->every);
    atomic_store(&p->chance, plan->chance);
    atomic_store(&p->seed, plan->seed);
    atomic_store(&p->armed, true);
}

uint64_t gi_point_asked(gi_point p)
{
    return get(&points[p].asked);
}

uint64_t gi_point_failed(gi_point p)
{
    return get(&points[p].failed);
}
