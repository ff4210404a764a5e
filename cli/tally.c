#include "cli/tally.h"

#include "base/mem.h"

static void take_comps(gi_tally *t, const gi_plan *plan, gi_worker *w)
{
    for (uint32_t i = 0; i < plan->n_comps; i++) {
        const gi_comp *c = &plan->comps[i];

        t->comps[i] = (gi_tally_comp){ .id = c->id,
                                       .is_spout = c->is_spout,
                                       .tasks = c->n_tasks };
        gi_worker_comp_stats(w, i, &t->comps[i].n);
    }
    t->n_comps = plan->n_comps;
}

/* Counts first, then fills: `out` NULL is the first time. */
static size_t list_failures(const gi_plan *plan, gi_worker *w,
                            gi_tally_failure *out)
{
    size_t n = 0;

    for (uint32_t c = 0; c <= plan->n_comps; c++)
        for (int why = GI_WHY_NONE; why <= GI_WHY_OVERFLOW; why++) {
            uint64_t count = gi_worker_failures(w, (gi_why)why, c);

            if (count == 0)
                continue;
            if (out != NULL)
                out[n] = (gi_tally_failure){
                    .why = (gi_why)why,
                    .comp = c < plan->n_comps ? plan->comps[c].id : NULL,
                    .count = count,
                };
            n++;
        }
    return n;
}

static size_t list_counters(const gi_plan *plan, gi_worker *w,
                            gi_tally_counter *out)
{
    size_t n = 0;

    for (uint32_t c = 0; c < plan->n_comps; c++) {
        gi_tally_counter counter = { .comp = plan->comps[c].id };

        for (uint32_t i = 0;
             gi_worker_counter(w, c, i, &counter.name, &counter.value); i++) {
            if (out != NULL)
                out[n] = counter;
            n++;
        }
    }
    return n;
}

static void take_faults(gi_tally *t, const gi_faults *faults)
{
    t->faulty = true;
    for (int i = 0; i < GI_N_FAULT_KINDS; i++) {
        t->asked[i] = gi_faults_asks(faults, (gi_fault_kind)i);
        t->faults[i] = gi_faults_count(faults, (gi_fault_kind)i);
    }
    gi_faults_result(faults, &t->sum);
}

gale_err gi_tally_take(gi_tally *t, const gi_plan *plan, gi_worker *w,
                       const gi_faults *faults)
{
    *t = (gi_tally){ .name = plan->name, .tracked = plan->set.ackers != 0 };
    t->n_failures = list_failures(plan, w, NULL);
    t->n_counters = list_counters(plan, w, NULL);
    t->comps = gi_calloc(plan->n_comps + 1, sizeof(*t->comps));
    t->failures = gi_calloc(t->n_failures + 1, sizeof(*t->failures));
    t->counters = gi_calloc(t->n_counters + 1, sizeof(*t->counters));
    if (t->comps == NULL || t->failures == NULL || t->counters == NULL)
        return GALE_ENOMEM;
    take_comps(t, plan, w);
    list_failures(plan, w, t->failures);
    list_counters(plan, w, t->counters);
    gi_worker_result(w, &t->sum);
    if (faults != NULL)
        take_faults(t, faults);
    t->batch_bytes = gi_worker_bytes(w);
    t->bound_bytes = gi_worker_bound(w);
    return GALE_OK;
}

void gi_tally_fini(gi_tally *t)
{
    gi_free(t->comps);
    gi_free(t->failures);
    gi_free(t->counters);
    *t = (gi_tally){ 0 };
}
