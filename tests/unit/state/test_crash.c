/* Killed at every write, sync, rename, removal of a run: what is there then is
 * what some whole number of batches made, and a run that goes on from there
 * ends as if nothing had happened. */
#define _GNU_SOURCE
#include "crash.h"

TestSuite(crash, .init = setup, .fini = house_remove, .timeout = 120);

/* --------------------------------------------------------------- kills -- */

static gale_err two_parts(gale_diag *why)
{
    return run(2, 1, BATCHES, 0, why);
}

static void kill_everywhere(enum calls_how how)
{
    long at = 1;

    for (;; at++) {
        char what[64];

        clean();
        snprintf(what, sizeof(what), "killed at call %ld", at);
        bool hit = killed(how, at, two_parts);
        if (!hit)
            for (uint32_t p = 0; p < 2; p++)
                cr_assert_eq(told->committed[p], BATCHES);
        uint64_t least = check(2, what);
        if (!hit)
            break;
        /* What not all parts have is done again, as another attempt with other
         * tuples in it. */
        gale_diag why = { "" };
        uint64_t again = least < BATCHES ? least + 1 : BATCHES;
        int64_t sums[WORDS];

        cr_assert_eq(run(2, again, again, 1, &why), GALE_OK, "%s: %s", what,
                     why.text);
        model(again, 1, sums);
        for (uint32_t p = 0; p < 2; p++) {
            gale_map *m;

            cr_assert_eq(open_one(&m, p, 2, &why), GALE_OK, "%s", why.text);
            for (int w = 0; w < WORDS; w++)
                if (gale_state_part(groups[w], 2) == p)
                    cr_assert_eq(house_get(m, words[w]), sums[w],
                                 "%s, done again", what);
            gale_map_close(m);
        }
    }
    cr_expect_gt(at, 100, "there are more calls than %ld", at);
}

Test(crash, killed_before_every_call)
{
    kill_everywhere(CALLS_KILL);
}

Test(crash, killed_in_the_middle_of_every_write)
{
    kill_everywhere(CALLS_KILL_HALF);
}
