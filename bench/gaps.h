/* gaps.h -- when a thread that wanted to run did not, and what that does to
 * those who wait for it.
 *
 * Take a server that is perfect but for running on such a thread.  What comes
 * in a gap waits for its end, and then for all that came before; and of that
 * it works off no more than 1 - load in the time that passes:
 *
 *     wait |  |\
 *          |  | \  falls by 1 - load          a gap of 5 ms at a load of 80 %
 *          |  |  \                            delays what comes in 25 ms
 *          |__|___\_____________ time
 *
 * So no runtime whose loops keep to their own work can have a quantile below
 * that of these waits.
 *
 * Pure.
 */
#ifndef BENCH_GAPS_H
#define BENCH_GAPS_H

#include <stddef.h>

#include "base/hist.h"

typedef struct gaps_gap {
    int64_t at_ns, len_ns;
} gaps_gap;

/* `n` gaps in order, and for how long was looked: from 0 to `span_ns`. */
typedef struct gaps {
    const gaps_gap *at;
    size_t n;
    int64_t span_ns;
} gaps;

/* The waits (ns) of customers who come all the time, one each 10 us, added to
 * `to`; `load` from 0 to below 1. */
void gaps_wait(const gaps *g, double load, gi_hist *to);

#endif
