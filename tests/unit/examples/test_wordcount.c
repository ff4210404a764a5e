/* How to test bolts of one's own, shown on those of examples/wordcount.c:
 * one by hand, and the whole topology with its spout replaced.
 *
 * The program is included, with its main under another name, because its
 * tables are static.  In a larger one, put them in a file of their own. */
int wordcount_main(int argc, char **argv);
#define main wordcount_main
#include "examples/wordcount.c"
#undef main

#include <criterion/criterion.h>
#include <gale/testing.h>

/* ------------------------------------------------------- a bolt by hand -- */

static gale_test_bolt *make_split(void)
{
    const gale_test_bolt_opts opts = {
        .sources =
            GALE_SOURCES({ "lines", NULL, GALE_FIELDS(GALE_STR("line")) }),
    };
    gale_test_bolt *b = NULL;
    gale_diag why;

    cr_assert_eq(gale_test_bolt_create(&b, &split, &opts, &why), GALE_OK, "%s",
                 why.text);
    return b;
}

/* Feed `b` a line, and expect it to be acked. */
static void feed(gale_test_bolt *b, gale_value line)
{
    uint64_t id;

    cr_assert_eq(gale_test_bolt_feed(b, "lines", NULL, GALE_ROW(line), &id),
                 GALE_OK);
    cr_assert_eq(gale_test_bolt_answer(b, id), GALE_ACK);
}

static void expect_word(gale_test_bolt *b, size_t i, const char *word)
{
    gale_test_emit e = gale_test_bolt_emit(b, i);
    const gale_value *v = e.row.values;

    cr_assert_eq(e.row.n, 1);
    cr_assert(gale_str_is((gale_str){ v->as.p, v->len }, word), "%.*s",
              (int)v->len, v->as.p);
    cr_assert(e.anchored);
}

Test(split, says_each_word_in_small_letters_and_in_order)
{
    gale_test_bolt *b = make_split();

    feed(b, gale_val_cstr("The cow, the MOON"));
    cr_assert_eq(gale_test_bolt_emits(b), 4);
    expect_word(b, 0, "the");
    expect_word(b, 1, "cow");
    expect_word(b, 2, "the");
    expect_word(b, 3, "moon");
    gale_test_bolt_destroy(b);
}

Test(split, acks_a_line_that_has_no_words)
{
    gale_test_bolt *b = make_split();

    feed(b, gale_val_cstr(""));
    feed(b, gale_val_cstr(" 1,234 [@`{] \xc3\xa9"));
    cr_assert_eq(gale_test_bolt_emits(b), 0);
    gale_test_bolt_destroy(b);
}

Test(split, reports_a_line_that_is_too_long_and_drops_it)
{
    static char line[MAX_LINE + 1];
    gale_test_bolt *b = make_split();
    gale_test_counts counts;

    memset(line, 'a', sizeof(line));
    feed(b, gale_val_str((gale_str){ line, MAX_LINE }));
    cr_assert_eq(gale_test_bolt_emits(b), 1);
    feed(b, gale_val_str((gale_str){ line, MAX_LINE + 1 }));
    cr_assert_eq(gale_test_bolt_emits(b), 1);

    cr_assert_eq(gale_test_stats(gale_test_bolt_test(b), "bolt", &counts),
                 GALE_OK);
    cr_assert_eq(counts.errors, 1);
    gale_test_bolt_destroy(b);
}

/* ------------------------------------------------- the whole topology -- */

Test(wordcount, counts_each_word_of_each_line_once)
{
    const gale_test_opts opts = {
        .mocks = GALE_MOCKS({ .spout = "lines" }),
        .conf = GALE_SETTINGS({ "wordcount.top", "0" }),
    };
    gale_test *t = NULL;
    gale_test_counts counts;
    gale_diag why;

    cr_assert_eq(gale_test_create(&t, &wordcount, &opts, &why), GALE_OK, "%s",
                 why.text);
    cr_assert_eq(
        gale_test_feed(t, "lines", 7, GALE_ROW(gale_val_cstr("to be, or"))),
        GALE_OK);
    cr_assert_eq(
        gale_test_feed(t, "lines", 8, GALE_ROW(gale_val_cstr("not to be"))),
        GALE_OK);
    cr_assert_eq(gale_test_run(t, 1000, &why), GALE_OK, "%s", why.text);

    cr_assert(gale_rows_same(gale_test_rows(t, "split", NULL),
                             GALE_ROWS(GALE_ROW(gale_val_cstr("to")),
                                       GALE_ROW(gale_val_cstr("to")),
                                       GALE_ROW(gale_val_cstr("be")),
                                       GALE_ROW(gale_val_cstr("be")),
                                       GALE_ROW(gale_val_cstr("or")),
                                       GALE_ROW(gale_val_cstr("not"))),
                             &why),
              "%s", why.text);
    cr_assert_eq(gale_test_acked(t, "lines", NULL), 2);
    cr_assert_eq(gale_test_failed(t, "lines", NULL), 0);
    cr_assert_eq(gale_test_stats(t, "count", &counts), GALE_OK);
    cr_assert_eq(counts.acked, 6);
    gale_test_destroy(t);
}
