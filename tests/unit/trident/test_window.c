/* Which windows there are, which a row is in, and when they close: against
 * what a person would count on his fingers. */
#include <criterion/criterion.h>

#include "base/mix.h"
#include "trident/batch_time.h"
#include "trident/window.h"

static uint64_t seed = 1;

static int64_t any(int64_t from, int64_t upto)
{
    seed = gi_mix64(seed + 0x9e3779b97f4a7c15u);
    return from + (int64_t)(seed % (uint64_t)(upto - from));
}

static bool contains(const gi_window *w, int64_t k, int64_t at)
{
    return k * w->slide <= at && at < k * w->slide + w->length;
}

/* ------------------------------------------------------------- the line -- */

Test(window, tumbling_windows_are_one_pane_each)
{
    gi_window w = gi_window_of(10, 10);

    cr_expect_eq(w.pane, 10);
    cr_expect_eq(gi_window_pane(&w, 0), 0);
    cr_expect_eq(gi_window_pane(&w, 9), 0);
    cr_expect_eq(gi_window_pane(&w, 10), 1);
    cr_expect_eq(gi_window_pane(&w, -1), -1);
    cr_expect_eq(gi_window_first(&w, 3), 3);
    cr_expect_eq(gi_window_last(&w, 3), 3);
}

Test(window, sliding_windows_share_panes_of_their_slide)
{
    gi_window w = gi_window_of(6, 2);

    cr_expect_eq(w.pane, 2);
    cr_expect_eq(gi_window_first(&w, 3), 1);
    cr_expect_eq(gi_window_last(&w, 3), 3);
    cr_expect_eq(gi_window_from(&w, 1), 1);
    cr_expect_eq(gi_window_upto(&w, 1), 4);
}

Test(window, where_the_slide_does_not_fit_the_panes_are_what_fits_both)
{
    gi_window w = gi_window_of(10, 4);

    cr_expect_eq(w.pane, 2);
    cr_expect_eq(gi_window_from(&w, 1), 2);
    cr_expect_eq(gi_window_upto(&w, 1), 7);
}

Test(window, a_row_is_in_the_windows_of_its_pane_and_in_no_others)
{
    for (int i = 0; i < 2000; i++) {
        int64_t length = any(1, 40), slide = any(1, length + 1);
        gi_window w = gi_window_of(length, slide);
        int64_t at = any(-300, 300), pane = gi_window_pane(&w, at);

        cr_assert_eq(length % w.pane, 0);
        cr_assert_eq(slide % w.pane, 0);
        for (int64_t k = -400; k < 400; k++) {
            bool in = contains(&w, k, at);

            cr_assert_eq(in, k >= gi_window_first(&w, pane) &&
                                 k <= gi_window_last(&w, pane));
            cr_assert_eq(in, pane >= gi_window_from(&w, k) &&
                                 pane < gi_window_upto(&w, k));
        }
    }
}

Test(window, what_is_closed_ends_there_or_before)
{
    for (int i = 0; i < 2000; i++) {
        int64_t length = any(1, 40), slide = any(1, length + 1);
        gi_window w = gi_window_of(length, slide);
        int64_t at = any(-300, 300), open = gi_window_open_at(&w, at);

        cr_assert_leq(gi_window_end(&w, open - 1), at);
        cr_assert_gt(gi_window_end(&w, open), at);
    }
}

Test(window, the_far_ends_of_time_do_not_overflow)
{
    gi_window w = gi_window_of(GI_WINDOW_MOST, GI_WINDOW_MOST - 1);

    for (int i = 0; i < 2; i++) {
        int64_t at = gi_time_cut(i == 0 ? INT64_MIN : INT64_MAX);
        int64_t pane = gi_window_pane(&w, at);
        int64_t k = gi_window_last(&w, pane);

        cr_expect(contains(&w, k, at));
        cr_expect(!contains(&w, gi_window_first(&w, pane) - 1, at));
        cr_expect_gt(gi_window_end(&w, gi_window_open_at(&w, at)), at);
    }
}

/* ----------------------------------------------------------- the clock -- */

Test(clock, windows_close_when_the_latest_row_is_past_them_by_the_lateness)
{
    gi_window w = gi_window_of(10, 10);
    gi_clock_opts o = { .of_rows = true, .lateness = 5 };
    gi_clock c = { .open = GI_WINDOW_NONE };

    gi_clock_batch(&c, &w, &o, false, 0, 100);
    cr_expect_eq(c.open, GI_WINDOW_NONE, "nothing has come");
    cr_expect(!gi_clock_late(&c, &w, -1000), "so nothing is late");
    gi_clock_batch(&c, &w, &o, true, 14, 100);
    cr_expect_eq(c.open, 0);
    gi_clock_batch(&c, &w, &o, true, 15, 100);
    cr_expect_eq(c.open, 1);
    cr_expect(gi_clock_late(&c, &w, gi_window_pane(&w, 9)));
    cr_expect(!gi_clock_late(&c, &w, gi_window_pane(&w, 10)));
}

