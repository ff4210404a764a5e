/* run.c -- gale_local_run: a topology from a program of one's own. */
#include <signal.h>
#include <stdatomic.h>

#include "gale/run.h"
#include "local/local.h"
#include "local/signals.h"

static int asked_by_signal(void *arg, gi_local *c, bool draining)
{
    (void)arg;
    (void)c;
    (void)draining;
    return gi_signals_seen();
}

static gale_err make_plan(gi_plan **out, const gale_topology *t,
                          const gale_run_opts *o, gale_diag *why)
{
    gi_report report;
    gi_conf *conf = NULL;
    gale_err rv = gi_conf_create(&conf, NULL);

    gi_report_init(&report);
    for (const gale_setting *s = o->conf;
         rv == GALE_OK && s != NULL && s->key != NULL; s++)
        rv = gi_conf_set(conf, s->key, s->value, "gale_run_opts");
    if (rv == GALE_OK)
        rv = gi_plan_create(out, t, conf, &report);
    if (rv != GALE_OK)
        gi_report_to_diag(&report, why);
    gi_report_fini(&report);
    gi_conf_destroy(conf);
    return rv;
}

static gale_err run_plan(const gi_plan *plan, const gale_run_opts *o,
                         gale_run_result *out, gale_diag *why)
{
    gi_drive d = { .run_ms = o->run_ms, .drain_ms = o->drain_ms };
    gi_local *c = NULL;
    gale_err rv = gi_local_create(&c, plan, o->loops, o->args, o->n_args);

    if (rv != GALE_OK)
        return rv;
    if (o->catch_signals) {
        gi_crash_catch();
        gi_signals_catch();
        d.asked = asked_by_signal;
    }
    rv = gi_local_drive(c, &d, why);
    if (out != NULL)
        gi_worker_result(gi_local_worker(c), out);
    if (o->catch_signals)
        gi_signals_restore();
    gi_local_destroy(c);
    return rv;
}

gale_err gale_local_run(const gale_topology *t, const gale_run_opts *opts,
                        gale_run_result *out, gale_diag *why)
{
    gale_run_opts none = { 0 };
    gi_plan *plan = NULL;

    if (why != NULL)
        why->text[0] = '\0';
    if (out != NULL)
        *out = (gale_run_result){ 0 };
    if (opts == NULL)
        opts = &none;
    gale_err rv = make_plan(&plan, t, opts, why);
    if (rv == GALE_OK)
        rv = run_plan(plan, opts, out, why);
    gi_plan_destroy(plan);
    if (rv != GALE_OK && why != NULL && why->text[0] == '\0')
        strncpy(why->text, gale_err_text(rv), sizeof(why->text) - 1);
    return rv;
}
