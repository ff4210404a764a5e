/* Bolts that take several tuples at once: execute_batch. */
#include <stddef.h>

#include "together.h"

/* --------------------------------------------- each has its own answer -- */

struct crowd {
    gale_held held[256];
    size_t n_held;
};

/* By the number in the tuple, modulo 4: ack; emit it twice; fail; hold. */
static void crowd_execute(void *self, const gale_tuple *const *in, size_t n,
                          gale_bolt_ctx *ctx)
{
    struct crowd *s = self;

    note_call(n);
    for (size_t i = 0; i < n; i++) {
        switch (gale_tuple_i64(in[i], 0) % 4) {
        case 0:
            gale_answer(ctx, GALE_ACK);
            break;
        case 1:
            gale_emit(ctx, gale_tuple_row(in[i]));
            gale_emit(ctx, gale_tuple_row(in[i]));
            gale_answer(ctx, GALE_ACK);
            break;
        case 2:
            gale_answer(ctx, GALE_FAIL);
            break;
        default:
            s->held[s->n_held++] = gale_hold(ctx, in[i]);
            gale_answer(ctx, GALE_HOLD);
        }
    }
}

static void crowd_tick(void *self, gale_bolt_ctx *ctx)
{
    struct crowd *s = self;

    while (s->n_held > 0)
        gale_ack(ctx, s->held[--s->n_held]);
}

static const gale_bolt crowd = {
    .state_size = sizeof(struct crowd),
    .output = GALE_FIELDS(GALE_ANY("v")),
    .execute_batch = crowd_execute,
    .tick = crowd_tick,
};

/* Fails what is 5 modulo 8. */
static gale_verdict fifth_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    (void)self, (void)ctx;
    return gale_tuple_i64(in, 0) % 8 == 5 ? GALE_FAIL : GALE_ACK;
}

static const gale_bolt fifth = { .execute = fifth_execute };

static const gale_component crowded[] = {
    { .id = "s", .spout = &source },
    { .id = "crowd",
      .bolt = &crowd,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("s")),
      .tick_ms = 1000 },
    { .id = "fifth",
      .bolt = &fifth,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("crowd")) },
};

static void check_each(const char *faults, uint32_t loops)
{
    gale_test *t = START(crowded, .mocks = MOCK("s"), .loops = loops,
                         .faults = faults, .seed = loops);

    feed_many(t, 800);
    cr_expect_eq(acked(t, "s"), 200 + 100); /* 0, and 1 of 8 */
    cr_expect_eq(failed(t, "s"), 200 + 100);
    cr_expect_eq(gale_test_pending(t, "s"), 200);
    cr_expect_eq(stats(t, "crowd").executed, 800);
    cr_expect_eq(stats(t, "crowd").held, 200);
    cr_expect_eq(stats(t, "fifth").executed, 400);
    advance(t, 1000);
    settle(t);
    cr_expect_eq(gale_test_pending(t, "s"), 0);
    cr_expect_eq(stats(t, "crowd").acked, 600);
    cr_expect_eq(stats(t, "crowd").refused, 0);
    gale_test_destroy(t);
}

Test(together, each_tuple_has_an_answer_and_children_of_its_own)
{
    for (uint32_t loops = 1; loops <= 2; loops++) {
        check_each(NULL, loops);
        cr_expect(most > 1 && most <= GALE_EXECUTE_MOST, "most %zu", most);
        cr_expect_lt(calls, 800);
    }
}

Test(together, a_fault_of_somebody_else_changes_nothing)
{
    check_each("kill=fifth@1h", 1);
    cr_expect_gt(most, 1);
}

Test(together, none_is_waited_for)
{
    gale_test *t = START(crowded, .mocks = MOCK("s"));

    for (uint64_t i = 0; i < 3; i++) {
        feed(t, "s", i, ROW(I64(0)));
        settle(t);
        cr_expect_eq(acked(t, "s"), i + 1);
    }
    gale_test_destroy(t);
}

/* ------------------------------------------------------------ in a row -- */

/* Emits each once, in a function that execute could be as well. */
static gale_verdict pass_one(void *self, const gale_tuple *in,
                             gale_bolt_ctx *ctx)
{
    (void)self;
    gale_emit(ctx, gale_tuple_row(in));
    return GALE_ACK;
}

