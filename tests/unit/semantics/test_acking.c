/* When a tree is complete: Storm's vectors, and what only Gale has. */
#include "semantics.h"

static const int one = 1, two = 2, four = 4;

/* ------------------------------------------------------ Storm's vectors -- */

/* Counts how often each word came, and emits the count. */
struct tally {
    char word[8][16];
    int64_t n[8];
};

static gale_verdict tally_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    struct tally *s = self;
    gale_str w = gale_tuple_str(in, 0);
    int i = 0;

    while (s->word[i][0] != '\0' && !gale_str_is(w, s->word[i]))
        i++;
    memcpy(s->word[i], w.ptr, w.len);
    gale_emit(ctx, ROW(gale_val_str(w), I64(++s->n[i])));
    return GALE_ACK;
}

static const gale_bolt tally = {
    .state_size = sizeof(struct tally),
    .output = GALE_FIELDS(GALE_STR("word"), GALE_I64("count")),
    .execute = tally_execute,
};

/* Emits how many tuples it has seen so far. */
static gale_verdict total_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    int64_t *n = self;

    (void)in;
    gale_emit(ctx, ROW(I64(++*n)));
    return GALE_ACK;
}

static const gale_bolt total = {
    .state_size = sizeof(int64_t),
    .output = GALE_FIELDS(GALE_I64("total")),
    .execute = total_execute,
};

Test(acking, words_are_counted_and_summed)
{
    const gale_component parts[] = {
        { .id = "1", .spout = &source, .tasks = 3 },
        { .id = "2",
          .bolt = &tally,
          .inputs = GALE_INPUTS(GALE_BY("1", "v")),
          .tasks = 4 },
        { .id = "3", .bolt = &total, .inputs = GALE_INPUTS(GALE_GLOBAL("1")) },
        { .id = "4", .bolt = &total, .inputs = GALE_INPUTS(GALE_GLOBAL("2")) },
    };

    for (uint32_t loops = 1; loops <= 3; loops++) {
        gale_diag why;
        gale_test *t =
            START(parts, .loops = loops, .seed = loops,
                  .mocks = GALE_MOCKS(
                      { .spout = "1",
                        .rows = GALE_ROWS(ROW(TEXT("nathan")),
                                          ROW(TEXT("bob")), ROW(TEXT("joey")),
                                          ROW(TEXT("nathan"))) }));

        run(t, 0);
        cr_assert(
            gale_rows_same(gale_test_rows(t, "1", NULL),
                           GALE_ROWS(ROW(TEXT("nathan")), ROW(TEXT("bob")),
                                     ROW(TEXT("joey")), ROW(TEXT("nathan"))),
                           &why),
            "%s", why.text);
        cr_assert(gale_rows_same(gale_test_rows(t, "2", NULL),
                                 GALE_ROWS(ROW(TEXT("nathan"), I64(1)),
                                           ROW(TEXT("nathan"), I64(2)),
                                           ROW(TEXT("bob"), I64(1)),
                                           ROW(TEXT("joey"), I64(1))),
                                 &why),
                  "%s", why.text);
        for (int i = 3; i <= 4; i++)
            cr_assert(
                gale_rows_same(gale_test_rows(t, i == 3 ? "3" : "4", NULL),
                               GALE_ROWS(ROW(I64(1)), ROW(I64(2)), ROW(I64(3)),
                                         ROW(I64(4))),
                               &why),
                "%s", why.text);
        cr_assert_eq(acked(t, "1"), 4);
        gale_test_destroy(t);
    }
}

/* Emits once for every so many inputs (its arg, an int), anchored to all of
 * them, and acks them. */
struct aggregator {
    gale_held held[8];
    size_t n;
};

static gale_verdict aggregator_execute(void *self, const gale_tuple *in,
                                       gale_bolt_ctx *ctx)
{
    const int *every = gale_task_arg(gale_bolt_task(ctx));
    struct aggregator *a = self;

    a->held[a->n++] = gale_hold(ctx, in);
    if (a->n < (size_t)*every)
        return GALE_HOLD;
    gale_emit_opts o = { .anchors = a->held, .n_anchors = a->n };
    gale_emit_with(ctx, &o, ROW(I64(1)));
    for (size_t i = 0; i < a->n; i++)
        gale_ack(ctx, a->held[i]);
    a->n = 0;
    return GALE_HOLD;
}

static const gale_bolt aggregator = {
    .state_size = sizeof(struct aggregator),
    .output = GALE_FIELDS(GALE_ANY("v")),
    .execute = aggregator_execute,
};

static void give(gale_test *t, const char *spout)
{
    gale_test_forget(t);
    feed(t, spout, 1, ROW(I64(1)));
    settle(t);
}

static void expect(gale_test *t, size_t a, size_t b, size_t c, int line)
{
    cr_assert_eq(acked(t, "1"), a, "line %d: 1: %zu", line, acked(t, "1"));
    cr_assert_eq(acked(t, "2"), b, "line %d: 2: %zu", line, acked(t, "2"));
    cr_assert_eq(acked(t, "3"), c, "line %d: 3: %zu", line, acked(t, "3"));
    cr_assert_eq(failed(t, "1") + failed(t, "2") + failed(t, "3"), 0);
}

