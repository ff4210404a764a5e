#include <criterion/criterion.h>

#include "base/conf.h"
#include "base/mem.h"

static gi_conf *read_yaml(const char *text)
{
    gi_report r = { 0 };
    gi_conf *c = NULL;

    cr_assert_eq(gi_conf_create(&c, NULL), GALE_OK);
    cr_assert_eq(gi_conf_parse_yaml(c, "f", text, strlen(text), &r), GALE_OK);
    return c;
}

static void expect_text(const gi_conf *c, const char *key, const char *is)
{
    char *text = NULL;

    cr_assert_eq(gi_conf_text(c, key, &text), GALE_OK);
    if (is == NULL)
        cr_expect_null(text, "%s is '%s'", key, text);
    else
        cr_expect_str_eq(text, is);
    gi_free(text);
}

Test(conf_list, a_value_is_its_text)
{
    gi_conf *c = read_yaml("a: x\nb: ''\nc: '[2]'\nd: '[x]'\n");

    expect_text(c, "a", "x");
    expect_text(c, "b", "");
    expect_text(c, "c", "[2]");
    expect_text(c, "d", "[x]");
    expect_text(c, "e", NULL);
    gi_conf_destroy(c);
}

Test(conf_list, the_elements_of_a_list_are_a_line_each)
{
    gi_conf *c = read_yaml("a: [x, 'y z', ~, 3]\nb: []\nc: [k: v, w]\n");
    size_t n = 77;

    expect_text(c, "a", "x\ny z\n\n3");
    expect_text(c, "b", "");
    expect_text(c, "c", "\nw");
    cr_expect(gi_conf_is_list(c, "a", &n));
    cr_expect_eq(n, 4);
    cr_expect(gi_conf_is_list(c, "b", &n));
    cr_expect_eq(n, 0);
    cr_expect(gi_conf_is_list(c, "c", NULL));
    cr_expect_not(gi_conf_is_list(c, "a.0", &n));
    cr_expect_not(gi_conf_is_list(c, "e", &n));
    gi_conf_destroy(c);
}

Test(conf_list, a_shorter_list_above_a_longer_one_counts)
{
    gi_conf *below = read_yaml("a: [x, y, z]\n"), *c = NULL;

    cr_assert_eq(gi_conf_create(&c, below), GALE_OK);
    expect_text(c, "a", "x\ny\nz");
    cr_assert_eq(gi_conf_set(c, "a", "[1]", "f"), GALE_OK);
    cr_assert_eq(gi_conf_set(c, "a.0", "w", "f"), GALE_OK);
    expect_text(c, "a", "w");
    cr_assert_eq(gi_conf_set(c, "a", "one", "f"), GALE_OK);
    expect_text(c, "a", "one");
    gi_conf_destroy(c);
    gi_conf_destroy(below);
}

Test(conf_list, without_memory_there_is_no_text)
{
    gi_conf *c = read_yaml("a: [x, y]\n");
    char *text = NULL;

    gi_mem_fail_after(0, 1);
    gale_err rv = gi_conf_text(c, "a", &text);
    gi_mem_fail_after(0, 0);
    cr_expect_eq(rv, GALE_ENOMEM);
    cr_expect_null(text);
    gi_conf_destroy(c);
}
