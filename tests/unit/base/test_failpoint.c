#include "base/failpoint.h"

#include <criterion/criterion.h>
#include <stdio.h>

static void disarm(void)
{
    gi_point_disarm(GI_POINT_WRITE);
    gi_point_disarm(GI_POINT_SYNC);
}

TestSuite(failpoint, .fini = disarm);

/* Which of the next `n` calls fail, as a string of - and x. */
static const char *calls(gi_point p, int n)
{
    static char text[64];

    for (int i = 0; i < n; i++)
        text[i] = gi_point_fails(p) ? 'x' : '-';
    text[n] = '\0';
    return text;
}

static void arm(gi_point_plan plan)
{
    gi_point_arm(GI_POINT_WRITE, 0, &plan);
}

Test(failpoint, nothing_fails_unless_it_is_armed)
{
    cr_assert_str_eq(calls(GI_POINT_WRITE, 10), "----------");
}

Test(failpoint, the_nth_call_fails)
{
    arm((gi_point_plan){ .first = 3, .count = 1 });
    cr_assert_str_eq(calls(GI_POINT_WRITE, 10), "--x-------");
}

Test(failpoint, and_so_many_behind_it)
{
    arm((gi_point_plan){ .first = 2, .count = 4 });
    cr_assert_str_eq(calls(GI_POINT_WRITE, 10), "-xxxx-----");
}

Test(failpoint, and_then_one_in_so_many)
{
    arm((gi_point_plan){ .first = 2, .count = 1, .every = 3 });
    cr_assert_str_eq(calls(GI_POINT_WRITE, 12), "-x--x--x--x-");
}

Test(failpoint, calls_are_counted_from_the_arming)
{
    calls(GI_POINT_WRITE, 17);
    arm((gi_point_plan){ .first = 1, .count = 1 });
    cr_assert_str_eq(calls(GI_POINT_WRITE, 3), "x--");
}

Test(failpoint, each_point_is_its_own)
{
    arm((gi_point_plan){ .first = 1, .count = 100 });
    cr_assert_str_eq(calls(GI_POINT_SYNC, 5), "-----");
    cr_assert_str_eq(calls(GI_POINT_WRITE, 5), "xxxxx");
}

Test(failpoint, disarmed_it_fails_no_more)
{
    arm((gi_point_plan){ .first = 1, .count = 100 });
    calls(GI_POINT_WRITE, 1);
    gi_point_disarm(GI_POINT_WRITE);
    cr_assert_str_eq(calls(GI_POINT_WRITE, 5), "-----");
}

Test(failpoint, by_chance_about_as_many_fail_as_it_says_and_always_the_same)
{
    char first[64];
    int n = 0;

    arm((gi_point_plan){ .chance = UINT64_MAX / 4, .seed = 9 });
    snprintf(first, sizeof(first), "%s", calls(GI_POINT_WRITE, 60));
    for (int i = 0; i < 4000; i++)
        n += gi_point_fails(GI_POINT_WRITE);
    cr_assert(n > 800 && n < 1200, "%d of 4000", n);
    arm((gi_point_plan){ .chance = UINT64_MAX / 4, .seed = 9 });
    cr_assert_str_eq(calls(GI_POINT_WRITE, 60), first);
    arm((gi_point_plan){ .chance = UINT64_MAX / 4, .seed = 10 });
    cr_assert_str_neq(calls(GI_POINT_WRITE, 60), first);
}

Test(failpoint, what_failed_is_counted)
{
    uint64_t asked = gi_point_asked(GI_POINT_WRITE);
    uint64_t failed = gi_point_failed(GI_POINT_WRITE);

    arm((gi_point_plan){ .first = 2, .count = 3 });
    calls(GI_POINT_WRITE, 10);
    cr_assert_eq(gi_point_asked(GI_POINT_WRITE) - asked, 10);
    cr_assert_eq(gi_point_failed(GI_POINT_WRITE) - failed, 3);
}

Test(failpoint, plans_stand_side_by_side)
{
    gi_point_plan second = { .first = 5, .count = 1 };

    arm((gi_point_plan){ .first = 2, .count = 1 });
    gi_point_arm(GI_POINT_WRITE, 7, &second);
    cr_assert_str_eq(calls(GI_POINT_WRITE, 8), "-x--x---");
}
