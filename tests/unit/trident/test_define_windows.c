/* Every mistake that windows can hold, and what is said of it. */
#include "programs.h"

/* Step 1 is there in all of them: s has line (str) and at (i64). */
#define MISTAKE(name, said, ...)                                     \
    Test(mistakes, name)                                             \
    {                                                                \
        gale_trident *t = begin();                                   \
        gale_batches *s = gale_new_stream(t, "lines", &lines_spout); \
                                                                     \
        (void)s;                                                     \
        __VA_ARGS__;                                                 \
        expect_said(t, said);                                        \
    }

#define WINDOW(w) \
    gale_window_aggregate(s, "w", w, GALE_FOLD(GALE_COUNT("n")), NULL)
#define WHO       "step 2, gale_window_aggregate 'w' behind 'lines': "
#define OPTS(...) (&(const gale_state_opts){ __VA_ARGS__ })

MISTAKE(no_window, WHO "it has no window (GALE_TUMBLING_ROWS and the others)",
        WINDOW(NULL))
MISTAKE(a_window_by_nothing,
        WHO "its windows are by 7, which is nothing (0 to 1)",
        const gale_window w = { (gale_window_by)7, 1, 1, NULL, 0, 0 };
        WINDOW(&w))
MISTAKE(a_window_of_no_rows,
        WHO "its windows have a length of 0 rows (1 to 1125899906842624)\n" WHO
            "its windows have a slide of 0 rows (1 at least; windows one "
            "behind another have a slide as long as themselves: "
            "GALE_TUMBLING_ROWS)",
        WINDOW(GALE_TUMBLING_ROWS(0)))
MISTAKE(a_window_that_is_too_long,
        WHO "its windows have a length of 9223372036854775807 ms (1 to "
            "1125899906842624)",
        WINDOW(GALE_SLIDING_MS(INT64_MAX, 1)))
MISTAKE(a_window_that_does_not_slide,
        WHO "its windows have a slide of 0 ms (1 at least; windows one behind "
            "another have a slide as long as themselves: GALE_TUMBLING_MS)",
        WINDOW(GALE_SLIDING_MS(1000, 0)))
MISTAKE(a_window_with_gaps,
        WHO "its windows have a slide of 2000 ms, longer than their length of "
            "1000, so some rows would be in none (a slide is at most the "
            "length; gale_where drops rows)",
        WINDOW(GALE_SLIDING_TIME("at", 1000, 2000, 0)))
MISTAKE(a_time_that_is_not_there,
        WHO "'tat' is not a field of what it reads (did you mean 'at'? it has "
            "'line', 'at')",
        WINDOW(GALE_TUMBLING_TIME("tat", 1000, 0)))
MISTAKE(a_time_that_is_none,
        WHO "'line' is of type str, and the time of a row is an i64, in "
            "milliseconds",
        WINDOW(GALE_TUMBLING_TIME("line", 1000, 0)))
MISTAKE(a_time_of_windows_by_rows,
        WHO "its windows are by rows, and 'at' would be a time "
            "(GALE_TUMBLING_TIME for windows by time)",
        const gale_window w = { GALE_WINDOW_ROWS, 5, 5, "at", 0, 0 };
        WINDOW(&w))
MISTAKE(a_lateness_without_a_time,
        WHO "it has a lateness of 5 ms, but its rows have no time of their "
            "own: name the field (GALE_TUMBLING_TIME)",
        const gale_window w = { GALE_WINDOW_TIME, 9, 9, NULL, 5, 0 };
        WINDOW(&w))
MISTAKE(a_lateness_below_nothing,
        WHO "it has a lateness of -5 ms (0 to 1125899906842624)",
        WINDOW(GALE_TUMBLING_TIME("at", 1000, -5)))
MISTAKE(an_idle_time_without_a_time,
        WHO "it has an idle time of 5 ms, but its rows have no time of their "
            "own: name the field (GALE_TUMBLING_TIME)",
        const gale_window w = { GALE_WINDOW_TIME, 9, 9, NULL, 0, 5 };
        WINDOW(&w))
MISTAKE(a_state_that_is_not_undone,
        WHO "its state is transactional, and windows need an opaque one: a "
            "batch that comes again is undone, and done anew",
        gale_window_aggregate(s, "w", GALE_TUMBLING_ROWS(5),
                              GALE_FOLD(GALE_COUNT("n")),
                              OPTS(.kind = GALE_STATE_TRANSACTIONAL)))
MISTAKE(a_whole_stream_in_several_tasks,
        WHO "it has 4 tasks, and windows of a whole stream are kept by one "
            "(gale_group_by first for windows by key)",
        gale_window_aggregate(s, "w", GALE_TUMBLING_ROWS(5),
                              GALE_FOLD(GALE_COUNT("n")), OPTS(.tasks = 4)))
MISTAKE(windows_without_a_fold, WHO "it has no fold",
        gale_window_aggregate(s, "w", GALE_TUMBLING_ROWS(5), NULL, NULL))
MISTAKE(windows_without_an_id,
        "step 2, gale_window_aggregate behind 'lines': its id is NULL",
        gale_window_aggregate(s, NULL, GALE_TUMBLING_ROWS(5),
                              GALE_FOLD(GALE_COUNT("n")), NULL))
MISTAKE(windows_with_the_id_of_a_state,
        "step 3, gale_window_aggregate 'w' behind 'lines': step 2 keeps a "
        "state of that id, too",
        WINDOW(GALE_TUMBLING_ROWS(5));
        WINDOW(GALE_TUMBLING_ROWS(5)))
MISTAKE(a_fold_that_is_named_like_a_window,
        WHO "its rows would have two fields 'window_end'",
        gale_window_aggregate(s, "w", GALE_TUMBLING_ROWS(5),
                              GALE_FOLD(GALE_COUNT("window_end")), NULL))
MISTAKE(late_rows_of_what_is_no_window,
        "step 2, gale_late_rows behind 'lines': what it reads is not what "
        "comes of windows (gale_window_aggregate, gale_group_window)",
        gale_late_rows(s))
MISTAKE(late_rows_where_none_is_late,
        "step 3, gale_late_rows behind 'w': no row is late where windows go "
        "by rows",
        gale_late_rows(WINDOW(GALE_TUMBLING_ROWS(5))))
MISTAKE(late_rows_of_the_clock,
        "step 3, gale_late_rows behind 'w': no row is late where windows go "
        "by the time of batches",
        gale_late_rows(WINDOW(GALE_TUMBLING_MS(5))))
