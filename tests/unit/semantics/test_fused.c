/* Bolts that are called from within their senders' emits: .fused. */
#include "fused.h"

#include "worker/loop.h"

/* ------------------------------------------------------------- in place -- */

static const char *lay_at; /* where the reader found the string */
static char buffer[4096];

/* Emits from its own buffer, and uses that for something else afterwards. */
static gale_verdict lends_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    (void)self;
    memset(buffer, 'a', sizeof(buffer));
    say("<");
    gale_emit(ctx, ROW(gale_val_run(GALE_T_STR, buffer, sizeof(buffer))));
    say(">");
    memset(buffer, 'z', sizeof(buffer));
    return gale_tuple_len(in) == 1 ? GALE_ACK : GALE_FAIL;
}

static const gale_bolt lends = {
    .output = GALE_FIELDS(GALE_STR("v")),
    .execute = lends_execute,
};

static gale_verdict looks_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    (void)self, (void)ctx;
    lay_at = gale_tuple_str(in, 0).ptr;
    say(lay_at[0] == 'a' ? "r" : "?");
    return GALE_ACK;
}

static const gale_bolt looks = { .execute = looks_execute };

static void lend_and_look(bool fused, const char *how)
{
    const gale_component parts[] = {
        { .id = "s", .spout = &source },
        { .id = "a",
          .bolt = &lends,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("s")) },
        { .id = "b",
          .bolt = &looks,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("a")),
          .fused = fused },
    };
    gale_test *t = START(parts, .mocks = MOCK("s"), .loops = 1);

    said_nothing();
    feed(t, "s", 7, ROW(I64(0)));
    settle(t);
    cr_expect_str_eq(said, how);
    cr_expect_eq(lay_at == buffer, fused);
    cr_expect_eq(acked(t, "s"), 1);
    cr_expect_eq(stats(t, "b").executed, 1);
    cr_expect_eq(stats(t, "b").acked, 1);
    cr_expect_eq(stats(t, "a").transferred, 1);
    gale_test_destroy(t);
}

Test(fused, its_reader_is_called_within_emit_with_the_senders_own_row)
{
    lend_and_look(true, "<r>");
    lend_and_look(false, "<>r");
}

/* Who watches over callbacks sees one that does not come to its end, however
 * often it calls others. */
static gale_verdict watched_execute(void *self, const gale_tuple *in,
                                    gale_bolt_ctx *ctx)
{
    gale_task *t = gale_bolt_task(ctx);
    uint64_t before, after;

    (void)self, (void)in;
    cr_expect_eq(gi_loop_running(t->loop, &before), t);
    gale_emit(ctx, ROW(I64(0)));
    cr_expect_eq(gi_loop_running(t->loop, &after), t);
    cr_expect_eq(before, after);
    say("w");
    return GALE_ACK;
}

static const gale_bolt watched = { .output = GALE_FIELDS(GALE_I64("n")),
                                   .execute = watched_execute };

Test(fused, a_call_is_no_step_of_its_own)
{
    const gale_component parts[] = {
        { .id = "s", .spout = &source },
        { .id = "a",
          .bolt = &watched,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("s")) },
        { .id = "b",
          .bolt = &sink,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("a")),
          .fused = true },
    };
    gale_test *t = START(parts, .mocks = MOCK("s"), .loops = 1);

    said_nothing();
    feed_numbers(t, 3);
    cr_expect_str_eq(said, "www");
    cr_expect_eq(stats(t, "b").executed, 3);
    gale_test_destroy(t);
}

Test(fused, a_spout_calls_as_well)
{
    const gale_component parts[] = {
        { .id = "s", .spout = &source },
        { .id = "b",
          .bolt = &sink,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("s")),
          .fused = true },
    };
    gale_test *t = START(parts, .mocks = MOCK("s"), .loops = 1);

    n_seen = 0;
    feed_numbers(t, 100);
    cr_expect_eq(acked(t, "s"), 100);
    cr_expect_eq(gale_test_pending(t, "s"), 0);
    expect_in_order(100);
    gale_test_destroy(t);
}

/* ---------------------------------------------------------------- trees -- */

/* s, and a row of bolts of which each emits as often as `fan` says, all but
 * the last fused; that one is `last`. */
static gale_test *row_of(const gale_bolt *last, bool last_fused,
                         uint32_t loops)
{
    static const int fan = 2;
    const gale_component parts[] = {
        { .id = "s", .spout = &source },
        { .id = "a",
          .bolt = &branch,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("s")),
          .fused = true,
          .arg = &fan },
        { .id = "b",
          .bolt = &branch,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("a")),
          .tasks = 2,
          .fused = true,
          .arg = &fan },
        { .id = "c",
          .bolt = &branch,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("b")),
          .fused = true },
        { .id = "d",
          .bolt = last,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("c")),
          .tick_ms = last->tick == NULL ? 0 : 1000,
          .fused = last_fused },
    };

    n_seen = 0;
    return START(parts, .mocks = MOCK("s"), .loops = loops);
}

