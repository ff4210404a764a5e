/* So many lines a window, the rest counted. */
#include <criterion/criterion.h>

#include "worker/throttle.h"

static const gi_settings set = { .error_window_s = 10, .error_limit = 3 };
static const int64_t second = 1000000000;

Test(throttle, lets_the_first_ones_of_a_window_pass_and_counts_the_rest)
{
    gi_throttle t = { 0 };
    uint64_t hidden = 99;

    for (int i = 0; i < 3; i++) {
        cr_assert(gi_throttle_pass(&t, &set, 5 * second, &hidden));
        cr_assert_eq(hidden, 0);
    }
    for (int i = 0; i < 7; i++)
        cr_assert_not(gi_throttle_pass(&t, &set, 14 * second, &hidden));
    cr_assert(gi_throttle_pass(&t, &set, 15 * second, &hidden));
    cr_assert_eq(hidden, 7);
    cr_assert(gi_throttle_pass(&t, &set, 15 * second, &hidden));
    cr_assert_eq(hidden, 0, "said once");
}

Test(throttle, begins_a_window_with_the_first_line_of_it)
{
    gi_throttle t = { 0 };
    uint64_t hidden;

    gi_throttle_pass(&t, &set, 0, &hidden); /* at the clock's very zero */
    gi_throttle_pass(&t, &set, 9 * second, &hidden);
    gi_throttle_pass(&t, &set, 9 * second, &hidden);
    cr_assert_not(gi_throttle_pass(&t, &set, 9 * second, &hidden));
    cr_assert(gi_throttle_pass(&t, &set, 30 * second, &hidden));
    cr_assert(gi_throttle_pass(&t, &set, 39 * second, &hidden));
    cr_assert(gi_throttle_pass(&t, &set, 39 * second, &hidden));
    cr_assert_not(gi_throttle_pass(&t, &set, 39 * second, &hidden));
}

Test(throttle, of_none_lets_none_pass)
{
    gi_settings none = { .error_window_s = 10, .error_limit = 0 };
    gi_throttle t = { 0 };
    uint64_t hidden;

    for (int i = 0; i < 100; i++)
        cr_assert_not(gi_throttle_pass(&t, &none, i * second, &hidden));
    cr_assert_eq(t.hidden, 100);
}

/* Whatever the times, what passed and what was said to be hidden add up, and
 * no window had more than its share. */
Test(throttle, loses_count_of_none)
{
    gi_throttle t = { 0 };
    uint64_t hidden, passed = 0, told = 0;

    for (int i = 0; i < 100000; i++)
        if (gi_throttle_pass(&t, &set, i * 7 * (second / 100), &hidden)) {
            passed++;
            told += hidden;
        }
    cr_assert_eq(passed + told + t.hidden, 100000);
    cr_assert_leq(passed, 3u * (7000 / 10 + 1));
    cr_assert_geq(passed, 3u * (7000 / 10 - 5));
}
