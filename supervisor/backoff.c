#include "supervisor/backoff.h"

void gi_backoff_settle(gi_backoff_opts *o)
{
    if (o->first_ns <= 0)
        o->first_ns = 100000000;
    if (o->longest_ns <= 0)
        o->longest_ns = 30000000000;
    if (o->longest_ns < o->first_ns)
        o->longest_ns = o->first_ns;
    if (o->deaths == 0)
        o->deaths = 5;
    if (o->deaths > GI_DEATHS_MOST)
        o->deaths = GI_DEATHS_MOST;
    if (o->window_ns <= 0)
        o->window_ns = 300000000000;
}

int64_t gi_backoff_next(gi_backoff *b, const gi_backoff_opts *o, bool poisoned,
                        gi_rng *rng)
{
    uint32_t n = b->failures;
    int64_t pause = o->first_ns;

    if (b->failures < UINT32_MAX)
        b->failures++;
    if (n == 0 && !poisoned)
        return 0;
    for (uint32_t i = 1; i < n && pause < o->longest_ns; i++)
        pause = pause > o->longest_ns / 2 ? o->longest_ns : pause * 2;
    if (poisoned)
        pause = o->longest_ns;
    return pause - (int64_t)gi_rng_below(rng, (uint64_t)pause / 2 + 1);
}

bool gi_backoff_died(gi_backoff *b, const gi_backoff_opts *o, int64_t now)
{
    uint32_t first;

    b->death[b->n_deaths % GI_DEATHS_MOST] = now;
    b->n_deaths++;
    if (b->n_deaths < o->deaths)
        return false;
    first = b->n_deaths - o->deaths;
    return now - b->death[first % GI_DEATHS_MOST] < o->window_ns;
}

void gi_backoff_forgive(gi_backoff *b)
{
    b->failures = 0;
}
