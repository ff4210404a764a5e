/* The even scheduler: Storm's own vectors (its tests of scheduler and nimbus,
 * told again), and what Gale does beyond. */
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

TestSuite(schedule_even, .init = setup, .fini = teardown);

#define SEAT(topology, executor, place) \
    cr_assert_str_eq(seat_of(w.now[topology], executor), place)
#define SPREAD(topology, text) \
    cr_assert_str_eq(spread_of(w.now[topology]), text)

Test(schedule_even, slots_come_from_the_nodes_in_turn)
{
    static const char *const order[] = {
        "s3:6700", "s2:6700", "s1:6700", "s3:6701", "s2:6701",
        "s1:6701", "s3:6702", "s2:6702", "s3:6703",
    };

    add_supervisor(&w, "s1", 2, 0, 0);
    add_supervisor(&w, "s3", 4, 0, 0);
    add_supervisor(&w, "s2", 3, 0, 0);
    add_component(&w, add_topology(&w, "t", 9), "c", 9, 9);
    settle(&w, gi_schedule_even);
    for (uint32_t i = 0; i < 9; i++)
        SEAT(0, i, order[i]);
    cr_assert_null(w.now[0]->why);
}

Test(schedule_even, ports_are_numbers_in_whatever_order_they_are_given)
{
    add_supervisor(&w, "a", 3, 0, 0);
    w.slots[0][0].port = 10000;
    w.slots[0][1].port = 9;
    w.slots[0][2].port = 6700;
    add_component(&w, add_topology(&w, "t", 3), "c", 3, 3);
    settle(&w, gi_schedule_even);
    SEAT(0, 0, "a:9");
    SEAT(0, 1, "a:6700");
    SEAT(0, 2, "a:10000");
}

Test(schedule_even, executors_are_cut_as_storm_cuts_them)
{
    static const gi_component c[] = {
        { "1", 1, 5, 3, 0, 0 },
        { "2", 6, 2, 2, 0, 0 },
        { "3", 8, 3, 3, 0, 0 },
    };
    static const uint32_t first[] = { 1, 3, 5, 6, 7, 8, 9, 10, 11 };
    uint32_t n = 0;

    for (uint32_t i = 0; i < 3; i++)
        for (uint32_t k = 0; k < c[i].n_executors; k++) {
            uint32_t from, end;

            gi_component_executor(&c[i], k, &from, &end);
            cr_assert_eq(from, first[n]);
            cr_assert_eq(end, first[++n]);
        }
}

Test(schedule_even, workers_get_what_they_ask_for_or_what_is_left)
{
    static const char *const ids[] = { "a", "b", "c", "d" };
    gi_topology *t;

    for (int i = 0; i < 4; i++)
        add_supervisor(&w, ids[i], 3, 0, 0);
    t = add_topology(&w, "mystorm", 4);
    add_component(&w, t, "1", 3, 3);
    add_component(&w, t, "2", 4, 4);
    add_component(&w, t, "3", 1, 1);
    settle(&w, gi_schedule_even);
    SPREAD(0, "2 2 2 2");

    t = add_topology(&w, "storm2", 20);
    add_component(&w, t, "1", 12, 12);
    add_component(&w, t, "2", 6, 6);
    add_component(&w, t, "3", 8, 8);
    add_component(&w, t, "4", 4, 4);
    settle(&w, gi_schedule_even);
    cr_assert_eq(w.now[0]->version, 1);
    cr_assert_eq(w.now[1]->n_workers, 8);
    SPREAD(1, "3 3 4 4 4 4 4 4");
    cr_assert_str_eq(w.now[1]->why, "8 of 20 workers: no more slots are free");
}

Test(schedule_even, more_executors_than_workers_are_dealt_out_in_turn)
{
    static const uint32_t tasks[] = { 21, 9, 2, 10 };
    static const char *const ids[] = { "1", "2", "3", "4" };
    gi_topology *t = add_topology(&w, "test", 7);

    add_supervisor(&w, "a", 5, 0, 0);
    add_supervisor(&w, "b", 5, 0, 0);
    for (int i = 0; i < 4; i++)
        add_component(&w, t, ids[i], tasks[i], tasks[i]);
    settle(&w, gi_schedule_even);
    SPREAD(0, "6 6 6 6 6 6 6");
    for (uint32_t i = 7; i < 42; i++)
        cr_assert_eq(w.now[0]->executors[i].worker,
                     w.now[0]->executors[i - 7].worker);
}

Test(schedule_even, fewer_executors_than_workers_leave_slots_free)
{
    add_supervisor(&w, "a", 6, 0, 0);
    add_component(&w, add_topology(&w, "t", 5), "c", 4, 2);
    settle(&w, gi_schedule_even);
    SPREAD(0, "1 1");
    cr_assert_null(w.now[0]->why);
}

