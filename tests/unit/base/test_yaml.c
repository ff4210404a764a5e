#include <criterion/criterion.h>

#include "base/conf.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static gi_conf *c;
static gi_report r;

static void setup(void)
{
    cr_assert_eq(gi_conf_create(&c, NULL), GALE_OK);
}

static void teardown(void)
{
    gi_conf_destroy(c);
    gi_report_fini(&r);
}

TestSuite(yaml, .init = setup, .fini = teardown);

static gale_err parse(const char *text)
{
    return gi_conf_parse_yaml(c, "storm.yaml", text, strlen(text), &r);
}

static void assert_refused(const char *text, const char *mistake)
{
    cr_assert_eq(parse(text), GALE_ECONF, "%s", text);
    cr_assert_geq(r.n, 1);
    cr_assert_str_eq(r.lines[0], mistake);
    cr_assert_null(gi_conf_key_at(c, 0));
    gi_report_fini(&r);
}

Test(yaml, nested_maps_become_dotted_keys)
{
    cr_assert_eq(parse("topology:\n"
                       "  workers: 2\n"
                       "  max: {spout: {pending: 100}}\n"
                       "topology.debug: true\n"
                       "user: 'two words'\n"),
                 GALE_OK);
    cr_assert_str_eq(gi_conf_get(c, "topology.workers"), "2");
    cr_assert_str_eq(gi_conf_get(c, "topology.max.spout.pending"), "100");
    cr_assert_str_eq(gi_conf_get(c, "topology.debug"), "true");
    cr_assert_str_eq(gi_conf_get(c, "user"), "two words");
    cr_assert_str_eq(gi_conf_from(c, "topology.workers"), "storm.yaml:2:3");
    cr_assert_null(gi_conf_get(c, "topology"));
}

Test(yaml, lists_are_numbered_and_counted)
{
    cr_assert_eq(parse("seeds: [one, two]\n"
                       "none: []\n"
                       "deep:\n  - - a\n  - {b: c}\n"),
                 GALE_OK);
    cr_assert_str_eq(gi_conf_get(c, "seeds"), "[2]");
    cr_assert_str_eq(gi_conf_get(c, "seeds.0"), "one");
    cr_assert_str_eq(gi_conf_get(c, "seeds.1"), "two");
    cr_assert_str_eq(gi_conf_get(c, "none"), "[0]");
    cr_assert_str_eq(gi_conf_get(c, "deep.0"), "[1]");
    cr_assert_str_eq(gi_conf_get(c, "deep.0.0"), "a");
    cr_assert_str_eq(gi_conf_get(c, "deep.1.b"), "c");
    cr_assert_str_eq(gi_conf_key_at(c, 0), "seeds");
}

Test(yaml, null_is_empty_and_quoted_null_is_not)
{
    cr_assert_eq(parse("a: null\nb: ~\nc:\nd: 'null'\ne: ''\n"), GALE_OK);
    cr_assert_str_eq(gi_conf_get(c, "a"), "");
    cr_assert_str_eq(gi_conf_get(c, "b"), "");
    cr_assert_str_eq(gi_conf_get(c, "c"), "");
    cr_assert_str_eq(gi_conf_get(c, "d"), "null");
    cr_assert_str_eq(gi_conf_get(c, "e"), "");
}

Test(yaml, a_file_of_nothing_sets_nothing)
{
    cr_assert_eq(parse(""), GALE_OK);
    cr_assert_eq(parse("# only a comment\n"), GALE_OK);
    cr_assert_eq(parse("---\n"), GALE_OK);
    cr_assert_eq(parse("{}"), GALE_OK);
    cr_assert_null(gi_conf_key_at(c, 0));
    cr_assert(gi_report_empty(&r));
}

Test(yaml, a_key_given_twice_is_a_mistake_in_any_spelling)
{
    assert_refused("a: 1\na: 2\n", "storm.yaml:2:1: the key 'a' was there "
                                   "before, at storm.yaml:1:1");
    assert_refused("a: {b: 1}\na.b: 2\n",
                   "storm.yaml:2:1: the key 'a.b' was there before, at "
                   "storm.yaml:1:5");
    assert_refused("a: {b: 1}\na: {c: 2}\n",
                   "storm.yaml:2:1: the key 'a' was there before, at "
                   "storm.yaml:1:1");
    assert_refused("a: [x]\na.0: y\n",
                   "storm.yaml:2:1: the key 'a.0' was there before, at "
                   "storm.yaml:1:5");
}

