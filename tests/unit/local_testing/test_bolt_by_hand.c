/* A bolt by hand: feeding, verdicts, emits, holds, ticks, time. */
#include "bolts.h"

/* Holds numbers until it has two and emits their sum, anchored to both; fails
 * negative ones; emits, unanchored, how many it has in tick; and copies
 * stream "side" to its own stream "copy". */
struct pairs {
    gale_held held[2];
    size_t n;
    bool prepared;
};

enum { SUM, COPY, COUNT, AWAY };

static unsigned cleaned;

static gale_err pairs_prepare(void *self, gale_bolt_ctx *ctx)
{
    struct pairs *p = self;

    (void)ctx;
    p->prepared = true;
    return GALE_OK;
}

static gale_verdict pairs_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    struct pairs *p = self;

    cr_assert(p->prepared);
    if (strcmp(gale_tuple_stream(in), "side") == 0) {
        cr_assert_str_eq(gale_tuple_component(in), "right");
        gale_emit_on(ctx, COPY, gale_tuple_row(in));
        return GALE_ACK;
    }
    if (gale_tuple_i64(in, 0) < 0)
        return GALE_FAIL;
    p->held[p->n++] = gale_hold(ctx, in);
    if (p->n == 2) {
        const gale_tuple *a = gale_held_tuple(ctx, p->held[0]);
        gale_emit_opts o = { .anchors = p->held, .n_anchors = 2 };
        int64_t sum = gale_tuple_i64(a, 0) + gale_tuple_i64(in, 0);

        gale_emit_with(ctx, &o, GALE_ROW(I64(sum)));
        gale_ack(ctx, p->held[0]);
        gale_ack(ctx, p->held[1]);
        p->n = 0;
    }
    return GALE_HOLD;
}

static void pairs_tick(void *self, gale_bolt_ctx *ctx)
{
    struct pairs *p = self;
    uint32_t first, n;

    n = gale_task_peers(gale_bolt_task(ctx), "sink", &first);
    gale_emit_on(ctx, COUNT, GALE_ROW(I64((int64_t)p->n)));
    if (n > 1) {
        gale_emit_opts o = { .stream = AWAY, .task = first + 1 };
        gale_emit_with(ctx, &o, GALE_ROW(I64(n)));
        o.task = gale_task_id(gale_bolt_task(ctx)); /* reads no such thing */
        gale_emit_with(ctx, &o, GALE_ROW(I64(0)));
    }
}

static void pairs_cleanup(void *self, gale_bolt_ctx *ctx)
{
    (void)self;
    (void)ctx;
    cleaned++;
}

static const gale_bolt pairs = {
    .state_size = sizeof(struct pairs),
    .output = GALE_FIELDS(GALE_I64("sum")),
    .streams = GALE_STREAMS({ "copy", GALE_FIELDS(GALE_STR("s")), false },
                            { "count", GALE_FIELDS(GALE_I64("n")), false },
                            { "away", GALE_FIELDS(GALE_I64("n")), true }),
    .prepare = pairs_prepare,
    .execute = pairs_execute,
    .tick = pairs_tick,
    .cleanup = pairs_cleanup,
};

static gale_test_bolt *make(uint32_t tick_ms, uint32_t readers)
{
    gale_test_bolt_opts o = {
        .component = "pairs",
        .sources =
            GALE_SOURCES({ "left", NULL, GALE_FIELDS(GALE_I64("n")) },
                         { "right", "default", GALE_FIELDS(GALE_I64("n")) },
                         { "right", "side", GALE_FIELDS(GALE_STR("s")) }),
        .tick_ms = tick_ms,
        .reader = "sink",
        .readers = readers,
    };
    gale_test_bolt *b = NULL;
    gale_diag why;

    OK(gale_test_bolt_create(&b, &pairs, &o, &why));
    return b;
}

static uint64_t feed(gale_test_bolt *b, const char *from, int64_t n)
{
    uint64_t id = 0;
    gale_diag why = { "" };

    OK(gale_test_bolt_feed(b, from, NULL, GALE_ROW(I64(n)), &id));
    return id;
}

Test(bolt_by_hand, holds_until_it_answers)
{
    gale_test_bolt *b = make(0, 0);
    gale_test_counts c;

    uint64_t x = feed(b, "left", 3);
    cr_assert_eq(x, 1);
    cr_assert_eq(gale_test_bolt_answer(b, x), GALE_HOLD);
    cr_assert_eq(gale_test_stats(gale_test_bolt_test(b), "pairs", &c),
                 GALE_OK);
    cr_assert_eq(c.held, 1);
    cr_assert_eq(gale_test_bolt_emits(b), 0);

    uint64_t y = feed(b, "right", 4);
    cr_assert_eq(gale_test_bolt_answer(b, x), GALE_ACK);
    cr_assert_eq(gale_test_bolt_answer(b, y), GALE_ACK);
    cr_assert_eq(gale_test_bolt_emits(b), 1);
    gale_test_emit e = gale_test_bolt_emit(b, 0);
    cr_assert_str_eq(e.stream, "default");
    cr_assert(e.anchored);
    cr_assert_eq(e.row.values[0].as.i, 7);
    gale_test_bolt_destroy(b);
    cr_assert_eq(cleaned, 1);
}

