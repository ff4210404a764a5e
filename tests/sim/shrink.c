#include "shrink.h"

#include <stdlib.h>

#include "hunt.h"
#include "tests/seeds/lanes.h"

struct shrinking {
    scenario *best;
    outcome *found;
    double until_s;
    uint64_t max_steps;
};

/* Does it violate the same oracle?  Then it is the best one. */
static bool try(struct shrinking *k, const scenario *s)
{
    run_opts o = { .max_steps = k->max_steps };
    outcome one;

    if (now_s() >= k->until_s)
        return false;
    run_apart(s, &o, &one);
    if (strcmp(one.wrong, k->found->wrong) != 0)
        return false;
    *k->best = *s;
    *k->found = one;
    return true;
}

static bool drop_faults(struct shrinking *k)
{
    bool any = false;

    for (uint32_t i = k->best->n_faults; i-- > 0;) {
        scenario s = *k->best;

        scenario_drop_fault(&s, i);
        any |= try(k, &s);
    }
    return any;
}

static bool drop_parts(struct shrinking *k)
{
    bool any = false;

    for (uint32_t i = k->best->n_parts; i-- > 0;) {
        scenario s = *k->best;

        if (i >= s.n_parts || s.n_parts == 1)
            continue;
        scenario_drop_part(&s, i);
        any |= try(k, &s);
    }
    return any;
}

static bool drop_inputs(struct shrinking *k)
{
    bool any = false;

    for (uint32_t i = 0; i < k->best->n_parts; i++)
        for (uint32_t n = k->best->parts[i].n_inputs; n-- > 0;) {
            scenario s = *k->best;
            part *p = &s.parts[i];

            memmove(&p->in[n], &p->in[n + 1],
                    (p->n_inputs - n - 1) * sizeof(p->in[0]));
            p->n_inputs--;
            any |= try(k, &s);
        }
    return any;
}

static bool plain_groupings(struct shrinking *k)
{
    bool any = false;

    for (uint32_t i = 0; i < k->best->n_parts; i++)
        for (uint32_t n = 0; n < k->best->parts[i].n_inputs; n++) {
            scenario s = *k->best;
            part_input *in = &s.parts[i].in[n];

            if (in->how == GALE_GROUP_SHUFFLE || in->how == GALE_GROUP_DIRECT)
                continue;
            in->how = GALE_GROUP_SHUFFLE;
            any |= try(k, &s);
        }
    return any;
}

/* The plainest value, or else half the way to it. */
static bool plainer(struct shrinking *k, size_t at, const number *n)
{
    bool any = false;
    uint64_t v;

    do {
        scenario s = *k->best;
        uint64_t *x = number_at((char *)&s + at, n);

        v = *x;
        if (v == n->plain)
            return any;
        *x = n->plain;
        if (try(k, &s))
            return true;
        *x = v > n->plain ? n->plain + (v - n->plain) / 2 : v;
        if (*x == v || !try(k, &s))
            return any;
        any = true;
    } while (true);
}

/* Of no use to make plainer: the seeds, and when faults stop. */
static bool is_fixed(const number *n)
{
    return strstr(n->name, "seed") != NULL || strcmp(n->name, "until") == 0 ||
           strcmp(n->name, "live") == 0;
}

static bool plain_numbers(struct shrinking *k)
{
    bool any = false;

    for (const number *n = scenario_numbers; n->name != NULL; n++)
        if (!is_fixed(n))
            any |= plainer(k, 0, n);
    for (uint32_t i = 0; i < k->best->n_parts; i++)
        for (const number *n = part_numbers; n->name != NULL; n++)
            any |= plainer(
                k, (size_t)((char *)&k->best->parts[i] - (char *)k->best), n);
    return any;
}

/* Chance that only moves things about: other seeds may need less. */
static bool other_seeds(struct shrinking *k)
{
    scenario s = *k->best;

    if (s.roots < 4)
        return false;
    s.roots /= 2;
    for (uint64_t i = 1; i <= 12; i++) {
        s.seed = k->best->seed + i;
        if (try(k, &s))
            return true;
    }
    return false;
}

void shrink(scenario *s, outcome *found, double most_s)
{
    struct shrinking k = {
        .best = s, .found = found, .until_s = now_s() + most_s, .max_steps = 0
    };
    bool any = true;

    while (any && now_s() < k.until_s) {
        any = drop_faults(&k);
        any |= drop_parts(&k);
        any |= drop_inputs(&k);
        any |= plain_numbers(&k);
        any |= plain_groupings(&k);
        any |= other_seeds(&k);
    }
}
