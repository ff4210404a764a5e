/* Storm's own vectors for Trident.  Those of its maps (opaque 1,3 / 2 / 5,6;
 * transactional 1,3 / 3,3 / 6,7) are in state/test_map.c. */
#include <criterion/criterion.h>
#include <string.h>

#include "gale/testing.h"
#include "gale/trident.h"

/* Batches of sentences, handed out one by one as the test goes on. */
static const char *const batches[][3] = {
    { "hello the man said", "the" },
    { "the man on the moon", "where are you" },
    { NULL },
    { "the the" },
    { "the" },
};
static int64_t fed;

static size_t plan(void *c, gale_str before, char *now, size_t room)
{
    int64_t next = before.len == 0 ? 0 : before.ptr[0] + 1;

    (void)c;
    (void)room;
    if (next >= fed)
        return 0;
    now[0] = (char)next;
    return 1;
}

static bool emit(void *self, gale_batch_part *p, gale_batch_ctx *ctx)
{
    const char *const *s = batches[(int)p->from.ptr[0]];

    (void)self;
    for (; *s != NULL; s++)
        gale_batch_emit(ctx, GALE_ROW(gale_val_cstr(*s)));
    return false;
}

static const gale_batch_spout sentences = {
    .output = GALE_FIELDS(GALE_STR("sentence")),
    .plan = plan,
    .emit = emit,
};

static void split(void *self, gale_row in, gale_batch_ctx *ctx)
{
    gale_str s = gale_row_str(in, 0);

    (void)self;
    for (uint32_t at = 0, end; at < s.len; at = end + 1) {
        for (end = at; end < s.len && s.ptr[end] != ' ';)
            end++;
        gale_batch_emit(
            ctx, GALE_ROW(gale_val_run(GALE_T_STR, s.ptr + at, end - at)));
    }
}

static const gale_function words = {
    .output = GALE_FIELDS(GALE_STR("word")),
    .apply = split,
};

struct asked {
    const char *word;
    int64_t count;
};

static gale_err look(void *arg, gale_row key, gale_row value)
{
    struct asked *a = arg;
    gale_str word = gale_row_str(key, 0);

    if (word.len == strlen(a->word) &&
        memcmp(word.ptr, a->word, word.len) == 0)
        a->count = gale_row_i64(value, 0);
    return GALE_OK;
}

enum { TASKS = 3 };

static int64_t count_of(const char *word)
{
    struct asked a = { word, 0 };
    gale_diag why = { "" };

    for (uint32_t i = 0; i < TASKS; i++) {
        gale_store_where where = { .topology = "storm",
                                   .state = "counts",
                                   .index = i,
                                   .count = TASKS,
                                   .read_only = true };
        gale_map *m;

        cr_assert_eq(gale_map_open(&m, &gale_store_memory, &where,
                                   GALE_STATE_OPAQUE, &why),
                     GALE_OK, "%s", why.text);
        cr_assert_eq(gale_map_scan(m, look, &a, &why), GALE_OK);
        gale_map_close(m);
    }
    return a.count;
}

static void feed(gale_test *test, int64_t n)
{
    fed = n;
    gale_test_advance_ms(test, 5000);
}

/* TridentIntegrationTest.testWordCount, and with it the batches that have
 * nothing in them of testWordCountCommitterSpout. */
Test(trident_storm, word_count_the_is_2_then_4_then_6_then_7)
{
    const gale_state_opts o = { .store = &gale_store_memory, .tasks = TASKS };
    const gale_topology *topology;
    gale_diag why = { "" };
    gale_trident *t;
    gale_test *test;

    cr_assert_eq(gale_trident_create(&t, "storm"), GALE_OK);
    gale_trident_remember(t, &gale_store_memory);
    gale_persistent_aggregate(
        gale_group_by(
            gale_map_rows(
                gale_parallelism(
                    gale_shuffle(gale_new_stream(t, "lines", &sentences)), 2),
                GALE_NAMES("sentence"), &words),
            GALE_NAMES("word")),
        "counts", GALE_FOLD(GALE_COUNT("count")), &o);
    cr_assert_eq(gale_trident_build(t, &topology, &why), GALE_OK, "%s",
                 why.text);
    cr_assert_eq(gale_test_create(&test, topology,
                                  &(const gale_test_opts){ .seed = 1 }, &why),
                 GALE_OK, "%s", why.text);
    feed(test, 1);
    cr_expect_eq(count_of("the"), 2);
    cr_expect_eq(count_of("hello"), 1);
    feed(test, 2);
    cr_expect_eq(count_of("the"), 4);
    cr_expect_eq(count_of("man"), 2);
    cr_expect_eq(count_of("man") + count_of("where") + count_of("you") +
                     count_of("the"),
                 8);
    feed(test, 4);
    cr_expect_eq(count_of("the"), 6);
    feed(test, 5);
    cr_expect_eq(count_of("the"), 7);
    gale_test_destroy(test);
    gale_trident_destroy(t);
}
