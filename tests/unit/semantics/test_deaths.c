/* Tasks and ackers that die: what they had is replayed at once, and what they
 * knew is gone. */
#include "semantics.h"

#define REPLAYED(id) GALE_MOCKS({ .spout = (id), .replay = true })

/* ---------------------------------------------------------------- bolts -- */

/* Holds all but every third tuple, and then answers for the last three. */
struct keeper {
    gale_held held[2];
    uint32_t n;
    int64_t prepared;
};

static int n_prepared, n_cleaned, refuse_after;

static gale_err keeper_prepare(void *self, gale_bolt_ctx *ctx)
{
    struct keeper *k = self;

    (void)ctx;
    k->prepared = ++n_prepared;
    return refuse_after != 0 && n_prepared > refuse_after ? GALE_EUSER
                                                          : GALE_OK;
}

static void keeper_cleanup(void *self, gale_bolt_ctx *ctx)
{
    (void)self;
    (void)ctx;
    n_cleaned++;
}

static gale_verdict keeper_execute(void *self, const gale_tuple *in,
                                   gale_bolt_ctx *ctx)
{
    struct keeper *k = self;

    see(ctx, in);
    if (k->n < 2) {
        k->held[k->n++] = gale_hold(ctx, in);
        return GALE_HOLD;
    }
    while (k->n > 0)
        gale_ack(ctx, k->held[--k->n]);
    return GALE_ACK;
}

static const gale_bolt keeper = {
    .state_size = sizeof(struct keeper),
    .prepare = keeper_prepare,
    .cleanup = keeper_cleanup,
    .execute = keeper_execute,
};

#define KEEPER                                                \
    {                                                         \
        { .id = "spout", .spout = &source },                  \
            { .id = "keeper",                                 \
              .bolt = &keeper,                                \
              .inputs = GALE_INPUTS(GALE_SHUFFLE("spout")) }, \
    }

static void feed_three(gale_test *t)
{
    for (int i = 1; i <= 3; i++)
        feed(t, "spout", (uint64_t)i, ROW(I64(i)));
}

Test(deaths, what_a_dead_task_held_fails_at_once_and_is_replayed)
{
    const gale_component parts[] = KEEPER;

    for (uint32_t loops = 1; loops <= 2; loops++) {
        gale_test *t =
            START(parts, .mocks = REPLAYED("spout"), .loops = loops);

        n_prepared = n_cleaned = 0;
        feed(t, "spout", 1, ROW(I64(1)));
        feed(t, "spout", 2, ROW(I64(2)));
        settle(t);
        cr_assert_eq(stats(t, "keeper").held, 2);
        cr_assert_eq(gale_test_kill(t, "keeper", 0), GALE_OK);
        cr_assert_eq(stats(t, "keeper").held, 0);
        settle(t);
        cr_assert_eq(stats(t, "spout").failed, 2);
        cr_assert_eq(stats(t, "spout").timed_out, 0);
        advance(t, 100); /* the replays, to the new one */
        cr_assert_eq(stats(t, "keeper").held, 2);
        feed(t, "spout", 3, ROW(I64(3)));
        run(t, 1000);
        cr_assert_eq(acked(t, "spout"), 3);
        cr_assert_eq(result(t).recovered, 2);
        cr_assert_eq(n_cleaned, 0);
        gale_test_destroy(t);
        cr_assert_eq(n_cleaned, 1);
    }
}

Test(deaths, a_task_that_is_restarted_is_cleaned_up_first)
{
    const gale_component parts[] = KEEPER;
    gale_test *t = START(parts, .mocks = REPLAYED("spout"));

    n_prepared = n_cleaned = 0;
    feed(t, "spout", 1, ROW(I64(1)));
    settle(t);
    cr_assert_eq(gale_test_restart(t, "keeper", 0), GALE_OK);
    cr_assert_eq(n_cleaned, 1);
    cr_assert_eq(n_prepared, 1);
    feed_three(t);
    run(t, 1000000);
    cr_assert_eq(acked(t, "spout"), 4);
    gale_test_destroy(t);
}

Test(deaths, an_answer_of_its_earlier_life_is_refused)
{
    const gale_component parts[] = KEEPER;
    gale_test *t = START(parts, .mocks = REPLAYED("spout"));

    feed_three(t);
    run(t, 1000);
    cr_assert_eq(result(t).refused, 0);
    gale_test_destroy(t);
}

Test(deaths, a_task_that_does_not_come_back_ends_the_run)
{
    const gale_component parts[] = KEEPER;
    gale_test *t = START(parts, .mocks = REPLAYED("spout"));

    refuse_after = n_prepared;
    cr_assert_eq(gale_test_kill(t, "keeper", 0), GALE_EUSER);
    refuse_after = 0;
    gale_test_destroy(t);
}

Test(deaths, there_must_be_such_a_task)
{
    const gale_component parts[] = KEEPER;
    gale_test *t = START(parts, .mocks = REPLAYED("spout"));

    cr_assert_eq(gale_test_kill(t, "kepper", 0), GALE_ENOTFOUND);
    cr_assert_eq(gale_test_kill(t, "keeper", 1), GALE_ENOTFOUND);
    cr_assert_eq(gale_test_restart(t, "keeper", 7), GALE_ENOTFOUND);
    gale_test_destroy(t);
}

