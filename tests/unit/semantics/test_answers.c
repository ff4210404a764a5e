/* Answers that go home in the batch whose tuples they are for. */
#include "semantics.h"

enum { MANY = 200 };

/* Gives MANY numbers in one call: one batch. */
static bool numbers_next(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    for (int64_t i = 0; i < MANY; i++)
        gale_spout_emit(ctx, (uint64_t)i, ROW(I64(i)));
    return false;
}

static size_t first_heard; /* so many were executed by then */

static void numbers_ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    (void)self;
    (void)id;
    (void)ctx;
    if (first_heard == 0)
        first_heard = n_seen;
}

static size_t asked, failures; /* of the spout that replays by itself */

static bool few_next(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    if (asked < MANY)
        gale_spout_emit(ctx, asked, ROW(I64(asked)));
    return ++asked < MANY;
}

static void few_fail(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    (void)self;
    failures++;
    gale_spout_emit(ctx, id, ROW(I64(-1)));
}

static const gale_spout numbers = {
    .output = GALE_FIELDS(GALE_I64("n")),
    .next = numbers_next,
    .ack = numbers_ack,
};

static const gale_spout few = {
    .output = GALE_FIELDS(GALE_I64("n")),
    .next = few_next,
    .fail = few_fail,
};

/* A millisecond each. */
static gale_verdict slow_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    (void)self;
    see(ctx, in);
    gale_test_pass_ms(1);
    return GALE_ACK;
}

static const gale_bolt slow = { .execute = slow_execute };

/* Of each six: acks, emits one or two, holds and answers at once or with the
 * next one, fails. */
struct moody {
    gale_held kept;
    bool keeps;
};

static gale_verdict moody_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    struct moody *s = self;
    int64_t n = gale_tuple_i64(in, 0);

    if (s->keeps)
        gale_ack(ctx, s->kept);
    s->keeps = false;
    if (n < 0 || n % 6 == 0)
        return GALE_ACK;
    if (n % 6 <= 2)
        gale_emit(ctx, gale_tuple_row(in));
    if (n % 6 == 2)
        gale_emit(ctx, gale_tuple_row(in));
    if (n % 6 == 5)
        return GALE_FAIL;
    if (n % 6 <= 2)
        return GALE_ACK;
    s->kept = gale_hold(ctx, in);
    s->keeps = n % 6 == 4;
    if (!s->keeps)
        gale_ack(ctx, s->kept);
    return GALE_HOLD;
}

static const gale_bolt moody = {
    .state_size = sizeof(struct moody),
    .output = GALE_FIELDS(GALE_I64("n")),
    .execute = moody_execute,
};

Test(answers, what_is_done_of_a_batch_is_known_before_all_of_it_is)
{
    const gale_component parts[] = {
        { .id = "a", .spout = &numbers },
        { .id = "b", .bolt = &slow, .inputs = GALE_INPUTS(GALE_SHUFFLE("a")) },
    };
    gale_test *t = START(parts, .loops = 2);

    n_seen = first_heard = 0;
    run(t, 1000);
    cr_assert_eq(n_seen, MANY);
    cr_assert_gt(first_heard, 0);
    cr_assert_lt(first_heard, MANY);
    cr_assert_eq(stats(t, "a").acked, MANY);
    cr_assert_eq(stats(t, "a").failed, 0);
    gale_test_destroy(t);
}

Test(answers, each_tuple_gets_its_own_whatever_its_neighbours_get)
{
    for (uint32_t loops = 1; loops <= 4; loops++) {
        const gale_component parts[] = {
            { .id = "a", .spout = &few },
            { .id = "b",
              .bolt = &moody,
              .inputs = GALE_INPUTS(GALE_SHUFFLE("a")),
              .tasks = 2 },
            { .id = "c",
              .bolt = &sink,
              .inputs = GALE_INPUTS(GALE_SHUFFLE("b")),
              .tasks = 2 },
        };
        gale_test *t = START(parts, .loops = loops, .seed = loops);
        uint64_t of_six[6] = { 0 };

        asked = failures = n_seen = 0;
        for (int i = 0; i < MANY; i++)
            of_six[i % 6]++;
        run(t, 60000);
        cr_assert_eq(failures, of_six[5]);
        cr_assert_eq(n_seen, of_six[1] + 2 * of_six[2]);
        cr_assert_eq(stats(t, "a").acked, MANY);
        gale_test_destroy(t);
    }
}
