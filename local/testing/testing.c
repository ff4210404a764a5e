#include "local/testing/testing.h"

#include "base/diag.h"

#define MS INT64_C(1000000)

/* --------------------------------------------------------------- making -- */

static gale_err make_shell(gale_test *t, const gale_test_opts *o)
{
    gi_virtual_opts v = { .loops = o->loops == 0 ? 2 : o->loops,
                          .seed = o->seed,
                          .args = o->args,
                          .n_args = o->n_args,
                          .watcher = &t->watcher,
                          .faults = t->faults };

    t->watcher = (gi_watcher){ .arg = t, .emitted = gi_test_see };

    for (size_t i = 0; i < t->n_feeders; i++)
        v.feeders += t->feeders[i].comp->n_tasks;
    return gi_virtual_create(&t->v, t->plan, &v);
}

static gale_err make(gale_test *t, const gale_topology *topology,
                     const gale_test_opts *o, gale_diag *why)
{
    gale_err rv =
        gi_plan_of(&t->plan, topology, o->conf, "gale_test_opts", why);

    if (rv != GALE_OK)
        return rv;
    t->no_rows = o->no_rows;
    t->emitted = gi_calloc(t->plan->n_streams, sizeof(*t->emitted));
    t->seen = gi_calloc(t->plan->n_streams, sizeof(*t->seen));
    if (t->emitted == NULL || t->seen == NULL)
        return GALE_ENOMEM;
    rv = gi_feeders_make(t, o->mocks, why);
    if (rv == GALE_OK)
        rv = gi_test_plan_faults(t, o->faults, why);
    if (rv == GALE_OK)
        rv = make_shell(t, o);
    if (rv == GALE_OK)
        rv = gi_feeders_fill(t, o->mocks, why);
    if (rv != GALE_OK)
        return rv;
    t->opened = true; /* some of it, if not all: close knows which */
    rv = gi_virtual_open(t->v, why);
    if (rv == GALE_OK && !o->inactive)
        gale_test_activate(t, true);
    return rv;
}

gale_err gale_test_create(gale_test **out, const gale_topology *t,
                          const gale_test_opts *opts, gale_diag *why)
{
    gale_test_opts none = { 0 };
    gale_test *test = gi_alloc(sizeof(*test));
    gale_err rv = GALE_ENOMEM;

    if (why != NULL)
        why->text[0] = '\0';
    if (test != NULL)
        rv = make(test, t, opts == NULL ? &none : opts, why);
    if (rv == GALE_OK) {
        *out = test;
        return GALE_OK;
    }
    gale_test_destroy(test);
    if (why != NULL && why->text[0] == '\0')
        gi_diag_say(why, "%s", gale_err_text(rv));
    return rv;
}

void gale_test_destroy(gale_test *t)
{
    if (t == NULL)
        return;
    if (t->opened)
        gi_virtual_close(t->v);
    gi_virtual_destroy(t->v);
    gi_fault_plan_destroy(t->faults);
    if (t->feeders != NULL)
        gi_feeders_drop(t);
    for (uint32_t i = 0; t->emitted != NULL && i < t->plan->n_streams; i++)
        gi_rows_fini(&t->emitted[i]);
    gi_free(t->emitted);
    gi_free(t->seen);
    gi_plan_destroy(t->plan);
    gi_free(t);
}

/* ------------------------------------------------------------- going on -- */

void gale_test_activate(gale_test *t, bool active)
{
    gi_worker_set_active(gi_virtual_worker(t->v), active);
}

gale_err gale_test_settle(gale_test *t)
{
    bool rest = gi_virtual_settle(t->v);

    if (t->broken != GALE_OK)
        return t->broken;
    return rest ? GALE_OK : GALE_ELIMIT;
}

static int64_t after_ms(const gale_test *t, int64_t ms)
{
    int64_t now = gi_virtual_now_ns(t->v);

    if (ms <= 0)
        return now;
    return ms > (INT64_MAX / 4 - now) / MS ? INT64_MAX / 4 : now + ms * MS;
}

gale_err gale_test_advance_ms(gale_test *t, int64_t ms)
{
    gi_virtual_advance(t->v, after_ms(t, ms), false);
    return t->broken;
}

static void say_what_is_left(gale_test *t, gale_diag *why)
{
    gi_worker *w = gi_virtual_worker(t->v);
    gale_run_result r;
    uint32_t open = gi_worker_spouts_open(w);
    uint32_t feeders = 0;

    for (size_t i = 0; i < t->n_feeders; i++)
        feeders += t->feeders[i].comp->n_tasks;
    gi_worker_result(w, &r);
    gi_diag_say(why,
                "not done at %lld ms: %llu trees are unfinished, %u spout "
                "tasks may have more to give",
                (long long)gale_test_now_ms(t), (unsigned long long)r.pending,
                open - feeders);
}

gale_err gale_test_run(gale_test *t, int64_t within_ms, gale_diag *why)
{
    bool quiet = gi_virtual_advance(t->v, after_ms(t, within_ms), true);

    if (t->broken != GALE_OK) {
        gi_diag_say(why, "%s", gale_err_text(t->broken));
        return t->broken;
    }
    if (quiet)
        return GALE_OK;
    say_what_is_left(t, why);
    return GALE_ETIME;
}

int64_t gale_test_now_ms(const gale_test *t)
{
    return gi_virtual_now_ns(t->v) / MS;
}

void gale_test_pass_ms(int64_t ms)
{
    gi_virtual_pass(ms > INT64_MAX / 4 / MS ? INT64_MAX / 4 : ms * MS);
}

/* ------------------------------------------------------------- counters -- */

void gale_test_result(gale_test *t, gale_run_result *out)
{
    gale_run_result r;

    gi_worker_result(gi_virtual_worker(t->v), &r);
    if (gi_virtual_faults(t->v) != NULL)
        gi_faults_result(gi_virtual_faults(t->v), &r);
    gi_widen(out, t->plan->abi.run_result, &r, sizeof(r));
}

gale_err gale_test_stats(gale_test *t, const char *component,
                         gale_test_counts *out)
{
    const gi_comp *c = gi_plan_comp(t->plan, component);
    gi_comp_stats s;

    if (c == NULL)
        return GALE_ENOTFOUND;
    gi_worker_comp_stats(gi_virtual_worker(t->v), c->no, &s);
    *out = (gale_test_counts){
        .emitted = s.emitted,
        .transferred = s.transferred,
        .executed = s.executed,
        .acked = s.acked,
        .failed = s.failed,
        .roots = s.roots,
        .timed_out = s.timed_out,
        .replayed = s.replayed,
        .dead = s.dead,
        .held = s.held,
        .refused = s.refused,
        .errors = s.errors,
    };
    return GALE_OK;
}

int64_t gale_test_counter(gale_test *t, const char *component,
                          const char *name)
{
    const gi_comp *c = gi_plan_comp(t->plan, component);
    const char *its;
    int64_t value;

    for (uint32_t i = 0; c != NULL; i++) {
        if (!gi_worker_counter(gi_virtual_worker(t->v), c->no, i, &its,
                               &value))
            break;
        if (strcmp(its, name) == 0)
            return value;
    }
    return 0;
}
