#include <criterion/criterion.h>

#include "cli/duration.h"

static void expect(const char *text, uint32_t ms)
{
    uint32_t got = 77;

    cr_expect(gi_duration(text, &got), "'%s' was refused", text);
    cr_expect_eq(got, ms, "'%s' is %u ms", text, got);
}

static void refuse(const char *text)
{
    uint32_t got = 77;

    cr_expect_not(gi_duration(text, &got), "'%s' is %u ms", text, got);
    cr_expect_eq(got, 77, "'%s' was refused, but written", text);
}

Test(duration, a_number_alone_is_seconds)
{
    expect("0", 0);
    expect("10", 10000);
    expect("1.5", 1500);
    expect(".25", 250);
    expect("3.", 3000);
}

Test(duration, units_multiply)
{
    expect("500ms", 500);
    expect("10s", 10000);
    expect("2m", 120000);
    expect("2min", 120000);
    expect("1h", 3600000);
    expect("1d", 86400000);
    expect("0.5h", 1800000);
}

Test(duration, numbers_with_units_add_up)
{
    expect("1h30m", 5400000);
    expect("1m1s1ms", 61001);
    expect("1s1s", 2000);
}

Test(duration, a_part_of_a_millisecond_is_a_whole_one)
{
    expect("0.1ms", 1);
    expect("0.0001", 1);
    expect("1.0001s", 1001);
    expect("0.000s", 0);
    expect("0.3", 300);
    expect("0.7", 700);
}

Test(duration, anything_else_is_refused)
{
    static const char *const wrong[] = {
        "",    "s",   ".",    "ms",   "1x",   "1 s",   " 1",    "1s ",
        "-1",  "+1",  "1e3",  "0x10", "inf",  "nan",   "1S",    "1,5",
        "1..", "1s5", "1hms", "10s=", "1m30", "--run", "1.5.5",
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        refuse(wrong[i]);
}

Test(duration, forty_nine_days_is_the_most)
{
    expect("49d", 49u * 86400000u);
    expect("4294967295ms", UINT32_MAX);
    refuse("4294967296ms");
    refuse("50d");
    refuse("4294968");
    refuse("99999999999999999999999999");
    refuse("49d49d");
}
