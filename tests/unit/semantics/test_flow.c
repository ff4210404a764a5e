/* Back-pressure: max pending, small credit, and cycles. */
#include "semantics.h"

/* ---------------------------------------------------------- max pending -- */

/* Gives as many a call as its arg (an int) says, up to 1000 in all. */
struct eager {
    uint64_t given;
};

static size_t most_pending;

static bool eager_next(void *self, gale_spout_ctx *ctx)
{
    const int *each = gale_task_arg(gale_spout_task(ctx));
    struct eager *s = self;

    for (int i = 0; i < *each && s->given < 1000; i++)
        gale_spout_emit(ctx, s->given++, ROW(I64(s->given)));
    if (gale_spout_pending(ctx) > most_pending)
        most_pending = gale_spout_pending(ctx);
    return s->given < 1000;
}

static void eager_fail(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    (void)self;
    (void)id;
    (void)ctx;
}

static const gale_spout eager = {
    .state_size = sizeof(struct eager),
    .output = GALE_FIELDS(GALE_I64("n")),
    .next = eager_next,
    .fail = eager_fail,
};

static void check_max_pending(const gale_bolt *bolt, int each, bool exact)
{
    const gale_component parts[] = {
        { .id = "a", .spout = &eager, .arg = &each },
        { .id = "b", .bolt = bolt, .inputs = GALE_INPUTS(GALE_SHUFFLE("a")) },
    };
    gale_test *t =
        START(parts, .conf = CONF({ "topology.max.spout.pending", "10" }));

    most_pending = 0;
    advance(t, 1000);
    if (exact)
        cr_assert_eq(most_pending, (size_t)(9 + each));
    cr_assert_leq(most_pending, (size_t)(9 + each));
    gale_test_destroy(t);
}

Test(flow, max_pending_is_exceeded_by_what_one_next_emits_at_most)
{
    for (int each = 1; each <= 4; each++) {
        check_max_pending(&sink, each, false);
        check_max_pending(&holding, each, each == 1);
    }
}

Test(flow, with_max_pending_one_tuples_go_one_at_a_time)
{
    static const int one = 1;
    const gale_component parts[] = {
        { .id = "a", .spout = &eager, .arg = &one },
        { .id = "b", .bolt = &sink, .inputs = GALE_INPUTS(GALE_SHUFFLE("a")) },
    };

    for (uint32_t loops = 1; loops <= 2; loops++) {
        gale_test *t =
            START(parts, .loops = loops,
                  .conf = CONF({ "topology.max.spout.pending", "1" }));

        most_pending = 0;
        run(t, 100000);
        cr_assert_eq(most_pending, 1);
        cr_assert_eq(result(t).acked, 1000);
        gale_test_destroy(t);
    }
}

Test(flow, a_component_has_a_max_pending_of_its_own)
{
    static const int one = 1;
    const gale_component parts[] = {
        { .id = "a",
          .spout = &eager,
          .arg = &one,
          .conf = CONF({ "topology.max.spout.pending", "3" }) },
        { .id = "b",
          .bolt = &holding,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("a")) },
    };
    gale_test *t =
        START(parts, .conf = CONF({ "topology.max.spout.pending", "100" }));

    advance(t, 1000);
    cr_assert_eq(most_pending, 3);
    gale_test_destroy(t);
}

/* --------------------------------------------------------- small credit -- */

#define TINY                            \
    { "topology.batch.bytes", "1024" }, \
    {                                   \
        "topology.batch.credit", "1"    \
    }

