/* Requests to a stream, on the virtual clock: each is answered with what comes
 * of itself alone, whatever fails. */
#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "gale/drpc.h"
#include "gale/testing.h"

enum { MANY = 200 };

static gale_trident *t;
static gale_drpc *d;
static gale_test *test;
static gale_batches *words, *asked;

/* ---------------------------------------------------------- the definition */

static const gale_field word_field[] = { GALE_STR("word"),
                                         { NULL, GALE_T_ANY } };
static int failures; /* of "bad", still to come */

static void split(void *self, gale_row in, gale_batch_ctx *ctx)
{
    gale_str s = gale_row_str(in, 0);

    (void)self;
    if (gale_str_is(s, "bad") && failures-- > 0) {
        gale_batch_fail(ctx, "'bad' is no word");
        return;
    }
    for (uint32_t at = 0, n; at < s.len; at += n + 1) {
        n = 0;
        while (at + n < s.len && s.ptr[at + n] != ' ')
            n++;
        if (n > 0)
            gale_batch_emit(
                ctx, GALE_ROW(gale_val_str((gale_str){ s.ptr + at, n })));
    }
}

static const gale_function splitting = { .output = word_field,
                                         .apply = split };

static void begin(void)
{
    failures = 0;
    cr_assert_eq(gale_trident_create(&t, "asked"), GALE_OK);
    cr_assert_eq(gale_drpc_create(&d), GALE_OK);
    gale_trident_remember(t, &gale_store_memory);
    asked = gale_parallelism(gale_new_drpc_stream(t, "words", d), 3);
    words = gale_parallelism(
        gale_map_rows(gale_shuffle(asked), GALE_NAMES("args"), &splitting), 3);
}

static void end(void)
{
    gale_test_destroy(test);
    gale_trident_destroy(t);
    gale_drpc_destroy(d);
    test = NULL;
}

static void make(void)
{
    gale_test_opts o = { .no_rows = true };
    const gale_topology *topology;
    gale_diag why = { "" };

    cr_assert_eq(gale_trident_build(t, &topology, &why), GALE_OK, "%s",
                 why.text);
    cr_assert_eq(gale_test_create(&test, topology, &o, &why), GALE_OK, "%s",
                 why.text);
}

static gale_drpc_call *ask(const char *args)
{
    gale_drpc_call *c;
    gale_diag why = { "" };

    cr_assert_eq(gale_drpc_begin(d, "words", gale_cstr(args), &c, &why),
                 GALE_OK, "%s", why.text);
    return c;
}

static void answers(gale_drpc_call *c, const char *expected)
{
    gale_diag why = { "" };
    char *answer;

    cr_assert_eq(gale_drpc_finish(c, 0, &answer, &why), GALE_OK, "%s",
                 why.text);
    cr_expect_str_eq(answer, expected);
    gale_drpc_free(answer);
}

static void count(void)
{
    gale_drpc_return(
        gale_parallelism(gale_aggregate(words, GALE_FOLD(GALE_COUNT("n"))), 4),
        NULL);
}

TestSuite(drpc, .init = begin, .fini = end);

/* ---------------------------------------------------------------- answers */

Test(drpc, a_fold_is_one_of_each_request)
{
    gale_drpc_call *calls[MANY];

    count();
    make();
    for (int i = 0; i < MANY; i++)
        calls[i] = ask(i % 3 == 0 ? "" : i % 3 == 1 ? "one" : "one two  four");
    gale_drpc_end(d);
    cr_assert_eq(gale_test_run(test, 60000, NULL), GALE_OK);
    for (int i = 0; i < MANY; i++)
        answers(calls[i], i % 3 == 0   ? "[[0]]"
                          : i % 3 == 1 ? "[[1]]"
                                       : "[[3]]");
}

Test(drpc, several_rows_are_one_answer_and_no_row_is_an_empty_one)
{
    gale_drpc_return(gale_first_n(words, 10, "word"), NULL);
    make();
    gale_drpc_call *a = ask("b \"c\" a"), *b = ask("");
    cr_assert_eq(gale_test_advance_ms(test, 100), GALE_OK);
    answers(a, "[[\"\\\"c\\\"\"],[\"a\"],[\"b\"]]");
    answers(b, "[]");
}

