/* numbered.h -- numbers from 0, in batches (sources.h), each with a time. */
#ifndef TEST_SEMANTICS_NUMBERED_H
#define TEST_SEMANTICS_NUMBERED_H

#include "base/mix.h"

enum { TOTAL = 480, SIZE = 40, KEYS = 4, MOST = 700, OFF = 60 };

#include "sources.h"

enum { JITTER = 300, MILLION = 1000000 };

/* When number n was: nearly in order.  The last one comes so late that it
 * closes all before it. */
static int64_t time_of(int64_t n)
{
    return n == TOTAL - 1
               ? 10 * MOST
               : 10 * n + (int64_t)(gi_mix64((uint64_t)n + 7) % JITTER);
}

#endif
