/* summary_json.c -- what a run did, for programs.  Fields are only ever
 * added. */
#include "cli/summary.h"

static const char *why_word(gi_why why)
{
    switch (why) {
    case GI_WHY_FAILED:
        return "failed";
    case GI_WHY_TIMEOUT:
        return "timed_out";
    case GI_WHY_LOST:
        return "lost";
    case GI_WHY_NOMEM:
        return "no_memory";
    case GI_WHY_OVERFLOW:
        return "overflow";
    case GI_WHY_NONE:
        break;
    }
    return "unknown";
}

static void put_str(gi_json *j, const char *key, const char *value)
{
    if (value == NULL)
        gi_json_null(j, key);
    else
        gi_json_str(j, key, value);
}

static void put_comp(gi_json *j, const gi_tally_comp *c)
{
    gi_json_object(j, NULL);
    gi_json_str(j, "component", c->id);
    gi_json_str(j, "kind", c->is_spout ? "spout" : "bolt");
    gi_json_u64(j, "tasks", c->tasks);
    gi_json_u64(j, "emitted", c->n.emitted);
    gi_json_u64(j, "transferred", c->n.transferred);
    gi_json_u64(j, "executed", c->n.executed);
    gi_json_u64(j, "roots", c->n.roots);
    gi_json_u64(j, "acked", c->n.acked);
    gi_json_u64(j, "failed", c->n.failed);
    gi_json_u64(j, "timed_out", c->n.timed_out);
    gi_json_u64(j, "replayed", c->n.replayed);
    gi_json_u64(j, "dead", c->n.dead);
    gi_json_u64(j, "refused", c->n.refused);
    gi_json_u64(j, "errors", c->n.errors);
    gi_json_u64(j, "held", c->n.held);
    gi_json_u64(j, "queued", c->n.queued);
    gi_json_f64(j, "busy_seconds", (double)c->n.busy_ns / 1e9);
    gi_json_end(j);
}

static void put_sums(gi_json *j, const gi_tally *t)
{
    const gale_run_result *r = &t->sum;

    gi_json_f64(j, "seconds", (double)r->run_ns / 1e9);
    gi_json_u64(j, "roots", r->roots);
    gi_json_u64(j, "acked", r->acked);
    gi_json_u64(j, "failed", r->failed);
    gi_json_u64(j, "timed_out", r->timed_out);
    gi_json_u64(j, "replayed", r->replayed);
    gi_json_u64(j, "dead", r->dead);
    gi_json_u64(j, "pending", r->pending);
    gi_json_u64(j, "emitted", r->emitted);
    gi_json_u64(j, "transferred", r->transferred);
    gi_json_u64(j, "executed", r->executed);
    gi_json_u64(j, "refused", r->refused);
    gi_json_u64(j, "errors", r->errors);

    gi_json_object(j, "latency_us");
    gi_json_u64(j, "p50", r->p50_us);
    gi_json_u64(j, "p99", r->p99_us);
    gi_json_u64(j, "p999", r->p999_us);
    gi_json_u64(j, "max", r->max_us);
    gi_json_end(j);
}

static void put_lists(gi_json *j, const gi_tally *t)
{
    gi_json_list(j, "components");
    for (size_t i = 0; i < t->n_comps; i++)
        put_comp(j, &t->comps[i]);
    gi_json_end(j);

    gi_json_list(j, "failures");
    for (size_t i = 0; i < t->n_failures; i++) {
        gi_json_object(j, NULL);
        gi_json_str(j, "why", why_word(t->failures[i].why));
        put_str(j, "component", t->failures[i].comp);
        gi_json_u64(j, "count", t->failures[i].count);
        gi_json_end(j);
    }
    gi_json_end(j);

    gi_json_list(j, "counters");
    for (size_t i = 0; i < t->n_counters; i++) {
        gi_json_object(j, NULL);
        gi_json_str(j, "component", t->counters[i].comp);
        gi_json_str(j, "name", t->counters[i].name);
        gi_json_i64(j, "value", t->counters[i].value);
        gi_json_end(j);
    }
    gi_json_end(j);
}

char *gi_summary_json(const gi_tally *t)
{
    gi_json j = { 0 };

    gi_json_object(&j, NULL);
    gi_json_str(&j, "topology", t->name);
    gi_json_bool(&j, "ok", t->error == NULL);
    put_str(&j, "error", t->error);
    put_sums(&j, t);
    put_lists(&j, t);
    gi_summary_json_faults(&j, t);
    gi_json_object(&j, "memory");
    gi_json_u64(&j, "batches_bytes", t->batch_bytes);
    gi_json_u64(&j, "bound_bytes", t->bound_bytes);
    gi_json_end(&j);
    gi_json_end(&j);
    return gi_json_take(&j);
}
