#include <criterion/criterion.h>

#include "base/mix.h"
#include "trident/coordinator.h"

enum { MS = 1000000 };

static gi_coordinator made(uint32_t window, bool commits)
{
    gi_coordinator_opts o = { .window = window,
                              .interval_ns = 100 * MS,
                              .pause_ns = 10 * MS,
                              .pause_most_ns = 60 * MS,
                              .commits = commits };
    gi_coordinator c;

    gi_coordinator_init(&c, &o, 6, 1000);
    return c;
}

/* Begin one at `now`; its number. */
static uint64_t begin(gi_coordinator *c, int64_t now, uint64_t *attempt)
{
    uint64_t txid = gi_coordinator_may_begin(c, now);

    if (txid != 0)
        *attempt = gi_coordinator_begin(c, now);
    return txid;
}

Test(coordinator, an_idle_stream_begins_at_once_and_a_busy_one_by_interval)
{
    gi_coordinator c = made(3, true);
    uint64_t a = 0, b = 0;

    cr_assert_eq(begin(&c, 0, &a), 7);
    cr_assert_eq(a, 1000);
    cr_assert_eq(gi_coordinator_may_begin(&c, 99 * MS), 0);
    cr_assert_eq(gi_coordinator_due(&c), 100 * MS);
    cr_assert_eq(begin(&c, 100 * MS, &b), 8);
    cr_assert_eq(gi_coordinator_processed(&c, a), 0);
    cr_assert(gi_coordinator_may_commit(&c));
    cr_assert_eq(gi_coordinator_commit(&c, &a), 7);
    cr_assert_eq(gi_coordinator_may_begin(&c, 199 * MS), 0);
    cr_assert_eq(gi_coordinator_done(&c, a), 7);
    gi_coordinator_processed(&c, b);
    cr_assert_eq(gi_coordinator_commit(&c, &b), 8);
    cr_assert_eq(begin(&c, 101 * MS, &a), 9, "the others are committed");
    cr_assert_eq(gi_coordinator_done(&c, b), 8);
}

Test(coordinator, commits_follow_the_numbers_whatever_is_processed_first)
{
    gi_coordinator c = made(3, true);
    uint64_t a[3], at;

    for (int i = 0; i < 3; i++)
        cr_assert_eq(begin(&c, i * 100 * MS, &a[i]), (uint64_t)(7 + i));
    cr_assert_eq(gi_coordinator_may_begin(&c, 900 * MS), 0, "the window");
    gi_coordinator_processed(&c, a[2]);
    gi_coordinator_processed(&c, a[1]);
    cr_assert_eq(gi_coordinator_commit(&c, &at), 0);
    gi_coordinator_processed(&c, a[0]);
    for (uint64_t i = 0; i < 3; i++) {
        cr_assert_eq(gi_coordinator_commit(&c, &at), 7 + i);
        cr_assert_eq(at, a[i]);
        cr_assert_eq(gi_coordinator_commit(&c, &at), 0, "one at a time");
        cr_assert_eq(gi_coordinator_done(&c, at), 7 + i);
    }
}

Test(coordinator, news_of_an_old_attempt_does_not_touch_the_new_one)
{
    gi_coordinator c = made(3, true);
    uint64_t a = 0, b = 0, again;

    begin(&c, 0, &a);
    begin(&c, 100 * MS, &b);
    cr_assert(gi_coordinator_failed(&c, a, 200 * MS));
    cr_assert_eq(gi_coordinator_again(&c, 205 * MS, &again), 0, "a pause");
    cr_assert_eq(gi_coordinator_again(&c, 210 * MS, &again), 7);
    cr_assert_gt(again, b);
    /* Storm's hole: the late time-out of b, which went with a. */
    cr_assert_not(gi_coordinator_failed(&c, b, 211 * MS));
    cr_assert_not(gi_coordinator_failed(&c, a, 211 * MS));
    cr_assert_eq(gi_coordinator_processed(&c, a), 0);
    cr_assert_eq(gi_coordinator_commit(&c, &a), 0);
    cr_assert_eq(gi_coordinator_again(&c, 211 * MS, &b), 8);
    gi_coordinator_processed(&c, again);
    cr_assert_eq(gi_coordinator_commit(&c, &a), 7);
    cr_assert_eq(a, again);
}

