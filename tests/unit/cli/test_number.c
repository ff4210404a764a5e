#include <criterion/criterion.h>

#include "cli/number.h"

#include <stdlib.h>

static void expect(const char *got, const char *text)
{
    cr_expect_str_eq(got, text);
}

Test(number, thousands_are_set_apart)
{
    char to[GI_NUMBER_TEXT];

    expect(gi_number_full(to, 0), "0");
    expect(gi_number_full(to, 999), "999");
    expect(gi_number_full(to, 1000), "1,000");
    expect(gi_number_full(to, 1234567), "1,234,567");
    expect(gi_number_full(to, UINT64_MAX), "18,446,744,073,709,551,615");
}

Test(number, a_sign_stands_in_front)
{
    char to[GI_NUMBER_TEXT];

    expect(gi_number_signed(to, 1234), "1,234");
    expect(gi_number_signed(to, -5), "-5");
    expect(gi_number_signed(to, INT64_MIN), "-9,223,372,036,854,775,808");
}

Test(number, a_short_one_has_three_digits_that_count)
{
    char to[GI_NUMBER_TEXT];

    expect(gi_number_short(to, 0), "0");
    expect(gi_number_short(to, 99999), "99,999");
    expect(gi_number_short(to, 100000), "100K");
    expect(gi_number_short(to, 999999), "999K");
    expect(gi_number_short(to, 1000000), "1.00M");
    expect(gi_number_short(to, 1239999), "1.23M");
    expect(gi_number_short(to, 12399999), "12.3M");
    expect(gi_number_short(to, 1000000000), "1.00G");
    expect(gi_number_short(to, UINT64_MAX), "18.4E");
}

/* At every power of ten and around it: at most six letters, never more than
 * the number, and less than a hundredth below it. */
Test(number, a_short_one_is_short_and_near)
{
    for (uint64_t ten = 100000; ten < UINT64_MAX / 100; ten *= 10)
        for (uint64_t n = ten - 1; n <= 9 * ten; n += ten / 7 * 2) {
            char to[GI_NUMBER_TEXT], *unit;
            static const char units[] = "KMGTPE";
            gi_number_short(to, n);
            cr_assert_leq(strlen(to), 6, "%s", to);
            if (strchr(to, ',') != NULL)
                continue;
            double v = strtod(to, &unit);
            const char *at = strchr(units, *unit);
            cr_assert(*unit != '\0' && at != NULL, "%s", to);
            for (const char *u = units; u <= at; u++)
                v *= 1000;
            cr_assert_leq(v, (double)n * 1.0001, "%s", to);
            cr_assert_geq(v, (double)n * 0.99, "%s", to);
        }
}

Test(number, a_time_has_the_unit_that_suits_it)
{
    char to[GI_NUMBER_TEXT];

    expect(gi_number_time(to, 0), "0 us");
    expect(gi_number_time(to, 999), "999 us");
    expect(gi_number_time(to, 1000), "1.0 ms");
    expect(gi_number_time(to, 999999), "999.9 ms");
    expect(gi_number_time(to, 12400000), "12.4 s");
    expect(gi_number_time(to, 59999999), "59.9 s");
    expect(gi_number_time(to, 60000000), "1 min 00 s");
    expect(gi_number_time(to, 3599000000), "59 min 59 s");
    expect(gi_number_time(to, 18120000000), "5 h 02 min");
    gi_number_time(to, UINT64_MAX);
}

Test(number, bytes_have_the_unit_that_suits_them)
{
    char to[GI_NUMBER_TEXT];

    expect(gi_number_bytes(to, 0), "0 bytes");
    expect(gi_number_bytes(to, 1), "1 byte");
    expect(gi_number_bytes(to, 999), "999 bytes");
    expect(gi_number_bytes(to, 17672), "17.6 KB");
    expect(gi_number_bytes(to, 2600000), "2.6 MB");
    expect(gi_number_bytes(to, 999999999), "999.9 MB");
    expect(gi_number_bytes(to, UINT64_MAX), "18.4 EB");
}

Test(number, a_rate_of_no_time_is_none)
{
    cr_expect_eq(gi_number_rate(5, 0), 0);
    cr_expect_eq(gi_number_rate(0, 5), 0);
    cr_expect_eq(gi_number_rate(500, 250000000), 2000);
    cr_expect_eq(gi_number_rate(UINT64_MAX, 1), UINT64_MAX);
}
