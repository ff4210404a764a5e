/* How many trees a spout may have pending where nobody said. */
#include <criterion/criterion.h>

#include "worker/ahead.h"

enum { LEAST = 300, MOST = 4096, MS = 1000000 };

static gi_ahead fresh(void)
{
    gi_ahead a = { .least = LEAST, .most = MOST, .now = MOST };

    gi_ahead_look(&a, 1 * MS, 0, 0, false);
    return a;
}

/* `ms` of a spout that always has as many pending as it may, and hears of
 * `per_ms` acks in each, looked at four times in one. */
static void busy(gi_ahead *a, int ms, uint64_t per_ms)
{
    int64_t now = a->since_ns;
    uint64_t acked = a->acked;

    for (int i = 1; i <= 4 * ms; i++)
        gi_ahead_look(a, now + i * (MS / 4), a->now,
                      acked + (uint64_t)i * per_ms / 4, false);
}

Test(ahead, is_what_is_acked_in_two_milliseconds)
{
    gi_ahead a = fresh();

    busy(&a, 4, 500);
    cr_assert_eq(a.now, 1000);
    busy(&a, 4, 1250);
    cr_assert_eq(a.now, 2500);
}

Test(ahead, stays_within_its_bounds)
{
    gi_ahead a = fresh();

    busy(&a, 4, 100);
    cr_assert_eq(a.now, LEAST);
    busy(&a, 4, 100000);
    cr_assert_eq(a.now, MOST);
}

Test(ahead, stays_as_it_is_where_it_kept_nobody_waiting)
{
    gi_ahead a = fresh();

    for (int i = 1; i <= 100; i++)
        gi_ahead_look(&a, (1 + i) * MS, MOST - 1, (uint64_t)i * 100, false);
    cr_assert_eq(a.now, MOST);
}

Test(ahead, stays_as_it_is_while_nothing_is_acked)
{
    gi_ahead a = fresh();

    busy(&a, 4, 500);
    busy(&a, 1000, 0);
    cr_assert_eq(a.now, 1000);
}

Test(ahead, gives_way_at_once_to_who_holds_and_waits_for_more)
{
    gi_ahead a = fresh();

    busy(&a, 4, 100);
    cr_assert_eq(a.now, LEAST);
    cr_assert_not(gi_ahead_look(&a, a.since_ns + 1, LEAST - 1, a.acked, true));
    cr_assert_eq(a.now, LEAST);
    cr_assert(gi_ahead_look(&a, a.since_ns + 2, LEAST, a.acked, true));
    cr_assert_eq(a.now, MOST);

    /* And for as long as it does. */
    for (int64_t i = 1; i < 20; i++)
        gi_ahead_look(&a, a.since_ns + MS, MOST, a.acked + 100, true);
    cr_assert_eq(a.now, MOST);
    busy(&a, 4, 100);
    cr_assert_eq(a.now, LEAST);
}

Test(ahead, a_round_without_the_core_is_soon_forgotten)
{
    gi_ahead a = fresh();

    busy(&a, 4, 1250);
    gi_ahead_look(&a, a.since_ns + 20 * MS, a.now, a.acked + 5000, false);
    cr_assert_lt(a.now, 2500);
    busy(&a, 2, 1250);
    cr_assert_eq(a.now, 2500);
}
