#include <criterion/criterion.h>

#include "base/conf.h"
#include "base/mem.h"

#include <stdio.h>

static gi_conf *conf_over(const gi_conf *parent)
{
    gi_conf *c = NULL;

    cr_assert_eq(gi_conf_create(&c, parent), GALE_OK);
    return c;
}

static void set(gi_conf *c, const char *key, const char *value)
{
    cr_assert_eq(gi_conf_set(c, key, value, "here"), GALE_OK);
}

Test(conf, what_it_does_not_say_its_parent_does)
{
    gi_conf *low = conf_over(NULL), *mid = conf_over(low),
            *top = conf_over(mid);

    set(low, "a", "low");
    set(low, "b", "low");
    cr_assert_eq(gi_conf_set(mid, "b", "mid", "the middle"), GALE_OK);
    cr_assert_str_eq(gi_conf_get(top, "a"), "low");
    cr_assert_str_eq(gi_conf_get(top, "b"), "mid");
    cr_assert_str_eq(gi_conf_from(top, "b"), "the middle");
    cr_assert_null(gi_conf_get(top, "c"));
    cr_assert_null(gi_conf_from(top, "c"));
    cr_assert_str_eq(gi_conf_get(low, "b"), "low");
    cr_assert_null(gi_conf_key_at(top, 0));
    gi_conf_destroy(top);
    gi_conf_destroy(mid);
    gi_conf_destroy(low);
    gi_conf_destroy(NULL);
}

Test(conf, a_later_set_wins_and_keeps_its_place)
{
    gi_conf *c = conf_over(NULL);

    set(c, "first", "1");
    set(c, "second", "2");
    set(c, "first", "3");
    cr_assert_str_eq(gi_conf_get(c, "first"), "3");
    cr_assert_str_eq(gi_conf_key_at(c, 0), "first");
    cr_assert_str_eq(gi_conf_key_at(c, 1), "second");
    cr_assert_null(gi_conf_key_at(c, 2));
    gi_conf_destroy(c);
}

Test(conf, a_value_may_be_set_from_itself)
{
    gi_conf *c = conf_over(NULL);

    set(c, "key", "value");
    set(c, gi_conf_key_at(c, 0), gi_conf_get(c, "key"));
    cr_assert_str_eq(gi_conf_get(c, "key"), "value");
    gi_conf_destroy(c);
}

Test(conf, thousands_of_keys_are_all_found_in_order)
{
    gi_conf *c = conf_over(NULL);
    char key[32], value[32];

    for (int i = 0; i < 5000; i++) {
        snprintf(key, sizeof(key), "user.%d", i * 7919);
        snprintf(value, sizeof(value), "%d", i);
        set(c, key, value);
    }
    for (int i = 0; i < 5000; i++) {
        int64_t v = -1;
        snprintf(key, sizeof(key), "user.%d", i * 7919);
        cr_assert(gi_conf_i64(c, key, &v));
        cr_assert_eq(v, i);
        cr_assert_str_eq(gi_conf_key_at(c, (size_t)i), key);
    }
    gi_conf_destroy(c);
}

Test(conf, typed_reading_leaves_what_is_not_of_the_kind)
{
    gi_conf *c = conf_over(NULL);
    int64_t i = 5;
    double f = 5;
    bool b = true;

    set(c, "text", "many");
    set(c, "unset", "");
    cr_assert_not(gi_conf_i64(c, "text", &i));
    cr_assert_not(gi_conf_i64(c, "unset", &i));
    cr_assert_not(gi_conf_i64(c, "absent", &i));
    cr_assert_not(gi_conf_f64(c, "text", &f));
    cr_assert_not(gi_conf_f64(c, "absent", &f));
    cr_assert_not(gi_conf_bool(c, "text", &b));
    cr_assert_not(gi_conf_bool(c, "absent", &b));
    cr_assert(i == 5 && f == 5 && b);

    set(c, "text", "0.25");
    cr_assert(gi_conf_f64(c, "text", &f) && f == 0.25);
    set(c, "text", "off");
    cr_assert(gi_conf_bool(c, "text", &b) && !b);
    gi_conf_destroy(c);
}

Test(conf, a_pair_is_split_at_its_first_equals_sign)
{
    gi_conf *c = conf_over(NULL);
    gi_report r = { 0 };

    cr_assert_eq(gi_conf_set_pair(c, "url=a=b", "command line", &r), GALE_OK);
    cr_assert_str_eq(gi_conf_get(c, "url"), "a=b");
    cr_assert_eq(gi_conf_set_pair(c, "empty=", "command line", &r), GALE_OK);
    cr_assert_str_eq(gi_conf_get(c, "empty"), "");
    cr_assert(gi_report_empty(&r));
    gi_conf_destroy(c);
}

Test(conf, what_is_no_pair_is_refused_in_words)
{
    gi_conf *c = conf_over(NULL);
    gi_report r = { 0 };

    cr_assert_eq(gi_conf_set_pair(c, "debug", "command line", &r), GALE_ECONF);
    cr_assert_eq(gi_conf_set_pair(c, "=5", "command line", &r), GALE_ECONF);
    cr_assert_eq(gi_conf_set_pair(c, "", "command line", &r), GALE_ECONF);
    cr_assert_eq(r.n, 3);
    cr_assert_str_eq(r.lines[0],
                     "'debug' (command line) is not of the form key=value");
    cr_assert_null(gi_conf_key_at(c, 0));
    gi_report_fini(&r);
    gi_conf_destroy(c);
}

static gale_err fill(gi_conf **out)
{
    gi_report r = { 0 };
    gi_conf *c = NULL;
    gale_err rv = gi_conf_create(&c, NULL);

    for (int i = 0; rv == GALE_OK && i < 40; i++) {
        char pair[32];
        snprintf(pair, sizeof(pair), "key.%d=%d", i % 20, i);
        rv = gi_conf_set_pair(c, pair, "loop", &r);
    }
    *out = c;
    return rv;
}

Test(conf, whatever_allocation_fails_what_was_set_stands)
{
    gale_err rv = GALE_ENOMEM;
    uint64_t n;

    for (n = 0; rv != GALE_OK; n++) {
        gi_conf *c = NULL;
        gi_mem_fail_after(n, 1);
        rv = fill(&c);
        gi_mem_fail_after(0, 0);
        cr_assert(rv == GALE_OK || rv == GALE_ENOMEM);
        if (c != NULL) {
            size_t keys = 0;
            while (gi_conf_key_at(c, keys) != NULL)
                cr_assert_not_null(gi_conf_get(c, gi_conf_key_at(c, keys++)));
            set(c, "key.3", "afterwards");
            cr_assert_str_eq(gi_conf_get(c, "key.3"), "afterwards");
        }
        gi_conf_destroy(c);
    }
    cr_assert_gt(n, 100);
}
