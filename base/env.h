/* env.h -- the outside world as one small table.
 *
 * What decides never reads a clock or asks for chance by itself: it is handed
 * this table.  The real one is gi_env_real; tests and simulation bring their
 * own, and the same code runs on a virtual clock from one seed.
 */
#ifndef GI_BASE_ENV_H
#define GI_BASE_ENV_H

#include <stdint.h>

typedef struct gi_env {
    void *arg;
    int64_t (*now_ns)(void *arg);   /* monotonic; costs about 25 ns */
    int64_t (*wall_ms)(void *arg);  /* since 1970, for display only */
    uint64_t (*entropy)(void *arg); /* 64 bits nobody else has */
    void (*nap)(void *arg);         /* about a millisecond, when there is
                                       nothing left but to wait for others */
} gi_env;

/* CLOCK_MONOTONIC, CLOCK_REALTIME, getrandom(2), nanosleep(2).  Thread  any */
extern const gi_env gi_env_real;

#endif
