#include <criterion/criterion.h>

#include "base/clock.h"

static int64_t ns_of(struct timespec t)
{
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

Test(clock, milliseconds_are_of_the_same_clock_as_nanoseconds)
{
    int64_t before = gi_clock_ns(), ms = gi_clock_ms(), after = gi_clock_ns();

    cr_assert_geq(ms, before / 1000000);
    cr_assert_leq(ms, after / 1000000);
}

Test(clock, a_time_to_come_is_so_far_away)
{
    const int64_t waits[] = { 0, 1, 999, 1000, 1001, 59999, 86400000 };

    for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
        int64_t before = gi_clock_ns();
        struct timespec t = gi_clock_in_ms(waits[i]);
        int64_t after = gi_clock_ns();

        cr_expect_lt(t.tv_nsec, 1000000000);
        cr_expect_geq(ns_of(t), before + waits[i] * 1000000);
        cr_expect_leq(ns_of(t), after + waits[i] * 1000000);
    }
}

Test(clock, a_time_too_far_for_nanoseconds_is_still_to_come)
{
    struct timespec now = gi_clock_in_ms(0), t = gi_clock_in_ms(INT64_MAX);

    cr_assert_gt(t.tv_sec, now.tv_sec);
    cr_assert_geq(t.tv_nsec, 0);
    cr_assert_lt(t.tv_nsec, 1000000000);
}

Test(clock, a_nap_is_not_shorter_than_it_was_to_be)
{
    int64_t began = gi_clock_ns();

    gi_clock_nap_ms(3);
    cr_assert_geq(gi_clock_ns() - began, 3000000);
}