Test(flow, a_fan_out_of_a_hundred_goes_through_one_small_batch_at_a_time)
{
    static const int hundred = 100;
    const gale_component parts[] = {
        { .id = "a", .spout = &source },
        { .id = "b",
          .bolt = &branch,
          .arg = &hundred,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("a")),
          .tasks = 2 },
        { .id = "c",
          .bolt = &branch,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("b")),
          .tasks = 3 },
        { .id = "d", .bolt = &sink, .inputs = GALE_INPUTS(GALE_GLOBAL("c")) },
    };

    for (uint32_t loops = 1; loops <= 3; loops++) {
        gale_test *t = START(parts, .mocks = MOCK("a"), .loops = loops,
                             .no_rows = true, .conf = CONF(TINY));

        for (uint64_t id = 0; id < 200; id++)
            feed(t, "a", id, ROW(I64(id)));
        run(t, 10000);
        cr_assert_eq(acked(t, "a"), 200);
        cr_assert_eq(stats(t, "d").executed, 20000);
        gale_test_destroy(t);
    }
}

/* One of two readers hangs for ten seconds.  How much is acked beside it? */
static uint64_t acked_beside_one_that_hangs(uint32_t loops, bool shuffled)
{
    static const int four = 4;
    const gale_component parts[] = {
        { .id = "a", .spout = &eager, .arg = &four },
        { .id = "b",
          .bolt = &sink,
          .inputs = shuffled ? GALE_INPUTS(GALE_SHUFFLE("a"))
                             : GALE_INPUTS(GALE_BY("a", "n")),
          .tasks = 2 },
    };
    gale_test *t = START(parts, .loops = loops, .no_rows = true,
                         .faults = "hang=b/0:10s@3", .conf = CONF(TINY));

    advance(t, 5000);
    uint64_t n = result(t).acked;
    run(t, 60000);
    cr_assert_eq(result(t).acked, 1000);
    gale_test_destroy(t);
    return n;
}

/* What it was given by then waits with it: its batch under way, a full one and
 * the open one.  With keys everything does in the end, for nobody else may get
 * what is for that task. */
Test(flow, a_shuffle_goes_round_a_task_that_hangs)
{
    for (uint32_t loops = 2; loops <= 3; loops++) {
        cr_assert_geq(acked_beside_one_that_hangs(loops, true), 900);
        cr_assert_leq(acked_beside_one_that_hangs(loops, false), 200);
    }
}

/* Order: what one task sends another on one stream arrives as it was sent. */
Test(flow, tuples_from_one_task_to_another_keep_their_order)
{
    const gale_component parts[] = {
        { .id = "a", .spout = &source },
        { .id = "b",
          .bolt = &branch,
          .inputs = GALE_INPUTS(GALE_GLOBAL("a")) },
        { .id = "c", .bolt = &sink, .inputs = GALE_INPUTS(GALE_GLOBAL("b")) },
    };

    for (uint64_t seed = 0; seed < 6; seed++) {
        gale_test *t =
            START(parts, .mocks = MOCK("a"), .seed = seed,
                  .loops = 1 + (uint32_t)seed % 3, .conf = CONF(TINY));
        int64_t last = -1;

        n_seen = 0;
        for (uint64_t id = 0; id < 3000; id++)
            feed(t, "a", id, ROW(I64(id)));
        run(t, 10000);
        for (size_t i = 0; i < n_seen; i++)
            if (strcmp(seen[i].component, "c") == 0)
                cr_assert_eq(seen[i].n, ++last);
        cr_assert_eq(last, 2999);
        gale_test_destroy(t);
    }
}

/* --------------------------------------------------------------- cycles -- */

/* Sends n - 1 round again, on stream 1, until it is 0. */
static gale_verdict countdown_execute(void *self, const gale_tuple *in,
                                      gale_bolt_ctx *ctx)
{
    int64_t n = gale_tuple_i64(in, 0);

    (void)self;
    if (n > 0)
        gale_emit(ctx, ROW(I64(n - 1)));
    return GALE_ACK;
}

static const gale_bolt countdown = {
    .output = GALE_FIELDS(GALE_I64("n")),
    .execute = countdown_execute,
};

