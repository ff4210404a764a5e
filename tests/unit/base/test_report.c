#include <criterion/criterion.h>

#include "base/mem.h"
#include "base/report.h"

#include <stdio.h>

Test(report, is_empty_until_something_is_wrong)
{
    gi_report r;

    gi_report_init(&r);
    cr_assert(gi_report_empty(&r));
    gi_report_add(&r, "bolt '%s'", "count");
    cr_assert_not(gi_report_empty(&r));
    gi_report_fini(&r);
}

Test(report, a_diag_has_a_line_a_mistake)
{
    gi_report r = { 0 };
    gale_diag why;

    gi_report_add(&r, "first");
    gi_report_add(&r, "second %d", 2);
    gi_report_to_diag(&r, &why);
    cr_assert_str_eq(why.text, "first\nsecond 2");
    gi_report_to_diag(&r, NULL);
    gi_report_fini(&r);
}

Test(report, an_empty_one_clears_the_diag)
{
    gi_report r = { 0 };
    gale_diag why = { "left over" };

    gi_report_to_diag(&r, &why);
    cr_assert_str_eq(why.text, "");
}

/* All lengths, so that every edge of the buffer is met. */
Test(report, what_does_not_fit_is_counted)
{
    for (int len = 1; len < 300; len++) {
        gi_report r = { 0 };
        gale_diag why;
        for (int i = 0; i < 100; i++)
            gi_report_add(&r, "%0*d", len, i);
        gi_report_to_diag(&r, &why);

        size_t lines = 1, used = strlen(why.text), left = 0;
        for (size_t i = 0; i < used; i++)
            lines += why.text[i] == '\n';
        const char *tail = strstr(why.text, "\n(and ");
        if (tail != NULL) {
            cr_assert_eq(sscanf(tail, "\n(and %zu more)", &left), 1);
            lines--;
        }
        cr_assert_eq(lines + left, 100, "%d", len);
        cr_assert_lt(used, sizeof(why.text));
        gi_report_fini(&r);
    }
}

Test(report, a_line_too_long_is_cut_between_letters)
{
    for (int shift = 0; shift < 4; shift++) {
        gi_report r = { 0 };
        gale_diag why;
        char line[4096] = { 0 };
        memset(line, 'x', (size_t)shift);
        for (size_t i = (size_t)shift; i + 4 < sizeof(line); i += 3)
            memcpy(line + i, "\xe2\x82\xac", 3);
        gi_report_add(&r, "%s", line);
        gi_report_to_diag(&r, &why);
        size_t n = strlen(why.text);
        cr_assert_gt(n, 2000);
        cr_assert_eq((n - (size_t)shift) % 3, 0);
        gi_report_fini(&r);
    }
}

Test(report, a_mistake_stays_one_line_and_moves_no_cursor)
{
    gi_report r = { 0 };

    gi_report_add(&r, "'%s'", "a\nb\033[2Jc\x7f");
    cr_assert_str_eq(r.lines[0], "'a?b?[2Jc?'");
    gi_report_fini(&r);
}

Test(report, without_memory_a_mistake_is_still_counted)
{
    for (uint64_t n = 0; n < 6; n++) {
        gi_report r = { 0 };
        gale_diag why;
        gi_mem_fail_after(n, 1);
        for (int i = 0; i < 3; i++)
            gi_report_add(&r, "line %d", i);
        gi_mem_fail_after(0, 0);
        cr_assert_eq(r.n + r.dropped, 3);
        cr_assert_eq(r.dropped, n < 4 ? 1 : 0);
        gi_report_to_diag(&r, &why);
        cr_assert_eq(strstr(why.text, "(and 1 more)") != NULL, n < 4);
        gi_report_fini(&r);
    }
}

Test(report, with_no_memory_at_all_it_says_so)
{
    gi_report r = { 0 };
    gale_diag why;

    gi_mem_fail_after(0, UINT64_MAX);
    gi_report_add(&r, "lost");
    gi_mem_fail_after(0, 0);
    cr_assert_not(gi_report_empty(&r));
    gi_report_to_diag(&r, &why);
    cr_assert_str_eq(why.text, "out of memory");
    gi_report_fini(&r);
    gi_report_fini(NULL);
}
