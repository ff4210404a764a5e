#include "base/failpoint.h"

#include <stdatomic.h>

#include "base/mix.h"

/* Arming is for tests, so the parts of a plan need not change as one; `armed`,
 * which says how many plans to look at, is set last. */
typedef struct plan {
    atomic_uint_least64_t from, first, count, every, chance, seed;
} plan;

static struct point {
    atomic_uint_least64_t asked, failed;
    atomic_uint_least32_t armed;
    plan plans[GI_POINT_PLANS];
} points[GI_N_POINTS];

static uint64_t get(const atomic_uint_least64_t *a)
{
    return atomic_load_explicit(a, memory_order_relaxed);
}

static bool hits(const plan *p, uint64_t no)
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
    uint32_t n = atomic_load_explicit(&p->armed, memory_order_acquire);

    for (uint32_t i = 0; i < n; i++) {
        if (!hits(&p->plans[i], no))
            continue;
        atomic_fetch_add_explicit(&p->failed, 1, memory_order_relaxed);
        return true;
    }
    return false;
}

void gi_point_arm(gi_point point, uint32_t plan_no, const gi_point_plan *what)
{
    struct point *p = &points[point];
    plan *at = &p->plans[plan_no];
    uint32_t n = atomic_load(&p->armed);

    atomic_store(&at->first, 0);
    atomic_store(&at->chance, 0);
    atomic_store(&at->from, get(&p->asked));
    atomic_store(&at->count, what->count);
    atomic_store(&at->every, what->every);
    atomic_store(&at->seed, what->seed);
    atomic_store(&at->chance, what->chance);
    atomic_store(&at->first, what->first);
    if (n <= plan_no)
        atomic_store(&p->armed, plan_no + 1);
}

void gi_point_disarm(gi_point point)
{
    struct point *p = &points[point];

    atomic_store(&p->armed, 0);
    for (uint32_t i = 0; i < GI_POINT_PLANS; i++) {
        atomic_store(&p->plans[i].first, 0);
        atomic_store(&p->plans[i].chance, 0);
    }
}

uint64_t gi_point_asked(gi_point p)
{
    return get(&points[p].asked);
}

uint64_t gi_point_failed(gi_point p)
{
    return get(&points[p].failed);
}
