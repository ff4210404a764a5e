/* Resource-aware scheduling: what fits, where it goes, and who has to go. */
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

TestSuite(schedule_resource, .init = setup, .fini = teardown);

static gi_topology *topology(const char *id, uint32_t priority, uint32_t n,
                             uint32_t cpu, uint32_t memory_mb)
{
    gi_topology *t = add_topology(&w, id, 1);
    gi_component *c = add_component(&w, t, "c", n, n);

    t->priority = priority;
    c->cpu = cpu;
    c->memory_mb = memory_mb;
    return t;
}

static uint32_t placed(uint32_t topology)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < w.now[topology]->n_executors; i++)
        n += w.now[topology]->executors[i].worker != GI_NOWHERE;
    return n;
}

#define SEAT(topology, executor, place) \
    cr_assert_str_eq(seat_of(w.now[topology], executor), place)

Test(schedule_resource, the_node_with_most_room_is_filled_first)
{
    add_supervisor(&w, "a", 2, 200, 4096);
    add_supervisor(&w, "b", 2, 400, 4096);
    topology("t", 29, 5, 100, 128);
    settle(&w, gi_schedule_resource);
    for (uint32_t i = 0; i < 4; i++)
        SEAT(0, i, "b:6700");
    SEAT(0, 4, "a:6700");
    cr_assert_null(w.now[0]->why);
}

Test(schedule_resource, the_scarcer_thing_says_which_node_has_most_room)
{
    add_supervisor(&w, "a", 1, 800, 1024);
    add_supervisor(&w, "b", 1, 400, 8192);
    topology("t", 29, 1, 10, 128);
    settle(&w, gi_schedule_resource);
    SEAT(0, 0, "b:6700");
}

Test(schedule_resource, each_node_gets_a_slice_of_every_component)
{
    gi_topology *t = add_topology(&w, "t", 1);

    add_supervisor(&w, "a", 1, 400, 4096);
    add_supervisor(&w, "b", 1, 400, 4096);
    add_component(&w, t, "spout", 2, 2)->cpu = 100;
    add_component(&w, t, "split", 4, 4)->cpu = 100;
    add_component(&w, t, "count", 2, 2)->cpu = 100;
    settle(&w, gi_schedule_resource);
    SEAT(0, 0, "a:6700");
    SEAT(0, 1, "b:6700");
    for (uint32_t i = 2; i < 6; i++)
        SEAT(0, i, i < 4 ? "a:6700" : "b:6700");
    SEAT(0, 6, "a:6700");
    SEAT(0, 7, "b:6700");
}

Test(schedule_resource, what_does_not_talk_is_not_mixed)
{
    gi_topology *t = add_topology(&w, "t", 1);

    add_supervisor(&w, "a", 1, 200, 4096);
    add_supervisor(&w, "b", 1, 200, 4096);
    add_component(&w, t, "one", 1, 1)->cpu = 100;
    add_component(&w, t, "two", 1, 1)->cpu = 100;
    add_component(&w, t, "three", 1, 1)->cpu = 100;
    add_component(&w, t, "four", 1, 1)->cpu = 100;
    t->n_talks = 2;
    w.talks[0][0] = (gi_talk){ 0, 3 };
    w.talks[0][1] = (gi_talk){ 1, 2 };
    settle(&w, gi_schedule_resource);
    SEAT(0, 0, "a:6700");
    SEAT(0, 3, "a:6700");
    SEAT(0, 1, "b:6700");
    SEAT(0, 2, "b:6700");
}

Test(schedule_resource, a_lost_executor_goes_where_its_talk_is)
{
    gi_topology *t = add_topology(&w, "t", 1);

    add_supervisor(&w, "a", 1, 200, 4096);
    add_supervisor(&w, "b", 1, 150, 4096);
    add_supervisor(&w, "c", 1, 1000, 4096);
    w.supervisors[2].state = GI_SUPERVISOR_DEAD;
    add_component(&w, t, "spout", 3, 3)->cpu = 50;
    add_component(&w, t, "count", 1, 1)->cpu = 100;
    settle(&w, gi_schedule_resource);
    SEAT(0, 3, "a:6700");
    SEAT(0, 2, "b:6700");
    w.supervisors[0].cpu = 300;
    w.supervisors[2].state = GI_SUPERVISOR_ALIVE;
    w.slots[1][0].bad = true;
    settle(&w, gi_schedule_resource);
    SEAT(0, 2, "a:6700");
}