Test(clock, it_does_not_go_back)
{
    gi_window w = gi_window_of(10, 5);
    gi_clock_opts o = { .of_rows = true };
    gi_clock c = { .open = GI_WINDOW_NONE };
    int64_t greatest = INT64_MIN;

    for (int i = 0; i < 1000; i++) {
        int64_t at = any(-1000, 1000 + 5 * i);

        greatest = at > greatest ? at : greatest;
        gi_clock_batch(&c, &w, &o, true, at, 0);
        cr_assert_eq(c.open, gi_window_open_at(&w, greatest));
    }
}

Test(clock, without_times_of_rows_that_of_the_batch_closes)
{
    gi_window w = gi_window_of(10, 5);
    gi_clock_opts o = { .of_rows = false };
    gi_clock c = { .open = GI_WINDOW_NONE };

    gi_clock_batch(&c, &w, &o, false, 0, 1009);
    cr_expect_eq(c.open, 200);
    gi_clock_batch(&c, &w, &o, false, 0, 1010);
    cr_expect_eq(c.open, 201);
}

Test(clock, an_idle_stream_goes_on_by_the_clock_if_that_was_asked_for)
{
    gi_window w = gi_window_of(10, 10);
    gi_clock_opts o = { .of_rows = true, .idle = 100 };
    gi_clock c = { .open = GI_WINDOW_NONE };

    gi_clock_batch(&c, &w, &o, false, 0, 5000);
    cr_expect_eq(c.open, GI_WINDOW_NONE);
    gi_clock_batch(&c, &w, &o, true, 25, 5000);
    cr_expect_eq(c.open, 2);
    gi_clock_batch(&c, &w, &o, false, 0, 5099);
    cr_expect_eq(c.open, 2);
    gi_clock_batch(&c, &w, &o, false, 0, 5100);
    cr_expect_eq(c.open, 12);
    gi_clock_batch(&c, &w, &o, true, 26, 5101);
    cr_expect_eq(c.open, 12);
}

/* ---------------------------------------------------- times of batches -- */

Test(batch_time, a_batch_keeps_its_time_and_time_does_not_go_back)
{
    gi_batch_time t = { .every_ms = 10, .horizon_ms = 30 };

    cr_expect_eq(gi_batch_time_of(&t, 1, 1000), 1000);
    cr_expect_eq(gi_batch_time_of(&t, 1, 2000), 1000);
    cr_expect_eq(gi_batch_time_of(&t, 2, 900), 1000);
    cr_expect_eq(gi_batch_time_of(&t, 3, 1001), 1001);
    cr_expect_eq(gi_batch_time_of(&t, 3 + GI_TXNS, 1002), 1002);
    cr_expect_eq(gi_batch_time_of(&t, 2, 0), 1000);
}

Test(batch_time, batches_without_rows_are_due_until_all_windows_are_closed)
{
    gi_batch_time t = { .every_ms = 10, .horizon_ms = 30 };
    uint64_t txid = 1;
    int64_t last = 0;

    cr_expect(!gi_batch_time_due(&t, 1000), "nothing was ever there");
    gi_batch_time_of(&t, txid, 1003);
    gi_batch_time_busy(&t, txid);
    cr_expect(!gi_batch_time_due(&t, 1009));
    cr_expect(gi_batch_time_due(&t, 1010));
    for (int64_t now = 1010; now < 2000; now++)
        if (gi_batch_time_due(&t, now)) {
            cr_assert(now - last >= 10 || last == 0);
            last = gi_batch_time_of(&t, ++txid, now);
        }
    cr_expect_geq(last, 1033);
    cr_expect_leq(txid, 6);
}

Test(batch_time, what_was_on_record_is_so_again)
{
    gi_batch_time t = { .every_ms = 10, .horizon_ms = 30 };

    gi_batch_time_recall(&t, 7, 5000);
    gi_batch_time_recall(&t, 8, 5001);
    cr_expect_eq(gi_batch_time_of(&t, 8, 9000), 5001);
    cr_expect_eq(gi_batch_time_of(&t, 9, 4000), 5001);
    cr_expect(gi_batch_time_due(&t, 5010), "it may have had rows");
}