Test(schedule_even, a_squeezed_topology_spreads_when_slots_come)
{
    add_supervisor(&w, "a", 1, 0, 0);
    add_component(&w, add_topology(&w, "t", 4), "1", 9, 9);
    settle(&w, gi_schedule_even);
    SPREAD(0, "9");
    cr_assert_str_eq(w.now[0]->why, "1 of 4 workers: no more slots are free");
    add_supervisor(&w, "b", 2, 0, 0);
    settle(&w, gi_schedule_even);
    SPREAD(0, "3 3 3");
    add_supervisor(&w, "c", 5, 0, 0);
    settle(&w, gi_schedule_even);
    SPREAD(0, "2 2 2 3");
    cr_assert_null(w.now[0]->why);
    for (uint32_t i = 0; i < 4; i++)
        cr_assert_leq(w.now[0]->workers[i].since, 3);
}

Test(schedule_even, a_topology_packs_when_slots_go_and_spreads_back)
{
    add_supervisor(&w, "a", 1, 0, 0);
    add_supervisor(&w, "b", 1, 0, 0);
    add_component(&w, add_topology(&w, "t", 2), "1", 2, 2);
    settle(&w, gi_schedule_even);
    SPREAD(0, "1 1");
    w.supervisors[1].state = GI_SUPERVISOR_DEAD;
    settle(&w, gi_schedule_even);
    SPREAD(0, "2");
    cr_assert_eq(w.now[0]->workers[0].since, 1);
    w.supervisors[1].state = GI_SUPERVISOR_ALIVE;
    settle(&w, gi_schedule_even);
    SPREAD(0, "1 1");
    cr_assert_eq(w.now[0]->workers[0].since, 1);
    cr_assert_eq(w.now[0]->workers[1].since, 3, "another worker than before");
}

Test(schedule_even, a_rebalance_changes_workers_and_executors)
{
    static const char *const ids[] = { "a", "b", "c", "d" };

    for (int i = 0; i < 4; i++)
        add_supervisor(&w, ids[i], 3, 0, 0);
    add_component(&w, add_topology(&w, "t", 3), "1", 12, 6);
    settle(&w, gi_schedule_even);
    SPREAD(0, "2 2 2");
    w.topologies[0].n_workers = 6;
    settle(&w, gi_schedule_even);
    SPREAD(0, "1 1 1 1 1 1");
    component_at(&w, 0, 0)->n_executors = 1;
    settle(&w, gi_schedule_even);
    SPREAD(0, "1");
    component_at(&w, 0, 0)->n_executors = 8;
    w.topologies[0].n_workers = 4;
    settle(&w, gi_schedule_even);
    SPREAD(0, "2 2 2 2");
}

/* Storm's constrained cluster: three topologies, four slots. */
Test(schedule_even, topologies_come_by_their_ids)
{
    static const char *const ids[] = { "test", "test2", "test3" };

    add_supervisor(&w, "a", 4, 0, 0);
    for (int i = 0; i < 3; i++) {
        add_component(&w, add_topology(&w, ids[i], 3), "1", 3, 3);
        settle(&w, gi_schedule_even);
    }
    SPREAD(0, "1 1 1");
    SPREAD(1, "3");
    SPREAD(2, "");
    cr_assert_str_eq(w.now[2]->why, "all 4 slots of 1 supervisor are taken");
    w.topologies[0].n_workers = 6;
    settle(&w, gi_schedule_even);
    SPREAD(0, "1 1 1");
    SPREAD(1, "3");
    w.topologies[0].n_workers = 1;
    settle(&w, gi_schedule_even);
    SPREAD(0, "3");
    SPREAD(1, "1 1 1");
    SPREAD(2, "");
    remove_topology(&w, 0); /* test3 takes its place in the list */
    settle(&w, gi_schedule_even);
    SPREAD(1, "1 1 1");
    SPREAD(0, "3");
}

Test(schedule_even, only_the_executors_of_a_dead_node_move)
{
    static const char *const ids[] = { "a", "b", "c" };
    gi_assignment *before;

    for (int i = 0; i < 3; i++)
        add_supervisor(&w, ids[i], 2, 0, 0);
    add_component(&w, add_topology(&w, "t", 3), "1", 10, 10);
    settle(&w, gi_schedule_even);
    SEAT(0, 0, "a:6700");
    SEAT(0, 1, "b:6700");
    before = gi_assignment_copy(w.now[0]);
    w.supervisors[1].state = GI_SUPERVISOR_DEAD;
    settle(&w, gi_schedule_even);
    cr_assert_eq(moves(before, w.now[0]), 3, "b had three of the ten");
    SEAT(0, 1, "a:6701");
    cr_assert_eq(w.now[0]->version, 2);
    gi_assignment_destroy(before);
}

