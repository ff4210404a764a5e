/* stats.c -- what a worker did: counters of its tasks, read while they run.
 */
#include "worker/loop.h"

void gi_worker_comp_stats(gi_worker *w, uint32_t comp, gi_comp_stats *out)
{
    const gi_comp *c = &w->plan->comps[comp];

    *out = (gi_comp_stats){ 0 };
    for (uint32_t i = 0; i < c->n_tasks; i++) {
        const gale_task *t = &w->tasks[c->first_task - 1 + i];
        const gi_counts *n = &t->count;

        out->emitted += gi_count_read(&n->emitted);
        out->transferred += gi_count_read(&n->transferred);
        out->executed += gi_count_read(&n->executed);
        out->acked += gi_count_read(&n->acked);
        out->failed += gi_count_read(&n->failed);
        out->timed_out += gi_count_read(&n->timed_out);
        out->replayed += gi_count_read(&n->replayed);
        out->dead += gi_count_read(&n->dead);
        out->roots += gi_count_read(&n->roots);
        out->recovered += gi_count_read(&n->recovered);
        out->forgotten += gi_count_read(&n->forgotten);
        out->refused += gi_count_read(&n->refused);
        out->errors += gi_count_read(&n->errors);
        out->held += gi_count_read(&n->held);
        out->busy_ns += gi_count_read(&n->busy_ns);
        out->queued += atomic_load_explicit(&t->queued, memory_order_relaxed);
    }
}

void gi_worker_latency(gi_worker *w, gi_hist *out)
{
    memset(out, 0, sizeof(*out));
    for (uint32_t i = 0; i < w->n_loops; i++)
        gi_hist_merge(out, &w->loops[i]->latency);
}

uint64_t gi_worker_failures(gi_worker *w, gi_why why, uint32_t comp)
{
    uint32_t n = w->plan->n_comps;

    if ((uint32_t)why >= GI_WHYS || comp > n)
        return 0;
    return atomic_load_explicit(
        &w->fail_counts[(uint32_t)why * (n + 1) + comp], memory_order_relaxed);
}

bool gi_worker_counter(gi_worker *w, uint32_t comp, uint32_t i,
                       const char **name, int64_t *value)
{
    const gi_comp *c = &w->plan->comps[comp];
    const gale_task *first = &w->tasks[c->first_task - 1];

    /* The names of the first task stand for all: they run the same code. */
    if (i >= __atomic_load_n(&first->n_counters, __ATOMIC_ACQUIRE))
        return false;
    *name = first->counters[i].name;
    *value = 0;
    for (uint32_t k = 0; k < c->n_tasks; k++) {
        const gale_task *t = first + k;
        uint32_t n = __atomic_load_n(&t->n_counters, __ATOMIC_ACQUIRE);

        for (uint32_t j = 0; j < n; j++)
            if (strcmp(t->counters[j].name, *name) == 0)
                *value +=
                    __atomic_load_n(&t->counters[j].value, __ATOMIC_RELAXED);
    }
    return true;
}

static void add_times(gi_worker *w, gale_run_result *out)
{
    int64_t began = atomic_load_explicit(&w->started_ns, memory_order_relaxed);
    int64_t ended = 0;
    gi_hist latency;

    for (uint32_t i = 0; i < w->n_loops; i++) {
        gi_loop *l = w->loops[i];
        int64_t ns = atomic_load_explicit(&l->worked_ns, memory_order_relaxed);

        out->pending +=
            atomic_load_explicit(&l->pending, memory_order_relaxed);
        if (ns > ended)
            ended = ns;
    }
    if (began != 0 && ended > began)
        out->run_ns = (uint64_t)(ended - began);
    gi_worker_latency(w, &latency);
    out->p50_us = gi_hist_quantile(&latency, 0.5) / 1000;
    out->p99_us = gi_hist_quantile(&latency, 0.99) / 1000;
    out->p999_us = gi_hist_quantile(&latency, 0.999) / 1000;
    out->max_us = latency.max / 1000;

    gi_hist recovery = { 0 };
    for (uint32_t i = 0; i < w->n_loops; i++)
        gi_hist_merge(&recovery, &w->loops[i]->recovery);
    out->recovery_p50_us = gi_hist_quantile(&recovery, 0.5) / 1000;
    out->recovery_p99_us = gi_hist_quantile(&recovery, 0.99) / 1000;
    out->recovery_max_us = recovery.max / 1000;
}

void gi_worker_result(gi_worker *w, gale_run_result *out)
{
    *out = (gale_run_result){ 0 };
    for (uint32_t i = 0; i < w->plan->n_comps; i++) {
        gi_comp_stats s;

        gi_worker_comp_stats(w, i, &s);
        out->emitted += s.emitted;
        out->transferred += s.transferred;
        out->executed += s.executed;
        out->replayed += s.replayed;
        out->timed_out += s.timed_out;
        out->dead += s.dead;
        out->roots += s.roots;
        out->recovered += s.recovered;
        out->forgotten += s.forgotten;
        out->refused += s.refused;
        out->errors += s.errors;
        if (w->plan->comps[i].is_spout) {
            out->acked += s.acked;
            out->failed += s.failed;
        }
    }
    add_times(w, out);
}

uint64_t gi_worker_bytes(gi_worker *w)
{
    uint64_t bytes = 0;

    for (uint32_t i = 0; i < w->n_loops; i++)
        bytes += atomic_load_explicit(&w->loops[i]->batch_bytes,
                                      memory_order_relaxed);
    for (uint32_t i = 0; i < w->plan->n_tasks; i++)
        bytes += gi_count_read(&w->tasks[i].keep.bytes);
    return bytes;
}

/* Each loop has, for each task: as many batches under way as there is credit,
 * one that is full, and one being filled; and its pool. */
uint64_t gi_worker_bound(const gi_worker *w)
{
    const gi_settings *set = &w->plan->set;
    uint64_t outlets = (uint64_t)w->n_loops * w->plan->n_tasks;
    uint64_t credit = set->batch_credit * (w->has_port ? GI_FAR_CREDIT : 1u);

    return outlets * (credit + 2) * set->batch_bytes +
           (uint64_t)w->n_loops * gi_pool_most(w) * set->batch_bytes;
}

bool gi_crash_site_here(gi_crash_site *out)
{
    gi_loop *l = gi_loop_here;
    const gale_task *t =
        l == NULL ? NULL
                  : atomic_load_explicit(&l->running, memory_order_relaxed);

    if (t == NULL)
        return false;
    *out = (gi_crash_site){ .component = t->comp->id,
                            .callback = t->callback,
                            .task = t->id - t->comp->first_task };
    if (t->in != NULL) {
        const gi_stream *s = &l->w->plan->streams[t->in->stream];
        const gi_comp *from = &l->w->plan->comps[s->comp];

        out->tuple = t->in;
        out->from = from->id;
        out->stream = s->name;
        out->from_task = t->in->task - from->first_task;
    }
    return true;
}
