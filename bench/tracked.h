/* tracked.h -- counting words at least once without batches: each line is a
 * tree of tuples, what was counted is gone with the process.
 *
 *     lines -> split -> count, by word
 */
#ifndef BENCH_TRACKED_H
#define BENCH_TRACKED_H

#include "bench/bench.h"

/* The text of zipf.h.  Words a second; 0: it went wrong, said on stderr. */
double tracked_run(uint32_t loops);

#endif
