/* race.h -- what the programs here share: a check that names its place, a
 * clock, and an alarm, since a lost wake-up shows as waiting for ever. */
#ifndef TEST_RACE_H
#define TEST_RACE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define CHECK(what, ...)                                                 \
    do {                                                                 \
        if (!(what)) {                                                   \
            fprintf(stderr, "%s:%d: not true: %s; ", __FILE__, __LINE__, \
                    #what);                                              \
            fprintf(stderr, __VA_ARGS__);                                \
            fputc('\n', stderr);                                         \
            _Exit(1);                                                    \
        }                                                                \
    } while (0)

/* Sanitizers make everything slower by about this much. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { RACE_SLOWER = 4 };
#else
enum { RACE_SLOWER = 1 };
#endif

static inline int64_t race_now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static inline void race_nap_us(int64_t us)
{
    nanosleep(&(struct timespec){ .tv_nsec = us * 1000 }, NULL);
}

#endif
