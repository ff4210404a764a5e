/* quiet.c -- is everything done? */
#include "worker/loop.h"

static uint64_t pending(gi_worker *w)
{
    uint64_t n = 0;

    for (uint32_t i = 0; i < w->n_loops; i++)
        n += atomic_load_explicit(&w->loops[i]->pending, memory_order_acquire);
    return n;
}

static uint64_t roots_begun(gi_worker *w)
{
    uint64_t n = 0;

    for (uint32_t i = 0; i < w->n_spout_tasks; i++)
        n += gi_count_read(&w->tasks[w->spout_task[i] - 1].count.roots);
    return n;
}

/* The order matters.  With no spout open, trees begin only out of the
 * callbacks of trees that are still pending; with none pending, work begins
 * only out of work under way.  A fail callback may open its spout again just
 * before its tree stops being pending, so spouts are looked at twice. */
bool gi_worker_quiet_but(gi_worker *w, uint32_t idle)
{
    bool active = atomic_load_explicit(&w->active, memory_order_acquire);

    uint64_t begun = roots_begun(w);

    for (uint32_t i = 0; !active && i < w->n_loops; i++)
        if (atomic_load_explicit(&w->loops[i]->spouts_awake,
                                 memory_order_acquire) > 0)
            return false; /* it may still be in next */
    if ((active && gi_worker_spouts_open(w) > idle) || pending(w) > 0)
        return false;
    if (active && gi_worker_spouts_open(w) > idle)
        return false;
    return gi_frontier_quiet(&w->frontier) && roots_begun(w) == begun;
}

bool gi_worker_quiet(gi_worker *w)
{
    return gi_worker_quiet_but(w, 0);
}
