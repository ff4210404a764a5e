/* Memory runs out, at every allocation: an answer says so and nothing has
 * changed; the same once more does it. */
#include "nimbus_world.h"

static struct world w;

/* Does `step` with the n-th allocation failing, for every n, each time from
 * the start; then it must work without. */
static void starve(void (*prepare)(void), gale_err (*step)(void))
{
    for (uint64_t n = 0;; n++) {
        uint64_t before, asked;
        gale_err e;

        world_init(&w);
        prepare();
        before = gi_mem_asked();
        gi_mem_fail_after(n, 1);
        e = step();
        asked = gi_mem_asked() - before;
        gi_mem_fail_after(0, 0);
        cr_assert(e == GALE_OK || e == GALE_ENOMEM, "%s", gale_err_name(e));
        cr_assert_eq(gi_nimbus_broken(w.n), NULL);
        if (e == GALE_ENOMEM)
            cr_assert_eq(step(), GALE_OK);
        /* What Nimbus does by itself it tries again. */
        world_pass(&w, 1000);
        world_round(&w);
        world_round(&w);
        world_restart(&w);
        world_round(&w);
        cr_assert_eq(running(&w, "a"), 2);
        cr_assert_eq(row(&w, "a")->n_running, 2);
        cr_assert_eq(see_cluster(&w).n_supervisors, NODES);
        world_fini(&w);
        if (asked <= n)
            return;
    }
}

static void plain(void)
{
    world_round(&w);
}

static void with_topology(void)
{
    world_round(&w);
    cr_assert_eq(submit(&w, "a", 2), GALE_OK);
    world_round(&w);
}

static gale_err do_submit(void)
{
    gi_msg_component c[2];
    gi_msg_submit q = plain_submit("a", 2, 2, c);
    gi_msg_submitted reply;

    q.once = "x";
    return ask(&w, GI_ASK_SUBMIT, &q, "ann", &reply);
}

static gale_err do_wish(void)
{
    return named(&w, GI_ASK_DEACTIVATE, "a", "ann");
}

static gale_err do_rebalance(void)
{
    gi_msg_recut cut = { "count", 1, 0, 0 };
    gi_msg_rebalance r = { .name = "a",
                           .now = true,
                           .workers = 2,
                           .n_components = 1,
                           .components = &cut };
    gi_msg_rebalanced reply;
    gale_err e = ask(&w, GI_ASK_REBALANCE, &r, "ann", &reply);

    return e == GALE_EINVAL ? GALE_ENOMEM : e;
}

static gale_err do_log(void)
{
    gi_msg_set_log q = { "a", 1, 500 };
    gi_msg_nothing nothing;

    return ask(&w, GI_ASK_SET_LOG, &q, "ann", &nothing);
}

static gale_err do_credentials(void)
{
    gi_msg_pair pairs[] = { { "user", "me" }, { "pass", "hush" } };
    gi_msg_credentials q = { "a", 2, pairs };
    gi_msg_nothing nothing;

    return ask(&w, GI_ASK_CREDENTIALS, &q, "ann", &nothing);
}

static gale_err do_look(void)
{
    gi_msg_topology_look out;

    return ask(&w, GI_ASK_LOOK, &(gi_msg_named){ "a" }, "", &out);
}

static gale_err do_cluster(void)
{
    gi_msg_cluster out;
    gi_msg_nothing nothing = { 0 };

    return ask(&w, GI_ASK_CLUSTER, &nothing, "", &out);
}

static gale_err do_report(void)
{
    return sup_report(&w, &w.sups[0]);
}

/* The first that was ever heard of somebody. */
static gale_err do_first_report(void)
{
    gale_err e = submit(&w, "a", 2);

    return e == GALE_OK || e == GALE_EINVAL ? do_report() : e;
}

static gale_err do_restart(void)
{
    gi_nimbus *old = w.n;
    gale_err e = world_begin(&w);

    if (e == GALE_OK)
        gi_nimbus_destroy(old);
    return e;
}

static void nothing_at_all(void)
{
}

Test(nimbus_memory, runs_out_while_a_topology_is_submitted)
{
    starve(plain, do_submit);
}

Test(nimbus_memory, runs_out_while_credentials_are_uploaded)
{
    starve(with_topology, do_credentials);
}

Test(nimbus_memory, runs_out_while_spouts_are_stopped)
{
    starve(with_topology, do_wish);
}

Test(nimbus_memory, runs_out_while_a_level_is_set)
{
    starve(with_topology, do_log);
}

Test(nimbus_memory, runs_out_while_somebody_looks)
{
    starve(with_topology, do_look);
    starve(with_topology, do_cluster);
}

Test(nimbus_memory, runs_out_while_a_supervisor_reports)
{
    starve(with_topology, do_report);
    starve(nothing_at_all, do_first_report);
}

Test(nimbus_memory, runs_out_while_executors_are_cut_anew)
{
    for (uint64_t n = 0; n < 400; n++) {
        world_init(&w);
        with_topology();
        gi_mem_fail_after(n, 1);
        while (do_rebalance() == GALE_ENOMEM && row(&w, "a") != NULL &&
               strcmp(status(&w, "a"), "ACTIVE") == 0 &&
               row(&w, "a")->n_executors == 4)
            ;
        gi_mem_fail_after(0, 0);
        world_pass(&w, 1000);
        world_round(&w);
        cr_assert_eq(row(&w, "a")->n_executors, 3);
        cr_assert_eq(row(&w, "a")->n_running, 2);
        world_fini(&w);
    }
}

Test(nimbus_memory, runs_out_while_nimbus_begins)
{
    starve(with_topology, do_restart);
}
