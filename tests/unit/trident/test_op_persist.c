/* Persistent folds. */
#include "tests/unit/trident/states.h"

static uint32_t slot_1[] = { 1 };

static gi_op_fold merging[] = {
    { { .combiner = &gale_count }, slot_1, 1, 1 }
};

/* -------------------------------------------------------------- persist -- */

Test(op_persist, batches_add_up_and_new_values_go_on)
{
    world w;

    persisting(&w, persist(GALE_STATE_OPAQUE));
    cr_expect(fake_called("open"));
    cr_expect_str_eq(fake.where.topology, "words");
    cr_expect_str_eq(fake.where.state, "counts");
    cr_expect(!fake.where.read_only);
    cr_expect(batch(&w, 1, 1, "aba"));
    cr_expect_str_eq(came(), "a 2\nb 1\n");
    cr_expect(fake_called("begin update commit"));
    cr_expect(batch(&w, 2, 1, "ca"));
    cr_expect_str_eq(came(), "c 1\na 3\n");
    stop(&w);
    cr_expect_eq(fake.n_open, 0);
    fake_reset();
}

Test(op_persist,
     a_transactional_batch_that_comes_again_passes_on_what_is_there)
{
    world w;

    persisting(&w, persist(GALE_STATE_TRANSACTIONAL));
    cr_expect(batch(&w, 1, 1, "aba"));
    cr_expect(batch(&w, 2, 1, "ab"));
    came();
    cr_expect(batch(&w, 2, 2, "ab"));
    cr_expect_str_eq(came(), "a 3\nb 2\n");
    stop(&w);
    fake_reset();
}

Test(op_persist, an_opaque_batch_that_comes_again_undoes_what_it_did)
{
    world w;

    persisting(&w, persist(GALE_STATE_OPAQUE));
    cr_expect(batch(&w, 1, 1, "aa"));
    cr_expect(batch(&w, 2, 1, "ab"));
    came();
    fake.said[0] = 0;
    cr_expect(batch(&w, 2, 2, ""), "other tuples, none for this task");
    cr_expect(fake_called("begin commit"));
    cr_expect(batch(&w, 3, 1, "ab"));
    cr_expect_str_eq(came(), "a 3\nb 1\n");
    stop(&w);
    fake_reset();
}

Test(op_persist, nothing_is_asked_for_new_values_that_nobody_reads)
{
    world w = { .n = 0 };

    add(&w, persist(GALE_STATE_OPAQUE));
    start(&w);
    cr_expect(batch(&w, 1, 1, "ab"));
    cr_expect_str_eq(came(), "");
    stop(&w);
    fake_reset();
}

Test(op_persist, partial_counts_are_merged)
{
    gi_op op = persist(GALE_STATE_OPAQUE);
    world w;

    op.how = GI_FOLD_MERGE;
    op.folds = merging;
    op.n_row = 2;
    persisting(&w, op);
    FEED(&w, S("a"), I(5));
    FEED(&w, S("b"), I(1));
    FEED(&w, S("a"), I(7));
    cr_expect(finish(&w));
    cr_expect_str_eq(came(), "a 12\nb 1\n");
    FEED(&w, S("a"), I(-2));
    cr_expect(finish(&w));
    cr_expect_str_eq(came(), "a 10\n");
    stop(&w);
    fake_reset();
}

Test(op_persist, without_keys_there_is_one_value)
{
    gi_op op = persist(GALE_STATE_OPAQUE);
    world w;

    op.n_keys = 0;
    op.n_out = 1;
    persisting(&w, op);
    cr_expect(batch(&w, 1, 1, "abc"));
    cr_expect(batch(&w, 2, 1, ""));
    cr_expect(batch(&w, 3, 1, "de"));
    cr_expect_str_eq(came(), "3\n5\n");
    stop(&w);
    fake_reset();
}

Test(op_persist, many_keys_go_in_chunks)
{
    world w;
    size_t lines = 0;

    persisting(&w, persist(GALE_STATE_OPAQUE));
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 2500; i++)
            FEED(&w, I(i));
        cr_expect(finish(&w));
    }
    cr_expect(fake_called("open begin update update update commit "
                          "begin update update update commit"));
    for (const char *c = came(); *c != 0; c++)
        lines += *c == '\n';
    cr_expect_eq(lines, 5000);
    cr_expect_eq(fake.now.n, 2500);
    for (size_t i = 0; i < fake.now.n; i++) {
        cr_expect_eq(fake.now.at[i].key.values[0].as.i, (int64_t)i);
        cr_expect_eq(fake.now.at[i].value.values[0].as.i, 2);
    }
    stop(&w);
    fake_reset();
}

/* The texts that came, one behind the other; in a buffer of its own. */
static char together[256];

static void together_init(gale_value *out)
{
    *out = S("<");
}

static void together_reduce(const gale_value *so_far, gale_row in,
                            gale_value *out)
{
    uint32_t n = so_far->len, more = in.values[0].len;

    memmove(together, so_far->as.p, n);
    memcpy(together + n, in.values[0].as.p, more);
    *out = gale_val_run(GALE_T_STR, together, n + more);
}

static const gale_reducer reducer = {
    .output = GALE_FIELDS(GALE_STR("all")),
    .init = together_init,
    .reduce = together_reduce,
};

static void together_first(gale_row in, gale_value *out)
{
    *out = in.values[0];
}

static void together_combine(const gale_value *a, const gale_value *b,
                             gale_value *out)
{
    together_reduce(a, (gale_row){ b, 1 }, out);
}

