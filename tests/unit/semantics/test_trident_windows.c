/* What windows promise, on a virtual clock and with faults: what comes out of
 * them is what a plain loop over the same rows would have put out, each window
 * once, also after tasks died and with another number of tasks. */
#include "windows.h"

/* --------------------------------------------------------------- tests -- */

static const char *const plans[] = {
    "",
    "drop=0.02,until=100s",
    "duplicate=0.02,reorder=0.05,until=100s",
    "fail=0.02,until=100s",
    "kill=open:0.02,kill=numbers:0.02,kill=closed:0.02,until=100s",
    "kill=numbers-batches@20+50,until=100s",
    "drop=0.01,duplicate=0.01,kill=0.002,drop=__acker:0.01,until=100s",
};
enum { PLANS = sizeof(plans) / sizeof(plans[0]) };

static void right_whatever_happens(const spec *c, int seeds)
{
    table right, got;

    if (c->w.by == GALE_WINDOW_ROWS)
        by_rows(c, &right);
    else
        by_time(c, &right);
    for (size_t p = 0; p < PLANS; p++)
        for (int seed = 1; seed <= seeds; seed++) {
            const char *name = fresh();

            run(name, c, 2, (uint64_t)seed, plans[p], 200);
            came(name, c, 2, &got);
            expect_same(&right, &got, c->what, (uint64_t)seed, plans[p]);
        }
}

#define BY_TIME(length, slide, late)                         \
    {                                                        \
        GALE_WINDOW_TIME, (length), (slide), "at", (late), 0 \
    }
#define BY_ROWS(length, slide)                          \
    {                                                   \
        GALE_WINDOW_ROWS, (length), (slide), NULL, 0, 0 \
    }

Test(trident_windows, by_the_time_of_rows_each_window_comes_once)
{
    static const spec specs[] = {
        { "tumbling", &transactional, BY_TIME(200, 200, 100), 0, 0, 0, 0, 0 },
        { "sliding", &transactional, BY_TIME(600, 200, 300), 0, 0, 0, 0, 0 },
        { "no pane fits", &transactional, BY_TIME(250, 100, 50), 0, 0, 0, 0,
          0 },
        { "global", &transactional, BY_TIME(300, 100, 100), 0, true, 0, 0, 0 },
        { "behind a state", &transactional, BY_TIME(200, 100, 50), 0, 0, 0, 1,
          0 },
    };

    for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++)
        right_whatever_happens(&specs[i], 2);
}

Test(trident_windows, rows_are_kept_where_folds_need_them)
{
    static const spec specs[] = {
        { "reduced", &transactional, BY_TIME(200, 200, 100), REDUCED, 0, 0, 0,
          0 },
        { "gathered", &transactional, BY_TIME(600, 200, 50), GATHERED, 0, 0, 0,
          0 },
        { "global", &transactional, BY_TIME(300, 100, 0), REDUCED, true, 0, 0,
          0 },
    };

    for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++)
        right_whatever_happens(&specs[i], 2);
}

Test(trident_windows, rows_that_are_late_come_once_where_they_are_read)
{
    static const spec specs[] = {
        { "combined", &transactional, BY_TIME(50, 50, 0), 0, 0, true, 0, 0 },
        { "reduced", &transactional, BY_TIME(60, 20, 10), REDUCED, 0, true, 0,
          0 },
        { "global", &transactional, BY_TIME(40, 20, 0), 0, true, true, 0, 0 },
    };
    table right;

    for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
        by_time(&specs[i], &right);
        cr_assert_gt(right.late, 10);
        right_whatever_happens(&specs[i], 2);
    }
}

Test(trident_windows, by_rows_each_window_has_as_many_as_it_should)
{
    static const spec specs[] = {
        { "tumbling", &transactional, BY_ROWS(7, 7), 0, 0, 0, 0, 0 },
        { "sliding", &transactional, BY_ROWS(10, 3), 0, 0, 0, 0, 0 },
        { "global", &transactional, BY_ROWS(50, 20), GATHERED, true, 0, 0, 0 },
        { "opaque", &changing, BY_ROWS(6, 2), REDUCED, 0, 0, 0, 0 },
        { "opaque, combined", &changing, BY_ROWS(5, 5), 0, 0, 0, 0, 0 },
    };

    for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++)
        right_whatever_happens(&specs[i], 2);
}

static int64_t all_of(const table *t)
{
    int64_t all = 0;

    for (int key = 0; key < KEYS; key++)
        for (int k = 0; k < MOST; k++)
            all += t->at[key][k];
    return all / MILLION;
}

/* What an opaque source has in a batch changes, and with it what is late; but
 * each row is in one window, or late. */
