/* How far a shuffle reaches, by how busy loops are. */
#include <criterion/criterion.h>

#include "base/mix.h"
#include "worker/scope.h"

enum { LOOK_MS = 2, BEGAN_MS = 1000 };

static const gi_scope_rule rule = { 800, 200 };

/* A worker whose loads are told, looked at every two milliseconds. */
struct sight {
    uint64_t word, now_ms;
    uint64_t home_ms, widened, last_ms, least_apart_ms;
};

static struct sight fresh(void)
{
    return (struct sight){ .word = gi_scope_begin(BEGAN_MS),
                           .now_ms = BEGAN_MS,
                           .least_apart_ms = UINT64_MAX };
}

static bool is_home(const struct sight *s)
{
    return gi_scope_home(s->word, s->now_ms);
}

/* One look: own load, that of the one other loop, and what crossing costs. */
static void look_at(struct sight *s, uint32_t own, uint32_t other,
                    uint32_t crossing)
{
    gi_scope_loads loads = { s->now_ms, own, 2, own + other, crossing };
    bool home = is_home(s);

    s->now_ms += LOOK_MS;
    s->home_ms += home ? LOOK_MS : 0;
    home = is_home(s);
    s->word = gi_scope_next(s->word, &rule, s->now_ms, &loads);
    if (!home || is_home(s))
        return;
    if (s->widened++ > 0 && s->now_ms - s->last_ms < s->least_apart_ms)
        s->least_apart_ms = s->now_ms - s->last_ms;
    s->last_ms = s->now_ms;
}

static void look(struct sight *s, uint32_t own, uint32_t other)
{
    look_at(s, own, other, 0);
}

/* The loads are those at home where it is home, and else those of all. */
static void last(struct sight *s, uint64_t ms, uint32_t own, uint32_t other,
                 uint32_t own_all, uint32_t other_all)
{
    for (uint64_t end = s->now_ms + ms; s->now_ms < end;)
        if (is_home(s))
            look(s, own, other);
        else
            look(s, own_all, other_all);
}

Test(scope, begins_with_all_and_then_tries_home)
{
    struct sight s = fresh();

    cr_assert(!is_home(&s));
    last(&s, GI_SCOPE_WAIT_MS - LOOK_MS, 900, 900, 900, 900);
    cr_assert(!is_home(&s));
    last(&s, 2 * LOOK_MS, 900, 900, 900, 900);
    cr_assert(is_home(&s));
}

Test(scope, stays_home_while_all_are_equally_busy)
{
    for (uint32_t load = 0; load <= 1000; load += 50) {
        struct sight s = fresh();

        last(&s, 10000, load, load, load, load);
        cr_assert_eq(s.widened, 0, "at %u", load);
        cr_assert_geq(s.home_ms, 10000 - GI_SCOPE_WAIT_MS - LOOK_MS);
    }
}

Test(scope, stays_home_below_the_higher_bound_though_others_idle)
{
    struct sight s = fresh();

    last(&s, 10000, 799, 0, 400, 400);
    cr_assert_eq(s.widened, 0);
}

Test(scope, widens_at_the_higher_bound_if_others_have_time)
{
    struct sight s = fresh();

    last(&s, 1000, 0, 0, 0, 0);
    look(&s, 800, 800 - 2 * GI_SCOPE_GAP + 2);
    cr_assert(is_home(&s), "too small a gap");
    look(&s, 800, 800 - 2 * GI_SCOPE_GAP);
    cr_assert(!is_home(&s));
}

/* A loop that catches up after a gap, beside one at 80 %: what tuples that
 * cross cost, both of them do not have. */
Test(scope, stays_home_if_crossing_costs_more_than_there_is_to_gain)
{
    struct sight s = fresh();

    last(&s, 1000, 0, 0, 0, 0);
    for (int i = 0; i < 1000; i++)
        look_at(&s, 1000, 800, 100 - GI_SCOPE_GAP + 1);
    cr_assert_eq(s.widened, 0);
    look_at(&s, 1000, 800, 100 - GI_SCOPE_GAP);
    cr_assert(!is_home(&s));
}

