/* Where fused bolts are not called, and what then holds as well. */
#include "fused.h"

/* ---------------------------------------------------------------- depth -- */

static int depth, deepest;

static gale_verdict deep_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    (void)self;
    see(ctx, in);
    depth++;
    deepest = depth > deepest ? depth : deepest;
    gale_emit(ctx, gale_tuple_row(in));
    gale_emit(ctx, gale_tuple_row(in));
    depth--;
    return GALE_ACK;
}

static const gale_bolt deep = { .output = GALE_FIELDS(GALE_ANY("v")),
                                .execute = deep_execute };

#define DEEP(name, from)                                                      \
    {                                                                         \
        .id = name, .bolt = &deep, .inputs = GALE_INPUTS(GALE_SHUFFLE(from)), \
        .fused = true                                                         \
    }

Test(fused_order, calls_are_nested_four_deep_and_no_deeper)
{
    const gale_component parts[] = {
        { .id = "s", .spout = &source },
        DEEP("a", "s"),
        DEEP("b", "a"),
        DEEP("c", "b"),
        DEEP("d", "c"),
        DEEP("e", "d"),
        DEEP("f", "e"),
        DEEP("g", "f"),
    };
    gale_test *t = START(parts, .mocks = MOCK("s"), .loops = 1);

    depth = deepest = 0;
    n_seen = 0;
    feed_numbers(t, 50);
    cr_expect_eq(deepest, 4); /* a spout called the first of them */
    cr_expect_eq(n_seen, 50 * 127);
    cr_expect_eq(acked(t, "s"), 50);
    gale_test_destroy(t);
}

/* ---------------------------------------------------------------- order -- */

struct mixed {
    gale_held held;
};

/* Of 8 that come one is held, and the next is emitted anchored to both: that
 * is never called.  All emit their number twice over. */
static gale_verdict mixed_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    struct mixed *m = self;
    int64_t n = gale_tuple_i64(in, 0);

    if (n % 8 == 3) {
        m->held = gale_hold(ctx, in);
        gale_emit(ctx, ROW(I64(2 * n)));
        gale_emit(ctx, ROW(I64(2 * n + 1)));
        return GALE_HOLD;
    }
    if (n % 8 == 4) {
        gale_held both[2] = { m->held, GALE_INPUT };
        gale_emit_opts o = { .anchors = both, .n_anchors = 2 };

        cr_expect_eq(gale_emit_with(ctx, &o, ROW(I64(2 * n))), 1);
        gale_ack(ctx, m->held);
    } else {
        gale_emit(ctx, ROW(I64(2 * n)));
    }
    gale_emit(ctx, ROW(I64(2 * n + 1)));
    return GALE_ACK;
}

static const gale_bolt mixed = { .state_size = sizeof(struct mixed),
                                 .output = GALE_FIELDS(GALE_I64("n")),
                                 .execute = mixed_execute };

Test(fused_order, what_is_called_never_overtakes_what_travels)
{
    const gale_component parts[] = {
        { .id = "s", .spout = &source },
        { .id = "a",
          .bolt = &mixed,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("s")) },
        { .id = "b",
          .bolt = &sink,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("a")),
          .fused = true },
    };
    gale_test *t = START(parts, .mocks = MOCK("s"), .loops = 1);

    n_seen = 0;
    feed_numbers(t, 1000);
    expect_in_order(2000);
    cr_expect_eq(acked(t, "s"), 1000);
    gale_test_destroy(t);
}

/* -------------------------------------------------------------- no room -- */

/* Emits a hundred of each. */
static gale_verdict floods_execute(void *self, const gale_tuple *in,
                                   gale_bolt_ctx *ctx)
{
    (void)self;
    see(ctx, in);
    for (int i = 0; i < 100; i++)
        gale_emit(ctx, gale_tuple_row(in));
    return GALE_ACK;
}

static const gale_bolt floods = { .output = GALE_FIELDS(GALE_ANY("v")),
                                  .execute = floods_execute };

Test(fused_order, who_has_no_room_is_not_called_until_it_has)
{
    const gale_component parts[] = {
        { .id = "s", .spout = &source },
        { .id = "a",
          .bolt = &branch,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("s")) },
        { .id = "b",
          .bolt = &floods,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("a")),
          .fused = true },
        { .id = "c", .bolt = &sink, .inputs = GALE_INPUTS(GALE_SHUFFLE("b")) },
    };
    gale_test *t = START(parts, .mocks = MOCK("s"), .loops = 1,
                         .conf = CONF({ "topology.batch.bytes", "1024" },
                                      { "topology.batch.credit", "1" }));

    n_seen = 0;
    feed_numbers(t, 200);
    cr_expect_eq(acked(t, "s"), 200);
    cr_expect_eq(stats(t, "c").executed, 20000);
    gale_test_destroy(t);
}

/* --------------------------------------------------------------- cycles -- */

static gale_verdict round_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    (void)self;
    depth++;
    deepest = depth > deepest ? depth : deepest;
    if (gale_tuple_i64(in, 0) < 5)
        gale_emit(ctx, ROW(I64(gale_tuple_i64(in, 0) + 1)));
    depth--;
    return GALE_ACK;
}

static const gale_bolt goes_round = { .output = GALE_FIELDS(GALE_I64("n")),
                                      .execute = round_execute };

