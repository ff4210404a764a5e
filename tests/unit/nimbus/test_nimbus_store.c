/* What survives Nimbus, and what becomes of a decision that cannot be stored.
 */
#include "nimbus_world.h"

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

TestSuite(nimbus_store, .init = begin, .fini = end);

Test(nimbus_store, a_restart_loses_nothing_and_moves_nobody)
{
    gi_msg_rebalance r = {
        .name = "b", .now = true, .wait_ms = 60000, .workers = 3
    };
    gi_msg_rebalanced reply;
    struct runs before[NODES][PORTS];

    cr_assert_eq(submit(&w, "a", 3), GALE_OK);
    cr_assert_eq(submit(&w, "b", 2), GALE_OK);
    cr_assert_eq(named(&w, GI_ASK_DEACTIVATE, "a", "ann"), GALE_OK);
    cr_assert_eq(ask(&w, GI_ASK_REBALANCE, &r, "ann", &reply), GALE_OK);
    world_round(&w);
    for (uint32_t i = 0; i < NODES; i++)
        memcpy(before[i], w.sups[i].slots, sizeof(before[i]));
    world_restart(&w);
    cr_assert_str_eq(status(&w, "a"), "INACTIVE");
    world_round(&w);
    cr_assert_str_eq(status(&w, "b"), "ACTIVE", "the wait was over at once");
    cr_assert_eq(running(&w, "b"), 3);
    for (uint32_t i = 0; i < NODES; i++)
        for (uint32_t k = 0; k < PORTS; k++)
            if (before[i][k].topology[0] != '\0') {
                cr_assert_str_eq(w.sups[i].slots[k].topology,
                                 before[i][k].topology);
                cr_assert_eq(w.sups[i].slots[k].since, before[i][k].since);
            }
    cr_assert_eq(submit(&w, "c", 1), GALE_OK);
    cr_assert_str_eq(row(&w, "c")->id, "c-3-1700000000");
}

Test(nimbus_store, nothing_is_written_when_nothing_changes)
{
    uint32_t commits;

    cr_assert_eq(submit(&w, "a", 3), GALE_OK);
    world_round(&w);
    commits = w.memory.commits;
    for (int i = 0; i < 100; i++) {
        world_pass(&w, 1000);
        world_round(&w);
        row(&w, "a");
    }
    cr_assert_eq(w.memory.commits, commits);
}

static void spoil(const char *key)
{
    cr_assert(memory_has(&w.memory, key));
    memory_put(&w.memory, key, "\xc1garbage", 8);
}

Test(nimbus_store, what_cannot_be_read_is_put_aside_and_the_rest_goes_on)
{
    cr_assert_eq(submit(&w, "a", 1), GALE_OK);
    cr_assert_eq(submit(&w, "b", 1), GALE_OK);
    world_round(&w);
    spoil("topology/a-1-1700000000");
    w.notes = 0;
    world_restart(&w);
    cr_assert_eq(w.notes, 1);
    cr_assert(strstr(w.noted, "'topology/a-1-1700000000'") != NULL);
    cr_assert_str_eq(status(&w, "a"), "none");
    cr_assert_str_eq(status(&w, "b"), "ACTIVE");
    cr_assert_not(memory_has(&w.memory, "topology/a-1-1700000000"));
    cr_assert(memory_has(&w.memory, "aside/2/topology/a-1-1700000000"));
    world_round(&w);
    cr_assert_eq(running(&w, "a"), 0);
    w.notes = 0;
    world_restart(&w);
    cr_assert_eq(w.notes, 0);
    cr_assert(memory_has(&w.memory, "aside/2/topology/a-1-1700000000"));
}

Test(nimbus_store, an_entry_of_another_name_is_not_believed)
{
    uint32_t i;

    cr_assert_eq(submit(&w, "a", 1), GALE_OK);
    i = memory_find(&w.memory, "topology/a-1-1700000000");
    memory_put(&w.memory, "topology/z-9-1", w.memory.pairs[i].bytes,
               w.memory.pairs[i].len);
    memory_put(&w.memory, "what/is/this", "x", 1);
    world_restart(&w);
    cr_assert_str_eq(status(&w, "a"), "ACTIVE");
    cr_assert(memory_has(&w.memory, "aside/2/topology/z-9-1"));
    cr_assert(memory_has(&w.memory, "what/is/this"));
}

/* Every byte of an entry cut off, or changed: it is read or put aside, and
 * whatever is read can be placed. */
