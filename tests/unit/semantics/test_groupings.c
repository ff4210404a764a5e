/* What each grouping means. */
#include <math.h>

#include "semantics.h"

/* How many tuples each task of a component got. */
static void count_by_index(const char *component, uint32_t *n, uint32_t cap)
{
    memset(n, 0, cap * sizeof(*n));
    for (size_t i = 0; i < n_seen; i++)
        if (strcmp(seen[i].component, component) == 0 && seen[i].index < cap)
            n[seen[i].index]++;
}

static void feed_numbers(gale_test *t, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        feed(t, "source", (uint64_t)i, ROW(I64(i)));
    settle(t);
    cr_assert_eq(acked(t, "source"), (size_t)n);
}

#define ONE_READER(...)                       \
    {                                         \
        { .id = "source", .spout = &source }, \
            { .id = "sink",                   \
              .bolt = &sink,                  \
              .inputs = __VA_ARGS__,          \
              .tasks = 4 },                   \
    }

Test(groupings, shuffle_is_even_to_one_tuple)
{
    gale_component parts[] = ONE_READER(GALE_INPUTS(GALE_SHUFFLE("source")));

    for (uint32_t loops = 1; loops <= 3; loops++) {
        gale_test *t = START(parts, .mocks = MOCK("source"), .loops = loops);
        uint32_t n[4];

        n_seen = 0;
        feed_numbers(t, 1001);
        count_by_index("sink", n, 4);
        for (int i = 0; i < 4; i++)
            cr_assert(n[i] == 250 || n[i] == 251, "task %d: %u", i, n[i]);
        gale_test_destroy(t);
    }
}

Test(groupings, none_is_as_even_as_shuffle)
{
    gale_component parts[] = ONE_READER(GALE_INPUTS(GALE_NONE("source")));
    gale_test *t = START(parts, .mocks = MOCK("source"));
    uint32_t n[4];

    feed_numbers(t, 1000);
    count_by_index("sink", n, 4);
    for (int i = 0; i < 4; i++)
        cr_assert_eq(n[i], 250);
    gale_test_destroy(t);
}

Test(groupings, local_gives_to_one_task_of_this_worker)
{
    gale_component parts[] = ONE_READER(GALE_INPUTS(GALE_LOCAL("source")));
    gale_test *t = START(parts, .mocks = MOCK("source"));

    feed_numbers(t, 1000);
    cr_assert_eq(n_seen, 1000);
    gale_test_destroy(t);
}

Test(groupings, all_gives_to_every_task)
{
    gale_component parts[] = ONE_READER(GALE_INPUTS(GALE_ALL("source")));
    gale_test *t = START(parts, .mocks = MOCK("source"));
    uint32_t n[4];

    feed_numbers(t, 100);
    count_by_index("sink", n, 4);
    for (int i = 0; i < 4; i++)
        cr_assert_eq(n[i], 100);
    cr_assert_eq(stats(t, "source").transferred, 400);
    gale_test_destroy(t);
}

Test(groupings, all_reaches_tasks_that_share_an_executor)
{
    gale_component parts[] = {
        { .id = "source", .spout = &source },
        {
            .id = "sink",
            .bolt = &sink,
            .inputs = GALE_INPUTS(GALE_ALL("source")),
            .tasks = 6,
            .executors = 3,
        },
    };
    gale_test *t = START(parts, .mocks = MOCK("source"));
    uint32_t n[6];

    feed_numbers(t, 1);
    count_by_index("sink", n, 6);
    for (int i = 0; i < 6; i++)
        cr_assert_eq(n[i], 1);
    gale_test_destroy(t);
}

Test(groupings, global_gives_to_the_lowest_task)
{
    gale_component parts[] = ONE_READER(GALE_INPUTS(GALE_GLOBAL("source")));
    gale_test *t = START(parts, .mocks = MOCK("source"));

    feed_numbers(t, 100);
    for (size_t i = 0; i < n_seen; i++)
        cr_assert_eq(seen[i].task, 2);
    cr_assert_eq(n_seen, 100);
    gale_test_destroy(t);
}

/* -------------------------------------------------------------- by fields */

/* Feeds one key and says which task got it. */
static uint32_t task_for(gale_test *t, gale_value key)
{
    n_seen = 0;
    feed(t, "source", 0, ROW(key));
    settle(t);
    cr_assert_eq(n_seen, 1);
    return seen[0].index;
}

static gale_value bits(uint64_t b)
{
    double f;

    memcpy(&f, &b, sizeof(f));
    return gale_val_f64(f);
}

