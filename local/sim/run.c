/* run.c -- gale_sim_run: a topology from a seed. */
#include "gale/sim.h"

#include <errno.h>
#include <inttypes.h>

#include "base/diag.h"
#include "local/sim/sim.h"

#define MS     INT64_C(1000000)
#define DAY_MS (INT64_C(24) * 3600 * 1000)

static gale_err plan_faults(gi_fault_plan **out, const gi_plan *plan,
                            const char *text, gale_diag *why)
{
    gi_report r;

    if (text == NULL)
        return gi_fault_plan_of(out, plan, why);
    gi_report_init(&r);
    gale_err rv =
        gi_fault_plan_parse(out, text, "gale_sim_opts.faults", plan, &r);
    if (rv != GALE_OK)
        gi_report_to_diag(&r, why);
    gi_report_fini(&r);
    return rv;
}

static int64_t until(const gi_sim *s, const gale_sim_opts *o)
{
    int64_t ms = o->within_ms > 0 ? o->within_ms : DAY_MS;
    int64_t now = gi_sim_now_ns(s);

    return ms > (INT64_MAX / 4 - now) / MS ? INT64_MAX / 4 : now + ms * MS;
}

static gale_err judge(gi_sim *s, gi_sim_step step, gale_diag *why)
{
    gale_run_result r;

    if (step == GI_SIM_QUIET)
        return GALE_OK;
    if (step == GI_SIM_STOPPED)
        return gi_worker_error(gi_sim_worker(s), why);
    gi_worker_result(gi_sim_worker(s), &r);
    gi_diag_say(
        why, "%s after %lld ms: %llu trees are unfinished",
        step == GI_SIM_STUCK ? "nothing can happen any more" : "not done",
        (long long)((gi_sim_now_ns(s)) / MS), (unsigned long long)r.pending);
    return GALE_ETIME;
}

static void sum_up(gi_sim *s, int64_t began_ns, gale_sim_result *out)
{
    gi_worker_result(gi_sim_worker(s), &out->run);
    gi_faults_result(gi_sim_faults(s), &out->run);
    out->hash = gi_sim_history(s)->hash;
    out->events = gi_sim_history(s)->events;
    out->steps = gi_sim_steps(s);
    out->virtual_ms = (gi_sim_now_ns(s) - began_ns) / MS;
}

static gale_err run_sim(gi_plan *plan, const gi_fault_plan *faults,
                        const gale_sim_opts *o, FILE *log,
                        gale_sim_result *out, gale_diag *why)
{
    gi_sim_opts so = { .seed = o->seed,
                       .loops = o->loops,
                       .faults = faults,
                       .args = o->args,
                       .n_args = o->n_args,
                       .log = log };
    gi_sim *s = NULL;
    gale_err rv = gi_sim_create(&s, plan, &so);

    if (rv != GALE_OK)
        return rv;
    int64_t began = gi_sim_now_ns(s);
    if (o->begin != NULL)
        o->begin(o->begin_arg);
    rv = gi_sim_open(s, why);
    if (rv == GALE_OK)
        rv = judge(s, gi_sim_run_until(s, until(s, o)), why);
    gi_sim_close(s);
    sum_up(s, began, out);
    gi_sim_destroy(s);
    return rv;
}

static gale_err run_planned(gi_plan *plan, const gale_sim_opts *o,
                            gale_sim_result *out, gale_diag *why)
{
    gi_fault_plan *faults = NULL;
    FILE *log = NULL;
    gale_err rv = plan_faults(&faults, plan, o->faults, why);

    if (rv == GALE_OK && o->history != NULL &&
        (log = fopen(o->history, "we")) == NULL) {
        gi_diag_say(why, "cannot write '%s': %s", o->history, strerror(errno));
        rv = GALE_EIO;
    }
    if (rv == GALE_OK)
        rv = run_sim(plan, faults, o, log, out, why);
    if (log != NULL && fclose(log) != 0 && rv == GALE_OK) {
        gi_diag_say(why, "cannot write '%s': %s", o->history, strerror(errno));
        rv = GALE_EIO;
    }
    gi_fault_plan_destroy(faults);
    return rv;
}

gale_err gale_sim_run(const gale_topology *t, const gale_sim_opts *opts,
                      gale_sim_result *out, gale_diag *why)
{
    gale_sim_opts none = { 0 };
    const gale_sim_opts *o = opts == NULL ? &none : opts;
    gale_sim_result ours = { 0 };
    gi_plan *plan = NULL;

    if (why != NULL)
        why->text[0] = '\0';
    gale_err rv = gi_plan_of(&plan, t, o->conf, "gale_sim_opts", why);
    if (rv == GALE_OK)
        rv = run_planned(plan, o, &ours, why);
    gi_plan_destroy(plan);
    if (out != NULL)
        *out = ours;
    if (rv != GALE_OK && why != NULL && why->text[0] == '\0')
        gi_diag_say(why, "%s", gale_err_text(rv));
    return rv;
}

gale_err gale_sim_check(const gale_topology *t, const gale_sim_opts *opts,
                        gale_diag *why)
{
    gale_sim_result a, b;
    gale_err rv = gale_sim_run(t, opts, &a, why);

    if (rv != GALE_OK)
        return rv;
    rv = gale_sim_run(t, opts, &b, why);
    if (rv == GALE_OK && a.hash == b.hash)
        return GALE_OK;
    gi_diag_say(why,
                "the second run went differently: %" PRIu64 " events and hash "
                "%016" PRIx64 ", then %" PRIu64 " and %016" PRIx64
                "; a callback takes something from outside (a clock, an "
                "address, memory that was never set); compare the histories "
                "(gale_sim_opts.history)",
                a.events, a.hash, b.events, b.hash);
    return GALE_EUSER;
}
