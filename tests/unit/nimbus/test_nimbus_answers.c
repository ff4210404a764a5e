/* What is answered to who asks for more than there is, and to a rebalance
 * without numbers. */
#include "nimbus_world.h"

static struct world w;

static void begin(void)
{
    world_init(&w);
    w.sups[2].away = w.sups[3].away = true;
    w.sups[1].n_ports = 1;
    world_round(&w); /* four slots */
}

static void end(void)
{
    world_fini(&w);
}

TestSuite(nimbus_answers, .init = begin, .fini = end);

static gi_msg_submitted submit_wide(const char *name, uint32_t workers,
                                    uint32_t tasks)
{
    gi_msg_component c[2];
    gi_msg_submit q = plain_submit(name, workers, tasks, c);
    gi_msg_submitted out;

    cr_assert_eq(ask(&w, GI_ASK_SUBMIT, &q, "ann", &out), GALE_OK, "%s",
                 w.why.text);
    return out;
}

static gi_msg_rebalanced rebalance(const char *name, uint64_t workers)
{
    gi_msg_rebalance q = { .name = name, .now = true, .workers = workers };
    gi_msg_rebalanced out;

    cr_assert_eq(ask(&w, GI_ASK_REBALANCE, &q, "ann", &out), GALE_OK, "%s",
                 w.why.text);
    return out;
}

Test(nimbus_answers, more_workers_than_there_are_slots)
{
    gi_msg_rebalanced r;

    cr_expect_str_eq(submit_wide("wc", 9, 10).why,
                     "4 of 9 workers: no more slots are free; it runs with "
                     "what it has, and gets the rest as soon as there is "
                     "room");
    cr_expect_str_eq(submit_wide("late", 1, 1).why,
                     "all 4 slots of 2 supervisors are taken; it runs as soon "
                     "as there is room");
    world_round(&w);
    r = rebalance("wc", 12);
    cr_expect_eq(r.workers, 4);
    cr_expect_eq(r.fresh, 0);
    cr_expect_str_eq(r.why,
                     "4 of 12 workers: no more slots are free; it runs with "
                     "what it has, and gets the rest as soon as there is "
                     "room");
}

Test(nimbus_answers, more_workers_than_executors)
{
    gi_msg_rebalanced r;

    cr_expect_str_eq(submit_wide("wc", 1, 1).why, "");
    world_round(&w);
    r = rebalance("wc", 3);
    cr_expect_eq(r.workers, 2);
    cr_expect_eq(r.fresh, 1);
    cr_expect_str_eq(r.why, "2 of 3 workers: it has no more executors");
}

Test(nimbus_answers, more_workers_than_slots_and_executors)
{
    submit_wide("wc", 1, 3);
    world_round(&w);
    cr_expect_str_eq(rebalance("wc", 9).why,
                     "4 of 6 workers: no more slots are free; it runs with "
                     "what it has, and gets the rest as soon as there is "
                     "room; and not 9: it has no more executors than 6");
}

Test(nimbus_answers, workers_by_what_they_need)
{
    w.opts.by_resources = true;
    world_restart(&w);
    world_round(&w);
    submit_wide("wc", 1, 1);
    cr_expect_str_eq(rebalance("wc", 3).why,
                     "1 worker, and not 3: they follow from what its "
                     "executors need (see storm.scheduler)");
}

static uint32_t on(const struct sup *s)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < s->n_ports; i++)
        n += s->slots[i].topology[0] != '\0';
    return n;
}

Test(nimbus_answers, a_node_that_came_gets_its_part_when_that_is_asked_for)
{
    gi_msg_rebalanced r;

    submit_wide("wc", 4, 4);
    world_round(&w);
    w.sups[2].away = false;
    world_round(&w);
    cr_assert_eq(on(&w.sups[2]), 0, "what runs is left alone");
    r = rebalance("wc", 4);
    cr_expect_eq(r.fresh, 0, "numbers are no wish to be elsewhere");
    world_pass(&w, 1);
    world_round(&w);
    cr_assert_eq(on(&w.sups[2]), 0);

    r = rebalance("wc", 0);
    cr_expect_eq(r.workers, 4);
    cr_expect_eq(r.fresh, 1);
    cr_expect_str_eq(r.why, "");
    world_pass(&w, 1);
    world_round(&w);
    cr_expect_str_eq(status(&w, "wc"), "ACTIVE");
    cr_expect_eq(on(&w.sups[0]), 2);
    cr_expect_eq(on(&w.sups[1]), 1);
    cr_expect_eq(on(&w.sups[2]), 1);

    r = rebalance("wc", 0);
    cr_expect_eq(r.fresh, 0);
    world_pass(&w, 1);
    world_round(&w);
    w.sups[3].away = false;
    world_round(&w);
    cr_expect_eq(on(&w.sups[3]), 0, "it was for once");
}

Test(nimbus_answers, asking_changes_nothing_by_itself)
{
    gi_msg_rebalance q = { .name = "wc", .now = true, .wait_ms = 60000 };
    gi_msg_rebalanced first, again;

    submit_wide("wc", 4, 4);
    world_round(&w);
    for (uint32_t i = 0; i < PORTS; i++)
        w.sups[0].slots[i].pending = 5;
    w.sups[2].away = false;
    world_round(&w);
    cr_assert_eq(ask(&w, GI_ASK_REBALANCE, &q, "ann", &first), GALE_OK);
    cr_expect_eq(first.fresh, 1);
    world_round(&w);
    cr_expect_str_eq(status(&w, "wc"), "REBALANCING");
    cr_expect_eq(on(&w.sups[2]), 0, "not before nothing is in flight");
    cr_assert_eq(ask(&w, GI_ASK_REBALANCE, &q, "ann", &again), GALE_OK);
    cr_expect_eq(again.fresh, 1, "the first answer was lost");
}
