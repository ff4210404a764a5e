#include "hunt.h"

#include <stdlib.h>

#include "base/mix.h"

#include "tests/seeds/lanes.h"

void hunt_scenario(scenario *s, uint64_t seed, const hunt_opts *o)
{
    const char *list = o->args.faults;

    generate(s, seed, &o->gen);
    if (list == NULL)
        return;
    s->n_faults = 0;
    while (s->n_faults < MAX_FAULTS &&
           seeds_next_fault(&list, s->fault[s->n_faults], MAX_FAULT_TEXT))
        s->n_faults++;
}

/* -------------------------------------------------------------- a seed -- */

static bool is_run_twice(uint64_t seed)
{
    return gi_mix64(seed ^ 0x7477696365u) % 20 == 0;
}

static void add_outcome(hunt_result *sum, const outcome *one)
{
    sum->runs++;
    sum->steps += one->steps;
    sum->virtual_ns += one->virtual_ns;
    sum->roots += one->roots;
    sum->acked += one->acked;
    sum->replayed += one->replayed;
    sum->dead += one->dead;
    sum->lost += one->lost;
    for (int i = 0; i < GI_N_FAULT_KINDS; i++)
        sum->faults[i] += one->faults[i];
    if (one->wrong[0] == '\0')
        return;
    if (sum->n_bad < MAX_BAD)
        sum->bad[sum->n_bad] = *one;
    sum->n_bad++;
}

/* The same scenario must give the same history. */
static void run_again(const scenario *s, const run_opts *o, outcome *one)
{
    outcome other;

    run_scenario(s, o, &other);
    if (one->wrong[0] != '\0' || other.hash == one->hash)
        return;
    snprintf(one->wrong, sizeof(one->wrong), "same-seed");
    snprintf(one->words, sizeof(one->words),
             "the same scenario gave the histories %016llx and %016llx",
             (unsigned long long)one->hash, (unsigned long long)other.hash);
}

static void run_seed(uint64_t seed, const hunt_opts *o, hunt_result *sum)
{
    bool twice = is_run_twice(seed);
    run_opts how = { .hash = twice || o->args.hashes };
    scenario s;
    outcome one;

    hunt_scenario(&s, seed, o);
    run_scenario(&s, &how, &one);
    if (twice) {
        run_again(&s, &how, &one);
        sum->twice++;
    }
    if (o->args.hashes) {
        printf("%llu %016llx\n", (unsigned long long)seed,
               (unsigned long long)one.hash);
        fflush(stdout);
    }
    add_outcome(sum, &one);
    for (int i = 0; i < GI_N_STATES; i++)
        sum->states[i] += gi_states_seen[i] > 0;
    memset(gi_states_seen, 0, sizeof(gi_states_seen));
}

/* --------------------------------------------------------- all of them -- */

static void run_lane(uint64_t seed, void *sum, void *arg)
{
    run_seed(seed, arg, sum);
}

static void died(uint64_t seed, int status, bool hangs, int said, void *sum)
{
    outcome one = { .seed = seed };

    outcome_of_death(&one, status, hangs, said);
    add_outcome(sum, &one);
}

static uint64_t runs(const void *sum)
{
    return ((const hunt_result *)sum)->runs;
}

static uint64_t bad(const void *sum)
{
    return ((const hunt_result *)sum)->n_bad;
}

static int by_seed(const void *a, const void *b)
{
    const outcome *x = a, *y = b;

    return (x->seed > y->seed) - (x->seed < y->seed);
}

static void merge(void *all, const void *sum)
{
    hunt_result *out = all;
    const hunt_result *r = sum;

    out->runs += r->runs;
    out->steps += r->steps;
    out->virtual_ns += r->virtual_ns;
    out->roots += r->roots;
    out->acked += r->acked;
    out->replayed += r->replayed;
    out->dead += r->dead;
    out->lost += r->lost;
    out->twice += r->twice;
    for (int i = 0; i < GI_N_FAULT_KINDS; i++)
        out->faults[i] += r->faults[i];
    for (int i = 0; i < GI_N_STATES; i++)
        out->states[i] += r->states[i];
    for (uint32_t i = 0; i < r->n_bad; i++, out->n_bad++)
        if (i < MAX_BAD && out->n_bad < MAX_BAD)
            out->bad[out->n_bad] = r->bad[i];
}

void hunt(const hunt_opts *o, hunt_result *out)
{
    const lanes_opts l = {
        .args = &o->args,
        .size = sizeof(*out),
        .arg = (void *)(uintptr_t)o,
        .run = run_lane,
        .died = died,
        .runs = runs,
        .bad = bad,
        .add = merge,
    };

    memset(out, 0, sizeof(*out));
    out->seconds = lanes_run(&l, out);
    qsort(out->bad, out->n_bad < MAX_BAD ? out->n_bad : MAX_BAD,
          sizeof(outcome), by_seed);
}
