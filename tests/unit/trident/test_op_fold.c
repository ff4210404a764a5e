/* Folds of a batch: by combiners, reducers and aggregators. */
#include "tests/unit/trident/folds.h"

#include <signal.h>

/* ------------------------------------------------------------ all of it -- */

Test(op_fold, a_batch_becomes_one_row)
{
    world w;

    folding(&w, (gi_op){ .kind = GI_OP_FOLD,
                         .n_row = 2,
                         .n_out = 5,
                         FOLDS(COUNTED, SUMMED(1), SMALLEST(1), LARGEST(0),
                               JOINED(0)) });
    FEED(&w, S("b"), I(3));
    FEED(&w, S("c"), I(-5));
    FEED(&w, S("a"), I(4));
    cr_expect(finish(&w));
    cr_expect_str_eq(came(), "3 2 -5 c bca\n");
    cr_expect(finish(&w));
    cr_expect_str_eq(came(), "0 0 nil nil none\n", "an empty batch");
    stop(&w);
}

Test(op_fold, nothing_comes_of_no_rows_where_another_task_speaks)
{
    world w;

    folding(&w, (gi_op){ .kind = GI_OP_FOLD,
                         .n_out = 1,
                         .how = GI_FOLD_PARTIAL,
                         FOLDS(COUNTED) });
    cr_expect(finish(&w));
    cr_expect_str_eq(came(), "");
    w.op[0].how = GI_FOLD_WHOLE;
    w.op[0].at = GI_FOLD_AT_FIRST;
    w.task.count = 3;
    for (w.task.index = 0; w.task.index < 3; w.task.index++) {
        cr_expect(finish(&w));
        cr_expect_str_eq(came(), w.task.index == 0 ? "0\n" : "");
    }
    w.op[0].at = GI_FOLD_AT_BATCH;
    for (uint64_t attempt = 0; attempt < 6; attempt++) {
        for (w.task.index = 0; w.task.index < 3; w.task.index++) {
            begin(&w, 1, attempt);
            cr_expect(finish(&w));
        }
        cr_expect_str_eq(came(), "0\n");
    }
    stop(&w);
}

Test(op_fold, sums_of_floats_and_of_nothing)
{
    world w;

    folding(&w, (gi_op){ .kind = GI_OP_FOLD,
                         .n_row = 1,
                         .n_out = 3,
                         FOLDS(SUMMED(0), SMALLEST(0), LARGEST(0)) });
    FEED(&w, gale_val_nil());
    FEED(&w, I(2));
    FEED(&w, gale_val_f64(0.5));
    FEED(&w, I(1));
    FEED(&w, gale_val_nil());
    cr_expect(finish(&w));
    cr_expect_str_eq(came(), "3.5 1 0.5\n");
    FEED(&w, I(INT64_MAX));
    FEED(&w, I(1));
    cr_expect(finish(&w));
    cr_expect_str_eq(came(), "-9223372036854775808 1 9223372036854775807\n");
    stop(&w);
}

Test(op_fold, a_sum_of_text_ends_the_process, .signal = SIGABRT)
{
    world w;

    folding(&w, (gi_op){ .kind = GI_OP_FOLD,
                         .n_row = 1,
                         .n_out = 1,
                         FOLDS(SUMMED(0)) });
    FEED(&w, S("a"));
}

Test(op_fold, what_a_combiner_points_to_is_copied)
{
    world w;
    char text[8];

    folding(&w, (gi_op){ .kind = GI_OP_FOLD,
                         .n_row = 1,
                         .n_out = 3,
                         FOLDS({ { .combiner = &turned }, FOLD_IN(0), 2 },
                               JOINED(0)) });
    for (int i = 0; i < 10; i++) {
        snprintf(text, sizeof(text), "t%d", (7 * i + 3) % 10);
        FEED(&w, S(text));
        memset(text, '-', sizeof(text));
    }
    memset(buffer, '-', sizeof(buffer));
    cr_expect(finish(&w));
    cr_expect_str_eq(came(), "t0 t9 t3t0t7t4t1t8t5t2t9t6\n");
    stop(&w);
}

