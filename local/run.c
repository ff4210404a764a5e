/* run.c -- gale_local_run: a topology from a program of one's own. */

#include "gale/run.h"
#include "base/diag.h"
#include "local/local.h"
#include "local/signals.h"

static int asked_by_signal(void *arg, gi_local *c, bool draining)
{
    (void)arg;
    (void)c;
    (void)draining;
    return gi_signals_seen();
}

static gale_err run_with(gi_plan *plan, const gi_fault_plan *faults,
                         const gale_run_opts *o, gale_run_result *out,
                         gale_diag *why)
{
    gi_drive d = { .run_ms = o->run_ms, .drain_ms = o->drain_ms };
    gi_local_opts opts = { .loops = o->loops,
                           .args = o->args,
                           .n_args = o->n_args,
                           .faults = faults };
    gi_local *c = NULL;
    gale_err rv = gi_local_create(&c, plan, &opts);

    if (rv != GALE_OK)
        return rv;
    if (o->catch_signals) {
        gi_crash_catch();
        gi_signals_catch();
        d.asked = asked_by_signal;
    }
    rv = gi_local_drive(c, &d, why);
    gi_local_result(c, out);
    if (o->catch_signals)
        gi_signals_restore();
    gi_local_destroy(c);
    return rv;
}

static gale_err run_plan(gi_plan *plan, const gale_run_opts *o,
                         gale_run_result *out, gale_diag *why)
{
    gi_fault_plan *faults = NULL;
    gale_err rv = gi_fault_plan_of(&faults, plan, why);

    if (rv == GALE_OK)
        rv = run_with(plan, faults, o, out, why);
    gi_fault_plan_destroy(faults);
    return rv;
}

/* The opts and the result in the sizes of the program that made them. */
static gale_err run_sized(const gale_topology *t, const gale_run_opts *opts,
                          gale_run_result *out, gale_diag *why)
{
    gale_run_opts o = { 0 };
    gale_run_result result = { 0 };
    gi_plan *plan = NULL;
    gi_report report;
    gale_abi abi;

    gi_report_init(&report);
    bool sized = gi_plan_abi(&abi, t, &report);
    if (!sized)
        gi_report_to_diag(&report, why);
    gi_report_fini(&report);
    if (!sized)
        return GALE_EPLAN;

    if (opts != NULL)
        gi_widen(&o, sizeof(o), opts, abi.run_opts);
    gale_err rv = gi_plan_of(&plan, t, o.conf, "gale_run_opts", why);
    if (rv == GALE_OK)
        rv = run_plan(plan, &o, &result, why);
    gi_plan_destroy(plan);
    if (out != NULL)
        gi_widen(out, abi.run_result, &result, sizeof(result));
    return rv;
}

gale_err gale_local_run(const gale_topology *t, const gale_run_opts *opts,
                        gale_run_result *out, gale_diag *why)
{
    if (why != NULL)
        why->text[0] = '\0';
    gale_err rv = run_sized(t, opts, out, why);
    if (rv != GALE_OK && why != NULL && why->text[0] == '\0')
        gi_diag_say(why, "%s", gale_err_text(rv));
    return rv;
}