Test(bolt_by_hand, a_verdict_of_fail_is_seen)
{
    gale_test_bolt *b = make(0, 0);
    uint64_t id = feed(b, "left", -1);

    cr_assert_eq(gale_test_bolt_answer(b, id), GALE_FAIL);
    cr_assert_str_eq(gale_test_why(gale_test_bolt_test(b), "left"),
                     "failed by 'pairs'");
    gale_test_bolt_destroy(b);
}

Test(bolt_by_hand, sources_have_streams)
{
    gale_test_bolt *b = make(0, 0);
    uint64_t id;
    gale_diag why = { "" };

    OK(gale_test_bolt_feed(b, "right", "side", GALE_ROW(TEXT("x")), &id));
    cr_assert_eq(gale_test_bolt_answer(b, id), GALE_ACK);
    cr_assert_str_eq(gale_test_bolt_emit(b, 0).stream, "copy");
    cr_assert_eq(
        gale_test_bolt_feed(b, "left", "side", GALE_ROW(TEXT("x")), &id),
        GALE_ENOTFOUND);
    cr_assert_eq(gale_test_bolt_feed(b, "up", NULL, GALE_ROW(I64(1)), &id),
                 GALE_ENOTFOUND);
    cr_assert_eq(
        gale_test_bolt_feed(b, "left", NULL, GALE_ROW(TEXT("x")), &id),
        GALE_EINVAL);
    gale_test_bolt_destroy(b);
}

Test(bolt_by_hand, ticks_when_asked_and_only_then)
{
    gale_test_bolt *b = make(0, 0);

    gale_test_advance_ms(gale_test_bolt_test(b), 5000);
    cr_assert_eq(gale_test_bolt_emits(b), 0);
    gale_test_bolt_tick(b);
    cr_assert_eq(gale_test_bolt_emits(b), 1);
    cr_assert_str_eq(gale_test_bolt_emit(b, 0).stream, "count");
    cr_assert_not(gale_test_bolt_emit(b, 0).anchored);
    gale_test_bolt_forget(b);
    cr_assert_eq(gale_test_bolt_emits(b), 0);
    cr_assert_null(gale_test_bolt_emit(b, 0).stream);
    gale_test_bolt_destroy(b);
}

Test(bolt_by_hand, ticks_as_time_passes)
{
    gale_test_bolt *b = make(100, 0);

    gale_test_advance_ms(gale_test_bolt_test(b), 1000);
    cr_assert_eq(gale_test_bolt_emits(b), 10);
    gale_test_bolt_destroy(b);
}

Test(bolt_by_hand, a_direct_emit_reaches_the_reader_it_names)
{
    gale_test_bolt *b = make(0, 3);

    gale_test_bolt_tick(b);
    cr_assert_eq(gale_test_bolt_emits(b), 2);
    for (size_t i = 0; i < 2; i++) {
        gale_test_emit e = gale_test_bolt_emit(b, i);

        if (strcmp(e.stream, "away") != 0)
            continue;
        cr_assert_eq(e.row.values[0].as.i, 3);
        gale_test_bolt_destroy(b);
        return;
    }
    cr_assert_fail("nothing came on 'away'");
}

Test(bolt_by_hand, a_tuple_held_too_long_fails)
{
    gale_test_bolt *b = make(0, 0);
    uint64_t id = feed(b, "left", 1);

    gale_test_advance_ms(gale_test_bolt_test(b), 29000);
    cr_assert_eq(gale_test_bolt_answer(b, id), GALE_HOLD);
    gale_test_advance_ms(gale_test_bolt_test(b), 3000);
    cr_assert_eq(gale_test_bolt_answer(b, id), GALE_FAIL);
    cr_assert_str_eq(gale_test_why(gale_test_bolt_test(b), "left"),
                     "timed out after 30 s, last moved by 'pairs'");
    gale_test_bolt_destroy(b);
}

static gale_verdict end_execute(void *self, const gale_tuple *in,
                                gale_bolt_ctx *ctx)
{
    gale_task *task = gale_bolt_task(ctx);

    (void)self;
    cr_assert_eq(gale_tuple_len(in), 0);
    cr_assert_str_eq(gale_task_component(task), "bolt");
    cr_assert_str_eq(gale_task_arg(task), "arg");
    cr_assert_str_eq(gale_task_conf_str(task, "own.key", ""), "own value");
    return GALE_ACK;
}

static const gale_bolt end = { .execute = end_execute };

Test(bolt_by_hand, a_bolt_that_emits_nothing_needs_no_reader)
{
    gale_test_bolt_opts o = {
        .arg = "arg",
        .conf = GALE_SETTINGS({ "own.key", "own value" }),
    };
    gale_test_bolt *b;
    gale_row nothing = { NULL, 0 };
    uint64_t id;
    gale_diag why = { "" };

    OK(gale_test_bolt_create(&b, &end, &o, &why));
    OK(gale_test_bolt_feed(b, "source", NULL, nothing, &id));
    cr_assert_eq(gale_test_bolt_answer(b, id), GALE_ACK);
    gale_test_bolt_destroy(b);
}

Test(bolt_by_hand, mistakes_in_the_bolt_are_said)
{
    gale_bolt broken = { .output = GALE_FIELDS(GALE_I64("n")) };
    gale_test_bolt *b = NULL;
    gale_diag why;

    cr_assert_eq(gale_test_bolt_create(&b, &broken, NULL, &why), GALE_EPLAN);
    cr_assert(strstr(why.text, "execute") != NULL);
    cr_assert_null(b);
    gale_test_bolt_destroy(NULL);
}
