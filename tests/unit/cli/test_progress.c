#include <criterion/criterion.h>

#include <unistd.h>

#include "cli/progress.h"

static const int64_t second = 1000000000;

Test(pace, the_rate_is_that_of_the_last_second)
{
    gi_pace p = { .at_ns = 5 * second };

    gi_pace_note(&p, 5 * second + 1, 100);
    cr_expect_eq(p.rate, 0);
    gi_pace_note(&p, 6 * second, 1000);
    cr_expect_eq(p.rate, 1000);
    gi_pace_note(&p, 6 * second + second / 2, 9000);
    cr_expect_eq(p.rate, 1000);
    gi_pace_note(&p, 8 * second, 3000);
    cr_expect_eq(p.rate, 1000);
    gi_pace_note(&p, 9 * second, 3000);
    cr_expect_eq(p.rate, 0);
}

Test(progress, the_line_tells_how_it_goes)
{
    char to[GI_PROGRESS_TEXT];
    gale_run_result r = { .acked = 1234567, .pending = 312, .p99_us = 1234 };

    gi_progress_text(to, &r, 12400000000, 45210, true, false);
    cr_expect_str_eq(to, "  12.4 s  1,234,567 acked  45,210/s  312 in flight  "
                         "0 failed  p99 1.2 ms");
    cr_expect_leq(strlen(to), 80);
    gi_progress_text(to, &r, 12400000000, 45210, true, true);
    cr_expect_eq(strncmp(to, "  draining  12.4 s  ", 20), 0);
}

Test(progress, without_ackers_it_counts_what_was_executed)
{
    char to[GI_PROGRESS_TEXT];
    gale_run_result r = { .acked = 1, .executed = 5000 };

    gi_progress_text(to, &r, 1000000000, 7, false, false);
    cr_expect_str_eq(to, "  1.0 s  5,000 executed  7/s");
}

Test(progress, the_largest_numbers_fit_the_buffer)
{
    char to[GI_PROGRESS_TEXT];
    gale_run_result r;

    memset(&r, 0xff, sizeof(r));
    gi_progress_text(to, &r, UINT64_MAX, UINT64_MAX, true, true);
    cr_expect_not_null(strstr(to, "  p99 5124095576 h 01 min"), "%s", to);
}

Test(progress, a_simulation_tells_its_own_time_first)
{
    gi_screen screen;
    gale_run_result r = { .acked = 5 };
    int ends[2];
    char said[256] = "";
    gi_progress p;

    cr_assert_eq(pipe(ends), 0);
    int before = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    gi_screen_init(&screen, "t", GI_CHOOSE_NEVER);
    gi_progress_start(&p, &screen, GI_CHOOSE_ALWAYS, true, 0);
    p.virtual_ns = 7320 * second;
    gi_progress_show(&p, 10 * second, &r, false);
    gi_screen_fini(&screen);
    dup2(before, STDERR_FILENO);
    cr_assert_gt(read(ends[0], said, sizeof(said) - 1), 0);
    cr_expect_eq(
        strncmp(said, "  virtual 2 h 02 min in  10.0 s  5 acked  ", 42), 0,
        "%s", said);
    cr_expect_eq(said[strlen(said) - 1], '\n');
}

Test(progress, nothing_is_due_in_the_first_second_nor_when_not_wanted)
{
    gi_screen live = { .tty = true }, dumb = { .tty = false };
    gi_progress p;

    gi_progress_start(&p, &live, GI_CHOOSE_AUTO, true, 0);
    cr_expect_not(gi_progress_due(&p, second - 1));
    cr_expect(gi_progress_due(&p, second));
    gi_progress_start(&p, &live, GI_CHOOSE_NEVER, true, 0);
    cr_expect_not(gi_progress_due(&p, 100 * second));
    gi_progress_start(&p, &dumb, GI_CHOOSE_AUTO, true, 0);
    cr_expect_not(gi_progress_due(&p, 100 * second));
    gi_progress_start(&p, &dumb, GI_CHOOSE_ALWAYS, true, 0);
    cr_expect_not(gi_progress_due(&p, 10 * second - 1));
    cr_expect(gi_progress_due(&p, 10 * second));
}
