/* Values of a state as JSON, and back: what is shown can be typed. */
#include <criterion/criterion.h>
#include <math.h>

#include "base/mem.h"
#include "cli/state_json.h"
#include "gale/nested.h"

static char *json_of(gale_row row)
{
    gi_strbuf to = { 0 };

    gi_state_json_row(&to, row);
    return gi_strbuf_take(&to);
}

static char *plain_of(gale_row row)
{
    gi_strbuf to = { 0 };

    gi_state_json_plain(&to, row);
    return gi_strbuf_take(&to);
}

/* The row is shown so, and what is shown is read as the same row. */
static void shown(gale_row row, const char *plain)
{
    char *is = plain_of(row), *json = json_of(row), *again;
    gi_state_key k;
    gale_diag why = { "" };

    cr_expect_str_eq(is, plain);
    cr_assert_eq(gi_state_key_read(&k, is, &why), GALE_OK, "%s: %s", is,
                 why.text);
    again = json_of(k.row);
    cr_expect_str_eq(again, json, "'%s' is read as %s, not %s", is, again,
                     json);
    gi_state_key_fini(&k);
    gi_free(is);
    gi_free(json);
    gi_free(again);
}

static void refused(const char *typed, const char *why_not)
{
    gi_state_key k;
    gale_diag why = { "" };

    cr_expect_eq(gi_state_key_read(&k, typed, &why), GALE_EINVAL, "%s", typed);
    cr_expect(strstr(why.text, why_not) != NULL, "%s: %s", typed, why.text);
    gi_state_key_fini(&k);
}

Test(state_json,
     text_stands_as_it_is_unless_it_would_be_read_as_something_else)
{
    shown(GALE_ROW(gale_val_cstr("the")), "the");
    shown(GALE_ROW(gale_val_cstr("two words")), "two words");
    shown(GALE_ROW(gale_val_cstr("o'clock, \\n")), "o'clock, \\n");
    shown(GALE_ROW(gale_val_cstr("")), "\"\"");
    shown(GALE_ROW(gale_val_cstr("5")), "\"5\"");
    shown(GALE_ROW(gale_val_cstr("007")), "\"007\"");
    shown(GALE_ROW(gale_val_cstr(".5")), ".5");
    shown(GALE_ROW(gale_val_cstr("+1")), "+1");
    shown(GALE_ROW(gale_val_cstr("e5")), "e5");
    shown(GALE_ROW(gale_val_cstr("-x")), "\"-x\"");
    shown(GALE_ROW(gale_val_cstr("true")), "\"true\"");
    shown(GALE_ROW(gale_val_cstr("trueish")), "trueish");
    shown(GALE_ROW(gale_val_cstr("[1]")), "\"[1]\"");
    shown(GALE_ROW(gale_val_cstr("a\tb\n\x1b[1m")), "\"a\\tb\\n\\u001b[1m\"");
    shown(GALE_ROW(gale_val_cstr("\xc3\xa9t\xc3\xa9")), "\xc3\xa9t\xc3\xa9");
    shown(GALE_ROW(gale_val_cstr("\xff")), "{\"text\":\"ff\"}");
}

static void typed_is(const char *typed, const char *row)
{
    gi_state_key k;
    gale_diag why = { "" };
    char *json;

    cr_assert_eq(gi_state_key_read(&k, typed, &why), GALE_OK, "%s: %s", typed,
                 why.text);
    json = json_of(k.row);
    cr_expect_str_eq(json, row, "'%s' is %s, not %s", typed, json, row);
    gi_state_key_fini(&k);
    gi_free(json);
}

