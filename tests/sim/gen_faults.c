/* gen_faults.c -- what goes wrong: each kind is on in three runs of ten, and
 * how often it strikes is drawn as evenly from weak as from strong. */
#include <stdarg.h>

#include "gen_inside.h"

static void add(scenario *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add(scenario *s, const char *format, ...)
{
    va_list ap;

    if (s->n_faults == MAX_FAULTS)
        return;
    va_start(ap, format);
    vsnprintf(s->fault[s->n_faults++], MAX_FAULT_TEXT, format, ap);
    va_end(ap);
}

static bool on(gi_rng *r)
{
    return gi_rng_below(r, 10) < 3;
}

/* So many of a million, as a plan writes it. */
struct text {
    char s[48];
};

static struct text chance(gi_rng *r, uint64_t most)
{
    struct text t;

    snprintf(t.s, sizeof(t.s), "%.6f",
             (double)draw_log(r, most / 200 + 1, most) / 1e6);
    return t;
}

/* A part, one task of it or a way to it, as a prefix; or all. */
static struct text where(const scenario *s, gi_rng *r, bool way, bool bolt)
{
    const part *p = &s->parts[gi_rng_below(r, s->n_parts)];
    struct text t = { "" };
    char name[16], from[16];

    scenario_name(p, name);
    if ((bolt && p->spout) || once_in(r, 2))
        return t;
    if (way && p->n_inputs > 0 && once_in(r, 2)) {
        uint32_t no = p->in[gi_rng_below(r, p->n_inputs)].from;

        for (uint32_t i = 0; i < s->n_parts; i++)
            if (s->parts[i].no == no)
                scenario_name(&s->parts[i], from);
        snprintf(t.s, sizeof(t.s), "%s>%s:", from, name);
    } else if (!way && once_in(r, 2)) {
        snprintf(t.s, sizeof(t.s), "%s/%u:", name,
                 (unsigned)gi_rng_below(r, p->tasks));
    } else {
        snprintf(t.s, sizeof(t.s), "%s:", name);
    }
    return t;
}

/* Somewhere in the first part of a run, and perhaps again. */
static struct text when(const scenario *s, gi_rng *r)
{
    uint64_t at = draw_log(r, 10, s->until);
    struct text t;

    if (once_in(r, 3))
        snprintf(t.s, sizeof(t.s), "@%llums", (unsigned long long)at);
    else
        snprintf(
            t.s, sizeof(t.s), "@%llums+%llums", (unsigned long long)at,
            (unsigned long long)draw_log(r, s->timeout / 8, 4 * s->timeout));
    return t;
}

static void draw_links(scenario *s, gi_rng *r)
{
    unsigned long long ms = draw_log(r, 1, 2 * s->timeout);

    if (on(r))
        add(s, "drop=%s%s", where(s, r, true, true).s, chance(r, 20000).s);
    if (on(r))
        add(s, "duplicate=%s%s", where(s, r, true, true).s,
            chance(r, 50000).s);
    if (on(r))
        add(s, "reorder=%s%s", where(s, r, true, true).s, chance(r, 50000).s);
    if (on(r))
        add(s, "delay=%s%s:%llums", where(s, r, true, true).s,
            chance(r, 20000).s, ms);
    if (on(r))
        add(s, "late=%s%s:%llums", where(s, r, true, true).s,
            chance(r, 20000).s, ms);
}

static void draw_notes(scenario *s, gi_rng *r)
{
    unsigned long long ms = draw_log(r, 1, 2 * s->timeout);

    if (s->ackers == 0)
        return;
    if (on(r))
        add(s, "drop=__acker:%s", chance(r, 20000).s);
    if (on(r))
        add(s, "duplicate=__acker:%s", chance(r, 100000).s);
    if (on(r))
        add(s, "reorder=__acker:%s", chance(r, 100000).s);
    if (on(r))
        add(s, "delay=__acker:%s:%llums", chance(r, 20000).s, ms);
    if (on(r))
        add(s, "late=__acker:%s:%llums", chance(r, 20000).s, ms);
    if (on(r))
        add(s, "kill=__acker%s", when(s, r).s);
}

static void draw_calls(scenario *s, gi_rng *r)
{
    if (on(r))
        add(s, "fail=%s%s", where(s, r, false, true).s, chance(r, 20000).s);
    if (on(r))
        add(s, "slow=%s%s:%lluus", where(s, r, false, false).s,
            chance(r, 20000).s,
            (unsigned long long)draw_log(r, 10, 2000 * s->timeout));
    if (on(r))
        add(s, "hang=%s%llums%s", where(s, r, false, false).s,
            (unsigned long long)draw_log(r, 10, 2 * s->timeout), when(s, r).s);
    if (on(r))
        add(s, "kill=%s%s", where(s, r, false, false).s, chance(r, 2000).s);
    if (on(r)) {
        struct text w = where(s, r, false, false);

        w.s[strlen(w.s) - (w.s[0] != '\0')] = '\0'; /* no colon before @ */
        add(s, "kill=%s%s", w.s, when(s, r).s);
    }
    if (on(r)) {
        struct text w = where(s, r, false, false);

        w.s[strlen(w.s) - (w.s[0] != '\0')] = '\0';
        add(s, "restart=%s%s", w.s, when(s, r).s);
    }
}

/* One part is slower than all that feed it: what comes before it fills up. */
static void draw_jam(scenario *s, gi_rng *r)
{
    const part *p = &s->parts[gi_rng_below(r, s->n_parts)];
    char name[16];

    if (p->spout || !once_in(r, 8))
        return;
    scenario_name(p, name);
    s->credit = 1;
    s->batch = 1024;
    add(s, "slow=%s:%.3f:%llums", name, (double)draw(r, 50, 600) / 1e3,
        (unsigned long long)draw_log(r, s->timeout / 50 + 1, s->timeout));
}

static void draw_world(scenario *s, gi_rng *r)
{
    if (on(r))
        add(s, "memory=%s", chance(r, 20000).s);
    if (on(r))
        add(s, "memory=@%llu+%llu", (unsigned long long)draw_log(r, 1, 2000),
            (unsigned long long)draw_log(r, 20, 1000));
    if (on(r))
        add(s, "clock=%s1h%s", once_in(r, 2) ? "+" : "-", when(s, r).s);
    if (on(r))
        add(s, "suspend=%llums%s",
            (unsigned long long)draw_log(r, 10, 2 * s->timeout), when(s, r).s);
}

void draw_faults(scenario *s, gi_rng *r)
{
    s->until = draw_log(r, 100, 3 * s->timeout);
    if (once_in(r, 20)) /* now and then nothing goes wrong at all */
        return;
    draw_links(s, r);
    draw_notes(s, r);
    draw_calls(s, r);
    draw_jam(s, r);
    draw_world(s, r);
}