Test(drpc, fields_are_returned_in_the_order_that_was_named)
{
    gale_batches *by = gale_group_aggregate(
        gale_group_by(words, GALE_NAMES("word")), GALE_FOLD(GALE_COUNT("n")));

    gale_drpc_return(gale_first_n(by, 5, "word"), GALE_NAMES("n", "word"));
    make();
    gale_drpc_call *a = ask("x y x");
    cr_assert_eq(gale_test_advance_ms(test, 100), GALE_OK);
    answers(a, "[[2,\"x\"],[1,\"y\"]]");
}

Test(drpc, one_task_suffices_for_everything)
{
    gale_drpc_return(gale_global(words), NULL);
    make();
    gale_drpc_call *a = ask("x");
    cr_assert_eq(gale_test_advance_ms(test, 100), GALE_OK);
    answers(a, "[[\"x\"]]");
}

/* A stream that fills the state, and has come to its end. */
static gale_kept *count_letters(void)
{
    static const gale_state_opts three = { .store = &gale_store_memory,
                                           .tasks = 3 };
    static gale_value letters[3];
    static gale_row rows[3];
    static const gale_fixed_opts fixed = { .rows = rows, .n = 3 };
    static gale_batch_spout spout;

    for (size_t i = 0; i < 3; i++) {
        letters[i] = gale_val_cstr(i == 1 ? "y" : "x");
        rows[i] = (gale_row){ &letters[i], 1 };
    }
    spout = gale_fixed;
    spout.output = word_field;
    spout.arg = &fixed;
    return gale_persistent_aggregate(
        gale_group_by(gale_new_stream(t, "letters", &spout),
                      GALE_NAMES("word")),
        "counts", GALE_FOLD(GALE_COUNT("n")), &three);
}

Test(drpc, a_state_of_another_stream_is_asked)
{
    gale_kept *counts = count_letters();
    gale_batches *found;

    found = gale_state_query(
        words, counts, GALE_NAMES("word"),
        (const gale_field[]){ { "n", GALE_T_ANY }, { NULL, GALE_T_ANY } });
    gale_drpc_return(gale_first_n(found, 10, "word"), GALE_NAMES("word", "n"));
    make();
    cr_assert_eq(gale_test_advance_ms(test, 1000), GALE_OK);
    gale_drpc_call *a = ask("y z x");
    cr_assert_eq(gale_test_advance_ms(test, 1000), GALE_OK);
    answers(a, "[[\"x\",2],[\"y\",1],[\"z\",null]]");
}

/* --------------------------------------------------------------- failures */

Test(drpc, what_fails_is_tried_again)
{
    failures = 2;
    count();
    make();
    gale_drpc_call *a = ask("bad"), *b = ask("good");
    cr_assert_eq(gale_test_advance_ms(test, 1000), GALE_OK);
    answers(a, "[[1]]");
    answers(b, "[[1]]");
}

Test(drpc, what_fails_too_often_says_why)
{
    gale_diag why = { "" };
    char *answer;

    failures = 1000;
    count();
    make();
    gale_drpc_call *a = ask("bad"), *b = ask("good");
    cr_assert_eq(gale_test_advance_ms(test, 1000), GALE_OK);
    cr_assert_eq(gale_drpc_finish(a, 0, &answer, &why), GALE_EUSER);
    cr_expect_str_eq(why.text, "'bad' is no word");
    cr_expect_eq(failures, 997);
    answers(b, "[[1]]");
}

Test(drpc, tasks_that_die_cost_no_answer)
{
    static const char *const who[] = { "words", "words-batches", "return",
                                       "pass" };
    gale_drpc_call *calls[MANY];
    int n = 0;

    gale_named(asked, "words");
    gale_named(words, "pass");
    gale_named(gale_drpc_return(words, NULL), "return");
    make();
    for (int i = 0; i < MANY; i++) {
        calls[n++] = ask("w");
        cr_assert_eq(gale_test_advance_ms(test, rand() % 3), GALE_OK);
        if (i % 7 == 0)
            cr_assert_eq(gale_test_kill(test, who[i / 7 % 4], 0), GALE_OK);
    }
    gale_drpc_end(d);
    cr_assert_eq(gale_test_run(test, 600000, NULL), GALE_OK);
    for (int i = 0; i < MANY; i++)
        answers(calls[i], "[[\"w\"]]");
}