Test(scope, of_a_busy_and_a_silent_loop_is_nearly_always_all)
{
    struct sight s = fresh();

    last(&s, 60000, 1000, 0, 1000, 1000);
    cr_assert_leq(s.home_ms, 60000 / 200, "%llu ms at home",
                  (unsigned long long)s.home_ms);
    cr_assert_geq(s.widened, GI_SCOPE_LEVELS, "it has to try");
}

Test(scope, finds_home_again_within_the_longest_wait)
{
    struct sight s = fresh();

    last(&s, 60000, 1000, 0, 1000, 1000); /* one spout ... */
    s.home_ms = 0;
    last(&s, 20000, 1000, 1000, 1000, 1000); /* ... then two */
    cr_assert(is_home(&s));
    cr_assert_geq(s.home_ms, 20000 - 5200);
}

Test(scope, comes_home_before_its_time_when_there_is_little_to_do)
{
    struct sight s = fresh();

    last(&s, 60000, 1000, 0, 1000, 1000);
    while (is_home(&s))
        look(&s, 1000, 0);
    uint64_t began_ms = s.now_ms;
    last(&s, 200, 100, 100, 100, 100); /* together 200: not below `low` */
    cr_assert(!is_home(&s));
    while (!is_home(&s))
        look(&s, 99, 100);
    cr_assert_leq(s.now_ms - began_ms, 200 + LOOK_MS);
}

Test(scope, does_not_judge_home_by_what_came_before_it)
{
    struct sight s = fresh();

    while (!is_home(&s))
        look(&s, 1000, 1000);
    uint64_t home_ms = s.now_ms;
    gi_scope_loads before = { home_ms - 50, 1000, 2, 1000, 0 };

    /* A look that began before, and one at what was still on its way. */
    s.word = gi_scope_next(s.word, &rule, home_ms + 50, &before);
    cr_assert(gi_scope_home(s.word, home_ms + 50));
    look(&s, 1000, 0);
    cr_assert(is_home(&s));
}

Test(scope, a_home_that_lasted_counts_as_right)
{
    struct sight s = fresh();

    last(&s, 60000, 1000, 0, 1000, 1000);
    cr_assert_eq(s.word & 0xff, GI_SCOPE_LEVELS);
    last(&s, 60000, 1000, 1000, 1000, 1000);
    look(&s, 1000, 0);
    cr_assert(!is_home(&s));
    cr_assert_eq(s.word & 0xff, 0, "one bad moment after that is one");
    last(&s, GI_SCOPE_WAIT_MS + LOOK_MS, 1000, 1000, 1000, 1000);
    cr_assert(is_home(&s));
}

/* Whatever loads are: it widens at most once in 24 ms, and levels and words
 * stay in their bounds. */
Test(scope, whatever_happens_does_not_flap)
{
    for (uint64_t seed = 1; seed <= 50; seed++) {
        gi_rng r = { gi_mix64(seed) };
        struct sight s = fresh();
        uint64_t until = 0;

        for (int i = 0; i < 20000; i++) {
            uint32_t own = (uint32_t)gi_rng_below(&r, 3) * 500;
            uint32_t other = (uint32_t)gi_rng_below(&r, 3) * 500;

            if (seed % 2 == 0) { /* for long spells */
                own = i / 64 % 2 == 0 ? 1000 : 10;
                other = i / 8 % 2 == 0 ? 10 : 100;
            }
            look(&s, own, other);
            cr_assert_leq(s.word & 0xff, GI_SCOPE_LEVELS);
            cr_assert_leq(s.word >> 8, s.now_ms + 5120);
            cr_assert(s.word >> 8 >= until || s.word >> 8 >= s.now_ms);
            until = s.word >> 8;
        }
        cr_assert_gt(s.widened, 0);
        cr_assert_geq(s.least_apart_ms, GI_SCOPE_WAIT_MS + GI_SCOPE_SETTLE_MS);
    }
}
