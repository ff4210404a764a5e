/* settle.c -- settings: the table's, what stands above them, and what comes
 * of them for each component and for the whole. */
#include "base/mem.h"
#include "base/scalar.h"
#include "base/settings.h"
#include "topology/draft.h"

#define GI_LOAD_HIGH "topology.localityaware.higher.bound"
#define GI_LOAD_LOW  "topology.localityaware.lower.bound"

gale_err gi_conf_add(gi_conf *c, const gale_setting *s, uint32_t n,
                     const char *from)
{
    gale_err rv = GALE_OK;

    for (uint32_t i = 0; rv == GALE_OK && i < n; i++)
        if (s[i].value != NULL)
            rv = gi_conf_set(c, s[i].key, s[i].value, from);
    return rv;
}

static gale_err add_over(gi_conf *c, const gi_conf *over)
{
    gale_err rv = GALE_OK;
    const char *key;

    for (size_t i = 0; rv == GALE_OK && over != NULL; i++) {
        key = gi_conf_key_at(over, i);
        if (key == NULL)
            break;
        rv = gi_conf_set(c, key, gi_conf_get(over, key),
                         gi_conf_from(over, key));
    }
    return rv;
}

gale_err gi_draft_conf(gi_draft *d, const gi_conf *over)
{
    gi_plan *p = d->p;
    gale_err rv = gi_conf_create(&p->conf, NULL);

    if (rv == GALE_OK)
        rv = gi_conf_add(p->conf, d->conf, d->n_conf, "the topology's table");
    if (rv == GALE_OK)
        rv = add_over(p->conf, over);

    for (uint32_t i = 0; rv == GALE_OK && i < d->n_comps; i++) {
        const gi_draft_comp *c = &d->comps[i];

        rv = gi_conf_create(&p->comps[i].conf, p->conf);
        if (rv == GALE_OK)
            rv = gi_conf_add(p->comps[i].conf, c->conf, c->n_conf, c->who.s);
    }
    return rv;
}

/* ------------------------------------------------------------- checks -- */

void gi_check_settings(const gale_setting *s, uint32_t n, const char *whose,
                       gi_report *r)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t twice = 0;

        if (s[i].value == NULL)
            gi_report_add(r, "%s gives '%s' no value", whose,
                          gi_show(s[i].key).s);
        while (twice < i && strcmp(s[twice].key, s[i].key) != 0)
            twice++;
        if (twice < i)
            gi_report_add(r, "%s sets '%s' twice", whose, gi_show(s[i].key).s);
    }
}

/* Does the component itself, not the topology, say how often to tick? */
static bool sets_tick(const gi_draft_comp *c)
{
    for (uint32_t i = 0; i < c->n_conf; i++)
        if (strcmp(c->conf[i].key, GI_TICK) == 0)
            return true;
    return false;
}

static void check_own_tick(gi_draft *d, const gi_draft_comp *c)
{
    if (c->is_spout && sets_tick(c))
        gi_report_add(d->r, "%s sets '" GI_TICK "', and only bolts tick",
                      c->who.s);
    if (c->is_bolt && c->bolt.tick == NULL && sets_tick(c))
        gi_report_add(d->r, "%s sets '" GI_TICK "', but has no tick",
                      c->who.s);
}

static void check_new_name(gi_draft *d)
{
    const char *name = gi_conf_get(d->p->conf, "topology.name");

    if (name != NULL && gi_name_fault(name) != NULL)
        gi_report_add(
            d->r, "setting 'topology.name' = '%s' (%s) %s", gi_show(name).s,
            gi_conf_from(d->p->conf, "topology.name"), gi_name_fault(name));
}

static void check_bounds(gi_draft *d)
{
    double low = gi_setting_number(d->p->conf, GI_LOAD_LOW, 0);
    double high = gi_setting_number(d->p->conf, GI_LOAD_HIGH, 0);

    if (low > high)
        gi_report_add(
            d->r, "'" GI_LOAD_LOW "' = %g is above '" GI_LOAD_HIGH "' = %g",
            low, high);
}

void gi_draft_check_conf(gi_draft *d)
{
    gi_check_settings(d->conf, d->n_conf, "the topology's table", d->r);
    gi_conf_check(d->p->conf, false, d->r);
    check_new_name(d);
    check_bounds(d);
    for (uint32_t i = 0; i < d->n_comps; i++) {
        const gi_draft_comp *c = &d->comps[i];

        gi_check_settings(c->conf, c->n_conf, c->who.s, d->r);
        gi_conf_check(d->p->comps[i].conf, true, d->r);
        check_own_tick(d, c);
    }
}

/* ------------------------------------------------------------ numbers -- */

double gi_setting_number(const gi_conf *c, const char *key, double unset)
{
    const gi_setting_info *info = gi_settings_find(key);
    double v = unset;

    if (gi_conf_f64(c, key, &v) && v >= info->min && v <= info->max)
        return v;
    v = unset;
    gi_scalar_f64(info->otherwise, &v);
    return v;
}

static uint32_t u32(const gi_conf *c, const char *key)
{
    return (uint32_t)gi_setting_number(c, key, 0);
}

static uint32_t thousandths(const gi_conf *c, const char *key)
{
    return (uint32_t)(gi_setting_number(c, key, 0) * 1000 + 0.5);
}

static bool truth(const gi_conf *c, const char *key)
{
    bool v = false;

    if (!gi_conf_bool(c, key, &v))
        gi_scalar_bool(gi_settings_find(key)->otherwise, &v);
    return v;
}

/* Half a millisecond is not never. */
uint32_t gi_ms_of_secs(double secs)
{
    uint32_t ms = (uint32_t)(secs * 1000 + 0.5);

    return ms == 0 ? 1 : ms;
}

void gi_settings_resolve(gi_settings *s, const gi_conf *c)
{
    s->timeouts = truth(c, "topology.enable.message.timeouts");
    s->timeout_ms = gi_ms_of_secs(
        gi_setting_number(c, "topology.message.timeout.secs", 0));
    s->max_pending = u32(c, "topology.max.spout.pending");
    s->ackers = (int32_t)gi_setting_number(c, "topology.acker.executors", -1);
    s->workers = u32(c, "topology.workers");
    s->loops = u32(c, "topology.worker.loops");
    s->replay_backoff_ms = u32(c, "topology.replay.backoff.millis");
    s->replay_backoff_max_ms = u32(c, "topology.replay.backoff.max.millis");
    s->replay_limit = u32(c, "topology.replay.limit");
    s->batch_bytes = u32(c, "topology.batch.bytes");
    s->batch_credit = u32(c, "topology.batch.credit");
    s->cycle_bytes =
        (uint64_t)gi_setting_number(c, "topology.cycle.buffer.bytes", 0);
    s->tuple_max_bytes = u32(c, "topology.tuple.max.bytes");
    s->idle_sleep_ms =
        u32(c, "topology.spout.wait.progressive.level3.sleep.millis");
    s->idle_longest_ms = u32(c, "topology.spout.wait.longest.millis");
    s->spin_us = u32(c, "topology.spin.micros");
    s->slow_callback_ms = u32(c, "topology.slow.callback.millis");
    s->error_window_s = u32(c, "topology.error.throttle.interval.secs");
    s->error_limit = u32(c, "topology.max.error.report.per.interval");
    s->load_aware = !truth(c, "topology.disable.loadaware.messaging");
    s->scope_high = thousandths(c, GI_LOAD_HIGH);
    s->scope_low = thousandths(c, GI_LOAD_LOW);
    s->debug = truth(c, "topology.debug");
}
