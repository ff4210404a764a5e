#include <criterion/criterion.h>

#include "base/json.h"
#include "base/mem.h"

#include <math.h>
#include <stdio.h>

static void assert_text(gi_json *j, const char *expected)
{
    char *text = gi_json_take(j);

    cr_assert_str_eq(text, expected);
    gi_free(text);
}

Test(json, commas_stand_between_and_nowhere_else)
{
    gi_json j = { 0 };

    gi_json_object(&j, NULL);
    gi_json_i64(&j, "a", -1);
    gi_json_list(&j, "b");
    gi_json_end(&j);
    gi_json_list(&j, "c");
    gi_json_u64(&j, NULL, UINT64_MAX);
    gi_json_object(&j, NULL);
    gi_json_end(&j);
    gi_json_bool(&j, NULL, true);
    gi_json_end(&j);
    gi_json_null(&j, "d");
    gi_json_end(&j);
    assert_text(&j, "{\"a\":-1,\"b\":[],"
                    "\"c\":[18446744073709551615,{},true],\"d\":null}");
}

Test(json, a_value_may_stand_alone)
{
    gi_json j = { 0 };

    gi_json_str(&j, NULL, "x");
    assert_text(&j, "\"x\"");
    gi_json_bool(&j, NULL, false);
    assert_text(&j, "false");
}

Test(json, what_json_reserves_is_escaped_in_keys_too)
{
    gi_json j = { 0 };

    gi_json_object(&j, NULL);
    gi_json_str(&j, "q\"", "a\"b\\c\n\t\r\b\f\x01\x1f/\x7f");
    gi_json_end(&j);
    assert_text(&j, "{\"q\\\"\":\"a\\\"b\\\\c\\n\\t\\r\\b\\f\\u0001\\u001f/"
                    "\x7f\"}");
}

Test(json, a_nul_within_a_run_is_escaped)
{
    gi_json j = { 0 };
    gale_str s = { "a\0b", 3 };

    gi_json_run(&j, NULL, s);
    assert_text(&j, "\"a\\u0000b\"");
}

Test(json, letters_pass_and_broken_ones_are_replaced)
{
#define BAD "\xef\xbf\xbd"
    static const char *const pairs[][2] = {
        { "\xc3\xa4\xe2\x82\xac\xf0\x9f\x8c\xac",
          "\xc3\xa4\xe2\x82\xac\xf0\x9f\x8c\xac" },
        { "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" }, /* U+10FFFF */
        { "\xf4\x90\x80\x80", BAD BAD BAD BAD },    /* beyond it */
        { "\xc0\xaf", BAD BAD },                    /* overlong */
        { "\xe0\x80\xaf", BAD BAD BAD },            /* overlong */
        { "\xed\xa0\x80", BAD BAD BAD },            /* a surrogate */
        { "a\xe2\x82", "a" BAD BAD },               /* cut short */
        { "\xe2\x28\xa1", BAD "(" BAD },
        { "\x80\xff\xfe", BAD BAD BAD },
    };

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        gi_json j = { 0 };
        char quoted[64];
        snprintf(quoted, sizeof(quoted), "\"%s\"", pairs[i][1]);
        gi_json_str(&j, NULL, pairs[i][0]);
        assert_text(&j, quoted);
    }
}

Test(json, numbers_that_json_lacks_are_null)
{
    gi_json j = { 0 };

    gi_json_list(&j, NULL);
    gi_json_f64(&j, NULL, 0.1);
    gi_json_f64(&j, NULL, -1e300);
    gi_json_f64(&j, NULL, (double)NAN);
    gi_json_f64(&j, NULL, (double)INFINITY);
    gi_json_end(&j);
    assert_text(&j, "[0.1,-1e+300,null,null]");
}

Test(json, without_memory_nothing_is_given)
{
    gi_json j = { 0 };

    gi_mem_fail_after(1, 1);
    gi_json_list(&j, NULL);
    for (int i = 0; i < 100; i++)
        gi_json_i64(&j, NULL, i);
    gi_json_end(&j);
    cr_assert_null(gi_json_take(&j));
    gi_json_i64(&j, NULL, 7);
    assert_text(&j, "7");
}

Test(json, thirty_one_levels_are_within_reach)
{
    gi_json j = { 0 };

    for (int i = 0; i < 31; i++)
        gi_json_list(&j, NULL);
    for (int i = 0; i < 31; i++)
        gi_json_end(&j);
    char *text = gi_json_take(&j);
    cr_assert_eq(strlen(text), 62);
    gi_free(text);
}
