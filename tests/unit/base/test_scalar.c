#include <criterion/criterion.h>

#include "base/scalar.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

Test(scalar, whole_numbers_are_read_to_the_last_byte)
{
    static const struct {
        const char *text;
        int64_t v;
    } good[] = {
        { "0", 0 },
        { "-0", 0 },
        { "007", 7 },
        { "+5", 5 },
        { "-12", -12 },
        { "9223372036854775807", INT64_MAX },
        { "-9223372036854775808", INT64_MIN },
    };
    static const char *const bad[] = {
        "",
        " 1",
        "1 ",
        "1x",
        "0x10",
        "-",
        "+",
        "--1",
        "1.0",
        "1e3",
        "many",
        "9223372036854775808",
        "-9223372036854775809",
        "1_000",
    };
    int64_t v;

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        cr_assert(gi_scalar_i64(good[i].text, &v), "%s", good[i].text);
        cr_assert_eq(v, good[i].v);
    }
    v = 77;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_assert_not(gi_scalar_i64(bad[i], &v), "%s", bad[i]);
    cr_assert_eq(v, 77);
}

static void expect_u64(const char *text, bool good, uint64_t v)
{
    uint64_t got = 77;

    cr_expect_eq(gi_scalar_u64(text, &got), good, "'%s'", text);
    cr_expect_eq(got, good ? v : 77, "'%s'", text);
}

Test(scalar, numbers_without_a_sign_may_be_hexadecimal)
{
    expect_u64("0", true, 0);
    expect_u64("007", true, 7);
    expect_u64("18446744073709551615", true, UINT64_MAX);
    expect_u64("0x0", true, 0);
    expect_u64("0xffffFFFFffffFFFF", true, UINT64_MAX);
    expect_u64("0X000000000000000000aB", true, 0xab);
    expect_u64("18446744073709551616", false, 0);
    expect_u64("99999999999999999999", false, 0);
    expect_u64("0x10000000000000000", false, 0);
    expect_u64("", false, 0);
    expect_u64("0x", false, 0);
    expect_u64("x1", false, 0);
    expect_u64("ff", false, 0);
    expect_u64("-1", false, 0);
    expect_u64("+1", false, 0);
    expect_u64(" 1", false, 0);
    expect_u64("1 ", false, 0);
    expect_u64("0xg", false, 0);
}

Test(scalar, numbers_are_decimal_and_finite)
{
    static const struct {
        const char *text;
        double v;
    } good[] = {
        { "0.5", 0.5 },    { ".5", 0.5 },    { "5.", 5 },
        { "-1e3", -1000 }, { "1E-2", 0.01 }, { "30", 30 },
    };
    static const char *const bad[] = {
        "",    ".",     "e5", "1e",  "1e+",   "inf",
        "nan", "0x1p3", " 1", "1,5", "1e999", "1.5.5",
    };
    double v = 0;

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        cr_assert(gi_scalar_f64(good[i].text, &v), "%s", good[i].text);
        cr_assert_eq(v, good[i].v);
    }
    v = 77;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_assert_not(gi_scalar_f64(bad[i], &v), "%s", bad[i]);
    cr_assert_eq(v, 77);
}

Test(scalar, truth_is_written_as_in_yaml)
{
    bool v = false;

    cr_assert(gi_scalar_bool("true", &v) && v);
    cr_assert(gi_scalar_bool("Off", &v) && !v);
    cr_assert(gi_scalar_bool("YES", &v) && v);
    cr_assert(gi_scalar_bool("no", &v) && !v);
    cr_assert_not(gi_scalar_bool("1", &v));
    cr_assert_not(gi_scalar_bool("", &v));
    cr_assert_not(gi_scalar_bool("truee", &v));
}

/* Any bits at all: what is written is read back as the same number. */
static void assert_all_come_back(void)
{
    unsigned seed = 11;

    for (int round = 0; round < 20000; round++) {
        uint64_t bits = 0;
        double v, back = 0;
        char text[GI_SCALAR_TEXT];
        for (int i = 0; i < 5; i++)
            bits = bits << 15 ^ (uint64_t)rand_r(&seed);
        memcpy(&v, &bits, sizeof(v));
        if (!isfinite(v))
            continue;
        gi_scalar_put_f64(text, v);
        cr_assert(gi_scalar_f64(text, &back), "%s", text);
        cr_assert_eq(memcmp(&back, &v, sizeof(v)), 0, "%s", text);
    }
}

Test(scalar, what_is_written_is_read_back)
{
    char text[GI_SCALAR_TEXT];

    gi_scalar_put_f64(text, 0.1);
    cr_assert_str_eq(text, "0.1");
    assert_all_come_back();
}

Test(scalar, a_locale_with_a_comma_changes_nothing)
{
    static const char *const names[] = { "de_DE.UTF-8", "de_DE.utf8",
                                         "fr_FR.UTF-8", "de_DE" };
    char text[GI_SCALAR_TEXT];
    double v = 0;
    bool found = false;

    for (int i = 0; i < 4 && !found; i++)
        found = setlocale(LC_NUMERIC, names[i]) != NULL;
    if (!found)
        cr_skip("no such locale is installed");
    gi_scalar_put_f64(text, 0.5);
    cr_assert_str_eq(text, "0.5");
    cr_assert(gi_scalar_f64("2.5", &v));
    cr_assert_eq(v, 2.5);
    cr_assert_str_eq(localeconv()->decimal_point, ",");
}