/* The bytes of a long fold are not kept once for each row. */
Test(op_fold, text_that_grows_takes_little_memory)
{
    uint64_t asked;
    world w;

    folding(&w, (gi_op){ .kind = GI_OP_FOLD,
                         .n_row = 1,
                         .n_out = 1,
                         FOLDS(JOINED(0)) });
    asked = gi_mem_asked();
    for (int i = 0; i < 4000; i++)
        FEED(&w, S("x"));
    cr_expect_lt(gi_mem_asked() - asked, 20);
    cr_expect(finish(&w));
    cr_expect_eq(strlen(came()), 4001);
    stop(&w);
}

Test(op_fold, reducers_take_rows_in_their_order)
{
    world w;

    folding(&w, (gi_op){ .kind = GI_OP_FOLD,
                         .n_row = 2,
                         .n_out = 2,
                         FOLDS({ { .reducer = &changes }, FOLD_IN(1), 2 }) });
    FEED(&w, I(1), S("a"));
    FEED(&w, I(2), S("b"));
    FEED(&w, I(3), S("b"));
    FEED(&w, I(4), S("a"));
    cr_expect(finish(&w));
    cr_expect_str_eq(came(), "3 a\n");
    cr_expect(finish(&w));
    cr_expect_str_eq(came(), "0 \n");
    stop(&w);
}

Test(op_fold, an_aggregator_emits_when_it_likes)
{
    world w;

    folding(&w, (gi_op){ .kind = GI_OP_FOLD,
                         .n_row = 1,
                         .n_out = 1,
                         FOLDS({ { .aggregator = &odd }, FOLD_IN(0), 1 }) });
    FEED(&w, S("a"));
    FEED(&w, S("b"));
    FEED(&w, S("c"));
    cr_expect_str_eq(came(), "a\nc\n");
    cr_expect(finish(&w));
    cr_expect_str_eq(came(), "3\n");
    cr_expect(finish(&w));
    cr_expect_str_eq(came(), "0\n");
    cr_expect_eq(open_states, 0);
    stop(&w);
}

Test(op_fold, rows_of_several_aggregators_meet_each_other)
{
    world w;

    folding(&w,
            (gi_op){ .kind = GI_OP_FOLD,
                     .n_row = 2,
                     .n_out = 3,
                     FOLDS({ { .aggregator = &odd }, FOLD_IN(0), 1 }, COUNTED,
                           { { .aggregator = &odd }, FOLD_IN(1), 1 }) });
    FEED(&w, S("a"), S("x"));
    FEED(&w, S("b"), S("y"));
    cr_expect(finish(&w));
    cr_expect_str_eq(came(), "a 2 x\na 2 2\n2 2 x\n2 2 2\n");
    cr_expect_eq(open_states, 0);
    stop(&w);
}

Test(op_fold, a_batch_that_is_given_up_drops_what_aggregators_have)
{
    world w;

    folding(&w, (gi_op){ .kind = GI_OP_FOLD_BY,
                         KEYS(0),
                         .n_row = 1,
                         .n_out = 2,
                         FOLDS({ { .aggregator = &odd }, FOLD_IN(0), 1 }) });
    for (int i = 0; i < 100; i++)
        FEED(&w, I(i % 10));
    cr_expect_eq(open_states, 10);
    gi_round_fail(&w.round, "enough");
    cr_expect(!finish(&w));
    cr_expect_eq(open_states, 0);
    stop(&w);
}

static void forgets(gale_row in, gale_value *out)
{
    (void)in, (void)out;
}

Test(op_fold, a_combiner_that_sets_nothing_ends_the_process, .signal = SIGABRT)
{
    gale_combiner bad = { GALE_FIELDS(GALE_ANY("x")), forgets, join_combine,
                          join_zero };
    world w;

    folding(&w, (gi_op){ .kind = GI_OP_FOLD,
                         .n_row = 1,
                         .n_out = 1,
                         FOLDS({ { .combiner = &bad }, FOLD_IN(0), 1 }) });
    FEED(&w, S("a"));
}
