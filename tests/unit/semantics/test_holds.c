/* Tuples that are held: answered later, from elsewhere, wrongly, or never. */
#include "semantics.h"

/* What to do is in the tuple: a word for the bolt, on its one field. */
struct script {
    gale_held held[4];
    size_t n;
};

static gale_held of_another_task;

static gale_verdict script_execute(void *self, const gale_tuple *in,
                                   gale_bolt_ctx *ctx)
{
    struct script *s = self;
    gale_str what = gale_tuple_str(in, 0);
    gale_held h;

    if (gale_str_is(what, "hold")) {
        s->held[s->n++] = of_another_task = gale_hold(ctx, in);
        return GALE_HOLD;
    }
    if (gale_str_is(what, "ack first")) {
        gale_ack(ctx, s->held[0]);
    } else if (gale_str_is(what, "fail first")) {
        gale_fail(ctx, s->held[0]);
    } else if (gale_str_is(what, "ack strangers")) {
        gale_ack(ctx, of_another_task);
    } else if (gale_str_is(what, "ack garbage")) {
        gale_ack(ctx, (gale_held){ UINT64_C(0xffffffffffff) });
    } else if (gale_str_is(what, "ack input")) {
        gale_ack(ctx, GALE_INPUT);
    } else if (gale_str_is(what, "hold nothing")) {
        return GALE_HOLD;
    } else if (gale_str_is(what, "no verdict")) {
        return (gale_verdict)17;
    } else if (gale_str_is(what, "hold, return ack")) {
        gale_hold(ctx, in);
        return GALE_ACK;
    } else if (gale_str_is(what, "hold, return fail")) {
        gale_hold(ctx, in);
        return GALE_FAIL;
    } else if (gale_str_is(what, "answer, return hold")) {
        gale_ack(ctx, gale_hold(ctx, in));
        return GALE_HOLD;
    } else if (gale_str_is(what, "answer, return ack")) {
        gale_ack(ctx, gale_hold(ctx, in));
        return GALE_ACK;
    } else if (gale_str_is(what, "answer, emit")) {
        gale_ack(ctx, gale_hold(ctx, in));
        gale_emit(ctx, gale_tuple_row(in));
        return GALE_HOLD;
    } else if (gale_str_is(what, "answer, emit with")) {
        gale_emit_opts o = { .anchors = &h, .n_anchors = 1 };

        h = gale_hold(ctx, in);
        gale_ack(ctx, h);
        cr_assert_eq(gale_emit_with(ctx, &o, gale_tuple_row(in)), 0);
        cr_assert_null(gale_held_tuple(ctx, h));
        gale_reset_timeout(ctx, h);
        return GALE_HOLD;
    } else if (gale_str_is(what, "emit first")) {
        gale_emit_opts o = { .anchors = s->held, .n_anchors = 1 };

        gale_emit_with(ctx, &o, ROW(TEXT("child")));
    } else if (gale_str_is(what, "hold twice")) {
        h = gale_hold(ctx, in);
        cr_assert_eq(gale_hold(ctx, in).ref, h.ref);
        gale_ack(ctx, h);
        return GALE_HOLD;
    } else if (gale_str_is(what, "hold another")) {
        cr_assert_eq(gale_hold(ctx, gale_held_tuple(ctx, s->held[0])).ref, 0);
    }
    return GALE_ACK;
}

/* Fails the first it holds. */
static void script_tick(void *self, gale_bolt_ctx *ctx)
{
    struct script *s = self;

    gale_fail(ctx, s->held[0]);
}

static const gale_bolt script = {
    .state_size = sizeof(struct script),
    .output = GALE_FIELDS(GALE_STR("v")),
    .execute = script_execute,
    .tick = script_tick,
};

