/* grouped.h -- one source, one reader of four tasks, and who got what. */
#ifndef TESTS_SEMANTICS_GROUPED_H
#define TESTS_SEMANTICS_GROUPED_H

#include "semantics.h"

/* How many tuples each task of a component got. */
static inline void count_by_index(const char *component, uint32_t *n,
                                  uint32_t cap)
{
    memset(n, 0, cap * sizeof(*n));
    for (size_t i = 0; i < n_seen; i++)
        if (strcmp(seen[i].component, component) == 0 && seen[i].index < cap)
            n[seen[i].index]++;
}

static inline void feed_numbers(gale_test *t, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        feed(t, "source", (uint64_t)i, ROW(I64(i)));
    settle(t);
    cr_assert_eq(acked(t, "source"), (size_t)n);
}

#define ONE_READER(...)                       \
    {                                         \
        { .id = "source", .spout = &source }, \
            { .id = "sink",                   \
              .bolt = &sink,                  \
              .inputs = __VA_ARGS__,          \
              .tasks = 4 },                   \
    }

#endif
