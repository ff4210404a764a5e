/* Which loop runs what: every task once, executors whole, loads even. */
#include <criterion/criterion.h>

#include <stdlib.h>

#include "base/mix.h"
#include "worker/place.h"

enum { MOST_COMPS = 8, MOST_TASKS = 400 };

static gi_comp comps[MOST_COMPS];
static uint32_t loop_of[MOST_TASKS];

static gi_plan plan_of(uint32_t n, const uint32_t *tasks,
                       const uint32_t *executors, unsigned blocking)
{
    gi_plan p = { .comps = comps, .n_comps = n };

    for (uint32_t i = 0; i < n; i++) {
        comps[i] = (gi_comp){ .no = i,
                              .n_tasks = tasks[i],
                              .n_executors = executors[i],
                              .first_task = p.n_tasks + 1,
                              .blocking = blocking >> i & 1 };
        p.n_tasks += tasks[i];
    }
    return p;
}

Test(place, an_executors_first_ones_have_one_task_more)
{
    gi_plan p = plan_of(2, (uint32_t[]){ 5, 11 }, (uint32_t[]){ 5, 4 }, 0);
    uint32_t first, end, sizes[4] = { 3, 3, 3, 2 }, next = 6;

    for (uint32_t e = 0; e < 4; e++) {
        gi_place_executor(&p.comps[1], e, &first, &end);
        cr_assert_eq(first, next);
        cr_assert_eq(end - first, sizes[e]);
        next = end;
    }
}

Test(place, there_are_no_more_loops_than_there_is_to_run)
{
    gi_plan p =
        plan_of(3, (uint32_t[]){ 4, 2, 1 }, (uint32_t[]){ 2, 2, 1 }, 1 << 1);

    cr_assert_eq(gi_place_shared(&p, NULL, 2), 2);
    cr_assert_eq(gi_place_shared(&p, NULL, 3), 3);
    cr_assert_eq(gi_place_shared(&p, NULL, 100), 3);
    cr_assert_eq(gi_place_shared(&p, NULL, 0), 1);
    cr_assert_eq(gi_place_apart(&p, NULL), 2);
}

Test(place, there_is_a_shared_loop_even_if_everything_blocks)
{
    gi_plan p = plan_of(2, (uint32_t[]){ 3, 1 }, (uint32_t[]){ 2, 1 }, 3);

    cr_assert_eq(gi_place_shared(&p, NULL, 4), 1);
    cr_assert_eq(gi_place_apart(&p, NULL), 3);
    gi_place(&p, NULL, 1, 1, loop_of);
    cr_assert_eq(loop_of[0], 1);
    cr_assert_eq(loop_of[1], 1);
    cr_assert_eq(loop_of[2], 2);
    cr_assert_eq(loop_of[3], 3);
}

/* Executors on each loop, of one component or (comp == n_comps) of all. */
static void check_even(const gi_plan *p, uint32_t shared, uint32_t comp)
{
    uint32_t n[64] = { 0 }, least = UINT32_MAX, most = 0;

    for (uint32_t i = 0; i < p->n_comps; i++)
        for (uint32_t e = 0; e < p->comps[i].n_executors; e++) {
            uint32_t first, end;

            gi_place_executor(&p->comps[i], e, &first, &end);
            if (!p->comps[i].blocking && (comp == i || comp == p->n_comps))
                n[loop_of[first - 1]]++;
        }
    for (uint32_t l = 0; l < shared; l++) {
        least = n[l] < least ? n[l] : least;
        most = n[l] > most ? n[l] : most;
    }
    cr_assert_leq(most - least, 1);
}

static void check_placed(const gi_plan *p, uint32_t shared)
{
    uint32_t taken[64 + MOST_TASKS] = { 0 }; /* loop: 1 + its executor */

    for (uint32_t i = 0, no = 0; i < p->n_comps; i++)
        for (uint32_t e = 0; e < p->comps[i].n_executors; e++, no++) {
            uint32_t first, end, loop;

            gi_place_executor(&p->comps[i], e, &first, &end);
            cr_assert_lt(first, end, "no executor is empty");
            loop = loop_of[first - 1];
            for (uint32_t task = first; task < end; task++)
                cr_assert_eq(loop_of[task - 1], loop, "it stays together");
            cr_assert_eq(loop >= shared, p->comps[i].blocking);
            cr_assert_lt(loop, shared + gi_place_apart(p, NULL));
            if (p->comps[i].blocking)
                cr_assert_eq(taken[loop]++, 0, "a loop of its own");
        }
    for (uint32_t i = 0; i <= p->n_comps; i++)
        if (i == p->n_comps || !p->comps[i].blocking)
            check_even(p, shared, i);
}

Test(place, any_plan_is_placed_whole_and_evenly)
{
    gi_rng rng = { 1 };

    for (int round = 0; round < 5000; round++) {
        uint32_t n = 1 + (uint32_t)gi_rng_below(&rng, MOST_COMPS);
        uint32_t tasks[MOST_COMPS], executors[MOST_COMPS];

        for (uint32_t i = 0; i < n; i++) {
            tasks[i] = 1 + (uint32_t)gi_rng_below(&rng, 40);
            executors[i] = 1 + (uint32_t)gi_rng_below(&rng, tasks[i]);
        }
        gi_plan p =
            plan_of(n, tasks, executors,
                    (unsigned)gi_rng_next(&rng) & (unsigned)gi_rng_next(&rng));
        uint32_t asked = (uint32_t)gi_rng_below(&rng, 20);
        uint32_t shared = gi_place_shared(&p, NULL, asked);

        for (uint32_t i = 0; i < p.n_tasks; i++)
            loop_of[i] = UINT32_MAX;
        gi_place(&p, NULL, shared, shared, loop_of);
        check_placed(&p, shared);
    }
}
