/* together.h -- what tests of execute_batch share: what they were handed. */
#ifndef TESTS_UNIT_SEMANTICS_TOGETHER_H
#define TESTS_UNIT_SEMANTICS_TOGETHER_H

#include "semantics.h"

/* Calls, and the most tuples at once, of all bolts of the test. */
static size_t calls, most;

static inline void note_call(size_t n)
{
    calls++;
    most = n > most ? n : most;
}

/* What comes next of the source is fed, settled and counted anew. */
static inline void feed_many(gale_test *t, uint64_t n)
{
    calls = most = 0;
    for (uint64_t i = 0; i < n; i++)
        feed(t, "s", i, ROW(I64(i)));
    settle(t);
}

#endif