Test(yaml, what_it_does_not_understand_it_names)
{
    assert_refused("a: &x 1\nb: *x\n",
                   "storm.yaml:2:4: an alias is not understood; write the "
                   "value out");
    assert_refused("- a\n- b\n",
                   "storm.yaml:1:1: settings are written as 'key: value'");
    assert_refused("just text",
                   "storm.yaml:1:1: settings are written as 'key: value'");
    assert_refused("? [a, b]\n: c\n", "storm.yaml:1:3: a key must be a word");
    assert_refused("'': c\n", "storm.yaml:1:1: a key must be a word");
    assert_refused("a: 1\n---\nb: 2\n", "storm.yaml:2:1: a second document");
    assert_refused("a: \"x\\0y\"\n", "storm.yaml:1:4: a NUL byte in the text");
}

Test(yaml, broken_syntax_is_told_with_its_place)
{
    assert_refused("a: [1, 2\n", "storm.yaml:2:1: did not find expected ',' "
                                 "or ']'");
    cr_assert_eq(parse("a: \xff\n"), GALE_ECONF);
    cr_assert_eq(r.n, 1);
    cr_assert_not_null(strstr(r.lines[0], "at byte 3"), "%s", r.lines[0]);
}

Test(yaml, sixteen_levels_are_enough)
{
    char text[256] = "", deep[] = "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a";

    for (int i = 0; i < 16; i++)
        strcat(text, "{a: ");
    strcat(text, "x");
    for (int i = 0; i < 16; i++)
        strcat(text, "}");
    cr_assert_eq(parse(text), GALE_OK);
    cr_assert_str_eq(gi_conf_get(c, deep), "x");

    char deeper[300];
    snprintf(deeper, sizeof(deeper), "{b: %s}", text);
    cr_assert_eq(parse(deeper), GALE_ECONF);
    cr_assert_str_eq(r.lines[0], "storm.yaml:1:65: nested too deeply");
}

Test(yaml, a_key_has_255_bytes_at_most)
{
    char text[300];

    memset(text, 'k', 255);
    strcpy(text + 255, ": v\n");
    cr_assert_eq(parse(text), GALE_OK);
    cr_assert_not_null(gi_conf_key_at(c, 0));
    cr_assert_eq(strlen(gi_conf_key_at(c, 0)), 255);
    memset(text, 'k', 256);
    strcpy(text + 256, ": v\n");
    cr_assert_eq(parse(text), GALE_ECONF);
    cr_assert_str_eq(r.lines[0], "storm.yaml:1:1: a key is too long");
}

Test(yaml, several_mistakes_are_told_at_once)
{
    cr_assert_eq(parse("a: 1\na: 2\nb: *x\nc: 3\nc: 4\n"), GALE_ECONF);
    cr_assert_eq(r.n, 3);
}

Test(yaml, over_what_was_set_before_it_wins)
{
    cr_assert_eq(gi_conf_set(c, "a", "before", "x"), GALE_OK);
    cr_assert_eq(parse("a: after\n"), GALE_OK);
    cr_assert_str_eq(gi_conf_get(c, "a"), "after");
}

Test(yaml, a_file_is_read_by_name)
{
    char path[] = "gale_test_yaml_XXXXXX";
    int fd = mkstemp(path);
    const char *text = "topology.workers: 3\n";

    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    gale_err rv = gi_conf_load_yaml(c, path, &r);
    unlink(path);
    cr_assert_eq(rv, GALE_OK);
    cr_assert_str_eq(gi_conf_get(c, "topology.workers"), "3");
}

Test(yaml, a_file_that_cannot_be_read_says_why)
{
    cr_assert_eq(gi_conf_load_yaml(c, "no/such.yaml", &r), GALE_EIO);
    cr_assert_str_eq(r.lines[0], "cannot read 'no/such.yaml': No such file "
                                 "or directory");
    cr_assert_eq(gi_conf_load_yaml(c, "/", &r), GALE_EIO);
    cr_assert_str_eq(r.lines[1], "cannot read '/': Is a directory");
    cr_assert_eq(gi_conf_load_yaml(c, "/dev/zero", &r), GALE_EIO);
    cr_assert_str_eq(r.lines[2], "cannot read '/dev/zero': File too large");
}

Test(yaml, whatever_allocation_fails_it_ends_in_enomem)
{
    gale_err rv = GALE_ENOMEM;

    for (uint64_t n = 0; rv != GALE_OK; n++) {
        gi_mem_fail_after(n, 1);
        rv = parse("a: {b: [1, 2], c: x}\nd: e\n");
        gi_mem_fail_after(0, 0);
        cr_assert(rv == GALE_OK || rv == GALE_ENOMEM);
        cr_assert_lt(n, 1000);
    }
    cr_assert_str_eq(gi_conf_get(c, "a.b.1"), "2");
}