Test(schedule_even, a_worker_that_lives_outlasts_its_supervisor)
{
    add_supervisor(&w, "a", 2, 0, 0);
    add_supervisor(&w, "b", 2, 0, 0);
    add_component(&w, add_topology(&w, "t", 2), "1", 4, 4);
    settle(&w, gi_schedule_even);
    w.supervisors[0].state = GI_SUPERVISOR_DEAD;
    w.living[0] = (gi_living){ "t", "a", 6700, 1, 7 };
    w.c.n_living = 1;
    settle(&w, gi_schedule_even);
    cr_assert_eq(w.now[0]->version, 1);

    w.living[0].since = 2; /* some other worker of that name */
    settle(&w, gi_schedule_even);
    cr_assert_eq(w.now[0]->version, 2);
    cr_assert_str_eq(w.now[0]->workers[0].supervisor, "b");
}

Test(schedule_even, a_worker_is_adopted_from_a_supervisor_nobody_knows)
{
    add_supervisor(&w, "a", 2, 0, 0);
    add_component(&w, add_topology(&w, "t", 1), "1", 4, 4);
    settle(&w, gi_schedule_even);
    w.c.n_supervisors = 0; /* a new Nimbus; nobody has called yet */
    w.living[0] = (gi_living){ "t", "a", 6700, 1, 7 };
    w.c.n_living = 1;
    settle(&w, gi_schedule_even);
    cr_assert_eq(w.now[0]->version, 1);
    cr_assert_str_eq(w.now[0]->workers[0].host, "host-a");

    w.c.n_living = 0;
    settle(&w, gi_schedule_even);
    SPREAD(0, "");
    cr_assert_str_eq(w.now[0]->why, "no supervisor is alive");
}

Test(schedule_even, what_a_silent_supervisor_has_stays_and_nothing_comes)
{
    add_supervisor(&w, "a", 2, 0, 0);
    add_component(&w, add_topology(&w, "t", 1), "1", 4, 4);
    settle(&w, gi_schedule_even);
    w.supervisors[0].state = GI_SUPERVISOR_SILENT;
    w.supervisors[0].n_slots = 0; /* not even known what it offers */
    w.topologies[0].n_workers = 2;
    settle(&w, gi_schedule_even);
    cr_assert_eq(w.now[0]->version, 1);
    w.supervisors[0].state = GI_SUPERVISOR_ALIVE;
    w.supervisors[0].n_slots = 2;
    settle(&w, gi_schedule_even);
    SPREAD(0, "2 2");
}

Test(schedule_even, a_worker_that_died_is_started_again_in_its_place)
{
    add_supervisor(&w, "a", 2, 0, 0);
    add_supervisor(&w, "b", 2, 0, 0);
    add_component(&w, add_topology(&w, "t", 1), "1", 4, 4);
    settle(&w, gi_schedule_even);
    settle(&w, gi_schedule_even); /* nothing lives, but a is alive */
    cr_assert_eq(w.now[0]->version, 1);
    w.slots[0][0].bad = true; /* it did not come up */
    settle(&w, gi_schedule_even);
    SEAT(0, 0, "b:6700");
}

Test(schedule_even, one_that_leaves_keeps_its_slots_and_its_numbers)
{
    add_supervisor(&w, "a", 1, 0, 0);
    add_component(&w, add_topology(&w, "z", 1), "1", 4, 4);
    settle(&w, gi_schedule_even);
    add_component(&w, add_topology(&w, "a", 1), "1", 4, 4);
    w.topologies[0].leaving = true;
    component_at(&w, 0, 0)->n_executors = 2;
    settle(&w, gi_schedule_even);
    cr_assert_eq(w.now[0]->n_executors, 4);
    cr_assert_eq(w.now[0]->version, 1);
    SPREAD(1, "");
}

Test(schedule_even, tasks_stay_when_executors_are_cut_anew)
{
    add_supervisor(&w, "a", 2, 0, 0);
    add_component(&w, add_topology(&w, "t", 2), "1", 8, 2);
    settle(&w, gi_schedule_even);
    component_at(&w, 0, 0)->n_executors = 8;
    settle(&w, gi_schedule_even);
    for (uint32_t i = 0; i < 8; i++)
        SEAT(0, i, i < 4 ? "a:6700" : "a:6701");
    for (uint32_t i = 0; i < 2; i++)
        cr_assert_eq(w.now[0]->workers[i].since, 1);
    component_at(&w, 0, 0)->n_executors = 2;
    settle(&w, gi_schedule_even);
    SEAT(0, 0, "a:6700");
    SEAT(0, 1, "a:6701");
}

