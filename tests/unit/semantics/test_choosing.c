/* Groupings in which somebody chooses: direct, custom; and bad choices. */
#include "grouped.h"

/* --------------------------------------------------------------- direct -- */

/* Sends each tuple to the task whose number it is, and tells how many got it
 * by the counter "got". */
static gale_verdict postman_execute(void *self, const gale_tuple *in,
                                    gale_bolt_ctx *ctx)
{
    uint32_t to[4] = { 0 };
    gale_emit_opts o = {
        .stream = 1,
        .task = (uint32_t)gale_tuple_i64(in, 0),
        .sent_to = to,
        .sent_to_cap = 4,
    };
    size_t n = gale_emit_with(ctx, &o, gale_tuple_row(in));

    (void)self;
    cr_assert(n == 0 || (n == 1 && to[0] == o.task));
    gale_counter_add(gale_task_counter(gale_bolt_task(ctx), "got"),
                     (int64_t)n);
    return GALE_ACK;
}

static const gale_bolt postman = {
    .streams = GALE_STREAMS({ "mail", GALE_FIELDS(GALE_I64("n")), true }),
    .execute = postman_execute,
};

#define POST                                                         \
    {                                                                \
        { .id = "source", .spout = &source },                        \
            { .id = "postman",                                       \
              .bolt = &postman,                                      \
              .inputs = GALE_INPUTS(GALE_SHUFFLE("source")) },       \
            { .id = "sink",                                          \
              .bolt = &sink,                                         \
              .inputs = GALE_INPUTS(GALE_DIRECT("postman", "mail")), \
              .tasks = 3 },                                          \
    }

Test(choosing, direct_gives_to_the_task_that_is_named)
{
    gale_component parts[] = POST;
    gale_test *t = START(parts, .mocks = MOCK("source"), .loops = 2);

    for (int64_t task = 3; task <= 5; task++)
        feed(t, "source", (uint64_t)task, ROW(I64(task)));
    settle(t);
    cr_assert_eq(n_seen, 3);
    for (size_t i = 0; i < n_seen; i++)
        cr_assert_eq(seen[i].task, (uint32_t)seen[i].n);
    cr_assert_eq(gale_test_counter(t, "postman", "got"), 3);
    cr_assert_eq(acked(t, "source"), 3);
    gale_test_destroy(t);
}

Test(choosing, direct_to_one_who_does_not_read_reaches_nobody)
{
    gale_component parts[] = POST;
    gale_test *t = START(parts, .mocks = MOCK("source"));

    feed(t, "source", 1, ROW(I64(1))); /* the source itself */
    feed(t, "source", 2, ROW(I64(2))); /* the postman */
    settle(t);
    cr_assert_eq(n_seen, 0);
    cr_assert_eq(gale_test_counter(t, "postman", "got"), 0);
    cr_assert_eq(acked(t, "source"), 2);
    gale_test_destroy(t);
}

static void direct_to(int64_t task)
{
    gale_component parts[] = POST;
    gale_test *t = START(parts, .mocks = MOCK("source"));

    feed(t, "source", 1, ROW(I64(task)));
    gale_test_settle(t);
}

static void direct_to_nobody(void)
{
    direct_to(0);
}

static void direct_to_a_stranger(void)
{
    direct_to(6);
}

Test(choosing, direct_without_a_task_ends_by_name)
{
    dies_saying(direct_to_nobody,
                "'postman' emits on stream 'mail', which is declared direct, "
                "without naming a task");
    dies_saying(direct_to_a_stranger,
                "'postman' emits to task 6, but there are only 5");
}

static gale_verdict misdirect_execute(void *self, const gale_tuple *in,
                                      gale_bolt_ctx *ctx)
{
    gale_emit_opts o = { .task = 1 };

    (void)self;
    gale_emit_with(ctx, &o, gale_tuple_row(in));
    return GALE_ACK;
}

static const gale_bolt misdirecting = {
    .output = GALE_FIELDS(GALE_I64("n")),
    .execute = misdirect_execute,
};

static void misdirect(void)
{
    gale_test_bolt *b;

    if (gale_test_bolt_create(
            &b, &misdirecting,
            &(gale_test_bolt_opts){
                .sources =
                    GALE_SOURCES({ "s", NULL, GALE_FIELDS(GALE_I64("n")) }) },
            NULL) == GALE_OK)
        (void)!gale_test_bolt_feed(b, "s", NULL, ROW(I64(1)), NULL);
}

Test(choosing, a_task_named_for_a_stream_not_direct_ends_by_name)
{
    dies_saying(misdirect, "'bolt' emits to task 1 on stream 'default', which "
                           "is not declared direct");
}

/* --------------------------------------------------------------- custom -- */

/* Odd numbers to the first two tasks, even ones to the last, 4 to nobody. */
struct odd {
    uint32_t tasks[8];
    size_t n;
};

static void odd_prepare(void *self, const uint32_t *tasks, size_t n)
{
    struct odd *o = self;

    memcpy(o->tasks, tasks, n * sizeof(*tasks));
    o->n = n;
}

static size_t odd_choose(void *self, gale_row row, uint32_t *chosen)
{
    struct odd *o = self;
    int64_t n = row.values[0].as.i;

    if (n == 4)
        return 0;
    if (n == 100) {
        chosen[0] = 1;
        return 1;
    }
    if (n == 101)
        return o->n + 1;
    chosen[0] = n % 2 ? o->tasks[0] : o->tasks[o->n - 1];
    chosen[1] = o->tasks[1];
    return n % 2 ? 2 : 1;
}

static const gale_chooser odd = { sizeof(struct odd), odd_prepare,
                                  odd_choose };

Test(choosing, custom_chooses_some_or_none)
{
    gale_component parts[] =
        ONE_READER(GALE_INPUTS(GALE_CUSTOM("source", &odd)));
    gale_test *t = START(parts, .mocks = MOCK("source"));
    uint32_t n[4];

    feed_numbers(t, 10);
    count_by_index("sink", n, 4);
    cr_assert_eq(n[0], 5);
    cr_assert_eq(n[1], 5);
    cr_assert_eq(n[2], 0);
    cr_assert_eq(n[3], 4);
    gale_test_destroy(t);
}

static void custom_with(int64_t n)
{
    gale_component parts[] =
        ONE_READER(GALE_INPUTS(GALE_CUSTOM("source", &odd)));
    gale_test *t = START(parts, .mocks = MOCK("source"));

    feed(t, "source", 1, ROW(I64(n)));
    gale_test_settle(t);
}

static void custom_stranger(void)
{
    custom_with(100);
}

static void custom_too_many(void)
{
    custom_with(101);
}

Test(choosing, a_bad_choice_ends_by_name)
{
    dies_saying(custom_stranger,
                "the custom grouping of 'source' chose task 1, which is not "
                "one of 'sink' (2 to 5)");
    dies_saying(custom_too_many, "the custom grouping of 'source' chose 5 "
                                 "tasks of 'sink', which has 4");
}