Test(state_json, only_what_json_calls_a_number_is_one)
{
    typed_is("7", "[7]");
    typed_is("-0", "[0]");
    typed_is("2.50", "[2.5]");
    typed_is("-1e3", "[-1000.0]");
    typed_is("1E+2", "[100.0]");
    typed_is("007", "[\"007\"]");
    typed_is("-", "[\"-\"]");
    typed_is("+1", "[\"+1\"]");
    typed_is(".5", "[\".5\"]");
    typed_is("1.", "[\"1.\"]");
    typed_is("1e", "[\"1e\"]");
    typed_is("1e+", "[\"1e+\"]");
    typed_is("1.2.3", "[\"1.2.3\"]");
    typed_is("127.0.0.1", "[\"127.0.0.1\"]");
    typed_is("99999999999999999999", "[\"99999999999999999999\"]");
    refused("[007]", "no JSON (letter 2)");
    refused("[1.]", "no JSON (letter 2)");
}

Test(state_json, every_type_is_read_as_what_it_was)
{
    shown(GALE_ROW(gale_val_i64(INT64_MIN)), "-9223372036854775808");
    shown(GALE_ROW(gale_val_f64(3)), "3.0");
    shown(GALE_ROW(gale_val_f64(1e300)), "1e+300");
    shown(GALE_ROW(gale_val_f64(-INFINITY)), "{\"f64\":\"-inf\"}");
    shown(GALE_ROW(gale_val_f64(NAN)), "{\"f64\":\"nan\"}");
    shown(GALE_ROW(gale_val_bool(true)), "true");
    shown(GALE_ROW(gale_val_nil()), "null");
    shown(GALE_ROW(gale_val_bytes("\0\x7f", 2)), "{\"bytes\":\"007f\"}");
    shown(GALE_ROW(gale_val_cstr("a"), gale_val_i64(2)), "[\"a\",2]");
    shown((gale_row){ NULL, 0 }, "[]");
}

Test(state_json, lists_and_maps_too)
{
    char a[64], b[64];
    gale_pack p, q;

    gale_pack_init(&p, a, sizeof(a));
    gale_pack_list(&p, 2);
    gale_pack_i64(&p, 1);
    gale_pack_str(&p, gale_cstr("x"));
    shown(GALE_ROW(gale_pack_value(&p)), "[[1,\"x\"]]");
    gale_pack_init(&p, a, sizeof(a));
    gale_pack_map(&p, 1);
    gale_pack_str(&p, gale_cstr("k"));
    gale_pack_nil(&p);
    shown(GALE_ROW(gale_pack_value(&p)), "{\"k\":null}");
    gale_pack_init(&q, b, sizeof(b));
    gale_pack_map(&q, 2);
    gale_pack_i64(&q, 1);
    gale_pack_any(&q, gale_pack_value(&p));
    gale_pack_str(&q, gale_cstr("k"));
    gale_pack_bool(&q, false);
    shown(GALE_ROW(gale_pack_value(&q)),
          "{\"pairs\":[[1,{\"k\":null}],[\"k\",false]]}");
}

Test(state_json, what_begins_as_json_and_is_none_is_refused_with_its_place)
{
    refused("[1", "']' is missing (letter 3)");
    refused("\"a", "'\"' is missing");
    refused("\"\\ud800x\"", "surrogate");
    refused("\"\\q\"", "no such escape");
    refused("{\"a\" 1}", "':' is missing");
    refused("{a:1}", "a name in quotes is missing");
    refused("{\"bytes\":\"0\"}", "pairs of hex digits");
    refused("{\"f64\":\"big\"}", "\"nan\", \"inf\" or \"-inf\"");
    refused("[1] 2", "something follows");
    refused("[99999999999999999999]", "no whole number of 64 bits");
    refused("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "too deep");
}

Test(state_json, escapes_of_text_are_what_they_say)
{
    shown(GALE_ROW(gale_val_cstr("\"\\/\b\f\r")), "\"\\\"\\\\/\\b\\f\\r\"");
    gi_state_key k;
    gale_diag why;

    cr_assert_eq(gi_state_key_read(&k, "\"\\u00e9\\ud83d\\ude00\\/\"", &why),
                 GALE_OK);
    cr_assert_eq(k.row.values[0].len, 7);
    cr_expect_eq(memcmp(k.row.values[0].as.p, "\xc3\xa9\xf0\x9f\x98\x80/", 7),
                 0);
    gi_state_key_fini(&k);
}
