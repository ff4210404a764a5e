/* What a rebalance may ask for. */
#include "clusters.h"

#include "base/mem.h"
#include "nimbus/schedule/rebalance.h"

static struct world w;

static void setup(void)
{
    gi_topology *t;

    world_init(&w);
    t = add_topology(&w, "wordcount-1", 2);
    add_component(&w, t, "sentences", 2, 2);
    add_component(&w, t, "count", 8, 4)->cpu = 50;
}

static void teardown(void)
{
    world_fini(&w);
}

TestSuite(rebalance, .init = setup, .fini = teardown);

static gi_rebalance_component component(const char *id, uint32_t executors)
{
    gi_rebalance_component c = { id, executors, GI_AS_IT_IS, GI_AS_IT_IS };

    return c;
}

static void refused(const gi_rebalance *r, const char *text)
{
    gale_diag why;

    cr_assert_eq(gi_rebalance_check(r, w.topologies, &why), GALE_EINVAL);
    cr_assert_str_eq(why.text, text);
    cr_assert_eq(gi_rebalance_check(r, w.topologies, NULL), GALE_EINVAL);
}

Test(rebalance, what_is_not_said_stays)
{
    gi_rebalance r = { GI_AS_IT_IS, 0, NULL };
    gi_component *c = component_at(&w, 0, 0);

    cr_assert_eq(gi_rebalance_check(&r, w.topologies, NULL), GALE_OK);
    cr_assert_eq(gi_rebalance_apply(&r, w.topologies, c), 2);
    cr_assert_eq(c[1].n_executors, 4);
    cr_assert_eq(c[1].cpu, 50);
}

Test(rebalance, numbers_are_changed_one_by_one)
{
    gi_rebalance_component change = component("count", 8);
    gi_rebalance r = { 5, 1, &change };
    gi_component *c = component_at(&w, 0, 0);

    change.memory_mb = 256;
    cr_assert_eq(gi_rebalance_check(&r, w.topologies, NULL), GALE_OK);
    cr_assert_eq(gi_rebalance_apply(&r, w.topologies, c), 5);
    cr_assert_eq(c[0].n_executors, 2);
    cr_assert_eq(c[1].n_executors, 8);
    cr_assert_eq(c[1].cpu, 50);
    cr_assert_eq(c[1].memory_mb, 256);
}

Test(rebalance, all_mistakes_are_told_at_once)
{
    gi_rebalance_component change[] = {
        component("cuont", 2),
        component("count", 9),
        component("sentences", 0),
        component("count", 1),
    };
    gi_rebalance r = { 0, 4, change };

    refused(&r, "'wordcount-1' must have at least one worker\n"
                "'cuont' is not a component of 'wordcount-1' (did you mean "
                "'count'?)\n"
                "'count' has 8 tasks, for life, so it cannot have 9 executors "
                "(8 at most)\n"
                "'sentences' must have at least one executor\n"
                "'count' is given twice");
}

Test(rebalance, a_name_that_is_near_to_nothing)
{
    gi_rebalance_component change = component("zzzzzzzzz", 2);
    gi_rebalance r = { 1, 1, &change };

    refused(&r, "'zzzzzzzzz' is not a component of 'wordcount-1'; it has "
                "'sentences', 'count'");
}

Test(rebalance, without_memory_it_says_so)
{
    gi_rebalance_component change = component("cuont", 2);
    gi_rebalance r = { 1, 1, &change };

    gi_mem_fail_after(0, 1);
    cr_assert_eq(gi_rebalance_check(&r, w.topologies, NULL), GALE_ENOMEM);
    gi_mem_fail_after(0, 0);
}