static void pass_execute(void *self, const gale_tuple *const *in, size_t n,
                         gale_bolt_ctx *ctx)
{
    note_call(n);
    for (size_t i = 0; i < n; i++)
        gale_answer(ctx, pass_one(self, in[i], ctx));
}

static const gale_bolt pass = {
    .output = GALE_FIELDS(GALE_ANY("v")),
    .execute_batch = pass_execute,
};

Test(together, a_tree_goes_through_a_row_of_them)
{
    const gale_component parts[] = {
        { .id = "s", .spout = &source },
        { .id = "a",
          .bolt = &pass,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("s")),
          .tasks = 2 },
        { .id = "b",
          .bolt = &pass,
          .inputs = GALE_INPUTS(GALE_BY("a", "v")),
          .tasks = 2 },
        { .id = "fifth",
          .bolt = &fifth,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("b")),
          .tasks = 2 },
    };
    gale_test *t = START(parts, .mocks = MOCK("s"));

    feed_many(t, 800);
    cr_expect_eq(acked(t, "s"), 700);
    cr_expect_eq(failed(t, "s"), 100);
    cr_expect_gt(most, 1);
    gale_test_destroy(t);
}

/* Sends round what is not 0 yet. */
static void round_execute(void *self, const gale_tuple *const *in, size_t n,
                          gale_bolt_ctx *ctx)
{
    (void)self;
    note_call(n);
    for (size_t i = 0; i < n; i++) {
        int64_t left = gale_tuple_i64(in[i], 0);

        if (left > 0)
            gale_emit(ctx, ROW(I64(left - 1)));
        gale_answer(ctx, GALE_ACK);
    }
}

static const gale_bolt rounding = {
    .output = GALE_FIELDS(GALE_ANY("v")),
    .execute_batch = round_execute,
};

Test(together, what_goes_round_comes_to_an_end)
{
    const gale_component parts[] = {
        { .id = "s", .spout = &source },
        { .id = "round",
          .bolt = &rounding,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("s"), GALE_SHUFFLE("round")),
          .tasks = 2 },
    };
    gale_test *t = START(parts, .mocks = MOCK("s"));

    feed_many(t, 100);
    cr_expect_eq(acked(t, "s"), 100);
    cr_expect_eq(stats(t, "round").executed, 100 * 101 / 2);
    gale_test_destroy(t);
}

/* ------------------------------------------------------------ mistakes -- */

enum { TOO_FEW, TOO_MANY, LATE_EMIT, WRONG_HOLD, NO_VERDICT };

/* What each of its arg's mistakes is. */
static void wrong_execute(void *self, const gale_tuple *const *in, size_t n,
                          gale_bolt_ctx *ctx)
{
    const int *what = gale_task_arg(gale_bolt_task(ctx));

    (void)self;
    note_call(n);
    if (*what == WRONG_HOLD) {
        cr_expect_eq(gale_hold(ctx, in[n - 1]).ref == 0, n > 1);
        gale_answer(ctx, GALE_HOLD);
        for (size_t i = 1; i < n; i++)
            gale_answer(ctx, GALE_ACK);
        return;
    }
    for (size_t i = *what == TOO_FEW; i < n; i++)
        gale_answer(ctx, *what == NO_VERDICT ? (gale_verdict)77 : GALE_ACK);
    if (*what == TOO_MANY)
        gale_answer(ctx, GALE_ACK);
    if (*what == LATE_EMIT)
        gale_emit(ctx, ROW(I64(1)));
}

static const gale_bolt wrongs = {
    .output = GALE_FIELDS(GALE_ANY("v")),
    .execute_batch = wrong_execute,
};

static gale_test_counts counts_of(int what, size_t n)
{
    const gale_component parts[] = {
        { .id = "s", .spout = &source },
        { .id = "wrong",
          .bolt = &wrongs,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("s")),
          .arg = &what },
    };
    gale_test *t = START(parts, .mocks = MOCK("s"), .loops = 1);

    feed_many(t, n);
    gale_test_counts c = stats(t, "wrong");
    cr_expect_eq(gale_test_pending(t, "s"), 0);
    cr_expect_eq(c.acked, acked(t, "s"));
    cr_expect_eq(c.failed, failed(t, "s"));
    cr_expect_eq(c.acked + c.failed, n);
    cr_expect_gt(most, 1);
    gale_test_destroy(t);
    return c;
}