Test(groupings, equal_keys_of_every_type_meet)
{
    gale_component parts[] = {
        { .id = "source", .spout = &source, .tasks = 3 },
        {
            .id = "sink",
            .bolt = &sink,
            .inputs = GALE_INPUTS(GALE_BY("source", "v")),
            .tasks = 64,
        },
    };
    char copy[] = "hello", list[] = "\x93\x01\xa1x\xc0";
    const gale_value pairs[][2] = {
        { gale_val_nil(), gale_val_nil() },
        { gale_val_bool(true), gale_val_bool(true) },
        { I64(-7), I64(-7) },
        { gale_val_f64(1.5), gale_val_f64(1.5) },
        { gale_val_f64(0.0), gale_val_f64(-0.0) },
        { gale_val_f64(NAN), gale_val_f64(-NAN) },
        { bits(UINT64_C(0x7ff8000000000001)), bits(UINT64_MAX) },
        { TEXT("hello"), TEXT(copy) },
        { TEXT(""), TEXT("") },
        { gale_val_bytes("\0a", 2), gale_val_bytes("\0a", 2) },
        { gale_val_list("\x93\x01\xa1x\xc0", 5), gale_val_list(list, 5) },
        { gale_val_map("\x80", 1), gale_val_map("\x80", 1) },
    };
    gale_test *t = START(parts, .mocks = MOCK("source"), .loops = 3);

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        for (int again = 0; again < 4; again++) {
            uint32_t task = task_for(t, pairs[i][0]);

            cr_assert_eq(task_for(t, pairs[i][1]), task, "pair %zu", i);
        }
    gale_test_destroy(t);
}

Test(groupings, keys_meet_in_the_same_task_in_every_run)
{
    gale_component parts[] = ONE_READER(GALE_INPUTS(GALE_BY("source", "v")));
    uint32_t first[50];

    for (uint64_t seed = 0; seed < 3; seed++) {
        gale_test *t = START(parts, .mocks = MOCK("source"), .seed = seed);

        for (int i = 0; i < 50; i++) {
            uint32_t task = task_for(t, I64(i));

            if (seed == 0)
                first[i] = task;
            cr_assert_eq(task, first[i]);
        }
        gale_test_destroy(t);
    }
}

Test(groupings, different_keys_spread)
{
    gale_component parts[] = ONE_READER(GALE_INPUTS(GALE_BY("source", "v")));
    gale_test *t = START(parts, .mocks = MOCK("source"));
    uint32_t n[4];

    feed_numbers(t, 2000);
    count_by_index("sink", n, 4);
    for (int i = 0; i < 4; i++)
        cr_assert(n[i] > 400 && n[i] < 600, "task %d: %u", i, n[i]);
    gale_test_destroy(t);
}

static const gale_spout wide = {
    .output = GALE_FIELDS(GALE_I64("a"), GALE_I64("b"), GALE_I64("c")),
    .next = source_next,
};

Test(groupings, only_the_named_fields_count)
{
    gale_component parts[] = {
        { .id = "source", .spout = &wide },
        {
            .id = "sink",
            .bolt = &sink,
            .inputs = GALE_INPUTS(GALE_BY("source", "c", "a")),
            .tasks = 64,
        },
    };
    gale_test *t = START(parts, .mocks = MOCK("source"));
    unsigned other = 0;

    for (int b = 0; b < 50; b++) {
        feed(t, "source", 0, ROW(I64(1), I64(b), I64(2)));
        feed(t, "source", 0, ROW(I64(2), I64(b), I64(1)));
    }
    settle(t);
    cr_assert_eq(n_seen, 100);
    for (size_t i = 1; i < n_seen; i++)
        for (size_t k = 0; k < i; k++) {
            if (seen[i].n == seen[k].n)
                cr_assert_eq(seen[i].task, seen[k].task);
            else
                other += seen[i].task != seen[k].task;
        }
    cr_assert_gt(other, 0); /* the order of the keys matters */
    gale_test_destroy(t);
}

/* ------------------------------------------------------------ partial key */

Test(groupings, partial_key_uses_two_tasks_a_key_and_balances)
{
    enum { KEYS = 40, EACH = 50, TASKS = 8 };
    gale_component parts[] = {
        { .id = "source", .spout = &source },
        {
            .id = "sink",
            .bolt = &sink,
            .inputs = GALE_INPUTS(GALE_PARTIAL("source", "v")),
            .tasks = TASKS,
        },
    };
    gale_test *t = START(parts, .mocks = MOCK("source"));
    uint32_t got[KEYS][TASKS] = { 0 }, n[TASKS];

    for (int i = 0; i < EACH; i++)
        for (int k = 0; k < KEYS; k++)
            feed(t, "source", 0, ROW(I64(k)));
    settle(t);
    for (size_t i = 0; i < n_seen; i++)
        got[seen[i].n][seen[i].index]++;
    for (int k = 0; k < KEYS; k++) {
        int used = 0;

        for (int i = 0; i < TASKS; i++)
            used += got[k][i] > 0;
        cr_assert(used == 1 || used == 2, "key %d: %d tasks", k, used);
    }
    count_by_index("sink", n, TASKS);
    for (int i = 0; i < TASKS; i++)
        cr_assert(n[i] > 100 && n[i] < 400, "task %d: %u", i, n[i]);
    gale_test_destroy(t);
}

