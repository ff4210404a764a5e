/* Definitions that run, on the virtual clock: what comes out of each shape is
 * what a person would work out by hand, in whatever number of tasks. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "gale/testing.h"
#include "gale/trident.h"

enum { BATCHES = 4, EMPTY = 3, ROWS = 10, LINES = 400 };

/* ------------------------------------------------------------ the source */

/* Batch b has the rows (b, k, word) for k from 0 to 9, word being "a", "b",
 * "c" in turn; batch 3 has none. */
static size_t plan(void *c, gale_str before, char *now, size_t room)
{
    (void)room;
    now[0] = before.len == 0 ? '1' : (char)(before.ptr[0] + 1);
    *(bool *)c = now[0] > '0' + BATCHES;
    return *(bool *)c ? 0 : 1;
}

static bool ended(void *c, gale_task *task)
{
    (void)task;
    return *(bool *)c;
}

static void give(int64_t b, const gale_batch_part *part, gale_batch_ctx *ctx)
{
    for (uint32_t k = part->partition; b != EMPTY && k < ROWS;
         k += part->partitions) {
        char word[] = { (char)('a' + k % 3), '\0' };

        gale_batch_emit(ctx, GALE_ROW(gale_val_i64(b), gale_val_i64(k),
                                      gale_val_cstr(word)));
    }
}

static bool emit(void *self, gale_batch_part *part, gale_batch_ctx *ctx)
{
    (void)self;
    give(part->from.ptr[0] - '0', part, ctx);
    return false;
}

/* The same rows from an opaque spout: each partition goes on from where it
 * was. */
static uint32_t at_end; /* tasks are on one thread here */

static bool opaque_ended(void *c, gale_task *task)
{
    (void)c;
    (void)task;
    return at_end >= 3;
}

static bool opaque_emit(void *self, gale_batch_part *part, gale_batch_ctx *ctx)
{
    char b = part->from.len == 0 ? '1' : (char)(part->from.ptr[0] + 1);

    (void)self;
    part->upto[0] = b;
    part->upto_len = 1;
    if (b <= '0' + BATCHES)
        give(b - '0', part, ctx);
    else
        part->upto[0] = '0' + BATCHES;
    at_end += b == '0' + BATCHES;
    return false;
}

static const gale_field row[] = {
    GALE_I64("b"), GALE_I64("k"), GALE_STR("word"), { NULL, GALE_T_ANY }
};
static const gale_batch_spout rows = { .output = row,
                                       .plan_size = sizeof(bool),
                                       .plan = plan,
                                       .ended = ended,
                                       .emit = emit };

static const gale_batch_spout opaque = { .kind = GALE_SPOUT_OPAQUE,
                                         .output = row,
                                         .ended = opaque_ended,
                                         .emit = opaque_emit };

/* -------------------------------------------------------------- the sink */

static char lines[LINES][80];
static size_t n_lines;

/* "2: 10 a", the batch and the row. */
static void note(void *self, gale_row in, gale_batch_ctx *ctx)
{
    char *to = lines[n_lines++];
    size_t at = 0, size = sizeof(lines[0]);

    (void)self;
    cr_assert_lt(n_lines, LINES);
    at += (size_t)snprintf(to, size, "%" PRIu64 ":", gale_batch_txid(ctx));
    for (size_t i = 0; i < in.n; i++) {
        const gale_value *v = &in.values[i];

        if (v->type == GALE_T_I64)
            at += (size_t)snprintf(to + at, size - at, " %" PRId64, v->as.i);
        else if (v->type == GALE_T_STR)
            at += (size_t)snprintf(to + at, size - at, " %.*s", (int)v->len,
                                   v->as.p);
        else
            at += (size_t)snprintf(to + at, size - at, " %s",
                                   gale_type_name(v->type));
    }
}

static const gale_function noting = { .apply = note };

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* ---------------------------------------------------------------- a run */

static gale_trident *t;
static gale_batches *s;

static void begin(void)
{
    cr_assert_eq(gale_trident_create(&t, "shapes"), GALE_OK);
    gale_trident_remember(t, &gale_store_memory);
    s = gale_parallelism(gale_new_stream(t, "rows", &rows), 3);
}

