/* draw_faults.c -- what goes wrong: each kind is on in three runs of ten, and
 * how often it strikes is drawn as evenly from weak as from strong. */
#include <stdarg.h>

#include "batches.h"

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

/* Small ones as likely as large ones: so many of a million. */
static double chance(gi_rng *r, uint64_t most)
{
    uint64_t top = most >> gi_rng_below(r, 7);

    return (double)(top / 2 + gi_rng_below(r, top / 2 + 1)) / 1e6;
}

/* A component of the program, or nothing: all of them. */
static const char *where(const scenario *s, gi_rng *r)
{
    switch (gi_rng_below(r, 5)) {
    case 0:
        return "main:";
    case 1:
        return "left:";
    case 2:
        return s->has[STATE_CHAIN] ? "chain:" : "";
    default:
        return "";
    }
}

static const char *who(const scenario *s, gi_rng *r)
{
    switch (gi_rng_below(r, 5)) {
    case 0:
        return "left-batches";
    case 1:
        return s->n_sources == 2 ? "right" : "left";
    case 2:
        return s->has[STATE_CHAIN] ? "chain" : "main";
    case 3:
        return "left";
    default:
        return "main";
    }
}

static void draw_links(scenario *s, gi_rng *r)
{
    static const char *const kinds[] = { "drop", "duplicate", "reorder" };
    static const char *const waits[] = { "delay", "late" };
    const char *at;
    double how_often;
    unsigned long long ms;

    for (int i = 0; i < 3; i++) {
        if (!on(r))
            continue;
        at = where(s, r);
        how_often = chance(r, 60000);
        add(s, "%s=%s%.6f", kinds[i], at, how_often);
    }
    for (int i = 0; i < 2; i++) {
        if (!on(r))
            continue;
        at = where(s, r);
        how_often = chance(r, 40000);
        ms = 1 + gi_rng_below(r, gi_rng_below(r, 2) == 0 ? 50 : 12000);
        add(s, "%s=%s%.6f:%llums", waits[i], at, how_often, ms);
    }
    for (int i = 0; i < 3; i++) {
        if (!on(r))
            continue;
        how_often = chance(r, 30000);
        add(s, "%s=__acker:%.6f", kinds[i], how_often);
    }
    if (on(r)) {
        how_often = chance(r, 20000);
        ms = 1 + gi_rng_below(r, 12000);
        add(s, "late=__acker:%.6f:%llums", how_often, ms);
    }
}

static void draw_deaths(scenario *s, gi_rng *r)
{
    for (int i = 0; i < 3; i++) {
        if (!on(r))
            continue;
        const char *what = who(s, r);
        unsigned long long at = 1 + gi_rng_below(r, 4000);
        unsigned long long every = 100 + gi_rng_below(r, 6000);

        add(s, "%s=%s@%llums+%llums", i == 2 ? "restart" : "kill", what, at,
            every);
    }
    if (on(r)) {
        const char *what = who(s, r);
        double how_often = chance(r, 20000);

        add(s, "kill=%s:%.6f", what, how_often);
    }
    if (gi_rng_below(r, 10) == 0) {
        unsigned long long at = 1 + gi_rng_below(r, 4000);

        add(s, "kill=__acker@%llums+2500ms", at);
    }
}

static void draw_calls(scenario *s, gi_rng *r)
{
    if (on(r)) {
        const char *at = where(s, r);
        double how_often = chance(r, 30000);

        add(s, "fail=%s%.6f", at[0] == 'l' ? "left:" : at, how_often);
    }
    if (on(r)) {
        const char *what = who(s, r);
        double how_often = chance(r, 20000);
        unsigned long long ms = 1 + gi_rng_below(r, 3000);

        add(s, "slow=%s:%.6f:%llums", what, how_often, ms);
    }
    if (on(r)) {
        const char *what = who(s, r);
        unsigned long long ms = 10 + gi_rng_below(r, 12000);
        unsigned long long at = 1 + gi_rng_below(r, 3000);

        add(s, "hang=%s:%llums@%llums", what, ms, at);
    }
    if (on(r)) {
        unsigned long long ms = 10 + gi_rng_below(r, 12000);
        unsigned long long at = 1 + gi_rng_below(r, 3000);

        add(s, "suspend=%llums@%llums", ms, at);
    }
}

/* What is lost and what comes twice may be as many, so that counts agree. */
static void draw_swaps(scenario *s, gi_rng *r)
{
    double lost = 0.02 + (double)gi_rng_below(r, 100) / 1000;
    double twice = 0.02 + (double)gi_rng_below(r, 100) / 1000;

    add(s, "drop=main:%.6f", lost);
    add(s, "duplicate=main:%.6f", twice);
}

/* Batches come to their source in another order. */
static void draw_overtaking(scenario *s, gi_rng *r)
{
    double how_often = 0.05 + (double)gi_rng_below(r, 300) / 1000;

    s->window = 2 + (uint32_t)gi_rng_below(r, 4);
    s->interval_ms = 1;
    add(s, "reorder=left-batches>left:%.6f", how_often);
}

/* Tasks die, and nothing else: so nothing may ever time out.  Commits take
 * long, for something to happen meanwhile. */
static void draw_sudden(scenario *s, gi_rng *r)
{
    double how_often = 0.01 + (double)gi_rng_below(r, 80) / 1000;

    s->window = 2 + (uint32_t)gi_rng_below(r, 4);
    s->interval_ms = 5;
    s->write_ms = 5 + (uint32_t)gi_rng_below(r, 50);
    add(s, "kill=left:%.6f", how_often);
    if (on(r))
        draw_deaths(s, r);
}

static uint32_t of_calls(gi_rng *r, uint32_t most)
{
    return on(r) ? 1 + (uint32_t)gi_rng_below(r, most) : 0;
}

/* From a chance of its own: it came later, and with it seeds that were kept
 * still stand for what they did, but for this. */
static void draw_memory(scenario *s)
{
    gi_rng r = { gi_mix64(s->seed ^ UINT64_C(0x6d656d6f7279)) };

    if (!on(&r))
        return;
    if (gi_rng_below(&r, 2) == 0) {
        double how_often = chance(&r, 20000);

        add(s, "memory=%.6f", how_often);
    } else {
        unsigned long long first = 1 + gi_rng_below(&r, 300);
        unsigned long long every = 20 + gi_rng_below(&r, 1000);

        add(s, "memory=@%llu+%llu", first, every);
    }
}

void draw_faults(scenario *s, gi_rng *r)
{
    if (gi_rng_below(r, 20) == 0) /* now and then nothing goes wrong at all */
        return;
    uint64_t special = gi_rng_below(r, 14);

    if (special < 2)
        draw_swaps(s, r);
    if (special == 2)
        draw_overtaking(s, r);
    if (special < 3 && gi_rng_below(r, 2) == 0)
        return;
    if (special == 3 || special == 4) {
        draw_sudden(s, r);
        return;
    }
    draw_links(s, r);
    draw_deaths(s, r);
    draw_calls(s, r);
    s->open = of_calls(r, 1000);
    s->get = of_calls(r, 100);
    s->before = of_calls(r, 600);
    s->after = of_calls(r, 600);
    draw_memory(s);
}
