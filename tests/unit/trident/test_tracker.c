#include <criterion/criterion.h>

#include "base/mix.h"
#include "trident/mark.h"
#include "trident/tracker.h"

enum { FROM = 3 };

static int dropped;

static void drop(void *arg, gi_record *r)
{
    (void)arg;
    (void)r;
    dropped++;
}

static gi_tracker *made(void)
{
    static gi_tracker t;

    dropped = 0;
    gi_tracker_init(&t, FROM, drop, NULL);
    return &t;
}

/* Rows `first` to `first + n - 1` of an attempt; the sum of their marks. */
static uint64_t rows(gi_tracker *t, uint64_t attempt, uint32_t from,
                     uint64_t first, uint64_t n)
{
    uint64_t sum = 0;
    gi_record *r;

    for (uint64_t i = first; i < first + n; i++) {
        uint64_t mark = gi_mark(attempt, i);

        cr_assert_eq(gi_tracker_row(t, mark, from, &r), GI_CAME_WELL);
        sum += gi_mix64(mark);
    }
    return sum;
}

Test(tracker, a_batch_is_complete_when_all_have_reported)
{
    gi_tracker *t = made();
    uint64_t sum[FROM];
    gi_record *r = NULL;

    for (uint32_t i = 0; i < FROM; i++)
        sum[i] = rows(t, 70, i, 5, 10 * i);
    for (uint32_t i = 0; i < FROM; i++) {
        cr_assert_eq(gi_tracker_report(t, 7, 70, i, 10 * i, sum[i], &r),
                     GI_CAME_WELL);
        cr_assert_eq(r->missing, FROM - 1 - i);
    }
    cr_assert_eq(r->txid, 7);
    gi_tracker_finish(t, r);
    cr_assert_eq(dropped, 0);
    gi_tracker_fini(t);
    cr_assert_eq(dropped, 0);
}

Test(tracker, what_is_lost_comes_twice_or_in_place_of_another_is_noticed)
{
    gi_tracker *t = made();
    gi_record *r;
    uint64_t sum = rows(t, 70, 0, 0, 3);

    cr_assert_eq(gi_tracker_report(t, 7, 70, 0, 4, sum, &r), GI_CAME_SPOILT,
                 "one was lost");
    sum = rows(t, 71, 0, 0, 3);
    rows(t, 71, 0, 2, 1);
    cr_assert_eq(gi_tracker_report(t, 7, 71, 0, 3, sum, &r), GI_CAME_SPOILT,
                 "one came twice");
    sum = rows(t, 72, 0, 0, 2);
    rows(t, 72, 0, 1, 1);
    cr_assert_eq(
        gi_tracker_report(t, 7, 72, 0, 3, sum + gi_mix64(gi_mark(72, 2)), &r),
        GI_CAME_SPOILT, "one was lost and another came twice");
    sum = rows(t, 73, 0, 0, 2);
    cr_assert_eq(gi_tracker_report(t, 7, 73, 0, 2, sum, &r), GI_CAME_WELL);
    cr_assert_eq(gi_tracker_report(t, 7, 73, 0, 2, sum, &r), GI_CAME_STALE);
    cr_assert_eq(gi_tracker_row(t, gi_mark(73, 1), 0, &r), GI_CAME_SPOILT,
                 "a row behind its report");
    gi_tracker_fini(t);
}

Test(tracker, a_later_attempt_ends_the_earlier_and_not_the_other_way_round)
{
    gi_tracker *t = made();
    gi_record *r;

    rows(t, 70, 0, 0, 5);
    cr_assert_eq(gi_tracker_report(t, 7, 70, 1, 0, 0, &r), GI_CAME_WELL);
    rows(t, 74, 0, 0, 5); /* nobody knows yet what that is */
    cr_assert_eq(dropped, 0);
    cr_assert_eq(gi_tracker_report(t, 7, 74, 1, 0, 0, &r), GI_CAME_WELL);
    cr_assert_eq(dropped, 1);
    cr_assert_eq(gi_tracker_report(t, 7, 70, 2, 0, 0, &r), GI_CAME_STALE);
    cr_assert_eq(gi_tracker_find(t, 7, 70, true, &r), GI_CAME_STALE);
    cr_assert_eq(gi_tracker_find(t, 7, 74, false, &r), GI_CAME_WELL);
    cr_assert_eq(r->attempt, 74);
    gi_tracker_fini(t);
}

Test(tracker, what_is_below_the_floor_is_over)
{
    gi_tracker *t = made();
    gi_record *r;

    rows(t, 70, 0, 0, 5);
    rows(t, 75, 0, 0, 5);
    gi_tracker_raise(t, 75);
    cr_assert_eq(dropped, 1);
    cr_assert_eq(gi_tracker_row(t, gi_mark(70, 6), 0, &r), GI_CAME_STALE);
    cr_assert_eq(gi_tracker_find(t, 7, 74, true, &r), GI_CAME_STALE);
    gi_tracker_raise(t, 60);
    cr_assert_eq(gi_tracker_row(t, gi_mark(75, 6), 0, &r), GI_CAME_WELL);
    gi_tracker_fini(t);
    cr_assert_eq(dropped, 2);
}

/* A batch may wait for its turn to commit as long as it likes: only an
 * attempt's end ends its record. */
Test(tracker, records_do_not_expire_while_they_wait)
{
    gi_tracker *t = made();
    gi_record *first, *r;

    cr_assert_eq(gi_tracker_find(t, 7, 70, true, &first), GI_CAME_WELL);
    for (uint64_t i = 1; i < GI_RECORDS; i++)
        cr_assert_eq(gi_tracker_find(t, 7 + i, 70 + i, true, &r),
                     GI_CAME_WELL);
    cr_assert_eq(dropped, 0);
    cr_assert_eq(gi_tracker_find(t, 7, 70, false, &r), GI_CAME_WELL);
    cr_assert_eq(r, first);
    gi_tracker_fini(t);
}

Test(tracker, low_bits_of_attempts_may_wrap)
{
    gi_tracker *t = made();
    uint64_t high = (UINT64_C(5) << (64 - GI_MARK_BITS)) - 1;
    gi_record *r;

    gi_tracker_raise(t, high);
    rows(t, high, 0, 0, 2);
    rows(t, high + 1, 0, 0, 2);
    gi_tracker_raise(t, high + 1);
    cr_assert_eq(dropped, 1);
    cr_assert_eq(gi_tracker_row(t, gi_mark(high, 3), 0, &r), GI_CAME_STALE);
    rows(t, high + 1, 0, 2, 2);
    gi_tracker_fini(t);
}