Test(schedule_even, of_two_halves_the_one_with_the_first_task_is_home)
{
    gi_topology *t = add_topology(&w, "t", 2);

    add_supervisor(&w, "a", 1, 0, 0);
    add_supervisor(&w, "b", 1, 0, 0);
    add_component(&w, t, "1", 4, 2);
    add_component(&w, t, "2", 1, 1);
    settle(&w, gi_schedule_even);
    SEAT(0, 1, "b:6700");
    component_at(&w, 0, 0)->n_executors = 1;
    settle(&w, gi_schedule_even);
    SEAT(0, 0, "a:6700");
}

Test(schedule_even, those_with_fewest_tasks_at_home_leave_first)
{
    static const uint32_t tasks[] = { 3, 2, 2 };
    gi_assignment *now = gi_assignment_create(1, 2);

    /* Of tasks 1 to 3 only the last was anywhere. */
    now->version = 1;
    now->workers[0] = (gi_assigned){ "a", "host-a", 6700, 1 };
    now->executors[0] = (gi_executor){ 3, 6, 0 };
    now->executors[1] = (gi_executor){ 6, 8, 0 };
    add_supervisor(&w, "a", 3, 0, 0);
    add_topology(&w, "t", 3);
    for (int i = 0; i < 3; i++)
        add_component(&w, w.topologies, "c", tasks[i], 1);
    w.topologies[0].now = w.now[0] = now;
    settle(&w, gi_schedule_even);
    SEAT(0, 0, "a:6701");
    SEAT(0, 1, "a:6700");
    SEAT(0, 2, "a:6702");
}

Test(schedule_even, another_host_name_is_news_but_no_other_worker)
{
    add_supervisor(&w, "a", 1, 0, 0);
    add_component(&w, add_topology(&w, "t", 1), "1", 1, 1);
    settle(&w, gi_schedule_even);
    w.supervisors[0].host = "elsewhere";
    settle(&w, gi_schedule_even);
    cr_assert_eq(w.now[0]->version, 2);
    cr_assert_eq(w.now[0]->workers[0].since, 1);
    cr_assert_str_eq(w.now[0]->workers[0].host, "elsewhere");
}

Test(schedule_even, facts_that_make_no_sense_are_refused)
{
    gi_schedule s;
    gi_topology *t;

    add_supervisor(&w, "a", 2, 0, 0);
    add_supervisor(&w, "a", 1, 0, 0);
    cr_assert_eq(gi_schedule_even(&s, &w.c), GALE_EINVAL);
    w.c.n_supervisors = 1;
    w.slots[0][1].port = w.slots[0][0].port;
    cr_assert_eq(gi_schedule_even(&s, &w.c), GALE_EINVAL);
    w.c.n_supervisors = 0;
    t = add_topology(&w, "t", 1);
    add_component(&w, t, "c", 2, 3);
    cr_assert_eq(gi_schedule_even(&s, &w.c), GALE_EINVAL);
    component_at(&w, 0, 0)->n_executors = 0;
    cr_assert_eq(gi_schedule_even(&s, &w.c), GALE_EINVAL);
    component_at(&w, 0, 0)->n_executors = 2;
    add_component(&w, t, "d", 1, 1)->first_task = 2;
    cr_assert_eq(gi_schedule_even(&s, &w.c), GALE_EINVAL);
    t->n_components = 1;
    cr_assert_eq(gi_schedule_even(&s, &w.c), GALE_EINVAL,
                 "it talks to a component that is not there");
    t->n_talks = 0;
    cr_assert_eq(gi_schedule_even(&s, &w.c), GALE_OK);
    gi_schedule_fini(&s);
    add_topology(&w, "t", 1);
    cr_assert_eq(gi_schedule_even(&s, &w.c), GALE_EINVAL);
}

Test(schedule_even, an_assignment_that_makes_no_sense_is_refused)
{
    gi_schedule s;
    gi_assignment *a;

    add_supervisor(&w, "a", 2, 0, 0);
    add_component(&w, add_topology(&w, "t", 2), "c", 4, 4);
    settle(&w, gi_schedule_even);
    for (int what = 0; what < 7; what++) {
        a = gi_assignment_copy(w.now[0]);
        if (what == 0)
            a->executors[1].worker = 2;
        else if (what == 1)
            a->executors[2].first_task = 2;
        else if (what == 2)
            a->executors[0].end_task = 1;
        else if (what == 3)
            a->workers[0].supervisor = "b";
        else if (what == 4)
            a->workers[1].port = 6700;
        else if (what == 5)
            a->workers[1].since = 2;
        w.topologies[0].now = a;
        cr_assert_eq(gi_schedule_even(&s, &w.c),
                     what < 6 ? GALE_EINVAL : GALE_OK);
        gi_assignment_destroy(a);
    }
    gi_schedule_fini(&s);
}

Test(schedule_even, an_empty_cluster_is_one_too)
{
    gi_schedule s;

    cr_assert_eq(gi_schedule_even(&s, &w.c), GALE_OK);
    cr_assert_eq(s.n, 0);
    gi_schedule_fini(&s);
}