#define EXPECT(a, b, c) expect(t, a, b, c, __LINE__)

Test(acking, a_tree_with_many_roots_completes_when_all_of_it_is_done)
{
    static const int three = 3;
    const gale_component parts[] = {
        { .id = "1", .spout = &source },
        { .id = "2", .spout = &source },
        { .id = "3", .spout = &source },
        { .id = "4",
          .bolt = &branch,
          .arg = &two,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("1")) },
        { .id = "5",
          .bolt = &branch,
          .arg = &four,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("2")) },
        { .id = "6",
          .bolt = &branch,
          .arg = &one,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("3")) },
        { .id = "7",
          .bolt = &aggregator,
          .arg = &three,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("4"), GALE_SHUFFLE("5"),
                                GALE_SHUFFLE("6")) },
        { .id = "8",
          .bolt = &branch,
          .arg = &two,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("7")) },
        { .id = "9", .bolt = &sink, .inputs = GALE_INPUTS(GALE_SHUFFLE("8")) },
    };
    gale_test_mock mocks[] = {
        { .spout = "1" },
        { .spout = "2" },
        { .spout = "3" },
        { 0 },
    };

    for (uint32_t i = 0; i < 12; i++) {
        gale_test *t =
            START(parts, .mocks = mocks, .loops = 1 + i % 4, .seed = i);

        give(t, "1");
        EXPECT(0, 0, 0);
        give(t, "2");
        EXPECT(1, 1, 0);
        give(t, "1");
        EXPECT(0, 0, 0);
        give(t, "1");
        EXPECT(1, 0, 0);
        give(t, "3");
        EXPECT(0, 0, 0);
        give(t, "2");
        EXPECT(1, 1, 1);
        gale_test_destroy(t);
    }
}

Test(acking, branches_that_meet_again_are_one_tree)
{
    const gale_component parts[] = {
        { .id = "1", .spout = &source },
        { .id = "2",
          .bolt = &branch,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("1")) },
        { .id = "3",
          .bolt = &branch,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("1")) },
        { .id = "4",
          .bolt = &aggregator,
          .arg = &four,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("2"), GALE_SHUFFLE("3")) },
    };

    for (uint32_t loops = 1; loops <= 3; loops++) {
        gale_test *t = START(parts, .mocks = MOCK("1"), .loops = loops);

        give(t, "1");
        cr_assert_eq(acked(t, "1"), 0);
        give(t, "1");
        cr_assert_eq(acked(t, "1"), 2);
        gale_test_destroy(t);
    }
}

/* Emits anchored twice to the same input. */
static gale_verdict twice_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    gale_held same[] = { GALE_INPUT, GALE_INPUT };
    gale_emit_opts o = { .anchors = same, .n_anchors = 2 };

    (void)self;
    gale_emit_with(ctx, &o, gale_tuple_row(in));
    same[0] = same[1] = gale_hold(ctx, in);
    gale_emit_with(ctx, &o, gale_tuple_row(in));
    return GALE_ACK;
}

static const gale_bolt twice = {
    .output = GALE_FIELDS(GALE_ANY("v")),
    .execute = twice_execute,
};

Test(acking, anchored_twice_to_the_same_completes_once)
{
    const gale_component parts[] = {
        { .id = "1", .spout = &source },
        { .id = "2",
          .bolt = &twice,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("1")) },
        { .id = "3", .bolt = &sink, .inputs = GALE_INPUTS(GALE_SHUFFLE("2")) },
    };

    for (uint32_t loops = 1; loops <= 3; loops++) {
        gale_test *t = START(parts, .mocks = MOCK("1"), .loops = loops);

        give(t, "1");
        cr_assert_eq(acked(t, "1"), 1);
        cr_assert_eq(n_seen, 2 * loops);
        gale_test_destroy(t);
    }
}

Test(acking, a_topology_submitted_inactive_is_opened_but_not_asked)
{
    const gale_component parts[] = {
        { .id = "1", .spout = &source },
        { .id = "2", .bolt = &sink, .inputs = GALE_INPUTS(GALE_SHUFFLE("1")) },
    };
    gale_test *t = START(parts, .mocks = MOCK("1"), .inactive = true);

    feed(t, "1", 1, ROW(I64(1)));
    advance(t, 100000);
    cr_assert_eq(n_seen, 0);
    cr_assert_eq(gale_test_pending(t, "1"), 1);
    gale_test_activate(t, true);
    settle(t);
    cr_assert_eq(n_seen, 1);
    cr_assert_eq(acked(t, "1"), 1);
    gale_test_activate(t, false);
    feed(t, "1", 2, ROW(I64(2)));
    advance(t, 1000);
    cr_assert_eq(n_seen, 1);
    gale_test_destroy(t);
}
