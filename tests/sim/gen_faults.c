/* gen_faults.c -- what goes wrong: each kind is on in three runs of ten, and
 * how often it strikes is drawn as evenly from weak as from strong. */
#include <stdarg.h>

#include "local/faults/plan.h"

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

/* Each draw has a line of its own: in what order a call's arguments are
 * worked out is up to the compiler, and a seed must not be. */
static void draw_link(scenario *s, gi_rng *r, const char *kind, uint64_t most)
{
    struct text at = where(s, r, true, true);
    struct text how_often = chance(r, most);

    add(s, "%s=%s%s", kind, at.s, how_often.s);
}

static void draw_wait(scenario *s, gi_rng *r, const char *kind, bool acks)
{
    struct text at = { GI_ACKER ":" };
    unsigned long long ms = draw_log(r, 1, 2 * s->timeout);

    if (!acks)
        at = where(s, r, true, true);
    struct text how_often = chance(r, 20000);
    add(s, "%s=%s%s:%llums", kind, at.s, how_often.s, ms);
}

static void draw_links(scenario *s, gi_rng *r)
{
    if (on(r))
        draw_link(s, r, "drop", 20000);
    if (on(r))
        draw_link(s, r, "duplicate", 50000);
    if (on(r))
        draw_link(s, r, "reorder", 50000);
    if (on(r))
        draw_wait(s, r, "delay", false);
    if (on(r))
        draw_wait(s, r, "late", false);
}

static void draw_notes(scenario *s, gi_rng *r)
{
    if (s->ackers == 0)
        return;
    if (on(r))
        add(s, "drop=" GI_ACKER ":%s", chance(r, 20000).s);
    if (on(r))
        add(s, "duplicate=" GI_ACKER ":%s", chance(r, 100000).s);
    if (on(r))
        add(s, "reorder=" GI_ACKER ":%s", chance(r, 100000).s);
    if (on(r))
        draw_wait(s, r, "delay", true);
    if (on(r))
        draw_wait(s, r, "late", true);
    if (on(r))
        add(s, "kill=" GI_ACKER "%s", when(s, r).s);
}

/* A task's callbacks take longer: some of them, or one at a time. */
static void draw_stalls(scenario *s, gi_rng *r)
{
    if (on(r)) {
        struct text at = where(s, r, false, false);
        struct text how_often = chance(r, 20000);
        unsigned long long us = draw_log(r, 10, 2000 * s->timeout);

        add(s, "slow=%s%s:%lluus", at.s, how_often.s, us);
    }
    if (on(r)) {
        struct text at = where(s, r, false, false);
        unsigned long long ms = draw_log(r, 10, 2 * s->timeout);

        add(s, "hang=%s%llums%s", at.s, ms, when(s, r).s);
    }
}

static void draw_death(scenario *s, gi_rng *r, const char *kind)
{
    struct text at = where(s, r, false, false);

    at.s[strlen(at.s) - (at.s[0] != '\0')] = '\0'; /* no colon before @ */
    add(s, "%s=%s%s", kind, at.s, when(s, r).s);
}

static void draw_calls(scenario *s, gi_rng *r)
{
    if (on(r)) {
        struct text at = where(s, r, false, true);

        add(s, "fail=%s%s", at.s, chance(r, 20000).s);
    }
    draw_stalls(s, r);
    if (on(r)) {
        struct text at = where(s, r, false, false);

        add(s, "kill=%s%s", at.s, chance(r, 2000).s);
    }
    if (on(r))
        draw_death(s, r, "kill");
    if (on(r))
        draw_death(s, r, "restart");
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
    unsigned often = (unsigned)draw(r, 50, 600);
    unsigned long long ms = draw_log(r, s->timeout / 50 + 1, s->timeout);
    add(s, "slow=%s:%u.%u%%:%llums", name, often / 10, often % 10, ms);
}

static void draw_world(scenario *s, gi_rng *r)
{
    if (on(r))
        add(s, "memory=%s", chance(r, 20000).s);
    if (on(r)) {
        unsigned long long first = draw_log(r, 1, 2000);
        unsigned long long every = draw_log(r, 20, 1000);

        add(s, "memory=@%llu+%llu", first, every);
    }
    if (on(r)) {
        bool ahead = once_in(r, 2);

        add(s, "clock=%s1h%s", ahead ? "+" : "-", when(s, r).s);
    }
    if (on(r)) {
        unsigned long long ms = draw_log(r, 10, 2 * s->timeout);

        add(s, "suspend=%llums%s", ms, when(s, r).s);
    }
}

/* Of the store that bolts write to; from a chance of its own, since it came
 * later: seeds that were kept still stand for what they did, but for this. */
static void draw_store(scenario *s)
{
    gi_rng r = { gi_mix64(s->seed ^ UINT64_C(0x73746f7265)) };
    static const char *const kinds[] = { "write", "sync" };

    for (int i = 0; i < 2; i++) {
        if (!on(&r))
            continue;
        unsigned long long first = draw_log(&r, 1, i == 0 ? 2000 : 200);
        unsigned long long every =
            draw_log(&r, i == 0 ? 20 : 5, i == 0 ? 1000 : 100);

        add(s, "%s=@%llu+%llu", kinds[i], first, every);
    }
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
    draw_store(s);
}