Test(together, those_without_an_answer_fail)
{
    gale_test_counts c = counts_of(TOO_FEW, 100);

    cr_expect_eq(c.failed, calls); /* the last of each call */
    cr_expect_eq(c.refused, calls);
}

Test(together, one_answer_too_many_is_refused)
{
    gale_test_counts c = counts_of(TOO_MANY, 100);

    cr_expect_eq(c.acked, 100);
    cr_expect_eq(c.refused, calls);
}

Test(together, nothing_is_emitted_when_all_are_answered)
{
    gale_test_counts c = counts_of(LATE_EMIT, 100);

    cr_expect_eq(c.acked, 100);
    cr_expect_eq(c.emitted, 0);
    cr_expect_eq(c.refused, calls);
}

Test(together, only_the_one_that_is_being_executed_is_held)
{
    gale_test_counts c = counts_of(WRONG_HOLD, 64);

    cr_expect_eq(c.failed, calls);
    cr_expect_eq(c.refused, 2 * calls);
}

Test(together, what_is_no_verdict_fails)
{
    gale_test_counts c = counts_of(NO_VERDICT, 100);

    cr_expect_eq(c.failed, 100);
    cr_expect_eq(c.refused, 100);
}

/* Of a bolt that has execute. */
static gale_verdict answering_execute(void *self, const gale_tuple *in,
                                      gale_bolt_ctx *ctx)
{
    (void)self, (void)in;
    gale_answer(ctx, GALE_FAIL);
    return GALE_ACK;
}

static const gale_bolt answering = { .execute = answering_execute };

Test(together, execute_has_no_need_of_gale_answer)
{
    const gale_component parts[] = {
        { .id = "s", .spout = &source },
        { .id = "b",
          .bolt = &answering,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("s")) },
    };
    gale_test *t = START(parts, .mocks = MOCK("s"));

    feed(t, "s", 1, ROW(I64(1)));
    settle(t);
    cr_expect_eq(acked(t, "s"), 1);
    cr_expect_eq(stats(t, "b").refused, 1);
    gale_test_destroy(t);
}

/* -------------------------------------------------------------- tables -- */

Test(together, a_bolt_has_one_execute)
{
    gale_component some[] = { crowded[0], crowded[1], crowded[2] };
    const gale_topology topology = { .abi = GALE_ABI,
                                     .name = "test",
                                     .components = GALE_COMPONENTS(some) };
    gale_bolt both = crowd, none = crowd;
    gale_diag why = { "" };
    gale_test *t;

    both.execute = fifth_execute;
    some[1].bolt = &both;
    cr_assert_eq(gale_test_create(&t, &topology, NULL, &why), GALE_EPLAN);
    cr_expect(strstr(why.text, "both execute and execute_batch") != NULL, "%s",
              why.text);
    none.execute_batch = NULL;
    some[1].bolt = &none;
    cr_assert_eq(gale_test_create(&t, &topology, NULL, &why), GALE_EPLAN);
    cr_expect(strstr(why.text, "bolt 'crowd' has neither execute") != NULL,
              "%s", why.text);
}

/* Behind the table of a program that knows of no execute_batch lies what it
 * likes. */
Test(together, older_programs_have_smaller_tables)
{
    const gale_component parts[] = {
        { .id = "s", .spout = &source },
        { .id = "b",
          .bolt = &(gale_bolt){ .execute = fifth_execute,
                                .execute_batch = wrong_execute },
          .inputs = GALE_INPUTS(GALE_SHUFFLE("s")) },
    };
    gale_abi older = *GALE_ABI;
    const gale_topology topology = { .abi = &older,
                                     .name = "older",
                                     .components = GALE_COMPONENTS(parts) };
    const gale_test_opts o = { .mocks = MOCK("s") };

    older.bolt = offsetof(gale_bolt, execute_batch);
    gale_test *t = start(&topology, &o);
    feed_many(t, 16);
    cr_expect_eq(acked(t, "s"), 14);
    cr_expect_eq(calls, 0);
    gale_test_destroy(t);
}
