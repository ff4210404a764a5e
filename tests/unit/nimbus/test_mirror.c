/* A Nimbus that stands by, and whom it follows.  How programs come is in
 * tests/cluster/mirror.c. */
#include <criterion/criterion.h>

#include "base/mem.h"
#include "nimbus/mirror.h"

static int n_notes;

static void wake(void *arg)
{
    (void)arg;
}

static void note(void *arg, bool bad, const char *text)
{
    (void)arg;
    (void)text;
    n_notes += bad;
}

static bool follows(const gi_mirror *m)
{
    return gi_mirror_due(m) != UINT64_MAX;
}

Test(mirror, a_leader_who_could_not_be_followed_for_want_of_memory_is_later)
{
    static const char leader[] = "tcp://127.0.0.1:6627";
    gi_mirror_opts opts = { .id = "other", .wake = wake, .note = note };
    bool failed = true;
    gi_mirror *m;

    cr_assert_eq(gi_mirror_create(&m, &opts), GALE_OK);
    for (uint64_t n = 0; failed; n++) {
        gi_mem_fail_after(n, 1);
        gi_mirror_follow(m, leader);
        gi_mem_fail_after(0, 0);
        failed = !follows(m);
        gi_mirror_follow(m, leader);
        cr_assert(follows(m), "allocation %d", (int)n);
        gi_mirror_follow(m, NULL);
        cr_assert_not(follows(m));
    }
    cr_expect_gt(n_notes, 0);
    gi_mirror_destroy(m);
}
