#include <criterion/criterion.h>

#include "base/duration.h"

static void expect(const char *text, uint32_t ms)
{
    uint32_t got = 77;

    cr_expect(gi_duration_ms(text, &got), "'%s' was refused", text);
    cr_expect_eq(got, ms, "'%s' is %u ms", text, got);
}

static void refuse(const char *text)
{
    uint32_t got = 77;

    cr_expect_not(gi_duration_ms(text, &got), "'%s' is %u ms", text, got);
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

static void expect_ns(const char *text, int64_t ns)
{
    char back[GI_DURATION_TEXT];
    int64_t got = 77;

    cr_expect(gi_duration_ns(text, &got), "'%s' was refused", text);
    cr_expect_eq(got, ns, "'%s' is %lld ns", text, (long long)got);
    cr_expect(gi_duration_ns(gi_duration_text(back, ns), &got));
    cr_expect_eq(got, ns, "'%s' became '%s'", text, back);
}

Test(duration, in_nanoseconds_nothing_is_lost)
{
    int64_t got = 77;

    expect_ns("1ns", 1);
    expect_ns("0.1ns", 1);
    expect_ns("1us", 1000);
    expect_ns("1.5us", 1500);
    expect_ns("0.3s", 300000000);
    expect_ns("2", 2000000000);
    expect_ns("1h30m", 5400000000000);
    expect_ns("1d1ns", 86400000000001);
    expect_ns("9223372036854775807ns", INT64_MAX);
    expect_ns("9223372036s854775807ns", INT64_MAX);
    expect_ns("106751d", 106751 * 86400000000000);
    cr_expect_not(gi_duration_ns("9223372036854775808ns", &got));
    cr_expect_not(gi_duration_ns("9223372036s854775808ns", &got));
    cr_expect_not(gi_duration_ns("106752d", &got));
    cr_expect_not(gi_duration_ns("99999999999999999999999d", &got));
    cr_expect_not(gi_duration_ns("", &got));
    cr_expect_not(gi_duration_ns("-1s", &got));
    cr_expect_eq(got, 77);
}

static void expect_text(int64_t ns, const char *is)
{
    char text[GI_DURATION_TEXT];

    cr_expect_str_eq(gi_duration_text(text, ns), is);
}

Test(duration, its_text_has_the_largest_unit_that_does)
{
    expect_text(0, "0s");
    expect_text(1, "1ns");
    expect_text(20000000, "20ms");
    expect_text(1500000000, "1500ms");
    expect_text(60000000000, "1m");
    expect_text(90000000000, "90s");
    expect_text(86400000000000, "1d");
    expect_text(INT64_MAX, "9223372036854775807ns");
}