static const gale_combiner combiner = {
    .output = GALE_FIELDS(GALE_STR("all")),
    .init = together_first,
    .combine = together_combine,
};

static gi_op_fold reducing[] = { { { .reducer = &reducer }, slot_1, 1, 1 } };
static gi_op_fold combining[] = {
    { { .combiner = &combiner }, slot_1, 1, 1 }
};

static void feed_texts(world *w)
{
    FEED(w, S("k"), S("one "));
    FEED(w, S("l"), S("other "));
    FEED(w, S("k"), S("two "));
    cr_expect(finish(w));
    FEED(w, S("k"), S("three "));
    FEED(w, S("k"), S("four"));
    memset(together, '-', sizeof(together));
    cr_expect(finish(w));
    stop(w);
    fake_reset();
}

Test(op_persist, a_reducers_rows_follow_upon_what_is_stored)
{
    gi_op op = persist(GALE_STATE_OPAQUE);
    world w;

    op.folds = reducing;
    op.n_row = 2;
    persisting(&w, op);
    feed_texts(&w);
    cr_expect_str_eq(came(),
                     "k <one two \nl <other \nk <one two three four\n");
}

Test(op_persist, what_combiners_point_to_is_copied)
{
    gi_op op = persist(GALE_STATE_OPAQUE);
    world w;

    op.folds = combining;
    op.n_row = 2;
    persisting(&w, op);
    feed_texts(&w);
    cr_expect_str_eq(came(), "k one two \nl other \nk one two three four\n");
}

/* --------------------------------------------------------------- errors -- */

Test(op_persist,
     a_commit_that_fails_fails_the_batch_and_the_map_is_opened_anew)
{
    world w;

    persisting(&w, persist(GALE_STATE_OPAQUE));
    cr_expect(batch(&w, 1, 1, "a"));
    came();
    fake.said[0] = 0;
    fake.commit = GALE_EIO;
    cr_expect(!batch(&w, 2, 1, "ab"));
    cr_expect_str_eq(w.why, "state 'counts': disk full");
    cr_expect_str_eq(came(), "", "nothing goes on that did not count");
    cr_expect(fake_called("begin update commit! close"));
    fake.commit = GALE_ENOMEM;
    cr_expect(!batch(&w, 2, 2, "ab"));
    cr_expect(fake_called("open begin update commit! close"));
    fake.open = GALE_EIO;
    cr_expect(!batch(&w, 2, 3, "ab"));
    cr_expect_str_eq(w.why, "state 'counts': cannot be opened");
    cr_expect(fake_called("open!"));
    cr_expect(batch(&w, 2, 4, "ab"));
    cr_expect_str_eq(came(), "a 2\nb 1\n");
    stop(&w);
    fake_reset();
}

Test(op_persist, other_errors_leave_nothing_behind_either)
{
    world w;

    persisting(&w, persist(GALE_STATE_OPAQUE));
    cr_expect(fake_called("open"));
    fake.begin = GALE_EINVAL;
    cr_expect(!batch(&w, 1, 1, "ab"));
    cr_expect_str_eq(w.why, "state 'counts': a later one was applied");
    cr_expect(fake_called("begin!"));
    fake.update = GALE_EIO;
    cr_expect(!batch(&w, 1, 2, "ab"));
    cr_expect_str_eq(w.why, "state 'counts': cannot be written");
    cr_expect(fake_called("begin update! abandon close"));
    cr_expect(batch(&w, 1, 3, "ab"));
    cr_expect_str_eq(came(), "a 1\nb 1\n");
    stop(&w);
    fake_reset();
}

Test(op_persist, a_batch_that_failed_before_is_not_committed)
{
    world w;

    persisting(&w, persist(GALE_STATE_OPAQUE));
    begin(&w, 1, 1);
    FEED(&w, S("a"));
    gi_round_fail(&w.round, "no");
    w.step[0].type->finish(&w.step[0], &w.round);
    cr_expect(!finish(&w));
    cr_expect(fake_called("open"));
    cr_expect_eq(fake.now.n, 0);
    stop(&w);
    fake_reset();
}

Test(op_persist, a_value_of_other_fields_fails_the_batch)
{
    world w;

    persisting(&w, persist(GALE_STATE_OPAQUE));
    cr_expect(batch(&w, 1, 1, "a"));
    stop(&w);
    fake_set(&fake.now, GALE_ROW(S("a")), GALE_ROW(I(1), I(2)));
    persisting(&w, persist(GALE_STATE_OPAQUE));
    cr_expect(!batch(&w, 2, 1, "ba"));
    cr_expect_str_eq(
        w.why, "state 'counts' has values of 2 fields, the fold puts out 1");
    stop(&w);
    fake_reset();
}

Test(op_persist, who_may_be_about_to_end_is_waited_for)
{
    world w;

    fake.open = GALE_EBUSY;
    persisting(&w, persist(GALE_STATE_OPAQUE));
    fake.open = GALE_EBUSY;
    cr_expect(!batch(&w, 1, 1, "a"));
    cr_expect_str_eq(w.why, "state 'counts': cannot be opened");
    cr_expect(batch(&w, 1, 2, "a"));
    cr_expect(fake_called("open! open! open begin update commit"));
    stop(&w);
    fake_reset();
}

Test(op_persist, what_is_damaged_ends_it)
{
    gale_diag why = { "" };
    world w = { .n = 0 };

    add(&w, persist(GALE_STATE_OPAQUE));
    fake.open = GALE_EFORMAT;
    cr_expect_eq(try_start(&w, &why), GALE_EFORMAT);
    cr_expect_str_eq(why.text, "cannot be opened");
    stop(&w);
    fake_reset();
}
