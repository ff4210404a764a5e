/* What a task knows and can say: ticks, wake, counters, settings, errors. */
#include <pthread.h>

#include "semantics.h"

/* ---------------------------------------------------------------- ticks -- */

static int64_t ticks_ms[1000];
static size_t n_ticks;

static void ticking_tick(void *self, gale_bolt_ctx *ctx)
{
    (void)self;
    ticks_ms[n_ticks++ % 1000] = gale_task_now_ms(gale_bolt_task(ctx));
}

static const gale_bolt ticking = {
    .execute = sink_execute,
    .tick = ticking_tick,
};

#define TICKING(ms, many)                               \
    {                                                   \
        { .id = "spout", .spout = &source },            \
            { .id = "bolt",                             \
              .bolt = &ticking,                         \
              .inputs = GALE_INPUTS(GALE_ALL("spout")), \
              .tasks = (many),                          \
              .tick_ms = (ms) },                        \
    }

Test(tasks, ticks_come_at_their_period)
{
    const uint32_t periods[] = { 1, 7, 100, 1000 };

    for (size_t i = 0; i < 4; i++) {
        const gale_component parts[] = TICKING(periods[i], 1);
        gale_test *t = START(parts, .mocks = MOCK("spout"));

        n_ticks = 0;
        advance(t, periods[i] * 50);
        cr_assert_eq(n_ticks, 50);
        for (size_t k = 0; k < 50; k++)
            cr_assert_eq(ticks_ms[k], 1000 + (int64_t)(k + 1) * periods[i]);
        gale_test_destroy(t);
    }
}

Test(tasks, every_task_ticks_and_zero_means_never)
{
    const gale_component parts[] = TICKING(100, 3), never[] = TICKING(0, 3);
    gale_test *t = START(parts, .mocks = MOCK("spout"), .loops = 2);

    advance(t, 1000);
    cr_assert_eq(n_ticks, 30);
    gale_test_destroy(t);
    t = START(never, .mocks = MOCK("spout"), .loops = 2);
    advance(t, 100000);
    cr_assert_eq(n_ticks, 30);
    gale_test_destroy(t);
}

static gale_verdict long_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    (void)self;
    (void)in;
    (void)ctx;
    gale_test_pass_ms(1000);
    return GALE_ACK;
}

static const gale_bolt long_ticking = {
    .execute = long_execute,
    .tick = ticking_tick,
};

Test(tasks, ticks_that_were_missed_are_not_made_up_for)
{
    const gale_component parts[] = {
        { .id = "spout", .spout = &source },
        { .id = "bolt",
          .bolt = &long_ticking,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("spout")),
          .tick_ms = 10 },
    };
    gale_test *t = START(parts, .mocks = MOCK("spout"));

    feed(t, "spout", 1, ROW(I64(1)));
    settle(t);
    cr_assert_eq(n_ticks, 1);
    cr_assert_eq(ticks_ms[0], 2000);
    gale_test_destroy(t);
}

/* ----------------------------------------------------------------- wake -- */

static gale_task *to_wake;

static gale_err waking_prepare(void *self, gale_bolt_ctx *ctx)
{
    (void)self;
    to_wake = gale_bolt_task(ctx);
    return GALE_OK;
}

static void *wake(void *unused)
{
    gale_task_wake(to_wake);
    return unused;
}

Test(tasks, a_wake_from_another_thread_calls_tick_once)
{
    gale_bolt bolt = ticking;
    const gale_component parts[] = {
        { .id = "spout", .spout = &source },
        { .id = "bolt",
          .bolt = &bolt,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("spout")) },
    };
    pthread_t thread;

    bolt.prepare = waking_prepare;
    gale_test *t = START(parts, .mocks = MOCK("spout"));
    settle(t);
    cr_assert_eq(n_ticks, 0);
    for (size_t i = 1; i <= 3; i++) {
        pthread_create(&thread, NULL, wake, NULL);
        pthread_join(thread, NULL);
        settle(t);
        cr_assert_eq(n_ticks, i);
    }
    gale_test_destroy(t);
}

