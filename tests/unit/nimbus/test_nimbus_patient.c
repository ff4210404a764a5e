/* A topology is pushed out by one that is more important: what runs of it may
 * go on until the program of the other is there, if its work is done nowhere
 * else. */
#include "nimbus_world.h"

static struct world w;

static void begin(void)
{
    world_init(&w);
    w.opts.by_resources = true;
    world_restart(&w);
    for (uint32_t i = 1; i < NODES; i++)
        w.sups[i].away = true;
    w.sups[0].n_ports = 1;
    world_round(&w);
}

static void end(void)
{
    world_fini(&w);
}

TestSuite(nimbus_patient, .init = begin, .fini = end);

/* Each of them needs all of a node. */
static void submit_large(const char *name, uint64_t priority)
{
    gi_msg_component c[2];
    gi_msg_submit q = plain_submit(name, 1, 1, c);
    gi_msg_submitted reply;

    c[0].cpu = c[1].cpu = 200;
    q.priority = priority;
    cr_assert_eq(ask(&w, GI_ASK_SUBMIT, &q, "ann", &reply), GALE_OK, "%s",
                 w.why.text);
}

/* What the node is ordered while its slot is as it was. */
static gi_msg_order order_to(struct sup *s)
{
    struct said said;
    gi_msg_orders orders;

    s->number++;
    sup_fill(s, &said);
    cr_assert_eq(gi_nimbus_report(w.n, &said.m, w.now, &w.why), GALE_OK);
    said.m.nimbus = "";
    cr_assert_eq(gi_nimbus_orders(w.n, &said.m, &w.pool, &orders), GALE_OK);
    cr_assert_eq(orders.n_orders, 1);
    s->version = orders.version;
    return orders.orders[0];
}

static bool has_news(struct sup *s)
{
    struct said said;

    sup_fill(s, &said);
    return gi_nimbus_news(w.n, &said.m);
}

static void push_out(void)
{
    submit_large("low", 20);
    world_round(&w);
    cr_assert_eq(running(&w, "low"), 1);
    submit_large("high", 5);
    cr_assert(has_news(&w.sups[0]));
}

Test(nimbus_patient, who_is_pushed_out_goes_on_until_the_program_is_there)
{
    gi_msg_order o;

    push_out();
    o = order_to(&w.sups[0]);
    cr_expect_eq(strncmp(o.topology, "high-", 5), 0);
    cr_expect(o.patient);
    cr_expect_not(has_news(&w.sups[0]));
}

Test(nimbus_patient, who_is_killed_meanwhile_ends_at_once)
{
    push_out();
    order_to(&w.sups[0]);
    cr_assert_eq(kill_it(&w, "low", 0), GALE_OK);
    cr_expect(has_news(&w.sups[0]), "the node has to hear of it");
    cr_expect_not(order_to(&w.sups[0]).patient);
    cr_expect_str_eq(status(&w, "low"), "KILLED", "it runs there still");
    memset(w.sups[0].slots, 0, sizeof(w.sups[0].slots));
    world_round(&w);
    cr_expect_str_eq(status(&w, "low"), "none");
}

Test(nimbus_patient, who_is_to_be_inactive_meanwhile_ends_at_once)
{
    push_out();
    order_to(&w.sups[0]);
    cr_assert_eq(named(&w, GI_ASK_DEACTIVATE, "low", "ann"), GALE_OK);
    cr_expect(has_news(&w.sups[0]));
    cr_expect_not(order_to(&w.sups[0]).patient);
}

Test(nimbus_patient, whose_work_is_done_elsewhere_ends_at_once)
{
    push_out();
    order_to(&w.sups[0]);
    w.sups[1].away = false;
    cr_assert_eq(sup_report(&w, &w.sups[1]), GALE_OK);
    cr_assert_eq(running(&w, "low"), 2, "the old one, and the new one");
    cr_expect(has_news(&w.sups[0]), "nothing is to be done twice");
    cr_expect_not(order_to(&w.sups[0]).patient);
}

Test(nimbus_patient, a_slot_that_is_free_waits_for_nobody)
{
    submit_large("high", 5);
    cr_expect_not(order_to(&w.sups[0]).patient);
}
