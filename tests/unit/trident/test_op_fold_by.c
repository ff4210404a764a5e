/* Folds by key, whole and in parts. */
#include "tests/unit/trident/folds.h"

#include "base/mix.h"

Test(op_fold_by, each_key_has_a_row_in_the_order_of_their_coming)
{
    world w;

    folding(&w, (gi_op){ .kind = GI_OP_FOLD_BY,
                         KEYS(2, 0),
                         .n_row = 3,
                         .n_out = 4,
                         FOLDS(COUNTED, SUMMED(1)) });
    for (int round = 0; round < 3; round++) {
        FEED(&w, S("b"), I(1), I(7));
        FEED(&w, S("a"), I(2), I(7));
        FEED(&w, S("b"), I(3), I(8));
        FEED(&w, S("b"), I(4), I(7));
        cr_expect(finish(&w));
        cr_expect_str_eq(came(), "7 b 2 5\n7 a 1 2\n8 b 1 3\n");
        cr_expect(finish(&w));
        cr_expect_str_eq(came(), "", "no rows, no groups");
    }
    stop(&w);
}

/* A key of a random kind; few enough that they come again. */
static gale_value random_key(gi_rng *rng, char room[40])
{
    uint64_t n = gi_rng_below(rng, 12);

    switch (gi_rng_below(rng, 5)) {
    case 0:
        return gale_val_i64((int64_t)n);
    case 1:
        return gale_val_f64((double)n - 6);
    case 2:
        return n % 2 == 0 ? gale_val_nil() : gale_val_bool(n % 3 == 0);
    default: /* lengths around 4, 8, 16 and beyond */
        for (int i = 0; i < 40; i++)
            room[i] = (char)('a' + (i == 20 && n % 2));
        return gale_val_run(n % 5 == 0 ? GALE_T_BYTES : GALE_T_STR, room,
                            (uint32_t)(3 * n + n % 2));
    }
}

struct model {
    gale_value key[2];
    char bytes[2][40];
    int64_t count, sum;
};

static struct model model[1000];
static uint32_t n_model;

static void model_row(const gale_value *key, int64_t v)
{
    uint32_t i = 0;

    while (i < n_model && !(gi_value_same(&model[i].key[0], &key[0]) &&
                            gi_value_same(&model[i].key[1], &key[1])))
        i++;
    if (i == n_model) {
        cr_assert_lt(++n_model, 1000);
        model[i] = (struct model){ .count = 0 };
        for (int k = 0; k < 2; k++) {
            model[i].key[k] = key[k];
            if (key[k].type < GALE_T_STR)
                continue;
            memcpy(model[i].bytes[k], key[k].as.p, key[k].len);
            model[i].key[k].as.p = model[i].bytes[k];
        }
    }
    model[i].count++;
    model[i].sum += v;
}

static char *model_text(void)
{
    static char text[STEPS_TEXT];

    n_said = 0;
    said[0] = 0;
    for (uint32_t i = 0; i < n_model; i++)
        record(NULL, NULL, 0,
               GALE_ROW(model[i].key[0], model[i].key[1], I(model[i].count),
                        I(model[i].sum)));
    memcpy(text, said, n_said + 1);
    n_said = 0;
    said[0] = 0;
    return text;
}

Test(op_fold_by, is_what_a_naive_count_says)
{
    gi_rng rng = { 3 };
    const char *got, *expect;
    world w;
    char a[40], b[40];

    folding(&w, (gi_op){ .kind = GI_OP_FOLD_BY,
                         KEYS(0, 1),
                         .n_row = 3,
                         .n_out = 4,
                         FOLDS(COUNTED, SUMMED(2)) });
    for (int round = 0; round < 30; round++) {
        uint64_t n = gi_rng_below(&rng, 1 << gi_rng_below(&rng, 11));

        n_model = 0;
        for (uint64_t i = 0; i < n; i++) {
            gale_value key[2] = { random_key(&rng, a), random_key(&rng, b) };
            int64_t v = (int64_t)gi_rng_below(&rng, 100) - 50;

            model_row(key, v);
            FEED(&w, key[0], key[1], I(v));
        }
        cr_assert(finish(&w));
        got = came();
        expect = model_text();
        cr_assert_str_eq(got, expect);
    }
    stop(&w);
}

/* What comes out of three PARTIALs goes into one MERGE: the recorder of those
 * is the merging step of this. */
static world merging;

static void merge_row(gi_step *s, gi_round *r, unsigned port, gale_row in)
{
    (void)s, (void)r;
    feed_at(&merging, 0, port, in);
}

