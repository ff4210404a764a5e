/* faults.c -- what goes wrong in a gale_test: by plan, or at once. */
#include "base/nearest.h"
#include "local/testing/testing.h"

gale_err gi_test_plan_faults(gale_test *t, const char *text, gale_diag *why)
{
    gi_report r;

    if (text == NULL)
        return gi_fault_plan_of(&t->faults, t->plan, why);
    gi_report_init(&r);
    gale_err rv = gi_fault_plan_parse(&t->faults, text,
                                      "gale_test_opts.faults", t->plan, &r);
    if (rv != GALE_OK)
        gi_report_to_diag(&r, why);
    gi_report_fini(&r);
    return rv;
}

static gale_err restart(gale_test *t, const char *component, uint32_t task,
                        bool clean)
{
    const gi_comp *c = gi_plan_comp(t->plan, component);

    if (c == NULL || task >= c->n_tasks)
        return GALE_ENOTFOUND;
    gi_virtual_restart(t->v, c->first_task + task, clean);
    return gi_worker_error(gi_virtual_worker(t->v), NULL);
}

gale_err gale_test_kill(gale_test *t, const char *component, uint32_t task)
{
    return restart(t, component, task, false);
}

gale_err gale_test_restart(gale_test *t, const char *component, uint32_t task)
{
    return restart(t, component, task, true);
}

void gale_test_kill_ackers(gale_test *t)
{
    gi_virtual_lose_ackers(t->v);
}

uint64_t gale_test_faults(const gale_test *t, const char *kind)
{
    const gi_faults *f = gi_virtual_faults(t->v);

    if (f == NULL)
        return 0;
    if (kind == NULL)
        return gi_faults_total(f);
    for (int k = 0; k < GI_N_FAULT_KINDS; k++)
        if (strcmp(gi_fault_name((gi_fault_kind)k), kind) == 0)
            return gi_faults_count(f, (gi_fault_kind)k);
    return 0;
}
