/* scale.c -- how many tasks and executors a component gets, and how often it
 * is called without being fed. */
#include "topology/draft.h"

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* False if nobody needs to add up what is too much already. */
static bool check_size(gi_draft *d, const gi_draft_comp *c)
{
    uint32_t tasks = c->c.tasks, executors = c->c.executors;

    if (tasks > GI_MAX_TASKS)
        gi_report_add(d->r, "%s has %u tasks, and %d is the most", c->who.s,
                      tasks, GI_MAX_TASKS);
    if (executors > GI_MAX_TASKS)
        gi_report_add(d->r, "%s has %u executors, and %d is the most",
                      c->who.s, executors, GI_MAX_TASKS);
    else if (tasks > 0 && executors > tasks)
        gi_report_add(d->r,
                      "%s has more executors than tasks, %u and %u; each "
                      "needs a task",
                      c->who.s, executors, tasks);
    return tasks <= GI_MAX_TASKS && executors <= GI_MAX_TASKS;
}

/* Storm's rule: the bound is no mistake to exceed, it cuts. */
static void set_size(gi_draft_comp *c, const gi_conf *conf)
{
    uint32_t bound = (uint32_t)gi_setting_number(
        conf, "topology.max.task.parallelism", GI_MAX_TASKS);

    c->n_tasks = c->c.tasks;
    if (c->n_tasks == 0)
        c->n_tasks = c->c.executors == 0 ? 1 : c->c.executors;
    c->n_tasks = least(c->n_tasks, bound);
    c->n_executors = c->c.executors == 0 ? c->n_tasks : c->c.executors;
    c->n_executors = least(c->n_executors, c->n_tasks);
}

static void check_tick(gi_draft *d, const gi_draft_comp *c)
{
    if (c->is_spout && c->c.tick_ms > 0)
        gi_report_add(d->r, "%s has tick_ms %u, and only bolts tick", c->who.s,
                      c->c.tick_ms);
    if (c->is_bolt && c->c.tick_ms > 0 && c->bolt.tick == NULL)
        gi_report_add(d->r, "%s has tick_ms %u, but no tick", c->who.s,
                      c->c.tick_ms);
}

static void check_fused(gi_draft *d, const gi_draft_comp *c)
{
    if (c->is_spout && c->c.fused)
        gi_report_add(d->r,
                      "%s is fused, and only bolts are called by who "
                      "emits",
                      c->who.s);
    if (c->is_bolt && c->c.fused && c->c.blocking)
        gi_report_add(d->r,
                      "%s is both fused and blocking, and what has a "
                      "thread of its own is never called by another one",
                      c->who.s);
}

static void set_tick(gi_draft_comp *c, const gi_conf *conf)
{
    double secs = gi_setting_number(conf, GI_TICK, 0);

    if (c->bolt.tick != NULL)
        c->tick_ms = secs > 0 ? gi_ms_of_secs(secs) : c->c.tick_ms;
}

void gi_draft_scale(gi_draft *d)
{
    uint64_t tasks = 0;
    bool sane = true;

    for (uint32_t i = 0; i < d->n_comps; i++) {
        gi_draft_comp *c = &d->comps[i];

        sane = check_size(d, c) && sane;
        set_size(c, d->p->comps[i].conf);
        check_tick(d, c);
        check_fused(d, c);
        set_tick(c, d->p->comps[i].conf);
        tasks += c->n_tasks;
    }
    if (sane && tasks > GI_MAX_TASKS)
        gi_report_add(d->r, "the topology has %llu tasks, and %d is the most",
                      (unsigned long long)tasks, GI_MAX_TASKS);
}
