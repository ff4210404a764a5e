/* clock.h -- the clock that only goes forward (CLOCK_MONOTONIC), for whoever
 * waits for something outside: a file, a socket, another process, a person.
 *
 * What decides reads no clock; it is handed one (base/env.h).
 *
 * Thread  any
 */
#ifndef GI_BASE_CLOCK_H
#define GI_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

int64_t gi_clock_ns(void);
int64_t gi_clock_ms(void);

/* So long from now (at least 0), as pthread_cond_timedwait takes it where the
 * condition goes by this clock. */
struct timespec gi_clock_in_ms(int64_t ms);

/* Sleep so long, or until a signal comes. */
void gi_clock_nap_ms(int64_t ms);

#endif