static gale_test_bolt *make(void)
{
    gale_test_bolt_opts o = {
        .sources = GALE_SOURCES({ "s", NULL, GALE_FIELDS(GALE_STR("v")) }),
    };
    gale_test_bolt *b = NULL;

    cr_assert_eq(gale_test_bolt_create(&b, &script, &o, NULL), GALE_OK);
    return b;
}

static uint64_t say(gale_test_bolt *b, const char *what)
{
    uint64_t id = 0;

    cr_assert_eq(gale_test_bolt_feed(b, "s", NULL, ROW(TEXT(what)), &id),
                 GALE_OK);
    return id;
}

static gale_test_counts counts(gale_test_bolt *b)
{
    return stats(gale_test_bolt_test(b), "bolt");
}

Test(holds, are_answered_from_a_later_execute)
{
    gale_test_bolt *b = make();
    uint64_t held = say(b, "hold"), later;

    cr_assert_eq(gale_test_bolt_answer(b, held), GALE_HOLD);
    cr_assert_eq(counts(b).held, 1);
    later = say(b, "ack first");
    cr_assert_eq(gale_test_bolt_answer(b, held), GALE_ACK);
    cr_assert_eq(gale_test_bolt_answer(b, later), GALE_ACK);
    cr_assert_eq(counts(b).held, 0);
    cr_assert_eq(counts(b).acked, 2);
    cr_assert_eq(counts(b).refused, 0);
    gale_test_bolt_destroy(b);
}

Test(holds, are_failed_later)
{
    gale_test_bolt *b = make();
    uint64_t held = say(b, "hold");

    say(b, "fail first");
    cr_assert_eq(gale_test_bolt_answer(b, held), GALE_FAIL);
    cr_assert_eq(counts(b).failed, 1);
    gale_test_bolt_destroy(b);
}

Test(holds, are_answered_from_a_tick)
{
    gale_test_bolt *b = make();
    uint64_t held = say(b, "hold");

    gale_test_bolt_tick(b);
    cr_assert_eq(gale_test_bolt_answer(b, held), GALE_FAIL);
    gale_test_bolt_destroy(b);
}

Test(holds, what_is_emitted_under_one_belongs_to_its_tree)
{
    const gale_component parts[] = {
        { .id = "s", .spout = &source },
        { .id = "bolt",
          .bolt = &script,
          .inputs = GALE_INPUTS(GALE_ALL("s")) },
        { .id = "reader",
          .bolt = &holding,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("bolt")) },
    };
    gale_test *t = START(parts, .mocks = MOCK("s"));
    const uint64_t *ids;

    feed(t, "s", 1, ROW(TEXT("hold")));
    settle(t);
    feed(t, "s", 2, ROW(TEXT("emit first")));
    settle(t);
    feed(t, "s", 3, ROW(TEXT("ack first")));
    settle(t);
    cr_assert_eq(n_seen, 1);
    cr_assert(seen[0].tracked);
    cr_assert_eq(gale_test_acked(t, "s", &ids), 2); /* but not 1 */
    cr_assert_eq(ids[0] + ids[1], 5);
    gale_test_destroy(t);
}

/* -------------------------------------------------------------- refused -- */

/* Says `what` to a bolt that holds one tuple; expects it to be refused, and
 * the tuple that said it to be answered so. */
static void check_refused(const char *what, gale_verdict answer)
{
    gale_test_bolt *b = make();
    uint64_t held = say(b, "hold"), id;

    id = say(b, what);
    cr_assert_eq(counts(b).refused, 1, "%s: %d", what, (int)counts(b).refused);
    cr_assert_eq(gale_test_bolt_answer(b, id), answer, "%s", what);
    cr_assert_eq(gale_test_bolt_answer(b, held), GALE_HOLD, "%s", what);
    say(b, "ack first"); /* no harm done */
    cr_assert_eq(gale_test_bolt_answer(b, held), GALE_ACK);
    cr_assert_eq(gale_test_bolt_emits(b), 0, "%s", what);
    gale_test_bolt_destroy(b);
}

