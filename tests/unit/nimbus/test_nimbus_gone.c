/* A worker died, and its supervisor waits before it starts it anew: the others
 * are told, so that what is under way to it need not wait as well. */
#include "nimbus_world.h"

static struct world w;

static void begin(void)
{
    world_init(&w);
    w.sups[2].away = w.sups[3].away = true;
    world_round(&w);
    cr_assert_eq(submit(&w, "wc", 2), GALE_OK);
    world_round(&w);
    cr_assert_eq(running(&w, "wc"), 2);
}

static void end(void)
{
    world_fini(&w);
}

TestSuite(nimbus_gone, .init = begin, .fini = end);

static bool has_news(struct sup *s)
{
    struct said said;

    sup_fill(s, &said);
    return gi_nimbus_news(w.n, &said.m);
}

static uint64_t ended_of(const char *node)
{
    gi_msg_topology t = told(&w, "wc");

    for (uint32_t i = 0; i < t.n_workers; i++)
        if (strcmp(t.workers[i].node, node) == 0)
            return t.workers[i].ended;
    cr_assert_fail("%s has no worker", node);
    return 0;
}

Test(nimbus_gone, others_are_told_of_who_died_and_is_not_there_again)
{
    cr_expect_eq(ended_of("n0"), 0);
    w.sups[0].slots[0].gone = 77;
    cr_assert_eq(sup_report(&w, &w.sups[0]), GALE_OK);
    cr_expect(has_news(&w.sups[1]));
    cr_expect_eq(ended_of("n0"), 77);
    cr_expect_eq(ended_of("n1"), 0);
    world_round(&w);
    cr_expect_not(has_news(&w.sups[1]));
    cr_assert_eq(sup_report(&w, &w.sups[0]), GALE_OK);
    cr_expect_not(has_news(&w.sups[1]), "it is known");
    w.sups[0].slots[0].gone = 78;
    cr_assert_eq(sup_report(&w, &w.sups[0]), GALE_OK);
    cr_expect(has_news(&w.sups[1]), "it died once more");
    cr_expect_eq(ended_of("n0"), 78);
}

Test(nimbus_gone, who_is_there_again_shows_it_himself)
{
    w.sups[0].slots[0].gone = 77;
    world_round(&w);
    w.sups[0].slots[0].gone = 0;
    cr_assert_eq(sup_report(&w, &w.sups[0]), GALE_OK);
    cr_expect_not(has_news(&w.sups[1]));
    cr_expect_eq(ended_of("n0"), 0);
}

Test(nimbus_gone, nobody_needs_to_hear_of_who_was_alone)
{
    cr_assert_eq(submit(&w, "alone", 1), GALE_OK);
    world_round(&w);
    for (uint32_t i = 0; i < 2; i++)
        for (uint32_t k = 0; k < PORTS; k++)
            if (strncmp(w.sups[i].slots[k].topology, "alone", 5) == 0)
                w.sups[i].slots[k].gone = 5;
    for (uint32_t i = 0; i < 2; i++)
        cr_assert_eq(sup_report(&w, &w.sups[i]), GALE_OK);
    cr_expect_not(has_news(&w.sups[0]));
    cr_expect_not(has_news(&w.sups[1]));
}
