/* examples/rolling_top_words.c on a virtual clock: seconds of ticks, without
 * a wait, and always with the same result. */
int rolling_main(int argc, char **argv);
#define main rolling_main
#include "examples/rolling_top_words.c"
#undef main

#include <criterion/criterion.h>
#include <gale/testing.h>

static gale_test *make(void)
{
    const gale_test_opts opts = { .mocks = GALE_MOCKS({ .spout = "words" }) };
    gale_test *t = NULL;
    gale_diag why;

    cr_assert_eq(gale_test_create(&t, &rolling_top_words, &opts, &why),
                 GALE_OK, "%s", why.text);
    return t;
}

/* Each letter is a word. */
static void say(gale_test *t, const char *letters)
{
    for (const char *c = letters; *c != '\0'; c++) {
        gale_value word = gale_val_str((gale_str){ c, 1 });

        cr_assert_eq(gale_test_feed(t, "words", 0, GALE_ROW(word)), GALE_OK);
    }
}

static void advance_to(gale_test *t, int64_t second)
{
    int64_t ms = second * 1000 - gale_test_now_ms(t);

    cr_assert_eq(gale_test_advance_ms(t, ms), GALE_OK);
}

/* The last ranking that was said, as in "a3 b2". */
static void expect(const gale_test *t, const char *expected)
{
    gale_rows said = gale_test_rows(t, "total", NULL);
    gale_value word, n;
    char text[256] = "";

    cr_assert_gt(said.n, 0);
    gale_unpack u = gale_unpack_of(said.at[said.n - 1].values[0]);
    while (gale_unpack_next(&u, &word) && gale_unpack_next(&u, &n)) {
        size_t len = strlen(text);

        snprintf(text + len, sizeof(text) - len, "%s%.*s%" PRId64,
                 len == 0 ? "" : " ", (int)word.len, word.as.p, n.as.i);
    }
    cr_assert(!gale_unpack_failed(&u));
    cr_assert_str_eq(text, expected, "at %" PRId64 " ms: %s, not %s",
                     gale_test_now_ms(t), text, expected);
}

/* The clock starts at 1 s.  count ticks at 4, 7, 10, ...; rank and total at
 * 3, 5, 7, ...; of ticks at the same time, the later bolt's comes first.  So
 * what count says at 4, rank says at 5 and total at 7. */

Test(rolling, says_the_three_most_frequent_words)
{
    gale_test *t = make();

    say(t, "dabacbadc");
    advance_to(t, 4);
    expect(t, "");
    advance_to(t, 8);
    expect(t, "a3 b2 c2");
    gale_test_destroy(t);
}

Test(rolling, forgets_a_word_when_its_slot_has_passed)
{
    gale_test *t = make();

    say(t, "aaab");
    advance_to(t, 8);
    expect(t, "a3 b1");
    say(t, "bb"); /* after the tick at 7: in the third slot */
    advance_to(t, 14);
    expect(t, "a3 b3");
    advance_to(t, 18); /* the first slot was let go at 10, said at 13 */
    expect(t, "b2");
    advance_to(t, 30);
    expect(t, "");
    gale_test_destroy(t);
}

Test(rolling, acks_every_word_and_keeps_nothing_of_it_waiting)
{
    gale_test *t = make();

    say(t, "abc");
    cr_assert_eq(gale_test_settle(t), GALE_OK);
    cr_assert_eq(gale_test_acked(t, "words", NULL), 3);
    cr_assert_eq(gale_test_pending(t, "words"), 0);
    gale_test_destroy(t);
}
