/* starts.h -- a spout that takes little of the machine: it says where to
 * start, and the bolt behind it makes what is measured.
 *
 * Its argument is how many there are to be in all, a uint64_t.  It emits every
 * STARTS_EACH-th number below that, tracked; who gets one makes the numbers
 * from there to the next start, or to the end.  Its tasks share the starts.
 */
#ifndef BENCH_STARTS_H
#define BENCH_STARTS_H

#include "gale/gale.h"

enum { STARTS_EACH = 16 };

extern const gale_spout starts;

/* Who got `start` makes the numbers below this one. */
static inline uint64_t starts_end(uint64_t start, uint64_t all)
{
    return all - start < STARTS_EACH ? all : start + STARTS_EACH;
}

#endif
