/* fused.h -- what tests of fused bolts share. */
#ifndef TESTS_UNIT_SEMANTICS_FUSED_H
#define TESTS_UNIT_SEMANTICS_FUSED_H

#include "semantics.h"

/* What happened, in order, a letter each. */
__attribute__((unused)) static char said[512];
__attribute__((unused)) static size_t n_said;

static inline void said_nothing(void)
{
    n_said = 0;
    said[0] = '\0';
}

static inline void say(const char *what)
{
    n_said +=
        (size_t)snprintf(said + n_said, sizeof(said) - n_said, "%s", what);
    cr_assert_lt(n_said, sizeof(said));
}

/* Rows with the numbers from 0, and all that comes of them. */
static inline void feed_numbers(gale_test *t, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        feed(t, "s", i, ROW(I64(i)));
    settle(t);
}

/* All that was seen, of one reader. */
static inline void expect_in_order(int64_t n)
{
    cr_assert_eq(n_seen, (size_t)n);
    for (int64_t i = 0; i < n; i++)
        cr_expect_eq(seen[i].n, i);
}

#endif