static void check_cycle(const gale_component *parts, size_t n, uint32_t loops,
                        const char *const *cycle)
{
    const gale_topology topology = { .abi = GALE_ABI,
                                     .name = "cycle",
                                     .components = { parts, n } };
    gale_test_opts o = {
        .mocks = MOCK("a"), .loops = loops, .no_rows = true, .conf = CONF(TINY)
    };
    gale_test *t = start(&topology, &o);
    uint64_t executed = 0;

    for (uint64_t id = 0; id < 100; id++)
        feed(t, "a", id, ROW(I64(1000)));
    run(t, 100000);
    cr_assert_eq(acked(t, "a"), 100);
    cr_assert_eq(failed(t, "a"), 0);
    for (; *cycle != NULL; cycle++)
        executed += stats(t, *cycle).executed;
    cr_assert_eq(executed, 100 * 1001);
    gale_test_destroy(t);
}

Test(flow, a_bolt_that_reads_itself_makes_progress)
{
    const char *const cycle[] = { "b", NULL };
    const gale_component parts[] = {
        { .id = "a", .spout = &source },
        { .id = "b",
          .bolt = &countdown,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("a"), GALE_SHUFFLE("b")),
          .tasks = 3 },
    };

    for (uint32_t loops = 1; loops <= 3; loops++)
        check_cycle(parts, 2, loops, cycle);
}

Test(flow, a_long_cycle_makes_progress)
{
    const char *const cycle[] = { "b", "c", "d", NULL };
    const gale_component parts[] = {
        { .id = "a", .spout = &source },
        { .id = "b",
          .bolt = &countdown,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("a"), GALE_SHUFFLE("d")),
          .tasks = 2 },
        { .id = "c",
          .bolt = &countdown,
          .inputs = GALE_INPUTS(GALE_BY("b", "n")),
          .tasks = 3 },
        { .id = "d",
          .bolt = &countdown,
          .inputs = GALE_INPUTS(GALE_GLOBAL("c")) },
    };

    for (uint32_t loops = 1; loops <= 4; loops++)
        check_cycle(parts, 4, loops, cycle);
}

/* Sends two round for each that comes, until it is told to stop. */
static bool stop_exploding;
static uint64_t n_exploded;

static gale_verdict exploding_execute(void *self, const gale_tuple *in,
                                      gale_bolt_ctx *ctx)
{
    (void)self;
    n_exploded++;
    if (stop_exploding)
        return GALE_ACK;
    gale_emit(ctx, gale_tuple_row(in));
    gale_emit(ctx, gale_tuple_row(in));
    return GALE_ACK;
}

static const gale_bolt exploding = {
    .output = GALE_FIELDS(GALE_ANY("v")),
    .execute = exploding_execute,
};

Test(flow, a_cycle_that_explodes_is_bounded_and_fails_by_overflow)
{
    const gale_component parts[] = {
        { .id = "a", .spout = &source },
        { .id = "b",
          .bolt = &exploding,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("a"), GALE_SHUFFLE("b")) },
    };

    for (uint32_t loops = 1; loops <= 2; loops++) {
        gale_test *t = START(
            parts, .mocks = MOCK("a"), .loops = loops, .no_rows = true,
            .conf = CONF(TINY, { "topology.cycle.buffer.bytes", "65536" }));

        stop_exploding = false;
        n_exploded = 0;
        feed(t, "a", 1, ROW(I64(1)));
        advance(t, 20);
        cr_assert_eq(failed(t, "a"), 1);
        cr_assert_str_eq(gale_test_why(t, "a"), "the cycle overflowed at 'b'");
        /* 64 KiB hold 1400 such tuples; once full, half of them fail. */
        gale_test_counts c = stats(t, "b");
        cr_assert_eq(c.executed, n_exploded);
        cr_assert_leq(c.emitted - (c.acked + c.failed), 3000);
        stop_exploding = true;
        run(t, 1000);
        feed(t, "a", 2, ROW(I64(2)));
        run(t, 1000);
        cr_assert_eq(acked(t, "a"), 1);
        gale_test_destroy(t);
    }
}
