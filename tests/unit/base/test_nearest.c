#include <criterion/criterion.h>

#include "base/nearest.h"

#include <stdlib.h>
#include <string.h>

static const char *const parts[] = { "sentences", "split", "count", "report" };

static const char *nearest_part(const char *word)
{
    return gi_nearest(word, parts, 4);
}

Test(nearest, each_kind_of_edit_counts_one)
{
    cr_assert_eq(gi_nearest_edits("count", "count"), 0);
    cr_assert_eq(gi_nearest_edits("count", "coutn"), 1);
    cr_assert_eq(gi_nearest_edits("count", "coun"), 1);
    cr_assert_eq(gi_nearest_edits("count", "counts"), 1);
    cr_assert_eq(gi_nearest_edits("count", "caunt"), 1);
    cr_assert_eq(gi_nearest_edits("", "count"), 5);
    cr_assert_eq(gi_nearest_edits("kitten", "sitting"), 3);
}

Test(nearest, a_slip_finds_what_was_meant)
{
    cr_assert_str_eq(nearest_part("sentenses"), "sentences");
    cr_assert_str_eq(nearest_part("spilt"), "split");
    cr_assert_str_eq(nearest_part("cuont"), "count");
    cr_assert_str_eq(nearest_part("count"), "count");
}

Test(nearest, what_is_far_from_all_is_near_to_none)
{
    cr_assert_null(nearest_part("words"));
    cr_assert_null(nearest_part(""));
    cr_assert_null(nearest_part("x"));
    cr_assert_null(gi_nearest("count", parts, 0));
}

Test(nearest, a_third_of_the_letters_is_the_limit)
{
    const char *const six[] = { "abcdef" };

    cr_assert_str_eq(gi_nearest("abcdXX", six, 1), "abcdef");
    cr_assert_null(gi_nearest("abcXXX", six, 1));
}

Test(nearest, the_first_of_equals_is_taken)
{
    const char *const twins[] = { "map_a", "map_b" };

    cr_assert_str_eq(gi_nearest("map_c", twins, 2), "map_a");
}

Test(nearest, very_long_words_are_near_only_to_themselves)
{
    char a[200], b[200];

    memset(a, 'a', sizeof(a) - 1);
    a[sizeof(a) - 1] = '\0';
    memcpy(b, a, sizeof(b));
    cr_assert_eq(gi_nearest_edits(a, b), 0);
    b[100] = 'b';
    cr_assert_eq(gi_nearest_edits(a, b), 199);
}

/* The definition, word for word, without a table. */
static size_t plain(const char *a, size_t n, const char *b, size_t m)
{
    if (n == 0 || m == 0)
        return n + m;
    size_t best = plain(a, n - 1, b, m - 1) + (a[n - 1] != b[m - 1]);
    size_t out = plain(a, n - 1, b, m) + 1, in = plain(a, n, b, m - 1) + 1;

    best = out < best ? out : best;
    best = in < best ? in : best;
    if (n > 1 && m > 1 && a[n - 1] == b[m - 2] && a[n - 2] == b[m - 1]) {
        size_t swap = plain(a, n - 2, b, m - 2) + 1;
        best = swap < best ? swap : best;
    }
    return best;
}

Test(nearest, agrees_with_the_definition_both_ways)
{
    unsigned seed = 7;

    for (int round = 0; round < 2000; round++) {
        char w[2][8] = { { 0 } };
        for (int k = 0; k < 2; k++) {
            int len = rand_r(&seed) % 7;
            for (int i = 0; i < len; i++)
                w[k][i] = (char)('a' + rand_r(&seed) % 3);
        }
        size_t d = plain(w[0], strlen(w[0]), w[1], strlen(w[1]));
        cr_assert_eq(gi_nearest_edits(w[0], w[1]), d, "%s %s", w[0], w[1]);
        cr_assert_eq(gi_nearest_edits(w[1], w[0]), d, "%s %s", w[1], w[0]);
    }
}
