/* Failed trees: who replays, when, how often, and where the dead go. */
#include "gale/nested.h"
#include "semantics.h"

/* Fails each tuple as often as its second value says, then acks it; and
 * remembers when it saw it. */
struct attempt {
    int64_t n, at_ms;
};

static struct attempt attempts[1000];
static size_t n_attempts;

static gale_verdict stubborn_execute(void *self, const gale_tuple *in,
                                     gale_bolt_ctx *ctx)
{
    int64_t n = gale_tuple_i64(in, 0);
    int64_t seen_before = 0;

    (void)self;
    for (size_t i = 0; i < n_attempts; i++)
        seen_before += attempts[i].n == n;
    attempts[n_attempts++] =
        (struct attempt){ n, gale_task_now_ms(gale_bolt_task(ctx)) };
    return seen_before < gale_tuple_i64(in, 1) ? GALE_FAIL : GALE_ACK;
}

static const gale_bolt stubborn = { .execute = stubborn_execute };

static const gale_spout pairs = {
    .output = GALE_FIELDS(GALE_I64("n"), GALE_I64("fails")),
    .streams = GALE_STREAMS(
        { "side", GALE_FIELDS(GALE_I64("n"), GALE_I64("fails")), false }),
    .next = source_next,
};

#define STUBBORN                                              \
    {                                                         \
        { .id = "spout", .spout = &pairs },                   \
            { .id = "bolt",                                   \
              .bolt = &stubborn,                              \
              .inputs = GALE_INPUTS(GALE_SHUFFLE("spout")) }, \
    }

#define REPLAYED(id) GALE_MOCKS({ .spout = (id), .replay = true })

Test(replay, the_runtime_replays_until_it_is_acked)
{
    const gale_component parts[] = STUBBORN;

    for (uint32_t loops = 1; loops <= 2; loops++) {
        gale_test *t =
            START(parts, .mocks = REPLAYED("spout"), .loops = loops);
        const uint64_t *ids;
        gale_run_result r;

        n_attempts = 0;
        feed(t, "spout", 5, ROW(I64(1), I64(3)));
        settle(t);
        cr_assert_eq(n_attempts, 1);
        cr_assert_eq(gale_test_pending(t, "spout"), 1);
        run(t, 1000000);
        cr_assert_eq(n_attempts, 4);
        cr_assert_eq(gale_test_acked(t, "spout", &ids), 1);
        cr_assert_eq(ids[0], 5);
        r = result(t);
        cr_assert_eq(r.roots, 4);
        cr_assert_eq(r.failed, 3);
        cr_assert_eq(r.timed_out, 0);
        cr_assert_eq(r.replayed, 3);
        cr_assert_eq(r.acked, 1);
        cr_assert_eq(r.dead, 0);
        cr_assert_eq(gale_test_count(t, "spout", NULL), 4);
        gale_test_destroy(t);
    }
}

Test(replay, the_pause_doubles_up_to_a_limit)
{
    const gale_component parts[] = STUBBORN;
    const int64_t pauses[] = { 100, 200, 400, 800, 1000, 1000, 1000 };

    for (uint64_t seed = 0; seed < 10; seed++) {
        gale_test *t = START(
            parts, .mocks = REPLAYED("spout"), .seed = seed,
            .conf = CONF({ "topology.replay.backoff.millis", "100" },
                         { "topology.replay.backoff.max.millis", "1000" }));

        n_attempts = 0;
        feed(t, "spout", 1, ROW(I64(1), I64(7)));
        run(t, 1000000);
        cr_assert_eq(n_attempts, 8);
        for (size_t i = 0; i < 7; i++) {
            int64_t pause = attempts[i + 1].at_ms - attempts[i].at_ms;

            /* Of each pause between a half and all of it. */
            cr_assert(pause >= pauses[i] / 2 && pause <= pauses[i] + 1,
                      "pause %zu: %lld ms", i, (long long)pause);
        }
        gale_test_destroy(t);
    }
}

Test(replay, a_tree_that_timed_out_is_replayed)
{
    const gale_component parts[] = {
        { .id = "spout", .spout = &source },
        { .id = "bolt",
          .bolt = &holding,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("spout")) },
    };
    gale_test *t =
        START(parts, .mocks = REPLAYED("spout"), .conf = CONF(TIMEOUT("1")));
    gale_run_result r;

    feed(t, "spout", 1, ROW(I64(1)));
    advance(t, 10000);
    r = result(t);
    cr_assert(r.replayed >= 5 && r.replayed <= 9, "%d", (int)r.replayed);
    cr_assert_eq(r.timed_out, r.failed);
    cr_assert_eq(r.replayed, r.failed);
    cr_assert_eq(r.pending, 1);
    gale_test_destroy(t);
}

