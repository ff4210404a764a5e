/* micro.h -- the parts that are measured, but for the small ones in micro.c.
 */
#ifndef BENCH_MICRO_H
#define BENCH_MICRO_H

#include "bench/bench.h"

/* `n` times one part.  Returns the nanoseconds that one took; *ok becomes
 * false if the part did not do what it should. */
typedef double (*micro_run)(uint64_t n, bool *ok);

/* A thing to another thread. */
double micro_hop(uint64_t n, bool *ok);

/* micro_loop.c: a turn in which nothing happens; a tuple of one number from a
 * spout to a bolt on the same loop, all of its way, and emitting it alone. */
double micro_empty_turn(uint64_t n, bool *ok);
double micro_emit(uint64_t n, bool *ok);
double micro_emit_tracked(uint64_t n, bool *ok);
double micro_emit_execute(uint64_t n, bool *ok);
double micro_emit_execute_ack(uint64_t n, bool *ok);

/* codec.c: a tuple of one word into a frame, and out of it again. */
double micro_frame_encode(uint64_t n, bool *ok);
double micro_frame_decode(uint64_t n, bool *ok);

#endif