Test(nimbus_store, no_entry_does_harm)
{
    static const char key[] = "topology/a-1-1700000000";
    gi_rng r = { 7 };
    char *good;
    size_t len;
    uint32_t i;

    cr_assert_eq(submit(&w, "a", 2), GALE_OK);
    world_round(&w);
    i = memory_find(&w.memory, key);
    len = w.memory.pairs[i].len;
    good = malloc(len);
    memcpy(good, w.memory.pairs[i].bytes, len);
    for (int k = 0; k < 3000; k++) {
        char *bad = malloc(len);
        size_t cut = k % 3 == 0 ? gi_rng_below(&r, len) : len;

        memcpy(bad, good, len);
        for (int j = 0; j < 1 + k % 4; j++)
            bad[gi_rng_below(&r, len)] = (char)gi_rng_next(&r);
        memory_put(&w.memory, key, bad, cut);
        free(bad);
        world_restart(&w);
        for (uint32_t s = 0; s < NODES; s++)
            memset(w.sups[s].slots, 0, sizeof(w.sups[s].slots));
        cr_assert_eq(sup_report(&w, &w.sups[k % NODES]), GALE_OK);
        row(&w, "a");
        cr_assert_eq(gi_nimbus_broken(w.n), NULL, "%s", w.noted);
    }
    free(good);
}

Test(nimbus_store, numbers_go_on_without_the_entry_of_the_cluster)
{
    cr_assert_eq(submit(&w, "a", 1), GALE_OK);
    cr_assert_eq(submit(&w, "b", 1), GALE_OK);
    world_round(&w);
    spoil("cluster");
    world_restart(&w);
    world_round(&w);
    cr_assert_eq(submit(&w, "c", 1), GALE_OK);
    cr_assert_str_eq(row(&w, "c")->id, "c-3-1700000000");
    world_restart(&w);
    world_round(&w);
    memory_drop(&w.memory, "cluster");
    world_pass(&w, 3600 * 1000);
    world_restart(&w);
    world_round(&w);
    cr_assert_eq(submit(&w, "d", 1), GALE_OK);
    cr_assert_str_eq(row(&w, "d")->id, "d-4-1700003600");
}

Test(nimbus_store, what_the_store_refuses_was_not_decided)
{
    uint64_t version = w.sups[0].version;

    w.memory.fault = STORE_REFUSES;
    cr_assert_eq(submit(&w, "a", 4), GALE_ELIMIT);
    cr_assert_str_eq(w.why.text, "it cannot be stored: the disk is full");
    cr_assert_str_eq(status(&w, "a"), "none");
    cr_assert_eq(gi_nimbus_broken(w.n), NULL);
    world_round(&w);
    cr_assert_eq(w.sups[0].version, version);
    cr_assert_eq(submit(&w, "a", 4), GALE_OK);
    cr_assert_str_eq(row(&w, "a")->id, "a-1-1700000000");
}

Test(nimbus_store, what_nobody_asked_for_is_tried_again)
{
    cr_assert_eq(submit(&w, "a", 4), GALE_OK);
    world_round(&w);
    w.sups[0].n_ports = 0;
    w.memory.fault = STORE_REFUSES;
    w.notes = 0;
    world_round(&w);
    cr_assert_eq(w.notes, 1);
    cr_assert_str_eq(w.noted, "what is due cannot be done yet: it cannot be "
                              "stored: the disk is full");
    cr_assert_eq(row(&w, "a")->n_running, 3);
    cr_assert_eq(gi_nimbus_due(w.n), w.now.ms + 1000);
    world_pass(&w, 1000);
    world_round(&w);
    cr_assert_eq(row(&w, "a")->n_running, 4);
}

static void expect_broken(void)
{
    struct said said;

    cr_assert_neq(gi_nimbus_broken(w.n), NULL);
    cr_assert_eq(submit(&w, "b", 1), GALE_EIO);
    cr_assert(strstr(w.why.text, "the store failed: the disk is full"));
    w.sups[0].number++;
    sup_fill(&w.sups[0], &said);
    cr_assert_eq(gi_nimbus_report(w.n, &said.m, w.now, &w.why), GALE_EIO);
    cr_assert_eq(gi_nimbus_due(w.n), UINT64_MAX);
}

Test(nimbus_store, a_store_that_does_not_say_breaks_this_nimbus)
{
    w.memory.fault = STORE_LOSES;
    cr_assert_eq(submit(&w, "a", 1), GALE_EIO);
    expect_broken();
    world_restart(&w);
    cr_assert_str_eq(status(&w, "a"), "none");
    w.memory.fault = STORE_KEEPS;
    cr_assert_eq(submit(&w, "a", 1), GALE_EIO);
    expect_broken();
    world_restart(&w);
    cr_assert_str_eq(status(&w, "a"), "ACTIVE");
}

Test(nimbus_store, a_nimbus_needs_an_id_and_its_store)
{
    gi_nimbus_opts opts = { 0 };
    gi_nimbus *n;

    cr_assert_eq(gi_nimbus_create(&n, &opts, &w.memory.store, w.now, &w.why),
                 GALE_EINVAL);
    opts.id = "x";
    w.memory.fault = STORE_LOSES;
    cr_assert_eq(gi_nimbus_create(&n, &opts, &w.memory.store, w.now, &w.why),
                 GALE_EIO);
}