Test(groupings, partial_key_halves_the_hottest_key)
{
    gale_component parts[] =
        ONE_READER(GALE_INPUTS(GALE_PARTIAL("source", "v")));
    unsigned halved = 0;

    for (int key = 0; key < 20; key++) {
        gale_test *t = START(parts, .mocks = MOCK("source"));
        uint32_t n[4];

        n_seen = 0;
        for (int i = 0; i < 100; i++)
            feed(t, "source", 0, ROW(I64(key)));
        settle(t);
        count_by_index("sink", n, 4);
        for (int i = 0; i < 4; i++)
            cr_assert(n[i] == 0 || n[i] == 50 || n[i] == 100);
        halved += n[0] == 50 || n[1] == 50;
        gale_test_destroy(t);
    }
    cr_assert_gt(halved, 5); /* both hashes may name the same task */
}

/* ------------------------------------------------------------------ direct */

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

Test(groupings, direct_gives_to_the_task_that_is_named)
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

Test(groupings, direct_to_one_who_does_not_read_reaches_nobody)
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

Test(groupings, direct_without_a_task_ends_by_name)
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

Test(groupings, a_task_named_for_a_stream_not_direct_ends_by_name)
{
    dies_saying(misdirect, "'bolt' emits to task 1 on stream 'default', which "
                           "is not declared direct");
}

/* ------------------------------------------------------------------ custom */

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

Test(groupings, custom_chooses_some_or_none)
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

Test(groupings, a_bad_choice_ends_by_name)
{
    dies_saying(custom_stranger,
                "the custom grouping of 'source' chose task 1, which is not "
                "one of 'sink' (2 to 5)");
    dies_saying(custom_too_many, "the custom grouping of 'source' chose 5 "
                                 "tasks of 'sink', which has 4");
}

/* ----------------------------------------------------------------- streams */

Test(groupings, each_stream_goes_its_own_way)
{
    gale_component parts[] = {
        { .id = "source", .spout = &source },
        {
            .id = "main",
            .bolt = &sink,
            .inputs = GALE_INPUTS(GALE_SHUFFLE("source")),
        },
        {
            .id = "both",
            .bolt = &sink,
            .inputs = GALE_INPUTS(
                GALE_SHUFFLE("source"),
                { .from = "source", .how = GALE_GROUP_ALL, .stream = "side" }),
            .tasks = 2,
        },
    };
    gale_test *t = START(parts, .mocks = MOCK("source"));
    gale_spout_emit_opts side = { .stream = 1, .id = 2 };
    size_t n[3] = { 0 };

    feed(t, "source", 1, ROW(I64(1)));
    cr_assert_eq(gale_test_feed_with(t, "source", &side, ROW(I64(2))),
                 GALE_OK);
    settle(t);
    for (size_t i = 0; i < n_seen; i++) {
        bool is_side = strcmp(seen[i].stream, "side") == 0;

        cr_assert_str_eq(seen[i].from, "source");
        cr_assert_eq(seen[i].n, is_side ? 2 : 1);
        n[is_side ? 2 : strcmp(seen[i].component, "both") == 0]++;
    }
    cr_assert_eq(n[0], 1);
    cr_assert_eq(n[1], 1);
    cr_assert_eq(n[2], 2);
    cr_assert_eq(acked(t, "source"), 2);
    gale_test_destroy(t);
}

Test(groupings, a_component_may_read_a_stream_twice)
{
    gale_component parts[] =
        ONE_READER(GALE_INPUTS(GALE_GLOBAL("source"), GALE_ALL("source")));
    gale_diag why;
    gale_topology topology = { .abi = GALE_ABI,
                               .name = "test",
                               .components = GALE_COMPONENTS(parts) };

    /* Whether it is allowed or not, it must not be half allowed. */
    if (gale_validate(&topology, NULL, &why) != GALE_OK) {
        cr_assert(strstr(why.text, "'sink'") != NULL, "%s", why.text);
        return;
    }
    gale_test *t = START(parts, .mocks = MOCK("source"));
    feed_numbers(t, 1);
    cr_assert_eq(n_seen, 5);
    gale_test_destroy(t);
}