Test(fused, a_tree_of_calls_is_acked_once)
{
    for (uint32_t loops = 1; loops <= 3; loops++) {
        gale_test *t = row_of(&sink, true, loops);

        feed_numbers(t, 200);
        cr_expect_eq(acked(t, "s"), 200);
        cr_expect_eq(failed(t, "s"), 0);
        cr_expect_eq(stats(t, "d").executed, 800);
        cr_expect_eq(stats(t, "d").acked, 800);
        cr_expect_eq(stats(t, "c").transferred, 800);
        gale_test_destroy(t);
    }
}

Test(fused, what_is_called_and_what_travels_are_of_one_tree)
{
    for (uint32_t loops = 1; loops <= 3; loops++) {
        gale_test *t = row_of(&sink, false, loops);

        feed_numbers(t, 200);
        cr_expect_eq(acked(t, "s"), 200);
        cr_expect_eq(stats(t, "d").acked, 800);
        gale_test_destroy(t);
    }
}

Test(fused, a_tree_waits_for_what_is_under_way_of_it)
{
    gale_test *t = row_of(&holding, false, 1);

    feed_numbers(t, 10);
    cr_expect_eq(acked(t, "s"), 0);
    cr_expect_eq(gale_test_pending(t, "s"), 10);
    cr_expect_eq(stats(t, "c").acked, 40);
    gale_test_destroy(t);
}

Test(fused, a_tree_fails_if_one_that_is_called_does)
{
    for (int fused = 0; fused <= 1; fused++) {
        gale_test *t = row_of(&failing, fused != 0, 1);

        feed_numbers(t, 10);
        cr_expect_eq(acked(t, "s"), 0);
        cr_expect_eq(failed(t, "s"), 10);
        cr_expect(strstr(gale_test_why(t, "s"), "'d'") != NULL, "%s",
                  gale_test_why(t, "s"));
        cr_expect_eq(stats(t, "d").failed, 40);
        cr_expect_eq(stats(t, "c").acked, 40);
        gale_test_destroy(t);
    }
}

/* Fails what it sees, and every other time does not. */
static gale_verdict every_other_execute(void *self, const gale_tuple *in,
                                        gale_bolt_ctx *ctx)
{
    (void)self;
    see(ctx, in);
    cr_expect_eq(gale_tuple_str(in, 0).len, strlen("the very same row"));
    return n_seen % 2 == 0 ? GALE_ACK : GALE_FAIL;
}

static const gale_bolt every_other = { .execute = every_other_execute };

Test(fused, a_tree_that_failed_in_a_call_is_replayed)
{
    const gale_component parts[] = {
        { .id = "s", .spout = &source },
        { .id = "b",
          .bolt = &every_other,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("s")),
          .fused = true },
    };
    gale_test *t =
        START(parts, .mocks = GALE_MOCKS({ .spout = "s", .replay = true }),
              .loops = 1);

    n_seen = 0;
    for (uint64_t i = 0; i < 50; i++)
        feed(t, "s", i, ROW(TEXT("the very same row")));
    run(t, 60000);
    cr_expect_eq(acked(t, "s"), 50);
    cr_expect_gt(n_seen, 50);
    gale_test_destroy(t);
}

/* ---------------------------------------------------------------- holds -- */

struct keeper {
    gale_held held[64];
    uint32_t n;
};

static gale_verdict keeper_execute(void *self, const gale_tuple *in,
                                   gale_bolt_ctx *ctx)
{
    struct keeper *k = self;

    see(ctx, in);
    k->held[k->n++] = gale_hold(ctx, in);
    return GALE_HOLD;
}

static bool all_as_lent(gale_str s)
{
    for (uint32_t i = 0; i < s.len; i++)
        if (s.ptr[i] != 'a')
            return false;
    return s.len == sizeof(buffer);
}

static void keeper_tick(void *self, gale_bolt_ctx *ctx)
{
    struct keeper *k = self;

    for (; k->n > 0; k->n--) {
        const gale_tuple *in = gale_held_tuple(ctx, k->held[k->n - 1]);

        if (all_as_lent(gale_tuple_str(in, 0)))
            gale_ack(ctx, k->held[k->n - 1]);
        else
            gale_fail(ctx, k->held[k->n - 1]);
    }
}

static const gale_bolt keeper = {
    .state_size = sizeof(struct keeper),
    .execute = keeper_execute,
    .tick = keeper_tick,
};