Test(coordinator, pauses_double_up_to_a_limit_and_end_with_success)
{
    gi_coordinator c = made(1, true);
    static const int64_t pauses[] = { 10, 20, 40, 60, 60 };
    int64_t now = 0;
    uint64_t a = 0;

    begin(&c, now, &a);
    for (size_t i = 0; i < 5; i++) {
        cr_assert(gi_coordinator_failed(&c, a, now));
        cr_assert_eq(gi_coordinator_due(&c), now + pauses[i] * MS);
        now += pauses[i] * MS;
        cr_assert_eq(gi_coordinator_again(&c, now - 1, &a), 0);
        cr_assert_eq(gi_coordinator_again(&c, now, &a), 7);
    }
    gi_coordinator_processed(&c, a);
    gi_coordinator_commit(&c, &a);
    gi_coordinator_done(&c, a);
    begin(&c, now, &a);
    cr_assert(gi_coordinator_failed(&c, a, now));
    cr_assert_eq(gi_coordinator_due(&c), now + 10 * MS);
}

Test(coordinator, without_commits_batches_count_in_order_all_the_same)
{
    gi_coordinator c = made(2, false);
    uint64_t a = 0, b = 0;

    begin(&c, 0, &a);
    begin(&c, 100 * MS, &b);
    cr_assert_eq(gi_coordinator_processed(&c, b), 0);
    cr_assert_eq(gi_coordinator_processed(&c, a), 7);
    cr_assert_eq(gi_coordinator_counts(&c), 8);
    cr_assert_eq(gi_coordinator_counts(&c), 0);
}

/* As when somebody goes on with what another one had begun. */
Test(coordinator, batches_that_were_begun_by_another_are_begun_again_first)
{
    gi_coordinator c = made(3, true);
    uint64_t a = 0;

    c.n = 2;
    cr_assert_eq(gi_coordinator_may_begin(&c, 0), 0);
    cr_assert_eq(gi_coordinator_again(&c, 0, &a), 7);
    cr_assert_eq(gi_coordinator_again(&c, 0, &a), 8);
    cr_assert_eq(gi_coordinator_before(&c, 8), 1000);
    cr_assert_eq(gi_coordinator_before(&c, 7), 0);
    cr_assert_eq(gi_coordinator_may_begin(&c, 0), 9,
                 "the last new one was begun long ago");
}

/* News at random, old and new. */
Test(coordinator, whatever_comes_back_numbers_count_once_and_in_order)
{
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        gi_rng rng = { seed };
        gi_coordinator c = made(1 + (uint32_t)gi_rng_below(&rng, 5), true);
        uint64_t counted = 6, seen[16], n = 0, last = 999;
        int64_t now = 0;

        while (counted < 30) {
            uint64_t at = 0, done, txid = begin(&c, now, &at);
            uint64_t some = c.txns[gi_rng_below(&rng, GI_TXNS)].attempt;

            if (n > 0 && gi_rng_below(&rng, 4) == 0)
                some = seen[gi_rng_below(&rng, n < 16 ? n : 16)];
            if (txid == 0)
                txid = gi_coordinator_again(&c, now, &at);
            if (txid != 0) {
                cr_assert_gt(at, last, "seed %lu", (unsigned long)seed);
                last = at;
                seen[n++ % 16] = at;
            }
            if (gi_coordinator_commit(&c, &at) != 0)
                cr_assert_geq(at, gi_coordinator_floor(&c));
            switch (gi_rng_below(&rng, 4)) {
            case 0:
                done = gi_coordinator_done(&c, some);
                cr_assert(done == 0 || done == counted + 1);
                counted += done != 0;
                break;
            case 1:
                if (gi_rng_below(&rng, 3) == 0)
                    gi_coordinator_failed(&c, some, now);
                break;
            default:
                gi_coordinator_processed(&c, some);
            }
            now += (int64_t)gi_rng_below(&rng, 50 * MS);
        }
    }
}