/* --------------------------------------------------------- dead letters -- */

static gale_verdict undertaker_execute(void *self, const gale_tuple *in,
                                       gale_bolt_ctx *ctx)
{
    const char *const names[] = { "stream", "id", "attempts", "reason",
                                  "values" };
    gale_unpack u = gale_unpack_of(*gale_tuple_at(in, 4));
    gale_value n, fails;

    (void)self;
    see(ctx, in);
    cr_assert_eq(gale_tuple_len(in), 5);
    for (int i = 0; i < 5; i++)
        cr_assert_eq(gale_tuple_slot(in, names[i]), i);
    cr_assert_str_eq(gale_tuple_stream(in), "__dead_letter");
    cr_assert(gale_str_is(gale_tuple_str(in, 0), "side"));
    cr_assert_eq(gale_tuple_i64(in, 1), 42);
    cr_assert_eq(gale_tuple_i64(in, 2), 3);
    cr_assert(gale_str_is(gale_tuple_str(in, 3), "failed by 'bolt'"));
    cr_assert_not(gale_tuple_tracked(in));
    cr_assert(gale_unpack_next(&u, &n) && n.type == GALE_T_I64);
    cr_assert(gale_unpack_next(&u, &fails) && fails.type == GALE_T_I64);
    cr_assert_not(gale_unpack_next(&u, &n));
    cr_assert_not(gale_unpack_failed(&u));
    cr_assert_eq(fails.as.i, 1000);
    return GALE_ACK;
}

static const gale_bolt undertaker = { .execute = undertaker_execute };

Test(replay, after_the_limit_a_tuple_becomes_a_dead_letter)
{
    const gale_component parts[] = {
        { .id = "spout", .spout = &pairs },
        { .id = "bolt",
          .bolt = &stubborn,
          .inputs = GALE_INPUTS({ .from = "spout", .stream = "side" }) },
        { .id = "undertaker",
          .bolt = &undertaker,
          .inputs =
              GALE_INPUTS({ .from = "spout", .stream = "__dead_letter" }) },
    };
    gale_test *t = START(parts, .mocks = REPLAYED("spout"),
                         .conf = CONF({ "topology.replay.limit", "3" }));
    gale_spout_emit_opts side = { .stream = 1, .id = 42 };
    gale_run_result r;

    cr_assert_eq(
        gale_test_feed_with(t, "spout", &side, ROW(I64(1), I64(1000))),
        GALE_OK);
    run(t, 1000000);
    r = result(t);
    cr_assert_eq(n_attempts, 4);
    cr_assert_eq(n_seen, 1);
    cr_assert_eq(r.dead, 1);
    cr_assert_eq(r.replayed, 3);
    cr_assert_eq(r.failed, 4);
    cr_assert_eq(r.pending, 0);
    cr_assert_eq(gale_test_pending(t, "spout"), 0);
    cr_assert_eq(acked(t, "spout"), 0);
    gale_test_destroy(t);
}

Test(replay, a_dead_letter_that_nobody_reads_is_counted)
{
    const gale_component parts[] = STUBBORN;
    gale_test *t = START(parts, .mocks = REPLAYED("spout"),
                         .conf = CONF({ "topology.replay.limit", "1" }));

    feed(t, "spout", 1, ROW(I64(1), I64(1000)));
    feed(t, "spout", 2, ROW(I64(2), I64(1)));
    run(t, 1000000);
    cr_assert_eq(result(t).dead, 1);
    cr_assert_eq(result(t).acked, 1);
    cr_assert_eq(gale_test_count(t, "spout", "__dead_letter"), 1);
    cr_assert_eq(stats(t, "spout").errors, 1);
    gale_test_destroy(t);
}

/* -------------------------------------------------- by the user's spout -- */

/* Gives 1 .. 5 once; emits again what failed, from a list. */
struct rewinder {
    int64_t last;
    uint64_t again[16];
    size_t n;
};

static char rewinder_why[64];
static unsigned n_acked, n_failed;

