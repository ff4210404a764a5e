/* When a tree is lost, and when it is only slow. */
#include "semantics.h"

/* Acks odd ids, forgets even ones by holding them for ever. */
static gale_verdict every_other_execute(void *self, const gale_tuple *in,
                                        gale_bolt_ctx *ctx)
{
    (void)self;
    if (gale_tuple_i64(in, 0) % 2 != 0)
        return GALE_ACK;
    gale_hold(ctx, in);
    return GALE_HOLD;
}

static const gale_bolt every_other = { .execute = every_other_execute };

#define ONE_BOLT(which)                                  \
    {                                                    \
        { .id = "1", .spout = &source },                 \
            { .id = "2",                                 \
              .bolt = (which),                           \
              .inputs = GALE_INPUTS(GALE_GLOBAL("1")) }, \
    }

Test(timeouts, what_is_not_acked_fails_after_the_timeout)
{
    const gale_component parts[] = ONE_BOLT(&every_other);
    gale_test *t =
        START(parts, .mocks = MOCK("1"), .conf = CONF(TIMEOUT("10")));
    const uint64_t *ids;

    for (uint64_t id = 1; id <= 3; id++)
        feed(t, "1", id, ROW(I64(id)));
    advance(t, 9000);
    cr_assert_eq(acked(t, "1"), 2);
    cr_assert_eq(failed(t, "1"), 0);
    advance(t, 12000);
    cr_assert_eq(gale_test_failed(t, "1", &ids), 1);
    cr_assert_eq(ids[0], 2);
    gale_test_destroy(t);
}

/* Holds 1, whose timeout every later tuple resets, and 2; 3 acks 1. */
static gale_verdict resetter_execute(void *self, const gale_tuple *in,
                                     gale_bolt_ctx *ctx)
{
    gale_held *first = self;
    int64_t n = gale_tuple_i64(in, 0);

    if (n == 1)
        *first = gale_hold(ctx, in);
    else if (n == 2)
        gale_hold(ctx, in);
    else if (n == 3)
        gale_ack(ctx, *first);
    else
        gale_reset_timeout(ctx, *first);
    return n <= 2 ? GALE_HOLD : GALE_ACK;
}

static const gale_bolt resetter = {
    .state_size = sizeof(gale_held),
    .execute = resetter_execute,
};

Test(timeouts, a_reset_keeps_a_held_tuple_alive)
{
    const gale_component parts[] = ONE_BOLT(&resetter);

    for (uint32_t loops = 1; loops <= 2; loops++) {
        gale_test *t = START(parts, .mocks = MOCK("1"), .loops = loops,
                             .conf = CONF(TIMEOUT("10")));
        const uint64_t *ids;

        feed(t, "1", 1, ROW(I64(1)));
        feed(t, "1", 2, ROW(I64(2)));
        for (uint64_t id = 10; id < 15; id++) {
            advance(t, 5000);
            feed(t, "1", id, ROW(I64(id)));
        }
        settle(t);
        cr_assert_eq(gale_test_failed(t, "1", &ids), 1);
        cr_assert_eq(ids[0], 2);
        cr_assert_eq(gale_test_pending(t, "1"), 1);
        feed(t, "1", 3, ROW(I64(3)));
        settle(t);
        cr_assert_eq(acked(t, "1"), 7);
        cr_assert_eq(gale_test_pending(t, "1"), 0);
        gale_test_destroy(t);
    }
}

Test(timeouts, without_timeouts_nothing_ever_fails)
{
    const gale_component parts[] = ONE_BOLT(&holding);
    gale_test *t =
        START(parts, .mocks = MOCK("1"),
              .conf = CONF(TIMEOUT("10"),
                           { "topology.enable.message.timeouts", "false" }));

    feed(t, "1", 1, ROW(I64(1)));
    advance(t, 1000000);
    cr_assert_eq(failed(t, "1"), 0);
    cr_assert_eq(gale_test_pending(t, "1"), 1);
    gale_test_destroy(t);
}

/* ------------------------------------------------------------ how exact -- */

/* When a tuple that is held for ever fails, in ms after it was held. */
static int64_t fails_after(const char *seconds, uint32_t loops, int64_t wait)
{
    const gale_component parts[] = ONE_BOLT(&holding);
    gale_test *t = START(parts, .mocks = MOCK("1"), .loops = loops,
                         .conf = CONF(TIMEOUT(seconds)));
    int64_t began;

    advance(t, wait);
    feed(t, "1", 1, ROW(I64(1)));
    settle(t);
    began = gale_test_now_ms(t);
    while (failed(t, "1") == 0 && gale_test_now_ms(t) < began + 10000000)
        advance(t, 1);
    char why[80];
    snprintf(why, sizeof(why), "timed out after %g s, last moved by '2'",
             atof(seconds));
    cr_assert_str_eq(gale_test_why(t, "1"), why);
    int64_t after = gale_test_now_ms(t) - began;
    gale_test_destroy(t);
    return after;
}