Test(schedule_resource, more_talk_draws_more)
{
    gi_topology *t = add_topology(&w, "t", 1);

    add_supervisor(&w, "a", 1, 50, 4096);
    add_supervisor(&w, "b", 1, 100, 4096);
    add_supervisor(&w, "c", 1, 60, 4096);
    add_component(&w, t, "spout", 3, 3)->cpu = 50;
    add_component(&w, t, "count", 1, 1)->cpu = 20;
    settle(&w, gi_schedule_resource);
    SEAT(0, 1, "b:6700");
    SEAT(0, 2, "a:6700");
    SEAT(0, 3, "c:6700");
    w.slots[2][0].bad = true;
    w.supervisors[0].cpu = 1000;
    w.supervisors[1].cpu = 120;
    settle(&w, gi_schedule_resource);
    SEAT(0, 3, "b:6700");
}

Test(schedule_resource, a_worker_that_is_there_draws_more_than_room)
{
    add_supervisor(&w, "a", 1, 100, 4096);
    add_supervisor(&w, "b", 1, 100, 4096);
    topology("t", 29, 2, 100, 10);
    settle(&w, gi_schedule_resource);
    SEAT(0, 1, "b:6700");
    w.supervisors[0].cpu = 200;
    w.slots[1][0].bad = true;
    add_supervisor(&w, "c", 1, 1000, 4096);
    settle(&w, gi_schedule_resource);
    SEAT(0, 1, "a:6700");
}

Test(schedule_resource, of_what_was_lost_as_much_is_placed_as_fits)
{
    add_supervisor(&w, "a", 1, 100, 4096);
    add_supervisor(&w, "b", 1, 200, 4096);
    topology("t", 29, 3, 100, 10);
    settle(&w, gi_schedule_resource);
    w.slots[1][0].bad = true;
    w.supervisors[0].cpu = 200;
    settle(&w, gi_schedule_resource);
    cr_assert_eq(placed(0), 2);
    cr_assert_not_null(w.now[0]->why);
}

Test(schedule_resource, a_worker_ends_where_its_memory_does)
{
    add_supervisor(&w, "a", 3, 1000, 4096);
    topology("t", 29, 6, 10, 256)->worker_memory_mb = 768;
    settle(&w, gi_schedule_resource);
    cr_assert_str_eq(spread_of(w.now[0]), "3 3");
}

Test(schedule_resource, what_fits_nowhere_is_refused_in_words)
{
    add_supervisor(&w, "a", 1, 100, 4096);
    add_supervisor(&w, "b", 1, 400, 1024);
    topology("t", 29, 1, 200, 2048);
    topology("u", 29, 1, 10, 900)->worker_memory_mb = 768;
    settle(&w, gi_schedule_resource);
    cr_assert_eq(placed(0), 0);
    cr_assert_str_eq(w.now[0]->why,
                     "an executor of 'c' needs 200 cpu and 2048 MB; the "
                     "largest free is 400 cpu on 'b' and 4096 MB on 'a'");
    cr_assert_str_eq(w.now[1]->why, "an executor of 'c' needs 10 cpu and 900 "
                                    "MB; a worker may have 768 MB");
}

Test(schedule_resource, room_without_a_slot_is_no_room)
{
    add_supervisor(&w, "a", 1, 400, 4096);
    topology("t", 29, 1, 10, 10);
    topology("u", 29, 1, 10, 10);
    settle(&w, gi_schedule_resource);
    cr_assert_eq(placed(0), 1);
    cr_assert_str_eq(w.now[1]->why,
                     "an executor of 'c' needs 10 cpu and 10 MB; 1 "
                     "supervisors have that, but no free slot");
}

Test(schedule_resource, a_new_topology_gets_all_or_nothing)
{
    add_supervisor(&w, "a", 2, 250, 4096);
    topology("t", 29, 3, 100, 10);
    topology("u", 29, 2, 100, 10);
    settle(&w, gi_schedule_resource);
    cr_assert_eq(placed(0), 0);
    cr_assert_eq(placed(1), 2);
}

Test(schedule_resource, one_that_runs_keeps_what_it_has)
{
    add_supervisor(&w, "a", 1, 200, 4096);
    add_supervisor(&w, "b", 1, 150, 4096);
    topology("t", 29, 3, 100, 10);
    settle(&w, gi_schedule_resource);
    cr_assert_eq(placed(0), 3);
    w.supervisors[1].state = GI_SUPERVISOR_DEAD;
    settle(&w, gi_schedule_resource);
    cr_assert_eq(placed(0), 2);
    cr_assert_not_null(w.now[0]->why);
    w.supervisors[1].state = GI_SUPERVISOR_ALIVE;
    settle(&w, gi_schedule_resource);
    cr_assert_eq(placed(0), 3);
    cr_assert_null(w.now[0]->why);
    cr_assert_eq(w.now[0]->workers[0].since, 1);
}

