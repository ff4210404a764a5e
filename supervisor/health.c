#include "supervisor/health.h"

#include "base/mem.h"

/* How long a loop is in each condition, by our reckoning. */
struct gi_loop_health {
    gi_loop_signs was;
    int64_t silent, starved, blocked, traced, stopped, in_callback;
    bool dead;
};

static void settle(int64_t *ns, int64_t otherwise)
{
    if (*ns <= 0)
        *ns = otherwise;
}

void gi_health_settle(gi_health_opts *o)
{
    settle(&o->look_ns, 100000000);
    settle(&o->lag_ns, 200000000);
    settle(&o->silent_ns, 1000000000);
    settle(&o->stopped_ns, 1000000000);
    if (o->callback_ns < 0)
        o->callback_ns = 0;
}

void gi_health_fini(gi_health *h)
{
    gi_free(h->loops);
    *h = (gi_health){ 0 };
}

static int64_t longer(int64_t was, bool holds, int64_t by)
{
    return holds ? was + by : 0;
}

/* `dt` went by since the last look, which was in time. */
static void reckon(struct gi_loop_health *l, const gi_loop_signs *s,
                   int64_t dt)
{
    uint64_t cpu = s->cpu_ns > l->was.cpu_ns ? s->cpu_ns - l->was.cpu_ns : 0;
    int64_t got = cpu < (uint64_t)dt ? (int64_t)cpu : dt;
    bool stopped = s->state == 'T', traced = s->state == 't';
    bool starved = s->state == 'R' && got < dt / 2;
    bool blocked = s->state == 'D';
    bool moved = s->turns != l->was.turns;
    bool inside = s->callback_since != 0;
    bool same = inside && s->callback_since == l->was.callback_since;
    int64_t counts = stopped || traced || blocked ? 0
                     : s->state == 'R'            ? got
                                                  : dt;

    l->dead = s->state == 'Z' || s->state == 'X';
    l->stopped = longer(l->stopped, stopped, dt);
    l->traced = longer(l->traced, traced, dt);
    l->starved = longer(l->starved, starved && !moved, dt);
    l->blocked = longer(l->blocked, blocked && !moved, dt);
    l->silent = longer(l->silent, !moved && !inside, counts);
    l->in_callback = longer(l->in_callback, same && !moved, counts);
}

static gi_finding judge(const struct gi_loop_health *l,
                        const gi_health_opts *o)
{
    if (l->dead)
        return (gi_finding){ .kind = GI_FOUND_DEAD };
    if (l->stopped >= o->stopped_ns)
        return (gi_finding){ .kind = GI_FOUND_STOPPED, .for_ns = l->stopped };
    if (l->traced >= o->stopped_ns)
        return (gi_finding){ .kind = GI_FOUND_TRACED, .for_ns = l->traced };
    if (l->stopped > 0 || l->traced > 0)
        return (gi_finding){ .kind = GI_FOUND_WELL };
    if (o->callback_ns > 0 && l->in_callback >= o->callback_ns)
        return (gi_finding){ .kind = GI_FOUND_HUNG, .for_ns = l->in_callback };
    if (l->silent >= o->silent_ns)
        return (gi_finding){ .kind = GI_FOUND_FROZEN, .for_ns = l->silent };
    if (l->blocked >= o->silent_ns)
        return (gi_finding){ .kind = GI_FOUND_BLOCKED, .for_ns = l->blocked };
    if (l->starved >= o->silent_ns)
        return (gi_finding){ .kind = GI_FOUND_STARVED, .for_ns = l->starved };
    return (gi_finding){ .kind = GI_FOUND_WELL };
}

static gi_remedy remedy(gi_health *h, const gi_health_opts *o,
                        gi_finding_kind kind)
{
    bool news = h->said != kind;

    h->said = kind;
    if (kind == GI_FOUND_DEAD)
        return GI_REMEDY_LOOK;
    if ((kind == GI_FOUND_FROZEN && o->kill_frozen) ||
        (kind == GI_FOUND_STOPPED && o->kill_stopped) ||
        (kind == GI_FOUND_HUNG && o->kill_hung))
        return GI_REMEDY_KILL;
    return news ? GI_REMEDY_REPORT : GI_REMEDY_NOTHING;
}

/* Another number of loops is another worker: all begins anew. */
static bool make_room(gi_health *h, uint32_t n)
{
    if (n == h->n_loops)
        return true;
    h->n_loops = 0;
    h->last = 0;
    if (n > h->cap) {
        struct gi_loop_health *more = gi_calloc(n, sizeof(*more));

        if (more == NULL)
            return false;
        gi_free(h->loops);
        h->loops = more;
        h->cap = n;
    }
    for (uint32_t i = 0; i < n; i++)
        h->loops[i] = (struct gi_loop_health){ 0 };
    h->n_loops = n;
    return true;
}

gi_finding gi_health_look(gi_health *h, const gi_health_opts *o,
                          const gi_loop_signs *signs, uint32_t n_loops,
                          int64_t now)
{
    gi_finding worst = { .kind = GI_FOUND_WELL };
    gi_finding none = { .kind = h->said };
    bool first, late;

    if (!make_room(h, n_loops))
        return none;
    first = h->last == 0;
    late = !first && now - h->last > o->look_ns + o->lag_ns;
    for (uint32_t i = 0; i < n_loops; i++) {
        struct gi_loop_health *l = &h->loops[i];
        gi_finding f;

        if (!first && !late)
            reckon(l, &signs[i], now - h->last);
        l->was = signs[i];
        f = judge(l, o);
        f.loop = i;
        if (f.kind > worst.kind)
            worst = f;
    }
    h->last = now;
    h->late += late;
    if (first || late)
        return none;
    worst.remedy = remedy(h, o, worst.kind);
    return worst;
}

static const struct {
    const char *name, *text;
} findings[] = {
#define X(name, text) { #name, text },
    GI_FINDINGS(X)
#undef X
};

const char *gi_finding_name(unsigned f)
{
    return f < GI_N_FINDINGS ? findings[f].name : "UNKNOWN";
}

const char *gi_finding_text(unsigned f)
{
    return f < GI_N_FINDINGS ? findings[f].text : "is in an unknown state";
}