Test(tasks, a_wake_of_a_bolt_without_tick_is_harmless)
{
    gale_bolt bolt = sink;
    const gale_component parts[] = {
        { .id = "spout", .spout = &source },
        { .id = "bolt",
          .bolt = &bolt,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("spout")) },
    };

    bolt.prepare = waking_prepare;
    gale_test *t = START(parts, .mocks = MOCK("spout"));
    gale_task_wake(to_wake);
    settle(t);
    gale_test_destroy(t);
}

/* A spout that has something only when the test says so. */
static bool given;
static unsigned n_nexts;

static gale_err woken_open(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    to_wake = gale_spout_task(ctx);
    return GALE_OK;
}

static bool woken_next(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    n_nexts++;
    if (given)
        gale_spout_emit(ctx, 1, ROW(I64(1)));
    given = false;
    return true;
}

static const gale_spout woken = {
    .output = GALE_FIELDS(GALE_I64("n")),
    .open = woken_open,
    .next = woken_next,
};

Test(tasks, a_woken_spout_is_asked_at_once)
{
    const gale_component parts[] = {
        { .id = "spout", .spout = &woken },
        { .id = "sink",
          .bolt = &sink,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("spout")) },
    };
    gale_test *t = START(parts, .seed = 0);

    settle(t);
    given = true;
    gale_task_wake(to_wake);
    settle(t);
    cr_assert_eq(n_seen, 1);
    gale_test_destroy(t);
}

Test(tasks, an_idle_spout_is_asked_again_and_again)
{
    const gale_component parts[] = {
        { .id = "spout", .spout = &woken },
        { .id = "sink",
          .bolt = &sink,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("spout")) },
    };
    gale_test *t = START(parts, .seed = 0);

    advance(t, 100);
    cr_assert(n_nexts >= 100, "%u", n_nexts);
    given = true;
    advance(t, 1);
    cr_assert_eq(n_seen, 1);
    gale_test_destroy(t);
}

/* ------------------------------------------------------------- identity -- */

static const int some_arg = 5;

static gale_err knowing_prepare(void *self, gale_bolt_ctx *ctx)
{
    gale_task *t = gale_bolt_task(ctx);
    const char *const *words;
    uint32_t first = 0;

    (void)self;
    cr_assert_str_eq(gale_task_component(t), "b");
    cr_assert_str_eq(gale_task_topology(t), "test");
    cr_assert_eq(gale_task_count(t), 3);
    cr_assert_eq(gale_task_id(t), 3 + gale_task_index(t));
    cr_assert_lt(gale_task_index(t), 3);
    cr_assert_eq(gale_task_peers(t, "a", &first), 2);
    cr_assert_eq(first, 1);
    cr_assert_eq(gale_task_peers(t, "b", &first), 3);
    cr_assert_eq(first, 3);
    cr_assert_eq(gale_task_peers(t, "b", NULL), 3);
    cr_assert_eq(gale_task_peers(t, "c", &first), 0);
    cr_assert_eq(gale_task_arg(t), &some_arg);
    cr_assert_eq(gale_task_args(t, &words), 2);
    cr_assert_str_eq(words[1], "y");
    cr_assert_eq(gale_task_now_ms(t), 1000);
    cr_assert_gt(gale_task_wall_ms(t), INT64_C(1577836800000));
    return GALE_OK;
}

Test(tasks, know_who_and_where_they_are)
{
    gale_bolt bolt = sink;
    const char *const words[] = { "x", "y" };
    const gale_component parts[] = {
        { .id = "a", .spout = &source, .tasks = 2 },
        { .id = "b",
          .bolt = &bolt,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("a")),
          .tasks = 3,
          .arg = &some_arg },
    };

    bolt.prepare = knowing_prepare;
    gale_test_destroy(START(parts, .args = words, .n_args = 2));
}
