/* draw.c -- from a seed to a scenario. */
#include <inttypes.h>
#include <string.h>

#include "batches.h"

const char *const state_names[N_STATES] = { "main", "total", "chain", "asked",
                                            "hand" };
const char *const shape_names[N_SHAPES] = { "words", "bank", "join" };
const char *const source_names[MAX_SOURCES] = { "left", "right" };

static const char *const kinds[] = { "opaque", "transactional",
                                     "non-transactional" };

static const char *spout_name(gale_spout_kind k)
{
    return k == GALE_SPOUT_TRANSACTIONAL ? kinds[1]
           : k == GALE_SPOUT_OPAQUE      ? kinds[0]
                                         : kinds[2];
}

const char *cell_name(gale_spout_kind spout, gale_state_kind state)
{
    static char name[64];

    snprintf(name, sizeof(name), "%s spout, %s state", spout_name(spout),
             kinds[state]);
    return name;
}

static uint32_t below(gi_rng *r, uint32_t n)
{
    return (uint32_t)gi_rng_below(r, n);
}

static uint32_t between(gi_rng *r, uint32_t from, uint32_t to)
{
    return from + below(r, to - from + 1);
}

/* Two runs of three are in a cell that promises something. */
static void draw_cell(scenario *s, gi_rng *r)
{
    static const struct cell {
        gale_spout_kind spout;
        gale_state_kind state;
    } good[] = {
        { GALE_SPOUT_TRANSACTIONAL, GALE_STATE_TRANSACTIONAL },
        { GALE_SPOUT_TRANSACTIONAL, GALE_STATE_OPAQUE },
        { GALE_SPOUT_OPAQUE, GALE_STATE_OPAQUE },
        { GALE_SPOUT_OPAQUE, GALE_STATE_OPAQUE },
    };
    uint32_t i = below(r, 4);

    s->spout = good[i].spout;
    s->state = good[i].state;
    if (below(r, 6) > 0)
        return;
    s->spout = (gale_spout_kind)below(r, 3);
    s->state = (gale_state_kind)below(r, 3);
}

static void draw_program(scenario *s, gi_rng *r)
{
    s->shape = (shape)below(r, N_SHAPES);
    s->n_sources = s->shape == SHAPE_JOIN ? 2 : 1;
    s->has[STATE_MAIN] = true;
    for (int i = STATE_TOTAL; i < N_STATES; i++)
        s->has[i] = below(r, 3) == 0;
    s->reduce = below(r, 4) == 0;
    s->asks = below(r, 2) == 0;
    s->files = below(r, 12) == 0;
    s->move = below(r, 5);
    s->partitions = between(r, 1, MAX_PARTITIONS);
    s->tokens = between(r, 4, MAX_TOKENS / MAX_PARTITIONS / 2);
    s->keys = between(r, 1, MAX_KEYS);
    s->burst = between(r, 1, 8);
    s->window = between(r, 1, 5);
    s->interval_ms = below(r, 3) == 0 ? between(r, 1, 20) : 100;
    s->timeout_s = below(r, 3) == 0 ? 30 : 5;
    s->ackers = between(r, 1, 3);
    s->write_ms = below(r, 2) == 0 ? 0 : between(r, 1, 60);
}

/* With the same numbers of tasks as before, or others. */
static void draw_life(scenario *s, gi_rng *r, uint32_t i)
{
    life *l = &s->lives[i];

    if (i > 0 && below(r, 2) == 0)
        *l = s->lives[i - 1];
    else
        *l = (life){ .sources = between(r, 1, 3),
                     .middle = between(r, 1, 3),
                     .states = between(r, 1, 4) };
    l->loops = between(r, 1, 3);
    l->power_ms = l->power_write = 0;
    if (i + 1 == s->n_lives)
        return;
    if (below(r, 2) == 0)
        l->power_write = 1 + (below(r, 2) == 0 ? below(r, 8) : below(r, 80));
    else
        l->power_ms = 1 + (below(r, 2) == 0 ? below(r, 100) : below(r, 8000));
}

void draw(scenario *s, uint64_t seed)
{
    gi_rng r = { gi_mix64(seed ^ UINT64_C(0x62617463686573)) };

    memset(s, 0, sizeof(*s));
    s->seed = seed;
    draw_cell(s, &r);
    draw_program(s, &r);
    s->n_lives = below(&r, 2) == 0 ? 1 : between(&r, 2, MAX_LIVES);
    for (uint32_t i = 0; i < s->n_lives; i++)
        draw_life(s, &r, i);
    s->until_ms = between(&r, 200, 20000);
    draw_faults(s, &r);
    s->aware =
        below(&r, 2) == 0; /* last: all else is as before there was it */
}

void scenario_print(const scenario *s, FILE *to)
{
    fprintf(to, "seed %" PRIu64 ": %s, %s", s->seed, shape_names[s->shape],
            cell_name(s->spout, s->state));
    fprintf(to, "%s%s%s", s->files ? ", in files" : "",
            s->reduce ? ", reduced" : "", s->asks ? ", asked" : "");
    fprintf(to, "%s\n  states:", s->aware ? ", aware of loads" : "");
    for (int i = 0; i < N_STATES; i++)
        if (s->has[i])
            fprintf(to, " %s", state_names[i]);
    fprintf(to,
            "\n  %u partitions of %u tokens, %u keys, at most %u tokens of a "
            "partition in a batch\n  window %u, interval %u ms, timeout %u s, "
            "%u ackers, rows move by way %u, a write takes up to %u ms\n",
            s->partitions, s->tokens, s->keys, s->burst, s->window,
            s->interval_ms, s->timeout_s, s->ackers, s->move, s->write_ms);
    for (uint32_t i = 0; i < s->n_lives; i++) {
        const life *l = &s->lives[i];

        fprintf(to, "  life %u: tasks %u, %u, %u on %u loops", i, l->sources,
                l->middle, l->states, l->loops);
        if (l->power_ms > 0)
            fprintf(to, ", power goes at %u ms", l->power_ms);
        if (l->power_write > 0)
            fprintf(to, ", power goes in write %u", l->power_write);
        fputc('\n', to);
    }
    fprintf(to,
            "  of 10000 calls of the store fail: open %u, get %u, write %u, "
            "and %u that wrote\n  until %u ms: ",
            s->open, s->get, s->before, s->after, s->until_ms);
    for (uint32_t i = 0; i < s->n_faults; i++)
        fprintf(to, "%s%s", i == 0 ? "" : ",", s->fault[i]);
    fputs(s->n_faults == 0 ? "no faults\n" : "\n", to);
}