Test(trident_windows, nothing_is_lost_of_batches_that_change)
{
    static const spec c = { "opaque", &changing, BY_TIME(100, 100, 400),
                            0,        0,         true,
                            0,        0 };

    for (size_t p = 0; p < PLANS; p++)
        for (int seed = 1; seed <= 3; seed++) {
            const char *name = fresh();
            table got;

            run(name, &c, 2, (uint64_t)seed, plans[p], 200);
            came(name, &c, 2, &got);
            cr_assert_eq(all_of(&got) + got.late, TOTAL - 1,
                         "seed %d, faults '%s'", seed, plans[p]);
        }
}

/* All windows close, so each row is counted in each of its own. */
static void all_in(const spec *c)
{
    never = true;
    for (size_t p = 0; p < PLANS; p++) {
        const char *name = fresh();
        table got = { .c = c };

        run(name, c, 2, p + 1, plans[p], 200);
        read_state(name, "closed", 2, read_late, &got);
        cr_assert_eq(got.late / MILLION, TOTAL * (c->w.length / c->w.slide),
                     "%s, faults '%s': %d", c->what, plans[p],
                     (int)(got.late / MILLION));
    }
    never = false;
}

#define BY_CLOCK(length, slide)                         \
    {                                                   \
        GALE_WINDOW_TIME, (length), (slide), NULL, 0, 0 \
    }

/* Rows without a time: whatever batch they are in, and however often it is
 * done again, they are in the windows of one moment; and the clock closes
 * those when nothing comes any more. */
Test(trident_windows, by_the_clock_each_row_is_in_its_windows_once)
{
    static const spec specs[] = {
        { "tumbling", &transactional, BY_CLOCK(5000, 5000), 0, 0, 0, 0, 0 },
        { "sliding", &transactional, BY_CLOCK(6000, 2000), 0, 0, 0, 0, 0 },
        { "gathered", &transactional, BY_CLOCK(6000, 2000), GATHERED, 0, 0, 0,
          0 },
        { "behind a state", &transactional, BY_CLOCK(6000, 2000), 0, 0, 0, 1,
          0 },
    };

    for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++)
        all_in(&specs[i]);
}

Test(trident_windows, an_idle_stream_closes_its_windows_if_that_was_asked_for)
{
    static const spec specs[] = {
        { "idle",
          &transactional,
          { GALE_WINDOW_TIME, 600, 200, "at", JITTER, 3000 },
          0,
          0,
          0,
          0,
          0 },
        { "idle, rows kept",
          &transactional,
          { GALE_WINDOW_TIME, 200, 200, "at", JITTER, 3000 },
          REDUCED,
          0,
          0,
          1,
          0 },
    };

    for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++)
        all_in(&specs[i]);
}

/* A batch keeps its time, also when the coordinator died meanwhile: what it
 * closes is the same in each attempt. */
Test(trident_windows, a_batch_that_is_done_again_closes_the_same)
{
    static const spec c = {
        "watched", &transactional, BY_CLOCK(300, 100), 0, 0, 0, 0, 1
    };
    int again = 0;

    never = true;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        memset(seen, 0, sizeof(seen));
        run(fresh(), &c, 2, seed,
            "kill=closed:0.1,fail=closed:0.2,kill=numbers-batches:0.01,"
            "until=100s",
            200);
        for (int t = 0; t < TXIDS; t++)
            for (int k = 0; k < KEYS; k++)
                for (int i = 1; i < ATTEMPTS && seen[t][k][i].attempt; i++) {
                    again++;
                    cr_assert_eq(seen[t][k][0].sum, seen[t][k][i].sum,
                                 "seed %d, batch %d, key %d", (int)seed, t, k);
                }
    }
    never = false;
    cr_assert_gt(again, 20);
}

/* Stopped in the middle, again and again, each time with other tasks. */
Test(trident_windows, they_go_on_with_another_number_of_tasks)
{
    static const spec specs[] = {
        { "sliding", &transactional, BY_TIME(600, 200, 300), 0, 0, 0, 0, 0 },
        { "gathered", &transactional, BY_TIME(200, 200, 50), GATHERED, 0, 0, 0,
          0 },
        { "rows", &transactional, BY_ROWS(10, 3), 0, 0, 0, 0, 0 },
    };
    static const uint32_t tasks[] = { 2, 5, 1, 3, 4, 3 };
    enum { TIMES = sizeof(tasks) / sizeof(tasks[0]) };

    for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            const char *name = fresh();
            table right, got;

            if (specs[i].w.by == GALE_WINDOW_ROWS)
                by_rows(&specs[i], &right);
            else
                by_time(&specs[i], &right);
            for (size_t n = 0; n < TIMES; n++) {
                upto = (long)(n + 1) * TOTAL / TIMES;
                run(name, &specs[i], tasks[n], seed, "kill=0.02", 100);
            }
            came(name, &specs[i], tasks[TIMES - 1], &got);
            expect_same(&right, &got, specs[i].what, seed, "other tasks");
        }
}
