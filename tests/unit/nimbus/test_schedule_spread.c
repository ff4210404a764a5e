/* A rebalance without numbers: as few workers move as it takes until they are
 * even over the nodes. */
#include "clusters.h"

static struct world w;

static void setup(void)
{
    world_init(&w);
}

static void teardown(void)
{
    world_fini(&w);
}

TestSuite(schedule_spread, .init = setup, .fini = teardown);

/* How many workers of it each supervisor has, by index: "2 1 0". */
static const char *on_nodes(uint32_t topology)
{
    static char text[64];
    const gi_assignment *a = w.now[topology];
    size_t at = 0;

    for (uint32_t i = 0; i < w.c.n_supervisors; i++) {
        uint32_t n = 0;

        for (uint32_t k = 0; k < a->n_workers; k++)
            n += strcmp(a->workers[k].supervisor, w.ids[i]) == 0;
        at += (size_t)snprintf(text + at, sizeof(text) - at,
                               at == 0 ? "%u" : " %u", n);
    }
    return text;
}

#define ON(topology, text) cr_assert_str_eq(on_nodes(topology), text)

/* Executors that moved when it was spread. */
static uint32_t spread(uint32_t topology)
{
    gi_assignment *before = gi_assignment_copy(w.now[topology]);
    uint32_t n;

    cr_assert_not_null(before);
    w.topologies[topology].spread = true;
    settle(&w, gi_schedule_even);
    w.topologies[topology].spread = false;
    n = moves(before, w.now[topology]);
    gi_assignment_destroy(before);
    return n;
}

Test(schedule_spread, a_node_that_came_gets_its_part)
{
    add_supervisor(&w, "a", 4, 0, 0);
    add_component(&w, add_topology(&w, "t", 4), "c", 8, 8);
    settle(&w, gi_schedule_even);
    ON(0, "4");
    add_supervisor(&w, "b", 4, 0, 0);
    settle(&w, gi_schedule_even);
    ON(0, "4 0");
    cr_expect_eq(spread(0), 4, "two workers, and not one more");
    ON(0, "2 2");
    cr_expect_eq(spread(0), 0);
    cr_expect_eq(w.now[0]->version, 2);
}

Test(schedule_spread, those_that_stay_are_the_same_workers)
{
    add_supervisor(&w, "a", 4, 0, 0);
    add_component(&w, add_topology(&w, "t", 3), "c", 3, 3);
    settle(&w, gi_schedule_even);
    add_supervisor(&w, "b", 4, 0, 0);
    cr_expect_eq(spread(0), 1);
    ON(0, "2 1");
    for (uint32_t i = 0; i < 3; i++)
        cr_expect_eq(w.now[0]->workers[i].since,
                     strcmp(w.now[0]->workers[i].supervisor, "a") == 0 ? 1
                                                                       : 2);
}

Test(schedule_spread, nodes_that_are_full_are_left_out)
{
    add_supervisor(&w, "a", 6, 0, 0);
    add_component(&w, add_topology(&w, "t", 6), "c", 6, 6);
    settle(&w, gi_schedule_even);
    add_supervisor(&w, "b", 1, 0, 0);
    add_supervisor(&w, "c", 6, 0, 0);
    cr_expect_eq(spread(0), 3);
    ON(0, "3 1 2");
}

Test(schedule_spread, a_node_on_which_others_are_is_full_sooner)
{
    add_supervisor(&w, "a", 6, 0, 0);
    add_component(&w, add_topology(&w, "one", 1), "c", 1, 1);
    add_component(&w, add_topology(&w, "two", 1), "c", 1, 1);
    add_component(&w, add_topology(&w, "three", 1), "c", 1, 1);
    settle(&w, gi_schedule_even);
    add_supervisor(&w, "b", 6, 0, 0);
    cr_expect_eq(spread(0), 1);
    ON(0, "0 1");
    cr_expect_eq(spread(1), 0, "b would have two then, and a one");
    cr_expect_eq(spread(2), 0);
    ON(2, "1 0");
}

Test(schedule_spread, the_worker_with_least_to_do_moves)
{
    gi_topology *t;

    add_supervisor(&w, "a", 4, 0, 0);
    t = add_topology(&w, "t", 2);
    add_component(&w, t, "c", 5, 5);
    settle(&w, gi_schedule_even);
    ON(0, "2");
    add_supervisor(&w, "b", 4, 0, 0);
    cr_expect_eq(spread(0), 2, "and not three");
    ON(0, "1 1");
}

Test(schedule_spread, the_dead_and_the_silent_get_nothing)
{
    add_supervisor(&w, "a", 4, 0, 0);
    add_component(&w, add_topology(&w, "t", 4), "c", 4, 4);
    settle(&w, gi_schedule_even);
    add_supervisor(&w, "b", 4, 0, 0)->state = GI_SUPERVISOR_DEAD;
    add_supervisor(&w, "c", 4, 0, 0)->state = GI_SUPERVISOR_SILENT;
    cr_expect_eq(spread(0), 0);
    ON(0, "4 0 0");
}

Test(schedule_spread, what_is_missing_is_placed_as_well)
{
    add_supervisor(&w, "a", 2, 0, 0);
    add_component(&w, add_topology(&w, "t", 4), "c", 4, 4);
    settle(&w, gi_schedule_even);
    add_supervisor(&w, "b", 6, 0, 0);
    spread(0);
    ON(0, "2 2");
}

Test(schedule_spread, whatever_is_there_it_ends_even)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        gi_rng rng = { seed };
        uint32_t n_nodes = 2 + (uint32_t)gi_rng_below(&rng, 6);
        uint32_t n = 1 + (uint32_t)gi_rng_below(&rng, 3), most = 0, least = 99;

        world_init(&w);
        for (uint32_t i = 0; i < n_nodes; i++) {
            char id[8];

            snprintf(id, sizeof(id), "n%u", i);
            add_supervisor(&w, id, 6, 0, 0)->state =
                gi_rng_below(&rng, 2) == 0 && i > 0 ? GI_SUPERVISOR_DEAD
                                                    : GI_SUPERVISOR_ALIVE;
        }
        for (uint32_t i = 0; i < n; i++) {
            char id[8];
            uint32_t workers = 1 + (uint32_t)gi_rng_below(&rng, 5);

            snprintf(id, sizeof(id), "t%u", i);
            add_component(&w, add_topology(&w, id, workers), "c", 20, 20);
        }
        settle(&w, gi_schedule_even);
        for (uint32_t i = 0; i < n_nodes; i++)
            w.supervisors[i].state = GI_SUPERVISOR_ALIVE;
        spread(0);
        for (uint32_t i = 0; i < n_nodes; i++) {
            uint32_t here = 0, used = 0;

            for (uint32_t k = 0; k < n; k++)
                for (uint32_t j = 0; j < w.now[k]->n_workers; j++)
                    if (strcmp(w.now[k]->workers[j].supervisor, w.ids[i]) ==
                        0) {
                        used++;
                        here += k == 0;
                    }
            if (here > most)
                most = here;
            if (here < least && used < 6)
                least = here;
        }
        cr_assert(most <= least + 1, "seed %llu: %s", (unsigned long long)seed,
                  on_nodes(0));
        cr_assert_eq(spread(0), 0, "seed %llu: it is even",
                     (unsigned long long)seed);
        world_fini(&w);
    }
}
