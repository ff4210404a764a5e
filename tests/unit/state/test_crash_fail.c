/* Every call fails once, or from some moment on: it is said, nothing is half
 * done, and when there is room again it goes on as if nothing had happened. */
#define _GNU_SOURCE
#include "crash.h"

#include "base/failpoint.h"

TestSuite(crash_fail, .init = setup, .fini = house_remove, .timeout = 120);

/* From what is there to the end; true: without an error.  Whoever is told of
 * one opens the parts anew, as is asked of him. */
static bool go_on(gale_diag *why)
{
    enum { PARTS = 2 };
    gale_map *m[PARTS] = { NULL };
    gale_err rv = GALE_OK;
    uint64_t least = UINT64_MAX;

    for (uint32_t p = 0; rv == GALE_OK && p < PARTS; p++) {
        rv = open_one(&m[p], p, PARTS, why);
        if (rv == GALE_OK && gale_map_txid(m[p]) < least)
            least = gale_map_txid(m[p]);
    }
    for (uint64_t t = least + 1; rv == GALE_OK && t <= BATCHES; t++)
        for (uint32_t p = 0; rv == GALE_OK && p < PARTS; p++)
            if (gale_map_txid(m[p]) <= t)
                rv = one_batch(m[p], p, PARTS, t, 0, why);
    for (uint32_t p = 0; p < PARTS; p++)
        gale_map_close(m[p]);
    return rv == GALE_OK;
}

static void check_end(const char *what)
{
    gale_diag why = { "" };
    int64_t sums[WORDS];

    model(BATCHES, 0, sums);
    for (uint32_t p = 0; p < 2; p++) {
        gale_map *m;

        cr_assert_eq(open_one(&m, p, 2, &why), GALE_OK, "%s", why.text);
        for (int w = 0; w < WORDS; w++)
            if (gale_state_part(groups[w], 2) == p)
                cr_assert_eq(house_get(m, words[w]), sums[w],
                             "%s: '%s' is %ld, not %ld", what, words[w],
                             (long)house_get(m, words[w]), (long)sums[w]);
        gale_map_close(m);
    }
}

/* `as_well` calls behind the first fail, too. */
static void fail_everywhere(int error, long as_well)
{
    unsigned refused = 0;
    long at = 1, made;

    do {
        char what[64];
        gale_diag why = { "" };

        clean();
        snprintf(what, sizeof(what), "%s at call %ld", strerror(error), at);
        calls.how = CALLS_FAIL;
        calls.error = error;
        calls.n = 0;
        calls.at = at;
        calls.as_well = as_well;
        for (int i = 0; !go_on(&why); i++) {
            cr_assert_lt(i, 200, "%s: %s", what, why.text);
            cr_assert_neq(why.text[0], '\0', "%s: an error without words",
                          what);
            refused++;
        }
        made = calls.n;
        calls.how = CALLS_COUNT;
        check_end(what);
        at += 1 + at / 60;
    } while (at <= made);
    cr_expect_gt(refused, 30, "refused only %u times", refused);
}

Test(crash_fail, a_full_disk_once)
{
    fail_everywhere(ENOSPC, 0);
}

Test(crash_fail, a_full_disk_for_a_while)
{
    fail_everywhere(ENOSPC, 7);
}

Test(crash_fail, a_disk_that_fails)
{
    fail_everywhere(EIO, 0);
}

/* As a fault plan has it. */
Test(crash_fail, writes_and_syncs_that_are_planned_to_fail)
{
    for (int point = GI_POINT_WRITE; point <= GI_POINT_SYNC; point++)
        for (uint64_t n = 1; n < 60; n++) {
            gi_point_plan plan = { .first = n, .count = 1 + n % 3 };
            gale_diag why = { "" };
            int times = 0;

            clean();
            gi_point_arm((gi_point)point, 0, &plan);
            while (!go_on(&why))
                cr_assert_lt(times++, 20, "%s", why.text);
            cr_expect_gt(times, 0, "point %d, %lu", point, (unsigned long)n);
            gi_point_disarm((gi_point)point);
            check_end("planned");
        }
}
