/* micro.h -- parts that are measured in files of their own. */
#ifndef BENCH_MICRO_H
#define BENCH_MICRO_H

#include "bench/bench.h"

/* `n` times; nanoseconds of one.  *ok becomes false if it went wrong. */
double micro_hop(uint64_t n, bool *ok);

/* codec.c: a tuple of one word into a frame and out of it again, as an object
 * `frame`. */
bool micro_frame(const bench_opts *o, bench_report *r, double seconds);

#endif