Test(timeouts, a_lost_tree_fails_within_five_percent)
{
    const int64_t waits[] = { 0, 1, 333, 777, 12345 };

    for (int seconds = 1; seconds <= 100; seconds *= 10)
        for (size_t i = 0; i < 5; i++)
            for (uint32_t loops = 1; loops <= 2; loops++) {
                char text[16];
                int64_t after, t = seconds * 1000;

                snprintf(text, sizeof(text), "%d", seconds);
                after = fails_after(text, loops, waits[i]);
                cr_assert(after >= t && after <= t + t / 20,
                          "%d s, %u loops, begun after %lld ms: failed after "
                          "%lld ms",
                          seconds, loops, (long long)waits[i],
                          (long long)after);
            }
}

Test(timeouts, among_many_each_fails_within_five_percent)
{
    enum { N = 2000, T = 10000 };
    const gale_component parts[] = ONE_BOLT(&holding);
    gale_test *t = START(parts, .mocks = MOCK("1"), .loops = 2,
                         .conf = CONF(TIMEOUT("10")));
    size_t known = 0;

    for (int i = 0; i < N; i++) { /* one every 10 ms: 20 s */
        feed(t, "1", (uint64_t)gale_test_now_ms(t), ROW(I64(i)));
        advance(t, 10);
    }
    for (int i = 0; i < 3000; i++) {
        const uint64_t *ids;
        size_t n = gale_test_failed(t, "1", &ids);

        for (; known < n && i > 0; known++) {
            int64_t after = gale_test_now_ms(t) - (int64_t)ids[known];

            cr_assert(after >= T && after <= T + T / 20 + 10, "%lld",
                      (long long)after);
        }
        known = n;
        advance(t, 10);
    }
    cr_assert_eq(failed(t, "1"), N);
    gale_test_destroy(t);
}

/* ------------------------------------------------------- slow, not lost -- */

/* Every hop takes as long as its arg (an int64_t, ms) says. */
static gale_verdict slow_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    const int64_t *ms = gale_task_arg(gale_bolt_task(ctx));

    (void)self;
    see(ctx, in);
    gale_test_pass_ms(*ms);
    gale_emit(ctx, gale_tuple_row(in));
    return GALE_ACK;
}

static const gale_bolt slow = {
    .output = GALE_FIELDS(GALE_ANY("v")),
    .execute = slow_execute,
};

Test(timeouts, progress_refreshes_the_deadline)
{
    static const int64_t most_of_it = 7000;
    const gale_component parts[] = {
        { .id = "1", .spout = &source },
        { .id = "2",
          .bolt = &slow,
          .arg = &most_of_it,
          .inputs = GALE_INPUTS(GALE_GLOBAL("1")) },
        { .id = "3",
          .bolt = &slow,
          .arg = &most_of_it,
          .inputs = GALE_INPUTS(GALE_GLOBAL("2")) },
        { .id = "4",
          .bolt = &slow,
          .arg = &most_of_it,
          .inputs = GALE_INPUTS(GALE_GLOBAL("3")) },
    };
    gale_test *t =
        START(parts, .mocks = MOCK("1"), .conf = CONF(TIMEOUT("10")));

    feed(t, "1", 1, ROW(I64(1)));
    run(t, 100000);
    cr_assert_eq(acked(t, "1"), 1);
    cr_assert_eq(failed(t, "1"), 0);
    cr_assert_geq(gale_test_now_ms(t), 22000);
    gale_test_destroy(t);
}

/* A bolt that takes ten times the timeout for each tuple, while many wait for
 * it in its queue, in the queues before it, and in the spout. */
static void check_slow_but_living(uint32_t loops, bool blocking)
{
    enum { N = 300 }; /* several turns' worth */
    static const int64_t ten_timeouts = 10000, none = 0;
    const gale_component parts[] = {
        { .id = "1", .spout = &source },
        { .id = "2",
          .bolt = &slow,
          .arg = &none,
          .inputs = GALE_INPUTS(GALE_GLOBAL("1")) },
        { .id = "3",
          .bolt = &slow,
          .arg = &ten_timeouts,
          .blocking = blocking,
          .inputs = GALE_INPUTS(GALE_GLOBAL("2")) },
        { .id = "4", .bolt = &sink, .inputs = GALE_INPUTS(GALE_GLOBAL("3")) },
    };
    gale_test *t =
        START(parts, .mocks = MOCK("1"), .loops = loops,
              .conf = CONF(TIMEOUT("1"), { "topology.batch.bytes", "1024" },
                           { "topology.batch.credit", "1" }));

    n_seen = 0;
    for (uint64_t id = 1; id <= N; id++)
        feed(t, "1", id, ROW(I64(id)));
    run(t, 2 * N * 10000);
    cr_assert_eq(failed(t, "1"), 0, "%zu failed: %s", failed(t, "1"),
                 gale_test_why(t, "1"));
    cr_assert_eq(acked(t, "1"), N);
    cr_assert_eq(n_seen, 3 * N);
    cr_assert_geq(gale_test_now_ms(t), N * 10000);
    gale_test_destroy(t);
}

Test(timeouts, a_slow_living_tree_never_fails)
{
    for (uint32_t loops = 1; loops <= 4; loops++) {
        check_slow_but_living(loops, false);
        check_slow_but_living(loops, true);
    }
}

