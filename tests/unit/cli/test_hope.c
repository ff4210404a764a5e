#include "cli/hope.h"

#include <criterion/criterion.h>
#include <string.h>

#define SECOND INT64_C(1000000000)

static gi_plan plan = { .set = { .ackers = 1, .timeout_ms = 10000 } };
static gi_fault_plan faults = { .n = 1, .until_ns = INT64_MAX };
static char text[256];

/* Was that said when it was due? */
static bool lost(gi_hope *h, uint64_t acked, uint64_t failed, int64_t at_s)
{
    gale_run_result r = { .acked = acked, .failed = failed };

    return gi_hope_due(h, at_s * SECOND) &&
           gi_hope_lost(h, &r, at_s * SECOND, text, sizeof(text));
}

Test(hope, it_is_told_once_that_nothing_was_acked_in_three_timeouts)
{
    gi_hope h;

    gi_hope_begin(&h, &plan, &faults, 5 * SECOND);
    cr_expect_not(lost(&h, 0, 7, 34));
    cr_expect(lost(&h, 0, 7, 35));
    cr_expect_not_null(strstr(text, "nothing was acked for 30.0 s, and 7 "
                                    "trees failed"),
                       "%s", text);
    cr_expect_not_null(strstr(text, "until=TIME"), "%s", text);
    cr_expect_not(lost(&h, 0, 70, 350));
}

Test(hope, what_was_acked_or_failed_before_does_not_count)
{
    gi_hope h;

    gi_hope_begin(&h, &plan, &faults, 0);
    cr_expect_not(lost(&h, 1, 9, 30)); /* it goes on */
    cr_expect_not(lost(&h, 1, 9, 60)); /* nothing happens at all */
    cr_expect(lost(&h, 1, 10, 90));
    cr_expect_not_null(strstr(text, "and 1 tree failed"), "%s", text);
}

Test(hope, where_faults_end_and_where_there_are_none_it_is_not_looked)
{
    gi_fault_plan ends = faults, none = { .until_ns = INT64_MAX };
    gi_plan untracked = plan;
    gi_hope h;

    ends.until_ns = 60 * SECOND;
    untracked.set.ackers = 0;
    gi_hope_begin(&h, &plan, &ends, 0);
    cr_expect_not(lost(&h, 0, 9, 900));
    gi_hope_begin(&h, &plan, &none, 0);
    cr_expect_not(lost(&h, 0, 9, 900));
    gi_hope_begin(&h, &plan, NULL, 0);
    cr_expect_not(lost(&h, 0, 9, 900));
    gi_hope_begin(&h, &untracked, &faults, 0);
    cr_expect_not(lost(&h, 0, 9, 900));
}