Test(drpc, faults_of_all_kinds_cost_no_answer)
{
    gale_drpc_call *calls[MANY];
    gale_test_opts o = { .no_rows = true,
                         .seed = 7,
                         .faults =
                             "drop=1%,duplicate=1%,delay=5%:5ms,kill=map:1%" };
    const gale_topology *topology;
    gale_diag why = { "" };
    int lost = 0;

    count();
    cr_assert_eq(gale_trident_build(t, &topology, &why), GALE_OK);
    cr_assert_eq(gale_test_create(&test, topology, &o, &why), GALE_OK, "%s",
                 why.text);
    for (int i = 0; i < MANY; i++)
        calls[i] = ask("one two");
    gale_drpc_end(d);
    cr_assert_eq(gale_test_run(test, 6000000, &why), GALE_OK, "%s", why.text);
    for (int i = 0; i < MANY; i++) {
        char *answer;
        gale_err rv = gale_drpc_finish(calls[i], 0, &answer, &why);

        cr_assert(rv == GALE_OK || rv == GALE_EUSER);
        if (rv == GALE_OK)
            cr_expect_str_eq(answer, "[[2]]");
        lost += rv != GALE_OK;
        gale_drpc_free(answer);
    }
    cr_expect_lt(lost, MANY / 3); /* a quarter, give or take */
}

Test(drpc, who_asks_too_late_or_for_what_is_not_there_hears_so)
{
    gale_drpc_call *c;
    gale_diag why = { "" };
    char *answer;

    count();
    make();
    cr_assert_eq(gale_drpc_begin(d, "wrods", gale_cstr(""), &c, &why),
                 GALE_ENOTFOUND);
    cr_expect_str_eq(why.text, "nobody serves 'wrods'; did you mean 'words'? "
                               "there is 'words'");
    cr_assert_eq(
        gale_drpc_execute(d, "words", gale_cstr("x"), 1, &answer, &why),
        GALE_ETIME);
    gale_drpc_end(d);
    cr_assert_eq(gale_drpc_begin(d, "words", gale_cstr(""), &c, &why),
                 GALE_ENOTFOUND);
    cr_assert_eq(gale_test_run(test, 60000, &why), GALE_OK, "%s", why.text);
}

/* -------------------------------------------------------------- mistakes */

static void mistaken(const char *expected)
{
    const gale_topology *topology;
    gale_diag why = { "" };

    cr_assert_eq(gale_trident_build(t, &topology, &why), GALE_EPLAN);
    cr_expect_str_eq(why.text, expected);
}

Test(drpc, a_stream_of_requests_returns_something)
{
    gale_peek(words, NULL, &(const gale_function){ .apply = split });
    mistaken("step 1, gale_new_drpc_stream 'words': nothing is returned to "
             "who asks (gale_drpc_return)");
}

Test(drpc, and_one_thing_only)
{
    gale_drpc_return(words, NULL);
    gale_drpc_return(asked, NULL);
    mistaken("step 1, gale_new_drpc_stream 'words': several steps return "
             "something to who asks; one can (gale_merge before it)");
}

Test(drpc, requests_do_not_meet_other_streams)
{
    gale_batches *other = gale_new_stream(t, "lines", &gale_lines);

    gale_drpc_return(gale_join(words, GALE_NAMES("word"), other,
                               GALE_NAMES("line"), GALE_JOIN_INNER),
                     NULL);
    mistaken("step 1, gale_new_drpc_stream 'words': each request is a batch "
             "of its own, so its rows cannot meet those of 'lines'");
}

Test(drpc, requests_change_nothing)
{
    gale_persistent_total(words, "total", GALE_FOLD(GALE_COUNT("n")), NULL);
    gale_drpc_return(words, NULL);
    mistaken("step 4, gale_persistent_total 'total' behind 'words': requests "
             "change no states: they have no order in which they could "
             "count");
}

Test(drpc, an_answer_needs_a_question)
{
    gale_drpc_return(words, NULL);
    gale_drpc_return(gale_new_stream(t, "lines", &gale_lines),
                     GALE_NAMES("line"));
    mistaken("step 6, gale_drpc_return of 'line' behind 'lines': nobody "
             "asked: what it reads comes from no DRPC stream "
             "(gale_new_drpc_stream)");
}