static bool rewinder_next(void *self, gale_spout_ctx *ctx)
{
    struct rewinder *s = self;
    uint64_t id;

    if (s->n > 0)
        id = s->again[--s->n];
    else if (s->last < 5)
        id = (uint64_t)++s->last;
    else
        return false;
    gale_spout_emit(ctx, id, ROW(I64(id), I64(2)));
    return true;
}

static void rewinder_fail(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    struct rewinder *s = self;

    n_failed++;
    s->again[s->n++] = id;
    snprintf(rewinder_why, sizeof(rewinder_why), "%s", gale_spout_why(ctx));
}

static void rewinder_ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    (void)self;
    (void)id;
    n_acked++;
    cr_assert_str_eq(gale_spout_why(ctx), "");
}

static const gale_spout rewinder = {
    .state_size = sizeof(struct rewinder),
    .output = GALE_FIELDS(GALE_I64("n"), GALE_I64("fails")),
    .next = rewinder_next,
    .ack = rewinder_ack,
    .fail = rewinder_fail,
};

Test(replay, a_spout_with_fail_replays_by_itself_even_when_exhausted)
{
    const gale_component parts[] = {
        { .id = "spout", .spout = &rewinder },
        { .id = "bolt",
          .bolt = &stubborn,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("spout")) },
    };

    for (uint32_t loops = 1; loops <= 2; loops++) {
        gale_test *t = START(parts, .loops = loops);

        n_attempts = n_acked = n_failed = 0;
        run(t, 100000);
        cr_assert_eq(n_acked, 5);
        cr_assert_eq(n_failed, 10);
        cr_assert_eq(n_attempts, 15);
        cr_assert_str_eq(rewinder_why, "failed by 'bolt'");
        cr_assert_eq(result(t).replayed, 0);
        cr_assert_eq(result(t).roots, 15);
        gale_test_destroy(t);
    }
}

/* Emits from ack and from fail. */
static bool echo_next(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    gale_spout_emit(ctx, 100, ROW(I64(100), I64(1)));
    return false;
}

static void echo_ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    (void)self;
    n_acked++;
    if (id > 90)
        gale_spout_emit(ctx, id - 1, ROW(I64(id - 1), I64(1)));
}

static void echo_fail(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    (void)self;
    n_failed++;
    gale_spout_emit(ctx, id, ROW(I64(id), I64(1)));
}

static bool echo_once(void *self, gale_spout_ctx *ctx)
{
    bool *gave = self;

    if (*gave)
        return false;
    *gave = true;
    return echo_next(self, ctx);
}

static const gale_spout echo = {
    .state_size = sizeof(bool),
    .output = GALE_FIELDS(GALE_I64("n"), GALE_I64("fails")),
    .next = echo_once,
    .ack = echo_ack,
    .fail = echo_fail,
};

Test(replay, ack_and_fail_may_emit)
{
    const gale_component parts[] = {
        { .id = "spout", .spout = &echo },
        { .id = "bolt",
          .bolt = &stubborn,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("spout")) },
    };
    gale_test *t = START(parts, .loops = 2);

    run(t, 100000);
    cr_assert_eq(n_acked, 11);
    cr_assert_eq(n_failed, 11);
    gale_test_destroy(t);
}

Test(replay, without_ackers_an_ack_that_emits_ends_all_the_same)
{
    const gale_component parts[] = {
        { .id = "spout", .spout = &echo },
        { .id = "bolt",
          .bolt = &sink,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("spout")) },
    };
    gale_test *t =
        START(parts, .conf = CONF({ "topology.acker.executors", "0" }));

    run(t, 100000);
    cr_assert_eq(n_acked, 11);
    cr_assert_eq(n_failed, 0);
    cr_assert_eq(n_seen, 11);
    gale_test_destroy(t);
}

/* ---------------------------------------------- a failure is not waited -- */

Test(replay, one_failing_branch_fails_the_tree_at_once)
{
    const gale_component parts[] = {
        { .id = "spout", .spout = &source },
        { .id = "held",
          .bolt = &holding,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("spout")) },
        { .id = "failed",
          .bolt = &failing,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("spout")) },
    };
    gale_test *t = START(parts, .mocks = MOCK("spout"));

    feed(t, "spout", 1, ROW(I64(1)));
    settle(t);
    cr_assert_eq(failed(t, "spout"), 1);
    cr_assert_str_eq(gale_test_why(t, "spout"), "failed by 'failed'");
    advance(t, 100000); /* and what is held of it harms nobody */
    cr_assert_eq(failed(t, "spout"), 1);
    gale_test_destroy(t);
}
