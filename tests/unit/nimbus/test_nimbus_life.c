/* Topologies are stopped, started, cut anew and killed. */
#include "nimbus_world.h"

#include "gale/task.h"

static struct world w;

static void begin(void)
{
    world_init(&w);
    world_round(&w);
}

static void end(void)
{
    world_fini(&w);
}

TestSuite(nimbus_life, .init = begin, .fini = end);

#define SAYS(part)                                                        \
    cr_assert(strstr(w.why.text, part) != NULL, "'%s' does not say '%s'", \
              w.why.text, part)

Test(nimbus_life, spouts_are_stopped_and_started)
{
    cr_assert_eq(submit(&w, "wc", 1), GALE_OK);
    cr_assert_eq(told(&w, "wc").turn, 1);
    cr_assert(told(&w, "wc").active);
    cr_assert_eq(named(&w, GI_ASK_DEACTIVATE, "wc", "ann"), GALE_OK);
    cr_assert_eq(named(&w, GI_ASK_DEACTIVATE, "wc", "ann"), GALE_OK);
    cr_assert_eq(told(&w, "wc").turn, 2);
    cr_assert_not(told(&w, "wc").active);
    cr_assert_eq(named(&w, GI_ASK_ACTIVATE, "wc", "ann"), GALE_OK);
    cr_assert_eq(told(&w, "wc").turn, 3);
    cr_assert(told(&w, "wc").active);
}

Test(nimbus_life, a_topology_may_begin_inactive)
{
    gi_msg_component c[2];
    gi_msg_submit q = plain_submit("wc", 1, 1, c);
    gi_msg_submitted reply;

    q.inactive = true;
    cr_assert_eq(ask(&w, GI_ASK_SUBMIT, &q, "ann", &reply), GALE_OK);
    cr_assert_str_eq(status(&w, "wc"), "INACTIVE");
    cr_assert_not(told(&w, "wc").active);
}

Test(nimbus_life, a_killed_topology_ends_when_nothing_is_pending)
{
    gi_msg_set_log level = { "wc", GALE_LOG_DEBUG, 0 };
    gi_msg_nothing nothing;

    cr_assert_eq(submit(&w, "wc", 1), GALE_OK);
    world_round(&w);
    for (uint32_t i = 0; i < NODES; i++)
        w.sups[i].slots[0].pending = 3;
    cr_assert_eq(kill_it(&w, "wc", 60000), GALE_OK);
    cr_assert_eq(named(&w, GI_ASK_ACTIVATE, "wc", "ann"), GALE_EINVAL);
    SAYS("'wc': the topology is being killed");
    cr_assert_eq(ask(&w, GI_ASK_SET_LOG, &level, "ann", &nothing), GALE_OK);
    world_round(&w);
    world_pass(&w, 1000);
    cr_assert_str_eq(status(&w, "wc"), "KILLED");
    cr_assert_eq(row(&w, "wc")->pending, 3);
    cr_assert_eq(running(&w, "wc"), 1);
    for (uint32_t i = 0; i < NODES; i++)
        w.sups[i].slots[0].pending = 0;
    world_round(&w);
    cr_assert_eq(running(&w, "wc"), 0);
    world_round(&w);
    cr_assert_str_eq(status(&w, "wc"), "none");
    cr_assert_not(gi_nimbus_uses(w.n, PROGRAM));
    cr_assert_eq(submit(&w, "wc", 1), GALE_OK);
    cr_assert_str_eq(row(&w, "wc")->id, "wc-2-1700000001");
}

/* A worker that keeps dying may be begun anew only in half a minute. */
Test(nimbus_life, nobody_waits_for_a_worker_that_died_and_is_not_there_again)
{
    cr_assert_eq(submit(&w, "wc", 4), GALE_OK);
    world_round(&w);
    w.sups[0].slots[0].gone = 77;
    w.sups[1].slots[0].pending = 1;
    world_round(&w);
    cr_assert_eq(kill_it(&w, "wc", 60000), GALE_OK);
    world_round(&w);
    world_round(&w);
    cr_assert_str_eq(status(&w, "wc"), "KILLED");
    cr_assert_gt(running(&w, "wc"), 0);
    w.sups[1].slots[0].pending = 0;
    world_round(&w);
    world_round(&w);
    cr_assert_str_eq(status(&w, "wc"), "none");
}

Test(nimbus_life, a_killed_topology_is_there_until_its_workers_are_gone)
{
    cr_assert_eq(submit(&w, "wc", 4), GALE_OK);
    world_round(&w);
    w.sups[1].away = true;
    cr_assert_eq(kill_it(&w, "wc", 0), GALE_OK);
    world_round(&w);
    cr_assert_str_eq(status(&w, "wc"), "KILLED");
    cr_assert_eq(kill_it(&w, "wc", 0), GALE_OK);
    cr_assert_eq(named(&w, GI_ASK_ACTIVATE, "wc", "ann"), GALE_EINVAL);
    SAYS("being killed");
    for (int i = 0; i < 11; i++) {
        world_pass(&w, 1000);
        world_round(&w);
    }
    cr_assert_str_eq(status(&w, "wc"), "none");
    w.sups[1].away = false;
    world_round(&w);
    cr_assert_eq(running(&w, "wc"), 0);
}

