#include "base/env.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"

static int64_t now_ns(void *arg)
{
    (void)arg;
    return gi_clock_ns();
}

static int64_t wall_ms(void *arg)
{
    struct timespec ts;

    (void)arg;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* getrandom cannot fail for 8 bytes once the kernel's pool is up; before that
 * it waits, which is what we want. */
static uint64_t entropy(void *arg)
{
    uint64_t x = 0;

    (void)arg;
    while (getrandom(&x, sizeof(x), 0) != (ssize_t)sizeof(x))
        ;
    return x;
}

static void nap(void *arg)
{
    (void)arg;
    gi_clock_nap_ms(1);
}

const gi_env gi_env_real = {
    .now_ns = now_ns,
    .wall_ms = wall_ms,
    .entropy = entropy,
    .nap = nap,
};