static const gale_component lent_to_keep[] = {
    { .id = "s", .spout = &source },
    { .id = "a", .bolt = &lends, .inputs = GALE_INPUTS(GALE_SHUFFLE("s")) },
    { .id = "b",
      .bolt = &keeper,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("a")),
      .tick_ms = 1000,
      .fused = true },
};

Test(fused, what_is_held_is_a_copy_of_its_own)
{
    gale_test *t = START(lent_to_keep, .mocks = MOCK("s"), .loops = 1);

    said_nothing();
    feed_numbers(t, 3);
    cr_expect_str_eq(said, "<><><>");
    cr_expect_eq(stats(t, "b").held, 3);
    cr_expect_eq(gale_test_pending(t, "s"), 3);
    advance(t, 1500);
    settle(t);
    cr_expect_eq(acked(t, "s"), 3);
    cr_expect_eq(stats(t, "b").acked, 3);
    gale_test_destroy(t);
}

Test(fused, what_is_held_and_never_answered_times_out)
{
    const gale_component parts[] = {
        { .id = "s", .spout = &source },
        { .id = "b",
          .bolt = &holding,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("s")),
          .fused = true },
    };
    gale_test *t = START(parts, .mocks = MOCK("s"), .loops = 1,
                         .conf = CONF(TIMEOUT("2")));

    feed_numbers(t, 2);
    advance(t, 1500);
    cr_expect_eq(failed(t, "s"), 0);
    advance(t, 3000);
    cr_expect_eq(failed(t, "s"), 2);
    cr_expect_str_eq(gale_test_why(t, "s"),
                     "timed out after 2 s, last moved by 'b'");
    gale_test_destroy(t);
}

/* -------------------------------------------------- several at a time -- */

static gale_verdict answers_or_not(void *self, const gale_tuple *in,
                                   gale_bolt_ctx *ctx)
{
    (void)self;
    see(ctx, in);
    return gale_tuple_i64(in, 0) % 2 == 0 ? GALE_ACK : GALE_FAIL;
}

static void batched_execute(void *self, const gale_tuple *const *in, size_t n,
                            gale_bolt_ctx *ctx)
{
    cr_expect_eq(n, 1);
    for (size_t i = 0; i < n; i++)
        if (gale_tuple_i64(in[i], 0) % 4 != 3) /* they fail, and are logged */
            gale_answer(ctx, answers_or_not(self, in[i], ctx));
}

static const gale_bolt batched = { .execute_batch = batched_execute };

Test(fused, who_takes_several_is_called_with_one)
{
    const gale_component parts[] = {
        { .id = "s", .spout = &source },
        { .id = "a",
          .bolt = &branch,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("s")) },
        { .id = "b",
          .bolt = &batched,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("a")),
          .fused = true },
    };
    gale_test *t = START(parts, .mocks = MOCK("s"), .loops = 1);

    feed_numbers(t, 40);
    cr_expect_eq(acked(t, "s"), 20);
    cr_expect_eq(failed(t, "s"), 20);
    cr_expect_eq(stats(t, "b").acked, 20);
    cr_expect_eq(stats(t, "b").failed, 20);
    cr_expect_eq(stats(t, "b").refused, 10);
    gale_test_destroy(t);
}

/* ------------------------------------------------------------- no tree -- */

static void tick_emits(void *self, gale_bolt_ctx *ctx)
{
    (void)self;
    say("<");
    gale_emit(ctx, ROW(I64(1)));
    say(">");
}

static gale_verdict no_execute(void *self, const gale_tuple *in,
                               gale_bolt_ctx *ctx)
{
    (void)self, (void)in, (void)ctx;
    return GALE_ACK;
}

static const gale_bolt ticker = { .output = GALE_FIELDS(GALE_I64("n")),
                                  .execute = no_execute,
                                  .tick = tick_emits };

static gale_verdict reads_loose(void *self, const gale_tuple *in,
                                gale_bolt_ctx *ctx)
{
    (void)self, (void)ctx;
    say(gale_tuple_tracked(in) ? "t" : "r");
    return GALE_FAIL; /* which means nothing to anybody */
}

static const gale_bolt loose = { .execute = reads_loose };

Test(fused, a_tick_calls_with_what_stands_in_no_tree)
{
    const gale_component parts[] = {
        { .id = "s", .spout = &source },
        { .id = "a",
          .bolt = &ticker,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("s")),
          .tick_ms = 1000 },
        { .id = "b",
          .bolt = &loose,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("a")),
          .fused = true },
    };
    gale_test *t = START(parts, .mocks = MOCK("s"), .loops = 1);

    said_nothing();
    advance(t, 2500);
    cr_expect_str_eq(said, "<r><r>");
    cr_expect_eq(stats(t, "b").executed, 2);
    cr_expect_eq(stats(t, "b").failed, 2);
    gale_test_destroy(t);
}
