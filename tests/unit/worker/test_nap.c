/* How long a spout that has nothing to give is left alone. */
#include <criterion/criterion.h>

#include "worker/nap.h"

#define US INT64_C(1000)
#define MS INT64_C(1000000)

static const gi_settings usual = { .idle_sleep_ms = 1, .idle_longest_ms = 10 };

Test(nap, is_as_long_as_it_was_idle_at_first)
{
    cr_expect_eq(gi_nap_ns(&usual, 0, false), 0);
    cr_expect_eq(gi_nap_ns(&usual, 40 * US, false), 40 * US);
    cr_expect_eq(gi_nap_ns(&usual, 999 * US, false), 999 * US);
}

Test(nap, is_a_millisecond_for_a_quarter_of_a_second)
{
    cr_expect_eq(gi_nap_ns(&usual, MS, false), MS);
    cr_expect_eq(gi_nap_ns(&usual, 256 * MS, false), MS);
    cr_expect_gt(gi_nap_ns(&usual, 300 * MS, false), MS);
}

Test(nap, grows_no_further_than_to_the_longest)
{
    int64_t last = 0;

    for (int64_t idle = 0; idle < 6000 * MS; idle += MS) {
        int64_t nap = gi_nap_ns(&usual, idle, false);

        cr_assert_geq(nap, last);
        last = nap;
    }
    cr_expect_eq(gi_nap_ns(&usual, 1280 * MS, false), 5 * MS);
    cr_expect_eq(gi_nap_ns(&usual, 2559 * MS, false) / US, 9996);
    cr_expect_eq(gi_nap_ns(&usual, 2560 * MS, false), 10 * MS);
    cr_expect_eq(gi_nap_ns(&usual, INT64_MAX, false), 10 * MS);
}

Test(nap, of_a_spout_that_waits_for_trees_does_not_grow)
{
    cr_expect_eq(gi_nap_ns(&usual, 30000 * MS, true), MS);
}

Test(nap, does_not_shrink_if_the_longest_is_shorter)
{
    const gi_settings set = { .idle_sleep_ms = 10, .idle_longest_ms = 5 };

    cr_expect_eq(gi_nap_ns(&set, 3 * MS, false), 3 * MS);
    cr_expect_eq(gi_nap_ns(&set, 30000 * MS, false), 10 * MS);
}

Test(nap, is_not_wanted)
{
    const gi_settings set = { .idle_sleep_ms = 0, .idle_longest_ms = 5 };

    cr_expect_eq(gi_nap_ns(&set, 30000 * MS, false), 0);
}
