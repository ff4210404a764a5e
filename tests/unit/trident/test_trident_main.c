/* gale_trident_main, as a person sees it. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>

#include "gale/run.h"
#include "programs.h"
#include "topology/plan.h"

static void good(gale_trident *t)
{
    gale_batches *s = gale_new_stream(t, "lines", &lines_spout);

    gale_trident_about(t, "Counts lines.", NULL);
    gale_persistent_aggregate(gale_group_by(s, GALE_NAMES("line")), "counts",
                              GALE_FOLD(GALE_COUNT("n")), NULL);
}

static void bad(gale_trident *t)
{
    gale_batches *s = gale_new_stream(t, "lines", &lines_spout);

    gale_project(s, GALE_NAMES("lin"));
    gale_where(s, NULL, NULL);
}

static int run(const char *word, void (*define)(gale_trident *t))
{
    char *argv[] = { (char *)(uintptr_t) "./dir/prog", (char *)(uintptr_t)word,
                     NULL };

    return gale_trident_main(2, argv, "lines", define);
}

Test(main, mistakes_are_said_one_a_line, .init = cr_redirect_stderr)
{
    cr_expect_eq(run("validate", bad), 2);
    fflush(stderr);
    cr_expect_stderr_eq_str(
        "prog: step 2, gale_project of 'lin' behind 'lines': 'lin' is not a "
        "field of what it reads (did you mean 'line'? it has 'line', 'at')\n"
        "prog: step 3, gale_where behind 'lines': it has no filter\n");
}

Test(main, validate_knows_the_topology, .init = cr_redirect_stdout)
{
    cr_expect_eq(run("validate", good), 0);
    fflush(stdout);
    cr_expect_stdout_eq_str("lines is valid: 3 components, 3 tasks\n");
}

Test(main, describe_tells_of_both, .init = cr_redirect_stdout)
{
    static const char first[] =
        "lines: 2 components, led by 'lines-batches'\n"
        "\n"
        "lines: 1 task\n"
        "   1  source 'lines', transactional: line str, at i64\n"
        "   2  fold by line, as far as rows are here: line str, n i64\n"
        "   3  send to 'counts' by line\n"
        "\n"
        "counts: 1 task, commits\n"
        "   1  rows of 'lines': line str, n i64\n"
        "   2  keep 'counts' by line, of what was folded there: line str, n "
        "i64\n"
        "\n"
        "states\n"
        "  counts, opaque, in 'counts' (embedded): exactly once\n"
        "\n"
        "topology lines: 3 components, 3 tasks\n"
        "  Counts lines. Works in batches. Exactly once: counts.\n";
    char text[4096];
    size_t n;

    cr_expect_eq(run("describe", good), 0);
    fflush(stdout);
    n = fread(text, 1, sizeof(text) - 1, cr_get_redirected_stdout());
    text[n] = '\0';
    cr_expect_eq(strncmp(text, first, strlen(first)), 0, "%s", text);
}

Test(main, the_topology_is_one_that_runs)
{
    gale_trident *t = begin();
    const gale_topology *topology, *again;
    gale_diag why;

    good(t);
    cr_assert_eq(gale_trident_build(t, &topology, &why), GALE_OK, "%s",
                 why.text);
    cr_expect_eq(gale_validate(topology, NULL, &why), GALE_OK, "%s", why.text);
    cr_expect_str_eq(topology->about,
                     "Counts lines. Works in batches. Exactly once: counts.");
    cr_expect_eq(gale_trident_build(t, &again, NULL), GALE_OK);
    cr_expect_eq(again, topology);
    gale_trident_destroy(t);
}

static uint32_t longest_nap(const gale_topology *t, const gi_conf *over)
{
    gi_plan *plan = NULL;
    gi_report r;
    uint32_t ms = 0;

    gi_report_init(&r);
    if (gi_plan_create(&plan, t, over, &r) == GALE_OK)
        ms = plan->set.idle_longest_ms;
    gi_plan_destroy(plan);
    gi_report_fini(&r);
    return ms;
}

/* A lone tuple shall count within 10 ms. */
Test(main, a_source_naps_for_5_ms_at_most_unless_told_otherwise)
{
    gale_trident *t = begin();
    const gale_topology *topology;
    gi_conf *over = NULL;

    good(t);
    cr_assert_eq(gale_trident_build(t, &topology, NULL), GALE_OK);
    cr_expect_eq(longest_nap(topology, NULL), 5);
    cr_assert_eq(gi_conf_create(&over, NULL), GALE_OK);
    cr_assert_eq(
        gi_conf_set(over, "topology.spout.wait.longest.millis", "20", "here"),
        GALE_OK);
    cr_expect_eq(longest_nap(topology, over), 20);
    gi_conf_destroy(over);
    gale_trident_destroy(t);
}
