#include <criterion/criterion.h>

#include "state/codec.h"

static gi_bytes b;
static gi_values v;

static void teardown(void)
{
    gi_bytes_fini(&b);
    gi_values_fini(&v);
}

TestSuite(codec, .fini = teardown);

static const char list[] = "\x92\x01\xa1x", map[] = "\x81\xa1k\xc0";

Test(codec, what_is_written_is_read)
{
    const gale_value row[] = {
        gale_val_nil(),          gale_val_bool(false),
        gale_val_bool(true),     gale_val_i64(0),
        gale_val_i64(-32),       gale_val_i64(-33),
        gale_val_i64(200),       gale_val_i64(40000),
        gale_val_i64(-40000),    gale_val_i64(INT64_MAX),
        gale_val_i64(INT64_MIN), gale_val_f64(-0.0),
        gale_val_f64(1e300),     gale_val_cstr(""),
        gale_val_cstr("text"),   gale_val_bytes("\0", 1),
        gale_val_list(list, 4),  gale_val_map(map, 4),
    };
    enum { N = sizeof(row) / sizeof(row[0]) };

    cr_assert_eq(gi_row_write(&b, (gale_row){ row, N }, false, 1000, NULL),
                 GALE_OK);
    cr_assert_eq(gi_row_read(&v, (gale_str){ b.at, (uint32_t)b.len }),
                 GALE_OK);
    cr_assert_eq(v.len, N);
    for (int i = 0; i < N; i++) {
        cr_expect_eq(v.at[i].type, row[i].type, "value %d", i);
        cr_expect_eq(v.at[i].len, row[i].len, "value %d", i);
        if (row[i].type >= GALE_T_STR)
            cr_expect_eq(memcmp(v.at[i].as.p, row[i].as.p, row[i].len), 0);
        else
            cr_expect_eq(v.at[i].as.i, row[i].as.i, "value %d", i);
    }
}

Test(codec, keys_that_are_equal_are_equal_bytes)
{
    gale_value a = gale_val_f64(0), c = gale_val_f64(-0.0);
    size_t n;

    cr_assert_eq(gi_row_write(&b, (gale_row){ &a, 1 }, true, 100, NULL),
                 GALE_OK);
    n = b.len;
    cr_assert_eq(gi_row_write(&b, (gale_row){ &c, 1 }, true, 100, NULL),
                 GALE_OK);
    cr_assert_eq(b.len, 2 * n);
    cr_assert_eq(memcmp(b.at, b.at + n, n), 0);
}

Test(codec, a_row_of_none_is_no_bytes_somewhere)
{
    cr_assert_eq(gi_row_write(&b, (gale_row){ NULL, 0 }, true, 100, NULL),
                 GALE_OK);
    cr_assert_eq(b.len, 0);
    cr_assert_not_null(b.at);
    cr_assert_eq(gi_row_read(&v, (gale_str){ b.at, 0 }), GALE_OK);
    cr_assert_eq(v.len, 0);
    cr_assert_not_null(v.at);
}

Test(codec, what_is_no_row_is_refused_with_words)
{
    gale_value bad[] = { { 0, 0, { false } },
                         { 9, 0, { false } },
                         gale_val_list("\x92\x01", 2),
                         gale_val_cstr("0123456789") };
    const char *words[] = { "does not exist", "does not exist",
                            "no sound list", "more than 10 bytes" };

    for (int i = 0; i < 4; i++) {
        gale_diag why = { "" };

        cr_expect_eq(
            gi_row_write(&b, (gale_row){ &bad[i], 1 }, false, 10, &why),
            GALE_EINVAL);
        cr_expect(strstr(why.text, words[i]) != NULL, "%s", why.text);
        cr_expect_eq(b.len, 0);
    }
}

Test(codec, other_forms_of_a_value_are_refused)
{
    static const struct {
        const char *bytes;
        uint32_t len;
    } others[] = {
        { "\xcc\x05", 2 },     /* 5, in two bytes */
        { "\xd1\x03\xe8", 3 }, /* 1000, signed */
        { "\xca\0\0\0\0", 5 }, /* a single float */
        { "\xd9\x01x", 3 },    /* a short text with a long head */
        { "\xc5\0\x01x", 4 },  /* bytes likewise */
        { "\xc1", 1 },         /* never used */
        { "\xd4\x01x", 3 },    /* an extension */
        { "\xcf\xff\xff\xff\xff\xff\xff\xff\xff", 9 },
        { "\xa2x", 2 }, /* cut short */
        { "\x92\x01", 2 },
    };

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        gale_str s = { others[i].bytes, others[i].len };

        cr_expect_eq(gi_row_read(&v, s), GALE_EFORMAT, "the %zu-th", i);
        cr_expect_eq(v.len, 0);
    }
}
