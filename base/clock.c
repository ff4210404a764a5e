#include "base/clock.h"

enum { MS = 1000000, S = 1000000000 };

static struct timespec now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t;
}

int64_t gi_clock_ns(void)
{
    struct timespec t = now();

    return (int64_t)t.tv_sec * S + t.tv_nsec;
}

int64_t gi_clock_ms(void)
{
    return gi_clock_ns() / MS;
}

/* In parts: in nanoseconds not every number of milliseconds fits. */
struct timespec gi_clock_in_ms(int64_t ms)
{
    struct timespec t = now();

    t.tv_sec += (time_t)(ms / 1000);
    t.tv_nsec += (long)(ms % 1000) * MS;
    if (t.tv_nsec >= S) {
        t.tv_nsec -= S;
        t.tv_sec++;
    }
    return t;
}

void gi_clock_nap_ms(int64_t ms)
{
    struct timespec t = { .tv_sec = (time_t)(ms / 1000),
                          .tv_nsec = (long)(ms % 1000) * MS };

    nanosleep(&t, NULL);
}