static gale_err rebalance(const gi_msg_rebalance *r)
{
    gi_msg_rebalanced reply;

    return ask(&w, GI_ASK_REBALANCE, r, "ann", &reply);
}

Test(nimbus_life, a_rebalance_cuts_anew_when_the_spouts_are_quiet)
{
    gi_msg_recut cut = { "count", 1, 0, 0 };
    gi_msg_rebalance r = { .name = "wc",
                           .now = true,
                           .wait_ms = 60000,
                           .workers = 2,
                           .n_components = 1,
                           .components = &cut };

    cr_assert_eq(submit(&w, "wc", 1), GALE_OK);
    world_round(&w);
    for (uint32_t i = 0; i < NODES; i++)
        w.sups[i].slots[0].pending = 1;
    cr_assert_eq(rebalance(&r), GALE_OK);
    cr_assert_eq(rebalance(&r), GALE_OK, "the same again");
    world_round(&w);
    cr_assert_str_eq(status(&w, "wc"), "REBALANCING");
    r.workers = 3;
    cr_assert_eq(rebalance(&r), GALE_EINVAL);
    SAYS("'wc': the topology is rebalancing");
    cr_assert_eq(running(&w, "wc"), 1);
    for (uint32_t i = 0; i < NODES; i++)
        w.sups[i].slots[0].pending = 0;
    world_round(&w);
    cr_assert_str_eq(status(&w, "wc"), "ACTIVE");
    cr_assert_eq(row(&w, "wc")->n_executors, 3);
    cr_assert_eq(running(&w, "wc"), 2);
    cr_assert_eq(told(&w, "wc").components[1].n_executors, 1);
    cr_assert_eq(told(&w, "wc").version, 2);
}

Test(nimbus_life, a_rebalance_that_cannot_be_is_refused)
{
    gi_msg_recut cuts[] = { { "cuont", 1, 0, 0 }, { "words", 3, 0, 0 } };
    gi_msg_rebalance r = { .name = "wc",
                           .n_components = 2,
                           .components = cuts };

    cr_assert_eq(submit(&w, "wc", 1), GALE_OK);
    cr_assert_eq(rebalance(&r), GALE_EINVAL);
    SAYS("did you mean 'count'?");
    SAYS("'words' has 2 tasks, for life");
    r.n_components = 0;
    r.workers = 1001;
    cr_assert_eq(rebalance(&r), GALE_ELIMIT);
    SAYS("'wc-1-1700000000' cannot have 1001 workers");
    r.workers = 0;
    r.n_components = 1;
    cuts[0] = (gi_msg_recut){ .id = "count", .cpu = UINT64_MAX };
    cr_assert_eq(rebalance(&r), GALE_ELIMIT);
    SAYS("'count' would want more than any machine has (cpu "
         "18446744073709551615; 2147483647 is the most)");
    cuts[0] = (gi_msg_recut){ .id = "count", .memory_mb = 2147483648 };
    cr_assert_eq(rebalance(&r), GALE_ELIMIT);
    SAYS("'count' would want more than any machine has (2147483648 MB; "
         "2147483647 are the most)");
    r.name = "wd";
    cr_assert_eq(rebalance(&r), GALE_ENOTFOUND);
    cr_assert_str_eq(status(&w, "wc"), "ACTIVE");
}

Test(nimbus_life, a_rebalance_that_is_killed_does_not_come_to_pass)
{
    gi_msg_rebalance r = {
        .name = "wc", .now = true, .wait_ms = 60000, .workers = 2
    };

    cr_assert_eq(submit(&w, "wc", 1), GALE_OK);
    world_round(&w);
    cr_assert_eq(rebalance(&r), GALE_OK);
    cr_assert_eq(kill_it(&w, "wc", 60000), GALE_OK);
    world_restart(&w);
    cr_assert_str_eq(status(&w, "wc"), "KILLED");
    world_round(&w);
    world_round(&w);
    cr_assert_str_eq(status(&w, "wc"), "none");
}

Test(nimbus_life, who_is_being_killed_is_not_moved_any_more)
{
    gi_msg_topology before;

    cr_assert_eq(submit(&w, "wc", 4), GALE_OK);
    world_round(&w);
    before = told(&w, "wc");
    for (uint32_t i = 0; i < NODES; i++)
        w.sups[i].slots[0].pending = 1;
    w.sups[0].away = true;
    cr_assert_eq(kill_it(&w, "wc", 60000), GALE_OK);
    for (int i = 0; i < 12; i++) {
        world_pass(&w, 1000);
        world_round(&w);
    }
    cr_assert_str_eq(status(&w, "wc"), "KILLED");
    cr_assert_eq(told(&w, "wc").version, before.version);
    cr_assert_eq(row(&w, "wc")->n_running, 3);
}
