#include <criterion/criterion.h>

#include "base/mix.h"
#include "worker/window.h"

Test(window, each_number_is_new_once)
{
    gi_window w = { 0 };

    for (uint32_t i = 1; i <= 1000; i++) {
        cr_assert(gi_window_take(&w, i));
        cr_assert_not(gi_window_take(&w, i));
    }
}

Test(window, numbers_may_come_out_of_order)
{
    gi_window w = { 0 };

    cr_assert(gi_window_take(&w, 3));
    cr_assert(gi_window_take(&w, 1));
    cr_assert(gi_window_take(&w, 2));
    cr_assert_not(gi_window_take(&w, 1));
    cr_assert_not(gi_window_take(&w, 2));
    cr_assert_not(gi_window_take(&w, 3));
}

Test(window, what_is_older_than_64_numbers_is_taken_for_seen)
{
    gi_window w = { 0 };

    cr_assert(gi_window_take(&w, 100));
    cr_assert(gi_window_take(&w, 100 - 63));
    cr_assert_not(gi_window_take(&w, 100 - 64));
}

Test(window, a_leap_ahead_forgets_what_was_before)
{
    gi_window w = { 0 };

    cr_assert(gi_window_take(&w, 1));
    cr_assert(gi_window_take(&w, 5000));
    cr_assert_not(gi_window_take(&w, 1));
    cr_assert(gi_window_take(&w, 4990));
}

Test(window, nothing_without_a_number_was_seen_before)
{
    gi_window w = { 0 };

    cr_assert(gi_window_take(&w, 0));
    cr_assert(gi_window_take(&w, 0));
}

Test(window, numbers_go_round)
{
    gi_window w = { .top = UINT32_MAX - 1, .seen = 1 };

    cr_assert(gi_window_take(&w, UINT32_MAX));
    cr_assert(gi_window_take(&w, 1)); /* 0 is left out */
    cr_assert_not(gi_window_take(&w, UINT32_MAX));
    cr_assert_not(gi_window_take(&w, 1));
}

/* Against a table, with numbers that jump about within the window. */
Test(window, agrees_with_a_list_of_all_that_was_seen)
{
    enum { N = 20000 };
    static bool seen[N + 1];
    gi_window w = { 0 };
    gi_rng rng = { 7 };
    uint32_t top = 40;

    for (int i = 0; i < N; i++) {
        uint32_t no = top - (uint32_t)gi_rng_below(&rng, 40);

        cr_assert_eq(gi_window_take(&w, no), !seen[no], "at %u", no);
        seen[no] = true;
        if (top < N - 1 && gi_rng_below(&rng, 3) == 0)
            top++;
    }
}
