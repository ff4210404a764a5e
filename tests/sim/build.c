#include "build.h"

static void set(struct built *b, const char *key, uint64_t value, double by)
{
    uint32_t i = 0;

    while (b->settings[i].key != NULL)
        i++;
    snprintf(b->value[i], sizeof(b->value[i]), "%.10g", (double)value * by);
    b->settings[i] = (gale_setting){ key, b->value[i] };
}

static void set_truth(struct built *b, const char *key, bool value)
{
    uint32_t i = 0;

    while (b->settings[i].key != NULL)
        i++;
    b->settings[i] = (gale_setting){ key, value ? "true" : "false" };
}

static void set_all(struct built *b, const scenario *s)
{
    set(b, "topology.message.timeout.secs", s->timeout, 0.001);
    set(b, "topology.max.spout.pending", s->pending, 1);
    set(b, "topology.batch.bytes", s->batch, 1);
    set(b, "topology.batch.credit", s->credit, 1);
    set(b, "topology.replay.limit", s->limit, 1);
    set(b, "topology.replay.backoff.millis", s->backoff, 1);
    set(b, "topology.replay.backoff.max.millis",
        s->backoff_max < s->backoff ? s->backoff : s->backoff_max, 1);
    set(b, "topology.cycle.buffer.bytes",
        s->cycle_kib < 64 ? 64 : s->cycle_kib, 1024);
    set(b, "topology.max.error.report.per.interval", 0, 1);
    set_truth(b, "topology.disable.loadaware.messaging", !s->aware);
    if (s->ackers != 99)
        set(b, "topology.acker.executors", s->ackers, 1);
}

static const char *stream_name(uint32_t stream)
{
    static const char *const names[] = { NULL, "side", "named",
                                         GI_DEAD_LETTER };

    return names[stream];
}

static gale_input input_of(const struct built *b, const scenario *s,
                           const part_input *in)
{
    static const gale_name keys[] = { "key", NULL };
    gale_input out = { .how = in->how, .stream = stream_name(in->stream) };

    for (uint32_t i = 0; i < s->n_parts; i++)
        if (s->parts[i].no == in->from)
            out.from = b->name[i];
    if (in->how == GALE_GROUP_FIELDS || in->how == GALE_GROUP_PARTIAL_KEY)
        out.keys = keys;
    if (in->how == GALE_GROUP_CUSTOM)
        out.chooser = &work_chooser;
    return out;
}

/* What is held is answered in ticks, well before the timeout. */
static uint32_t tick_of(const scenario *s, const part *p)
{
    uint64_t most = s->timeout / 8;
    bool needed = p->hold > 0 || p->kind == PART_JOIN;

    if (p->spout || (p->tick == 0 && !needed))
        return 0;
    return (uint32_t)(p->tick == 0 || p->tick > most ? most : p->tick);
}

static void add_part(struct built *b, const scenario *s, uint32_t i)
{
    const part *p = &s->parts[i];
    bool executors = p->executors > 0 && p->executors <= p->tasks;

    for (uint32_t k = 0; k < p->n_inputs; k++)
        b->in[i][k] = input_of(b, s, &p->in[k]);
    b->role[i] = (struct role){ p, i };
    b->parts[i] = (gale_component){
        .id = b->name[i],
        .tasks = (uint32_t)p->tasks,
        .executors = executors ? (uint32_t)p->executors : 0,
        .blocking = p->blocking != 0,
        .fused = p->fused != 0 && p->blocking == 0,
        .tick_ms = tick_of(s, p),
        .arg = &b->role[i],
    };
    if (p->spout)
        b->parts[i].spout = p->replays ? &work_replays_spout : &work_spout;
    else
        b->parts[i].bolt = p->together ? &work_together_bolt : &work_bolt;
    if (!p->spout)
        b->parts[i].inputs = b->in[i];
}

static bool read_faults(struct built *b, const scenario *s, gale_diag *why)
{
    char text[MAX_FAULTS * MAX_FAULT_TEXT + 64];
    gi_report r;

    gi_report_init(&r);
    scenario_faults(s, text, sizeof(text));
    gale_err rv = gi_fault_plan_parse(&b->faults, text, "faults", b->plan, &r);
    if (rv != GALE_OK)
        gi_report_to_diag(&r, why);
    gi_report_fini(&r);
    return rv == GALE_OK;
}

bool build(struct built *b, const scenario *s, gale_diag *why)
{
    memset(b, 0, sizeof(*b));
    for (uint32_t i = 0; i < s->n_parts; i++)
        scenario_name(&s->parts[i], b->name[i]);
    for (uint32_t i = 0; i < s->n_parts; i++)
        add_part(b, s, i);
    set_all(b, s);

    const gale_topology t = { .abi = GALE_ABI,
                              .name = "sim",
                              .components = { b->parts, s->n_parts } };
    if (gi_plan_of(&b->plan, &t, b->settings, "scenario", why) != GALE_OK)
        return false;
    if (read_faults(b, s, why))
        return true;
    build_drop(b);
    return false;
}

void build_drop(struct built *b)
{
    gi_fault_plan_destroy(b->faults);
    gi_plan_destroy(b->plan);
    memset(b, 0, sizeof(*b));
}
