/* ahead.c -- how many trees a spout's task may have pending. */
#include "worker/spout.h"

static bool any_far(const gi_worker *w)
{
    for (uint32_t task = 1; task <= w->plan->n_tasks; task++)
        if (gi_task_is_far(w, task))
            return true;
    return false;
}

/* Other workers' acks are as late as the way there is long, and what is held
 * there nobody knows here: then it is fixed. */
void gi_spout_begin_ahead(gale_task *t)
{
    gi_ahead *a = &t->spout->ahead;
    uint32_t n = t->loop->w->plan->n_tasks;
    int64_t max;

    if (gi_conf_i64(t->comp->conf, "topology.max.spout.pending", &max)) {
        a->now = (uint32_t)max;
        return;
    }
    a->now = GI_AUTO_PENDING;
    if (any_far(t->loop->w) ||
        n >= (GI_AUTO_PENDING - GI_AUTO_LEAST) / GI_AUTO_A_TASK)
        return;
    a->least = GI_AUTO_LEAST + n * GI_AUTO_A_TASK;
    a->most = GI_AUTO_PENDING;
    a->now = a->least;
}

static bool any_held(const gi_worker *w)
{
    for (uint32_t i = 0; i < w->n_loops; i++)
        if (atomic_load_explicit(&w->loops[i]->n_held, memory_order_relaxed) >
            0)
            return true;
    return false;
}

bool gi_spout_look_ahead(gale_task *t)
{
    gi_ahead *a = &t->spout->ahead;
    int64_t now = t->loop->now_ns;
    uint32_t pending = t->spout->pending.in_use;

    if (a->most == 0 ||
        (pending < a->now && now - a->since_ns < GI_AHEAD_ROUND_NS))
        return false;
    return gi_ahead_look(a, now, pending, t->count.acked,
                         any_held(t->loop->w));
}