/* --------------------------------------------------------------- ackers -- */

Test(deaths, trees_of_a_dead_acker_are_replayed_at_once)
{
    const gale_component parts[] = KEEPER;

    for (uint32_t loops = 1; loops <= 2; loops++) {
        gale_test *t =
            START(parts, .mocks = REPLAYED("spout"), .loops = loops);

        feed(t, "spout", 1, ROW(I64(1)));
        feed(t, "spout", 2, ROW(I64(2)));
        settle(t);
        gale_test_kill_ackers(t);
        settle(t);
        cr_assert_eq(stats(t, "spout").failed, 2);
        cr_assert_eq(stats(t, "spout").timed_out, 0);
        feed_three(t);
        run(t, 120000);
        cr_assert_eq(acked(t, "spout"), 5);
        gale_test_destroy(t);
    }
}

Test(deaths, with_no_tree_in_flight_a_dead_acker_is_no_loss)
{
    const gale_component parts[] = KEEPER;
    gale_test *t = START(parts, .mocks = REPLAYED("spout"));

    feed_three(t);
    run(t, 1000);
    gale_test_kill_ackers(t);
    feed_three(t);
    run(t, 1000);
    cr_assert_eq(acked(t, "spout"), 6);
    cr_assert_eq(result(t).failed, 0);
    gale_test_destroy(t);
}

/* --------------------------------------------------------------- spouts -- */

enum { LINES = 20 };

/* A source that outlives its spout: a line is gone when it is acked. */
static struct {
    bool acked[LINES];
    int opened, n_acked;
} lines;

struct reader {
    int at;
};

static gale_err reader_open(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    (void)ctx;
    lines.opened++;
    return GALE_OK;
}

static bool reader_next(void *self, gale_spout_ctx *ctx)
{
    struct reader *r = self;

    while (r->at < LINES && lines.acked[r->at])
        r->at++;
    if (r->at < LINES) {
        gale_spout_emit(ctx, (uint64_t)r->at, ROW(I64(r->at)));
        r->at++;
    }
    return r->at < LINES;
}

static void reader_ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    (void)self;
    (void)ctx;
    lines.acked[id] = true;
    lines.n_acked++;
}

static const gale_spout reader = {
    .state_size = sizeof(struct reader),
    .output = GALE_FIELDS(GALE_ANY("v")),
    .open = reader_open,
    .next = reader_next,
    .ack = reader_ack,
};

#define READER                                                \
    {                                                         \
        { .id = "spout", .spout = &reader },                  \
            { .id = "hold",                                   \
              .bolt = &holding,                               \
              .inputs = GALE_INPUTS(GALE_SHUFFLE("spout")) }, \
            { .id = "sink",                                   \
              .bolt = &sink,                                  \
              .inputs = GALE_INPUTS(GALE_SHUFFLE("spout")) }, \
    }

Test(deaths, a_spout_that_dies_forgets_its_trees_and_opens_again)
{
    const gale_component parts[] = READER;

    for (uint32_t loops = 1; loops <= 2; loops++) {
        gale_test *t = START(parts, .loops = loops);

        memset(&lines, 0, sizeof(lines));
        advance(t, 10);
        cr_assert_eq(stats(t, "spout").roots, LINES);
        cr_assert_eq(result(t).pending, LINES);
        cr_assert_eq(gale_test_kill(t, "spout", 0), GALE_OK);
        cr_assert_eq(lines.opened, 1); /* since it was counted anew */
        cr_assert_eq(result(t).pending, 0);
        cr_assert_eq(result(t).forgotten, LINES);
        advance(t, 10);
        cr_assert_eq(stats(t, "spout").roots, 2 * LINES);

        /* The bolt dies as well; its holds are of both lives of the spout, and
         * only those of the second are of interest to anybody. */
        cr_assert_eq(gale_test_kill(t, "hold", 0), GALE_OK);
        settle(t);
        cr_assert_eq(stats(t, "spout").failed, LINES);
        cr_assert_eq(lines.n_acked, 0);
        gale_test_destroy(t);
    }
}

#define READER_SINK                                           \
    {                                                         \
        { .id = "spout", .spout = &reader },                  \
            { .id = "sink",                                   \
              .bolt = &sink,                                  \
              .inputs = GALE_INPUTS(GALE_SHUFFLE("spout")) }, \
    }

Test(deaths, a_spout_that_dies_again_and_again_delivers_everything)
{
    const gale_component parts[] = READER_SINK;
    const gale_setting conf[] = { { "topology.max.spout.pending", "3" },
                                  { NULL, NULL } };

    for (uint64_t seed = 0; seed < 20; seed++) {
        gale_test *t = START(parts, .seed = seed, .conf = conf);

        memset(&lines, 0, sizeof(lines));
        for (int i = 0; i < 5; i++) {
            advance(t, 1);
            cr_assert_eq(gale_test_kill(t, "spout", 0), GALE_OK);
        }
        run(t, 1000000);
        for (int i = 0; i < LINES; i++)
            cr_assert(lines.acked[i], "line %d, seed %d", i, (int)seed);
        gale_test_destroy(t);
    }
}