Test(fused_order, who_is_in_a_cycle_is_never_called)
{
    const gale_component parts[] = {
        { .id = "s", .spout = &source },
        { .id = "a",
          .bolt = &goes_round,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("s"), GALE_SHUFFLE("a")),
          .fused = true },
    };
    gale_test *t = START(parts, .mocks = MOCK("s"), .loops = 1);

    depth = deepest = 0;
    feed_numbers(t, 20);
    cr_expect_eq(deepest, 1);
    cr_expect_eq(stats(t, "a").executed, 6 + 5 + 4 + 3 + 2 + 15);
    cr_expect_eq(acked(t, "s"), 20);
    gale_test_destroy(t);
}

/* ------------------------------------------------------------ groupings -- */

struct two {
    const uint32_t *tasks;
};

static void prepare_two(void *self, const uint32_t *tasks, size_t n)
{
    cr_assert_eq(n, 3);
    ((struct two *)self)->tasks = tasks;
}

static size_t choose_two(void *self, gale_row row, uint32_t *chosen)
{
    const struct two *two = self;

    (void)row;
    chosen[0] = two->tasks[2];
    chosen[1] = two->tasks[0];
    return 2;
}

static const gale_chooser two = { .state_size = sizeof(struct two),
                                  .prepare = prepare_two,
                                  .choose = choose_two };

static const gale_input inputs[][2] = {
    { GALE_SHUFFLE("s") },      { GALE_BY("s", "v") },
    { GALE_PARTIAL("s", "v") }, { GALE_GLOBAL("s") },
    { GALE_LOCAL("s") },        { GALE_NONE("s") },
    { GALE_CUSTOM("s", &two) }, { GALE_ALL("s") },
};
static const size_t copies[] = { 1, 1, 1, 1, 1, 1, 2, 3 };

static uint32_t hashes; /* so many tuples knew their key's */

static gale_verdict hash_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    gale_row row = gale_tuple_row(in);

    hashes += gale_tuple_hash(in) == (uint32_t)gale_hash(row.values, row.n);
    return sink_execute(self, in, ctx);
}

static const gale_bolt hashing = { .execute = hash_execute };

static void check_grouping(size_t i, uint32_t loops)
{
    const gale_component parts[] = {
        { .id = "s", .spout = &source },
        { .id = "b",
          .bolt = &hashing,
          .inputs = inputs[i],
          .tasks = 3,
          .fused = true },
    };
    gale_test *t = START(parts, .mocks = MOCK("s"), .loops = loops);
    uint32_t task_of[10] = { 0 };
    bool has_key = i == 1 || i == 2;

    n_seen = 0;
    hashes = 0;
    for (uint64_t n = 0; n < 300; n++)
        feed(t, "s", n, ROW(I64(n % 10)));
    settle(t);
    cr_expect_eq(n_seen, 300 * copies[i], "grouping %zu", i);
    cr_expect_eq(hashes, has_key ? 300 : 0, "grouping %zu", i);
    cr_expect_eq(acked(t, "s"), 300, "grouping %zu", i);
    cr_expect_eq(stats(t, "s").transferred, 300 * copies[i]);
    for (size_t k = 0; i == 1 && k < n_seen; k++) {
        uint32_t *of = &task_of[seen[k].n];

        cr_expect(*of == 0 || *of == seen[k].task);
        *of = seen[k].task;
    }
    gale_test_destroy(t);
}

Test(fused_order, whatever_grouping_chooses_each_copy_comes_once)
{
    for (size_t i = 0; i < sizeof(copies) / sizeof(copies[0]); i++)
        for (uint32_t loops = 1; loops <= 3; loops++)
            check_grouping(i, loops);
}

/* --------------------------------------------------------------- faults -- */

static const gale_component behind[] = {
    { .id = "s", .spout = &source },
    { .id = "a", .bolt = &branch, .inputs = GALE_INPUTS(GALE_SHUFFLE("s")) },
    { .id = "b",
      .bolt = &sink,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("a")),
      .fused = true },
};

static void check_faults(const char *faults, bool some_fail)
{
    gale_test *t =
        START(behind, .mocks = GALE_MOCKS({ .spout = "s", .replay = true }),
              .loops = 1, .faults = faults, .conf = CONF(TIMEOUT("2")));

    n_seen = 0;
    for (uint64_t i = 0; i < 500; i++)
        feed(t, "s", i, ROW(I64(i)));
    run(t, 600000);
    cr_expect_eq(acked(t, "s"), 500, "%s", faults);
    cr_expect_eq(stats(t, "s").replayed > 0, some_fail, "%s", faults);
    gale_test_destroy(t);
}

Test(fused_order, who_is_called_fails_dies_and_is_slow_as_others)
{
    check_faults("fail=b:0.1", true);
    check_faults("kill=b@100", true);
    check_faults("restart=b@100", true);
    check_faults("kill=a@100", true);
    check_faults("slow=b:0.1:1ms", false);
}

Test(fused_order, what_a_plan_does_to_tuples_it_does_to_those_as_well)
{
    check_faults("drop=a>b:0.1", true);
    check_faults("drop=__acker:0.1", true);
    check_faults("drop=s>a:0.1", true);
}

Test(fused_order, without_ackers_all_is_called_once)
{
    gale_test *t = START(behind, .mocks = MOCK("s"), .loops = 1,
                         .conf = CONF({ "topology.acker.executors", "0" }));

    n_seen = 0;
    feed_numbers(t, 100);
    cr_expect_eq(n_seen, 200);
    cr_expect_eq(acked(t, "s"), 100);
    gale_test_destroy(t);
}
