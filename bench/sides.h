/* sides.h -- cases that do the same in two ways, at several sizes.
 *
 * At each size it is found out how much the first side does in the time of a
 * run; then both do so much, in turn (bench.h).  What is put into the report
 * of a size: how many of the unit a run did, how many of them each side did a
 * second, and the ratio of the second side to the first.
 */
#ifndef BENCH_SIDES_H
#define BENCH_SIDES_H

#include "bench/bench.h"

typedef struct sides_size {
    const char *name;
    uint32_t value; /* what it is the size of, as the case likes it */
    uint32_t round; /* a run does a multiple of this; never 0 */
} sides_size;

/* One run of one side: `n` of the unit.  How many a second; 0 if something
 * was wrong, and that is said. */
typedef double (*sides_run)(const bench_opts *o, uint32_t value, uint64_t n,
                            bool second);

typedef struct sides {
    const char *unit;
    const char *name[2]; /* of the sides, as --only has them */
    const sides_size *sizes;
    size_t n_sizes;
    const sides_size *profiled; /* the size for --tuples */
    sides_run run;
} sides;

/* With o->tuples: one run of so many at least, of the side that --only names
 * or of the first.  False, as in bench.h. */
bool sides_measure(const sides *s, const bench_opts *o, bench_report *r);

#endif
