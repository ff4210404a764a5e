/* Acked without a tree; and any number of ackers. */
#include "semantics.h"

static const int two = 2, four = 4;

/* ------------------------------------------------- acked without a tree -- */

Test(ackers, a_tracked_tuple_that_nobody_reads_is_complete_at_once)
{
    const gale_component parts[] = {
        { .id = "1", .spout = &source },
        { .id = "2", .bolt = &sink, .inputs = GALE_INPUTS(GALE_SHUFFLE("1")) },
    };
    gale_test *t = START(parts, .mocks = MOCK("1"));
    gale_spout_emit_opts side = { .stream = 1, .id = 77 };
    const uint64_t *ids;

    cr_assert_eq(gale_test_feed_with(t, "1", &side, ROW(I64(1))), GALE_OK);
    settle(t);
    cr_assert_eq(gale_test_acked(t, "1", &ids), 1);
    cr_assert_eq(ids[0], 77);
    cr_assert_eq(n_seen, 0);
    gale_test_destroy(t);
}

Test(ackers, untracked_tuples_are_neither_acked_nor_failed)
{
    const gale_component parts[] = {
        { .id = "1", .spout = &source },
        { .id = "2",
          .bolt = &branch,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("1")) },
        { .id = "3",
          .bolt = &failing,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("2")) },
        { .id = "4",
          .bolt = &holding,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("2")) },
    };
    gale_test *t = START(parts, .mocks = MOCK("1"));
    gale_spout_emit_opts untracked = { .untracked = true };

    cr_assert_eq(gale_test_feed_with(t, "1", &untracked, ROW(I64(1))),
                 GALE_OK);
    advance(t, 100000);
    cr_assert_eq(n_seen, 3);
    for (size_t i = 0; i < 3; i++)
        cr_assert_not(seen[i].tracked);
    cr_assert_eq(acked(t, "1") + failed(t, "1"), 0);
    cr_assert_eq(gale_test_pending(t, "1"), 0);
    cr_assert_eq(result(t).roots, 0);
    cr_assert_eq(stats(t, "3").failed, 1);
    gale_test_destroy(t);
}

Test(ackers, without_ackers_every_emit_is_acked_at_once_and_none_fails)
{
    const gale_component parts[] = {
        { .id = "1", .spout = &source },
        { .id = "2",
          .bolt = &failing,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("1")) },
    };
    gale_test *t = START(parts, .mocks = MOCK("1"),
                         .conf = CONF({ "topology.acker.executors", "0" }));

    for (uint64_t id = 1; id <= 5; id++)
        feed(t, "1", id, ROW(I64(id)));
    advance(t, 100000);
    cr_assert_eq(n_seen, 5);
    cr_assert_not(seen[0].tracked);
    cr_assert_eq(acked(t, "1"), 5);
    cr_assert_eq(failed(t, "1"), 0);
    cr_assert_eq(result(t).roots, 5);
    gale_test_destroy(t);
}

/* Emits unanchored, and acks. */
static gale_verdict loose_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    gale_emit_opts o = { .unanchored = true };

    (void)self;
    gale_emit_with(ctx, &o, gale_tuple_row(in));
    return GALE_ACK;
}

static const gale_bolt loose = {
    .output = GALE_FIELDS(GALE_ANY("v")),
    .execute = loose_execute,
};

Test(ackers, what_becomes_of_an_unanchored_tuple_is_nobodys_business)
{
    const gale_component parts[] = {
        { .id = "1", .spout = &source },
        { .id = "2",
          .bolt = &loose,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("1")) },
        { .id = "3",
          .bolt = &failing,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("2")) },
    };
    gale_test *t = START(parts, .mocks = MOCK("1"));

    feed(t, "1", 1, ROW(I64(1)));
    settle(t);
    cr_assert_eq(acked(t, "1"), 1);
    cr_assert_eq(failed(t, "1"), 0);
    cr_assert_eq(n_seen, 1);
    cr_assert_not(seen[0].tracked);
    gale_test_destroy(t);
}

/* ----------------------------------------------------------- the ledger -- */

Test(ackers, any_number_of_ackers_gives_the_same_answers)
{
    const gale_component parts[] = {
        { .id = "1", .spout = &source, .tasks = 3 },
        { .id = "2",
          .bolt = &branch,
          .arg = &four,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("1")),
          .tasks = 3 },
        { .id = "3",
          .bolt = &branch,
          .arg = &two,
          .inputs = GALE_INPUTS(GALE_BY("2", "v")),
          .tasks = 5 },
        { .id = "4",
          .bolt = &sink,
          .inputs = GALE_INPUTS(GALE_ALL("3")),
          .tasks = 2 },
    };
    const char *const ackers[] = { "", "1", "2", "3", "4", "50" };

    for (size_t i = 0; i < 6; i++)
        for (uint32_t loops = 1; loops <= 4; loops++) {
            gale_test *t =
                START(parts, .mocks = MOCK("1"), .loops = loops, .seed = i,
                      .conf = CONF({ "topology.acker.executors", ackers[i] }));
            gale_run_result r;

            n_seen = 0;
            for (uint64_t id = 0; id < 300; id++)
                feed(t, "1", id, ROW(I64(id)));
            run(t, 0);
            r = result(t);
            cr_assert_eq(acked(t, "1"), 300, "%s ackers: %zu", ackers[i],
                         acked(t, "1"));
            cr_assert_eq(failed(t, "1"), 0);
            cr_assert_eq(n_seen, 300 + 300 * 4 + 300 * 16);
            cr_assert_eq(r.roots, 300);
            cr_assert_eq(r.acked, 300);
            cr_assert_eq(r.emitted, 300 + 300 * 4 + 300 * 8);
            cr_assert_eq(r.transferred, 300 + 300 * 4 + 300 * 16);
            cr_assert_eq(r.executed, r.transferred);
            gale_test_destroy(t);
        }
}

Test(ackers, every_id_is_answered_once_and_ids_may_repeat)
{
    const gale_component parts[] = {
        { .id = "1", .spout = &source },
        { .id = "2", .bolt = &sink, .inputs = GALE_INPUTS(GALE_SHUFFLE("1")) },
    };
    gale_test *t = START(parts, .mocks = MOCK("1"));
    const uint64_t *ids;

    feed(t, "1", 0, ROW(I64(0)));
    feed(t, "1", 0, ROW(I64(0)));
    feed(t, "1", UINT64_MAX, ROW(I64(0)));
    settle(t);
    cr_assert_eq(gale_test_acked(t, "1", &ids), 3);
    cr_assert_eq(ids[0] + ids[1] + ids[2], UINT64_MAX);
    gale_test_destroy(t);
}