Test(op_fold_by, parts_of_several_tasks_merge_to_the_whole)
{
    static const gi_op_type to_merge = { .row = merge_row };
    gi_rng rng = { 4 };
    world w[3];
    char a[40], b[40];

    folding(&merging,
            (gi_op){ .kind = GI_OP_FOLD_BY,
                     .how = GI_FOLD_MERGE,
                     KEYS(0, 1),
                     .n_row = 6,
                     .n_out = 6,
                     FOLDS(COUNTED, SUMMED(3), LARGEST(4),
                           { { .combiner = &joined }, FOLD_IN(5), 1 }) });
    merging.op[0].folds[0].in = SLOTS(2);
    merging.op[0].folds[0].n_in = 1;
    stop(&merging);
    start(&merging);
    gi_op part = { .kind = GI_OP_FOLD_BY,
                   .how = GI_FOLD_PARTIAL,
                   KEYS(0, 1),
                   .n_row = 4,
                   .n_out = 6,
                   FOLDS(COUNTED, SUMMED(2), LARGEST(2), JOINED(3)) };
    for (int i = 0; i < 3; i++) {
        folding(&w[i], part);
        w[i].step[1].type = &to_merge;
    }
    for (int round = 0; round < 20; round++) {
        char expect[1000] = "";

        n_model = 0;
        for (int i = 0; i < 300; i++) {
            gale_value key[2] = { random_key(&rng, a), random_key(&rng, b) };

            if (i % 3 == 0)
                key[0] = key[1] = I(1);
            model_row(key, i);
            FEED(&w[gi_rng_below(&rng, 3)], key[0], key[1], I(i), S("x"));
        }
        for (int i = 0; i < 3; i++)
            cr_assert(finish(&w[i]));
        cr_assert(finish(&merging));
        /* the order is that of the tasks; so look for each key's row */
        const char *got = came();
        for (uint32_t i = 0; i < n_model; i++) {
            n_said = 0;
            record(NULL, NULL, 0,
                   GALE_ROW(model[i].key[0], model[i].key[1],
                            I(model[i].count), I(model[i].sum)));
            snprintf(expect, sizeof(expect), "%.*s ", (int)n_said - 1, said);
            cr_assert_not_null(strstr(got, expect), "%s in %s", expect, got);
        }
        n_said = 0;
        said[0] = 0;
    }
    for (int i = 0; i < 3; i++)
        stop(&w[i]);
    stop(&merging);
}

static bool play_folds(void)
{
    world w = { .n = 0 };
    gale_diag why = { "" };
    bool well;

    add(&w, (gi_op){ .kind = GI_OP_FOLD_BY,
                     KEYS(1, 0),
                     .n_row = 2,
                     .n_out = 8,
                     FOLDS(COUNTED, JOINED(0),
                           { { .aggregator = &odd }, FOLD_IN(0), 1 },
                           { { .combiner = &turned }, FOLD_IN(0), 2 },
                           { { .aggregator = &odd }, FOLD_IN(1), 1 }) });
    add(&w, (gi_op){ .kind = GI_OP_FOLD,
                     .n_row = 8,
                     .n_out = 4,
                     FOLDS(COUNTED, JOINED(3), LARGEST(1),
                           { { .reducer = &changes }, FOLD_IN(1), 2 }) });
    add(&w, (gi_op){ .kind = GI_OP_SEND });
    w.op[1].n_out = 5;
    chain(&w);
    well = try_start(&w, &why) == GALE_OK;
    for (int i = 0; well && i < 100; i++)
        FEED(&w, S(i % 3 ? "a key that is longer than sixteen" : "k"),
             I(i / 2));
    if (well) {
        well = finish(&w);
        cr_expect(well || strcmp(w.why, "out of memory") == 0, "%s", w.why);
    }
    cr_expect_eq(open_states, 0);
    stop(&w);
    return well;
}

Test(op_fold_by, a_batch_without_memory_fails_and_nothing_else)
{
    fail_each_allocation(play_folds);
}

/* Rows that look at numbers only are put off, but for those of long keys. */
static bool play_counts(void)
{
    world w = { .n = 0 };
    bool well;

    add(&w, (gi_op){ .kind = GI_OP_FOLD_BY,
                     KEYS(1, 0),
                     .n_row = 2,
                     .n_out = 4,
                     FOLDS(COUNTED, SUMMED(1)) });
    add(&w, (gi_op){ .kind = GI_OP_SEND });
    chain(&w);
    well = try_start(&w, NULL) == GALE_OK;
    for (int i = 0; well && i < 300; i++)
        FEED(&w, S(i % 9 ? "short" : "a key that is longer than sixteen"),
             I(i % 100));
    if (well) {
        well = finish(&w);
        cr_expect(well || strcmp(w.why, "out of memory") == 0, "%s", w.why);
    }
    stop(&w);
    return well;
}

Test(op_fold_by, counts_without_memory_fail_and_nothing_else)
{
    fail_each_allocation(play_counts);
}

Test(op_fold_by, rows_that_wait_are_given_up_with_their_batch)
{
    world w;

    folding(&w, (gi_op){ .kind = GI_OP_FOLD_BY,
                         KEYS(0),
                         .n_row = 1,
                         .n_out = 2,
                         FOLDS(COUNTED) });
    for (int i = 0; i < 5; i++)
        FEED(&w, I(i % 3));
    gi_round_fail(&w.round, "enough");
    cr_expect(!finish(&w));
    cr_expect_str_eq(came(), "");
    for (int i = 0; i < 5; i++)
        FEED(&w, I(i % 3));
    cr_expect(finish(&w));
    cr_expect_str_eq(came(), "0 2\n1 2\n2 1\n");
    stop(&w);
}

/* So many groups that rows are put off, with keys that may not be between. */
Test(op_fold_by, rows_that_wait_stay_in_their_order)
{
    enum { N = 30000 };
    char text[64];
    size_t lines = 0;
    world w;

    folding(&w, (gi_op){ .kind = GI_OP_FOLD_BY,
                         KEYS(0),
                         .n_row = 2,
                         .n_out = 3,
                         FOLDS(COUNTED, SUMMED(1)) });
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < N; i++) {
            snprintf(text, sizeof(text),
                     i % 5 ? "%d" : "a key that is longer than %d", i);
            FEED(&w, S(text), I(i));
            memset(text, '-', sizeof(text));
        }
    cr_assert(finish(&w));
    for (const char *line = came(); *line != 0;
         line = strchr(line, '\n') + 1) {
        int i = (int)lines++, n;

        n = snprintf(text, sizeof(text),
                     i % 5 ? "%d 2 %d\n"
                           : "a key that is longer than %d 2 %d\n",
                     i, 2 * i);
        cr_assert_eq(strncmp(line, text, (size_t)n), 0, "%.40s", line);
    }
    cr_expect_eq(lines, N);
    stop(&w);
}