static void begin_opaque(void)
{
    cr_assert_eq(gale_trident_create(&t, "shapes"), GALE_OK);
    gale_trident_remember(t, &gale_store_memory);
    s = gale_parallelism(gale_new_stream(t, "rows", &opaque), 3);
}

/* What `of` comes to, sorted. */
static void expect(gale_batches *of, const char *words)
{
    static char text[sizeof(lines) + LINES + 1]; /* with their ends */
    size_t n = 0;
    const gale_topology *topology;
    gale_test *test;
    gale_diag why = { "" };

    gale_peek(of, NULL, &noting);
    cr_assert_eq(gale_trident_build(t, &topology, &why), GALE_OK, "%s",
                 why.text);
    cr_assert_eq(gale_test_create(&test, topology, NULL, &why), GALE_OK, "%s",
                 why.text);
    cr_assert_eq(gale_test_run(test, 60000, &why), GALE_OK, "%s", why.text);
    gale_test_destroy(test);
    gale_trident_destroy(t);

    qsort(lines, n_lines, sizeof(lines[0]), by_text);
    for (size_t i = 0; i < n_lines; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s\n", lines[i]);
    text[n] = '\0';
    cr_expect_str_eq(text, words, "expected:\n%s\nis:\n%s", words, text);
}

static const gale_state_opts three = { .store = &gale_store_memory,
                                       .tasks = 3 };
static const gale_state_opts plain = { .store = &gale_store_memory };

Test(shapes, a_fold_of_a_batch_is_one_row_also_of_an_empty_one, .init = begin)
{
    gale_batches *all =
        gale_aggregate(s, GALE_FOLD(GALE_COUNT("n"), GALE_SUM("k", "sum"),
                                    GALE_MAX("word", "last")));

    expect(gale_parallelism(all, 4), "1: 10 45 c\n"
                                     "2: 10 45 c\n"
                                     "3: 0 0 nil\n"
                                     "4: 10 45 c\n");
}

Test(shapes, and_a_fold_of_that_is_done_where_it_lies, .init = begin)
{
    gale_batches *all =
        gale_parallelism(gale_aggregate(s, GALE_FOLD(GALE_COUNT("n"))), 4);

    expect(
        gale_aggregate(all, GALE_FOLD(GALE_SUM("n", "m"), GALE_COUNT("rows"))),
        "1: 10 1\n"
        "2: 10 1\n"
        "3: 0 1\n"
        "4: 10 1\n");
}

Test(shapes, each_share_is_folded_by_itself, .init = begin)
{
    expect(gale_partition_aggregate(s, GALE_FOLD(GALE_COUNT("n"))),
           "1: 3\n1: 3\n1: 4\n2: 3\n2: 3\n2: 4\n3: 0\n3: 0\n3: 0\n4: 3\n"
           "4: 3\n4: 4\n");
}

Test(shapes, groups_meet_from_all_tasks, .init = begin)
{
    gale_batches *n = gale_group_aggregate(
        gale_group_by(s, GALE_NAMES("word")), GALE_FOLD(GALE_SUM("k", "n")));

    expect(gale_parallelism(n, 5), "1: a 18\n1: b 12\n1: c 15\n"
                                   "2: a 18\n2: b 12\n2: c 15\n"
                                   "4: a 18\n4: b 12\n4: c 15\n");
}

Test(shapes, groups_are_folded_where_they_lie, .init = begin)
{
    gale_batches *by =
        gale_parallelism(gale_partition_by(s, GALE_NAMES("word")), 3);

    expect(gale_group_aggregate(gale_group_by(by, GALE_NAMES("b", "word")),
                                GALE_FOLD(GALE_COUNT("n"))),
           "1: 1 a 4\n1: 1 b 3\n1: 1 c 3\n"
           "2: 2 a 4\n2: 2 b 3\n2: 2 c 3\n"
           "4: 4 a 4\n4: 4 b 3\n4: 4 c 3\n");
}

Test(shapes, the_first_of_all_tasks, .init = begin)
{
    expect(gale_project(gale_first_n(s, 2, "-k"), GALE_NAMES("k")),
           "1: 8\n1: 9\n2: 8\n2: 9\n4: 8\n4: 9\n");
}

Test(shapes, partners_meet, .init = begin)
{
    gale_batches *n = gale_group_aggregate(
        gale_group_by(s, GALE_NAMES("word")), GALE_FOLD(GALE_COUNT("n")));
    gale_batches *top = gale_first_n(s, 1, "-k");

    expect(gale_join(gale_parallelism(n, 4), GALE_NAMES("word"),
                     gale_project(top, GALE_NAMES("k", "word")),
                     GALE_NAMES("word"), GALE_JOIN_LEFT),
           "1: a 4 9\n1: b 3 nil\n1: c 3 nil\n"
           "2: a 4 9\n2: b 3 nil\n2: c 3 nil\n"
           "4: a 4 9\n4: b 3 nil\n4: c 3 nil\n");
}

Test(shapes, merged_rows_come_once, .init = begin)
{
    gale_batches *k = gale_project(gale_first_n(s, 1, "k"), GALE_NAMES("k"));
    gale_batches *n = gale_aggregate(s, GALE_FOLD(GALE_COUNT("n")));

    gale_batches *m = gale_parallelism(gale_merge(gale_merge(k, n), k), 2);

    expect(gale_group_aggregate(gale_group_by(m, GALE_NAMES("k")),
                                GALE_FOLD(GALE_COUNT("n"))),
           "1: 0 2\n1: 10 1\n2: 0 2\n2: 10 1\n3: 0 1\n4: 0 2\n4: 10 1\n");
}

Test(shapes, everybody_hears_of_what_is_broadcast, .init = begin)
{
    gale_batches *k = gale_project(gale_first_n(s, 1, "k"), GALE_NAMES("k"));

    gale_batches *all = gale_parallelism(gale_broadcast(k), 3);

    expect(gale_partition_aggregate(all, GALE_FOLD(GALE_COUNT("n"))),
           "1: 1\n1: 1\n1: 1\n2: 1\n2: 1\n2: 1\n3: 0\n3: 0\n3: 0\n4: 1\n"
           "4: 1\n4: 1\n");
}

Test(shapes, states_go_on_from_batch_to_batch, .init = begin)
{
    expect(gale_new_values(gale_persistent_aggregate(
               gale_group_by(s, GALE_NAMES("word")), "counts",
               GALE_FOLD(GALE_COUNT("n")), &three)),
           "1: a 4\n1: b 3\n1: c 3\n"
           "2: a 8\n2: b 6\n2: c 6\n"
           "4: a 12\n4: b 9\n4: c 9\n");
}

Test(shapes, one_value_for_all, .init = begin)
{
    expect(gale_new_values(gale_persistent_total(
               s, "total", GALE_FOLD(GALE_SUM("k", "n")), &plain)),
           "1: 45\n2: 90\n4: 135\n");
}

Test(shapes, a_second_state_behind_the_first, .init = begin)
{
    gale_kept *counts = gale_persistent_aggregate(
        gale_group_by(s, GALE_NAMES("word")), "counts",
        GALE_FOLD(GALE_COUNT("n")), &three);

    expect(gale_new_values(
               gale_persistent_total(gale_new_values(counts), "seen",
                                     GALE_FOLD(GALE_COUNT("m")), &plain)),
           "1: 3\n2: 6\n4: 9\n");
}

/* Their part commits, so all that is behind it comes late. */
Test(shapes, opaque_streams_come_to_the_same, .init = begin_opaque)
{
    gale_kept *counts = gale_persistent_aggregate(
        gale_group_by(s, GALE_NAMES("word")), "counts",
        GALE_FOLD(GALE_COUNT("n")), &three);
    gale_batches *all = gale_group_aggregate(
        gale_group_by(gale_new_values(counts), GALE_NAMES("n")),
        GALE_FOLD(GALE_MAX("word", "w")));

    expect(gale_parallelism(all, 2), "1: 3 c\n1: 4 a\n"
                                     "2: 6 c\n2: 8 a\n"
                                     "4: 12 a\n4: 9 c\n");
}

/* A batch is begun when one of them has something, and not for the other. */
Test(shapes, planned_and_opaque_streams_that_meet_come_to_an_end,
     .init = begin_opaque)
{
    gale_batches *both = gale_merge(s, gale_new_stream(t, "planned", &rows));

    expect(gale_group_aggregate(gale_group_by(both, GALE_NAMES("b")),
                                GALE_FOLD(GALE_COUNT("n"))),
           "1: 1 20\n2: 2 20\n4: 4 20\n");
}