Test(schedule_resource, a_node_that_shrank_keeps_what_still_fits)
{
    add_supervisor(&w, "a", 1, 400, 4096);
    topology("t", 29, 4, 100, 10);
    settle(&w, gi_schedule_resource);
    w.supervisors[0].cpu = 250;
    add_supervisor(&w, "b", 1, 400, 4096);
    settle(&w, gi_schedule_resource);
    for (uint32_t i = 0; i < 4; i++)
        SEAT(0, i, i < 2 ? "a:6700" : "b:6700");
}

Test(schedule_resource, the_important_push_out_the_others_as_far_as_needed)
{
    add_supervisor(&w, "a", 4, 400, 4096);
    topology("x", 29, 1, 100, 10);
    topology("y", 28, 1, 150, 10);
    topology("z", 27, 1, 100, 10);
    settle(&w, gi_schedule_resource);
    cr_assert_eq(placed(0) + placed(1) + placed(2), 3);
    /* 50 are free, x and y would give 300: y alone is enough. */
    topology("king", 0, 1, 200, 10);
    settle(&w, gi_schedule_resource);
    cr_assert_eq(placed(3), 1);
    cr_assert_eq(placed(2), 1);
    cr_assert_eq(placed(1), 0);
    cr_assert_eq(placed(0), 1);
    cr_assert_eq(w.now[0]->version, 1, "x is where it was");
    cr_assert_str_eq(w.now[1]->why,
                     "pushed out by 'king' of priority 0: an executor of 'c' "
                     "needs 150 cpu and 10 MB; the largest free is 0 cpu on "
                     "'a' and 4066 MB on 'a'");
}

Test(schedule_resource, nobody_is_pushed_out_in_vain)
{
    add_supervisor(&w, "a", 4, 400, 4096);
    topology("x", 29, 2, 100, 10);
    topology("leaving", 29, 1, 100, 10)->leaving = false;
    settle(&w, gi_schedule_resource);
    w.topologies[1].leaving = true;
    topology("king", 0, 4, 100, 10);
    settle(&w, gi_schedule_resource);
    cr_assert_eq(placed(2), 0);
    cr_assert_eq(w.now[0]->version, 1);
    cr_assert_eq(placed(1), 1);
}

Test(schedule_resource, what_is_pushed_out_may_be_just_enough)
{
    add_supervisor(&w, "a", 4, 400, 4096);
    topology("x", 29, 2, 200, 10);
    settle(&w, gi_schedule_resource);
    topology("king", 0, 4, 100, 1024);
    settle(&w, gi_schedule_resource);
    cr_assert_eq(placed(0), 0);
    cr_assert_eq(placed(1), 4);
}

Test(schedule_resource, equals_do_not_push)
{
    add_supervisor(&w, "a", 4, 400, 4096);
    topology("x", 5, 4, 100, 10);
    settle(&w, gi_schedule_resource);
    topology("a", 5, 1, 100, 10);
    settle(&w, gi_schedule_resource);
    cr_assert_eq(placed(0), 4);
    cr_assert_eq(placed(1), 0);
}

Test(schedule_resource, one_that_was_pushed_out_moves_where_there_is_room)
{
    add_supervisor(&w, "a", 2, 400, 4096);
    topology("x", 29, 4, 100, 10);
    settle(&w, gi_schedule_resource);
    add_supervisor(&w, "b", 2, 200, 4096);
    topology("king", 0, 1, 300, 10);
    w.topologies[0].n_components = 1;
    settle(&w, gi_schedule_resource);
    SEAT(1, 0, "a:6700");
    cr_assert_eq(placed(0), 0, "a and b have 300 left");
    w.supervisors[1].cpu = 300;
    settle(&w, gi_schedule_resource);
    cr_assert_eq(placed(0), 4);
    cr_assert_null(w.now[0]->why);
}

Test(schedule_resource, no_new_ones_go_to_a_worker_nobody_looks_after)
{
    add_supervisor(&w, "a", 2, 400, 4096);
    topology("x", 29, 1, 100, 10);
    settle(&w, gi_schedule_resource);
    w.supervisors[0].state = GI_SUPERVISOR_SILENT;
    w.components[0][0].n_tasks = w.components[0][0].n_executors = 2;
    settle(&w, gi_schedule_resource);
    cr_assert_eq(placed(0), 1);
    cr_assert_str_eq(w.now[0]->why, "an executor of 'c' needs 100 cpu and 10 "
                                    "MB; no supervisor is alive");
}
