/* What each grouping means. */
#include <math.h>

#include "grouped.h"

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

/* ------------------------------------------------------------ by fields -- */

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

Test(groupings, gale_hash_says_which_task_gets_a_key)
{
    gale_component parts[] = ONE_READER(GALE_INPUTS(GALE_BY("source", "v")));
    gale_test *t = START(parts, .mocks = MOCK("source"));
    const gale_value keys[] = {
        gale_val_nil(),
        gale_val_bool(true),
        gale_val_bool(false),
        I64(-7),
        I64(8),
        gale_val_f64(-0.0),
        gale_val_f64(-NAN),
        gale_val_f64(1e9),
        TEXT(""),
        TEXT("a"),
        TEXT("sixteen bytes!!!"),
        TEXT("more than sixteen bytes"),
        gale_val_bytes("\0", 1),
        gale_val_list("\x90", 1),
    };
    const gale_value two[] = { I64(1), TEXT("a") }, zero = gale_val_f64(0);

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        cr_expect_eq(task_for(t, keys[i]),
                     (gale_hash(&keys[i], 1) >> 32) * 4 >> 32, "key %zu", i);
    gale_test_destroy(t);
    cr_expect_eq(gale_hash(&keys[5], 1), gale_hash(&zero, 1));
    cr_expect_neq(gale_hash(two, 2), gale_hash(two, 1));
    cr_expect_eq(gale_hash(NULL, 0), 0);
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

/* ---------------------------------------------------------- partial key -- */

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

/* -------------------------------------------------------------- streams -- */

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
