/* gale_validate: all that is wrong, in one text, without running. */
#include <criterion/criterion.h>

#include "gale/run.h"
#include "plans.h"

static const gale_spout lines_spout = {
    .output = GALE_FIELDS(GALE_STR("line")),
    .next = give_up,
};
static const gale_bolt sink_bolt = { .execute = ack_all };

static const gale_topology good =
    TABLE({ .id = "lines", .spout = &lines_spout });
static const gale_topology bad =
    TABLE({ .id = "lines", .spout = &lines_spout },
          { .id = "sink",
            .bolt = &sink_bolt,
            .inputs = GALE_INPUTS(GALE_SHUFFLE("linse")) });

static const gale_setting fine[] = { { "topology.debug", "true" }, { 0 } };
static const gale_setting wrong[] = {
    { "topology.debug", "maybe" },
    { "mine", NULL },
    { 0 },
};

Test(validate, a_good_table_is_good_and_nothing_is_said)
{
    gale_diag why = { "x" };

    cr_expect_eq(gale_validate(&good, NULL, &why), GALE_OK);
    cr_expect_str_eq(why.text, "");
    cr_expect_eq(gale_validate(&good, fine, &why), GALE_OK);
    cr_expect_str_eq(why.text, "");
}

Test(validate, mistakes_in_settings_and_in_the_table_are_named_together)
{
    gale_diag why;

    cr_expect_eq(gale_validate(&bad, wrong, &why), GALE_EPLAN);
    cr_expect_str_eq(
        why.text,
        "the call gives 'mine' no value\n"
        "bolt 'sink' reads from 'linse', which is not a component (did you "
        "mean 'lines'?)\n"
        "setting 'topology.debug' = 'maybe' (the call): neither "
        "true nor false");
}

Test(validate, mistakes_in_settings_alone_are_mistakes_in_settings)
{
    const gale_setting unset[] = { { "mine", NULL }, { 0 } };
    gale_diag why;

    cr_expect_eq(gale_validate(&good, wrong, NULL), GALE_ECONF);
    cr_expect_eq(gale_validate(&good, unset, &why), GALE_ECONF);
    cr_expect_str_eq(why.text, "the call gives 'mine' no value");
}

Test(validate, settings_of_a_program_without_an_abi_are_not_walked)
{
    const gale_topology none = { .name = "t" };
    gale_diag why;

    cr_expect_eq(gale_validate(&none, wrong, &why), GALE_EPLAN);
    cr_expect_str_eq(why.text, "the topology does not say what it was "
                               "compiled with (write .abi = GALE_ABI)");
    cr_expect_eq(gale_validate(NULL, wrong, &why), GALE_EPLAN);
}

Test(validate, wherever_memory_ends_it_says_so_or_what_it_found)
{
    uint64_t asked = 1;

    for (uint64_t n = 0; n <= asked; n++) {
        gale_diag why;
        uint64_t before = gi_mem_asked();

        gi_mem_fail_after(n, UINT64_MAX);
        gale_err rv = gale_validate(&bad, wrong, &why);
        gi_mem_fail_after(0, 0);
        asked = gi_mem_asked() - before;
        cr_assert(rv == GALE_ENOMEM || rv == GALE_EPLAN);
        cr_assert_neq(why.text[0], '\0');
        if (rv == GALE_ENOMEM)
            cr_assert_str_eq(why.text, "out of memory");
    }
}
