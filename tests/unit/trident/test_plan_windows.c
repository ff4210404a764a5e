/* What windows are lowered to, in words. */
#include "programs.h"

Test(golden, windows_by_the_time_of_rows_are_folded_before_the_network)
{
    gale_trident *t = begin();
    gale_batches *s = gale_new_stream(t, "lines", &lines_spout);
    gale_state_opts two = { .tasks = 2 };

    gale_peek(gale_group_window(gale_group_by(s, GALE_NAMES("line")), "counts",
                                GALE_SLIDING_TIME("at", 60000, 10000, 500),
                                GALE_FOLD(GALE_COUNT("n")), &two),
              GALE_NAMES("line"), &show);
    expect_program(
        t, "test: 2 components, led by 'lines-batches'\n"
           "\n"
           "lines: 1 task\n"
           "   1  source 'lines', transactional: line str, at i64\n"
           "   2  fold, as far as rows are here: __time i64\n"
           "   3  send to 'counts', all of it\n"
           "   4  pane of at <- 1: line str, at i64, __pane i64\n"
           "   5  fold by __pane, line, as far as rows are here: __pane i64, "
           "line str, n i64, __rows i64\n"
           "   6  send to 'counts' by line\n"
           "\n"
           "counts: 2 tasks, commits\n"
           "   1  rows of 'lines': __time i64\n"
           "   2  rows of 'lines': __pane i64, line str, n i64, __rows i64\n"
           "   3  window 'counts' by line, of 60000 ms every 10000 ms of the "
           "time of rows, 500 ms late at most, of what was folded there <- 1, "
           "2: line str, window_start i64, window_end i64, n i64\n"
           "   4  peek of line: line str, window_start i64, window_end i64, n "
           "i64\n"
           "\n"
           "states\n"
           "  counts, opaque, in 'counts' (disk): exactly once\n");
}

Test(golden, rows_travel_as_they_are_where_late_ones_are_shown)
{
    gale_trident *t = begin();
    gale_batches *s = gale_new_stream(t, "lines", &lines_spout);
    gale_batches *w =
        gale_window_aggregate(s, "counts", GALE_TUMBLING_TIME("at", 60000, 0),
                              GALE_FOLD(GALE_COUNT("n")), NULL);

    gale_peek(w, GALE_NAMES("n"), &show);
    gale_peek(gale_late_rows(w), GALE_NAMES("line"), &show);
    expect_program(t,
                   "test: 2 components, led by 'lines-batches'\n"
                   "\n"
                   "lines: 1 task\n"
                   "   1  source 'lines', transactional: line str, at i64\n"
                   "   2  fold, as far as rows are here: __time i64\n"
                   "   3  send to 'counts', all of it\n"
                   "   4  send to 'counts', its first task <- 1\n"
                   "\n"
                   "counts: 1 task, commits\n"
                   "   1  rows of 'lines': __time i64\n"
                   "   2  rows of 'lines': line str, at i64\n"
                   "   3  window 'counts', of 60000 ms of the time of rows <- "
                   "1, 2: window_start i64, window_end i64, n i64\n"
                   "   4  peek of n: window_start i64, window_end i64, n i64\n"
                   "   5  late rows of 'counts' <- 3: line str, at i64\n"
                   "   6  peek of line: line str, at i64\n"
                   "\n"
                   "states\n"
                   "  counts, opaque, in 'counts' (disk): exactly once\n");
}

Test(golden, windows_by_rows_have_rows)
{
    gale_trident *t = begin();
    gale_batches *s = gale_new_stream(t, "lines", &lines_spout);

    gale_peek(gale_group_window(gale_group_by(s, GALE_NAMES("line")), "counts",
                                GALE_TUMBLING_ROWS(10),
                                GALE_FOLD(GALE_COUNT("n")), NULL),
              GALE_NAMES("n"), &show);
    expect_program(
        t,
        "test: 2 components, led by 'lines-batches'\n"
        "\n"
        "lines: 1 task\n"
        "   1  source 'lines', transactional: line str, at i64\n"
        "   2  project: line str\n"
        "   3  send to 'counts' by line\n"
        "\n"
        "counts: 1 task, commits\n"
        "   1  rows of 'lines': line str\n"
        "   2  window 'counts' by line, of 10 rows: line str, window_start "
        "i64, window_end i64, n i64\n"
        "   3  peek of n: line str, window_start i64, window_end i64, n i64\n"
        "\n"
        "states\n"
        "  counts, opaque, in 'counts' (disk): exactly once\n");
}

Test(golden, windows_by_the_clock_need_no_time)
{
    gale_trident *t = begin();
    gale_batches *s = gale_new_stream(t, "lines", &lines_spout);

    gale_peek(gale_window_aggregate(s, "counts", GALE_SLIDING_MS(60000, 10000),
                                    GALE_FOLD(GALE_COUNT("n")), NULL),
              GALE_NAMES("n"), &show);
    expect_program(t,
                   "test: 2 components, led by 'lines-batches'\n"
                   "\n"
                   "lines: 1 task\n"
                   "   1  source 'lines', transactional: line str, at i64\n"
                   "   2  fold, as far as rows are here: n i64, __rows i64\n"
                   "   3  send to 'counts', its first task\n"
                   "\n"
                   "counts: 1 task, commits\n"
                   "   1  rows of 'lines': n i64, __rows i64\n"
                   "   2  window 'counts', of 60000 ms every 10000 ms of the "
                   "time of batches, of what was folded there: window_start "
                   "i64, window_end i64, n i64\n"
                   "   3  peek of n: window_start i64, window_end i64, n i64\n"
                   "\n"
                   "states\n"
                   "  counts, opaque, in 'counts' (disk): exactly once\n");
}

Test(golden, windows_that_nobody_reads_are_left_out)
{
    gale_trident *t = begin();
    gale_batches *s = gale_new_stream(t, "lines", &lines_spout);

    gale_window_aggregate(s, "counts", GALE_TUMBLING_ROWS(10),
                          GALE_FOLD(GALE_COUNT("n")), NULL);
    expect_program(t,
                   "test: 1 component, led by 'lines-batches'\n"
                   "\n"
                   "lines: 1 task\n"
                   "   1  source 'lines', transactional: line str, at i64\n"
                   "\n"
                   "notes\n"
                   "  step 2, gale_window_aggregate 'counts' behind 'lines': "
                   "nobody reads what comes of it, so it is left out\n");
}