Test(holds, what_breaks_the_rules_is_refused_counted_and_harmless)
{
    check_refused("hold nothing", GALE_FAIL);
    check_refused("no verdict", GALE_FAIL);
    check_refused("ack garbage", GALE_ACK);
    check_refused("ack input", GALE_ACK);
    check_refused("answer, return ack", GALE_ACK);
    check_refused("answer, emit", GALE_ACK);
    check_refused("hold another", GALE_ACK);
}

Test(holds, an_answer_by_verdict_counts_for_a_held_tuple)
{
    const struct {
        const char *what;
        gale_verdict answer;
    } cases[] = {
        { "hold, return ack", GALE_ACK },
        { "hold, return fail", GALE_FAIL },
        { "answer, return hold", GALE_ACK },
        { "hold twice", GALE_ACK },
    };
    gale_test_bolt *b = make();

    for (size_t i = 0; i < 4; i++) {
        uint64_t id = say(b, cases[i].what);

        cr_assert_eq(gale_test_bolt_answer(b, id), cases[i].answer, "%s",
                     cases[i].what);
    }
    cr_assert_eq(counts(b).refused, 0);
    cr_assert_eq(counts(b).held, 0);
    gale_test_bolt_destroy(b);
}

Test(holds, a_second_answer_is_refused)
{
    gale_test_bolt *b = make();
    uint64_t held = say(b, "hold");

    say(b, "ack first");
    say(b, "ack first");
    say(b, "fail first");
    cr_assert_eq(gale_test_bolt_answer(b, held), GALE_ACK);
    cr_assert_eq(counts(b).refused, 2);
    cr_assert_eq(counts(b).acked, 4);
    cr_assert_eq(counts(b).failed, 0);
    gale_test_bolt_destroy(b);
}

Test(holds, everything_after_the_answer_is_refused)
{
    gale_test_bolt *b = make();
    uint64_t id = say(b, "answer, emit with");

    cr_assert_eq(gale_test_bolt_answer(b, id), GALE_ACK);
    cr_assert_eq(counts(b).refused, 2); /* the emit, the reset */
    cr_assert_eq(gale_test_bolt_emits(b), 0);
    gale_test_bolt_destroy(b);
}

Test(holds, a_strangers_tuple_cannot_be_answered)
{
    const gale_component parts[] = {
        { .id = "s", .spout = &source },
        { .id = "other", .spout = &source },
        { .id = "a", .bolt = &script, .inputs = GALE_INPUTS(GALE_ALL("s")) },
        { .id = "b",
          .bolt = &script,
          .inputs = GALE_INPUTS(GALE_ALL("other")) },
    };
    gale_test_mock mocks[] = { { .spout = "s" }, { .spout = "other" }, { 0 } };
    gale_test *t = START(parts, .mocks = mocks);

    feed(t, "s", 1, ROW(TEXT("hold")));
    settle(t);
    feed(t, "other", 1, ROW(TEXT("ack strangers")));
    settle(t);
    cr_assert_eq(stats(t, "b").refused, 1);
    cr_assert_eq(stats(t, "a").refused, 0);
    cr_assert_eq(acked(t, "s"), 0);
    feed(t, "s", 2, ROW(TEXT("ack first")));
    settle(t);
    cr_assert_eq(acked(t, "s"), 2);
    gale_test_destroy(t);
}

Test(holds, a_handle_is_not_good_for_the_next_tuple_in_its_place)
{
    gale_test_bolt *b = make();
    uint64_t first = say(b, "hold"), second;

    say(b, "ack first");
    second = say(b, "hold"); /* in the same slot */
    say(b, "ack first");
    cr_assert_eq(gale_test_bolt_answer(b, first), GALE_ACK);
    cr_assert_eq(gale_test_bolt_answer(b, second), GALE_HOLD);
    cr_assert_eq(counts(b).refused, 1);
    gale_test_bolt_destroy(b);
}