Test(timeouts, what_waits_behind_a_slow_bolt_does_not_save_what_is_lost)
{
    static const int64_t ms = 500;
    const gale_component parts[] = {
        { .id = "1", .spout = &source },
        { .id = "2",
          .bolt = &holding,
          .inputs = GALE_INPUTS(GALE_GLOBAL("1")) },
        { .id = "other", .spout = &source },
        { .id = "slow",
          .bolt = &slow,
          .arg = &ms,
          .inputs = GALE_INPUTS(GALE_GLOBAL("other")) },
    };
    gale_test_mock mocks[] = { { .spout = "1" }, { .spout = "other" }, { 0 } };
    gale_test *t = START(parts, .mocks = mocks, .conf = CONF(TIMEOUT("10")));
    int64_t lost_at;

    feed(t, "1", 1, ROW(I64(1)));
    settle(t);
    lost_at = gale_test_now_ms(t);
    for (uint64_t id = 1; id <= 100; id++) {
        feed(t, "other", id, ROW(I64(id)));
        settle(t);
    }
    /* Nothing older than it waits any more: it went with its epoch. */
    cr_assert_geq(gale_test_now_ms(t) - lost_at, 50000);
    cr_assert_eq(failed(t, "1"), 1);
    cr_assert_eq(acked(t, "other"), 100);
    cr_assert_eq(failed(t, "other"), 0);
    gale_test_destroy(t);
}

/* Holds what comes, and passes it on in its tick. */
struct pacer {
    gale_held held[256];
    size_t n;
};

static gale_verdict pacer_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    struct pacer *p = self;

    p->held[p->n++] = gale_hold(ctx, in);
    return GALE_HOLD;
}

static void pacer_tick(void *self, gale_bolt_ctx *ctx)
{
    struct pacer *p = self;

    while (p->n > 0) {
        gale_held h = p->held[--p->n];
        gale_emit_opts o = { .anchors = &h, .n_anchors = 1 };

        gale_emit_with(ctx, &o, gale_tuple_row(gale_held_tuple(ctx, h)));
        gale_ack(ctx, h);
    }
}

static const gale_bolt pacer = {
    .state_size = sizeof(struct pacer),
    .output = GALE_FIELDS(GALE_ANY("v")),
    .execute = pacer_execute,
    .tick = pacer_tick,
};

/* A tree that is old when its last tuple is queued is as safe in the queue as
 * a young one. */
Test(timeouts, what_was_held_first_and_then_waits_does_not_fail)
{
    enum { N = 250 }; /* several turns' worth */
    static const int64_t two_timeouts = 10000;
    const gale_component parts[] = {
        { .id = "1", .spout = &source },
        { .id = "2",
          .bolt = &pacer,
          .tick_ms = 3000,
          .inputs = GALE_INPUTS(GALE_GLOBAL("1")) },
        { .id = "3",
          .bolt = &slow,
          .arg = &two_timeouts,
          .inputs = GALE_INPUTS(GALE_GLOBAL("2")) },
    };

    for (uint32_t loops = 1; loops <= 3; loops++) {
        gale_test *t =
            START(parts, .mocks = MOCK("1"), .conf = CONF(TIMEOUT("5")),
                  .loops = loops, .seed = loops);

        for (uint64_t id = 1; id <= N; id++)
            feed(t, "1", id, ROW(I64(id)));
        settle(t);
        cr_assert_eq(stats(t, "2").held, N);
        run(t, N * 20000);
        cr_assert_eq(failed(t, "1"), 0, "%u loops: %zu, %s", loops,
                     failed(t, "1"), gale_test_why(t, "1"));
        cr_assert_eq(acked(t, "1"), N);
        gale_test_destroy(t);
    }
}
/* A callback that keeps a loop for longer than the timeout keeps a neighbour
 * from its tick; what that one holds is not forgotten for it. */
Test(timeouts, what_is_held_survives_a_neighbour_that_keeps_the_loop)
{
    static const int64_t two_timeouts = 20000;
    const gale_component parts[] = {
        { .id = "1", .spout = &source },
        { .id = "2",
          .bolt = &pacer,
          .tick_ms = 100,
          .inputs = GALE_INPUTS(GALE_GLOBAL("1")) },
        { .id = "other", .spout = &source },
        { .id = "slow",
          .bolt = &slow,
          .arg = &two_timeouts,
          .inputs = GALE_INPUTS(GALE_GLOBAL("other")) },
    };

    for (uint32_t loops = 1; loops <= 2; loops++) {
        gale_test *t = START(
            parts, .mocks = GALE_MOCKS({ .spout = "1" }, { .spout = "other" }),
            .conf = CONF(TIMEOUT("10")), .loops = loops);

        feed(t, "1", 1, ROW(I64(1)));
        settle(t);
        feed(t, "other", 1, ROW(I64(1)));
        advance(t, 1000);
        cr_assert_eq(failed(t, "1"), 0, "%u loops: %s", loops,
                     gale_test_why(t, "1"));
        cr_assert_eq(acked(t, "1"), 1);
        gale_test_destroy(t);
    }
}
