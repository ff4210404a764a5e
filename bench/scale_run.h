/* scale_run.h -- one step of the case `scale`: a topology of a given size, run
 * for a while, and what a tuple cost.
 *
 *     source --shuffle--> layer 1 --> ... --> layer DEPTH
 *
 * Every layer but the last passes on what it gets, the first one FAN_OUT
 * times. The last one counts, and may hold the tuples that came last, so that
 * so many trees are pending.
 */
#ifndef BENCH_SCALE_RUN_H
#define BENCH_SCALE_RUN_H

#include "bench/bench.h"

enum { SCALE_FIELDS = 64, SCALE_DEPTH = 32 };

typedef struct scale_shape {
    uint32_t loops;
    uint32_t spouts, tasks; /* tasks: of each layer */
    uint32_t depth, fan_out;
    uint32_t fields; /* i64, but for the last one if there are ... */
    uint32_t bytes;  /* ... bytes: it is a string of so many */
    uint32_t keys;   /* the first field is one of so many, and routes; 0: it
                        is a number, and tuples go in turn */
    uint32_t held;   /* trees kept pending; one spout, one task, one layer */
    bool untracked;  /* without ackers */
} scale_shape;

typedef struct scale_cost {
    double cpu_ns, wall_ns; /* a tuple that was executed */
    uint64_t rss_bytes;     /* the most that the process had */
} scale_cost;

/* Tuples of a tree, wherever they are executed. */
static inline uint64_t scale_tuples(const scale_shape *s)
{
    return s->depth < 2 ? 1 : 1 + (uint64_t)(s->depth - 1) * s->fan_out;
}

/* In a process of its own: `first` trees of each spout and then `measured`
 * ones.  False: it could not be run, or lost a tuple; said on stderr. */
bool scale_run(const scale_shape *s, uint64_t first, uint64_t measured,
               scale_cost *out);

#endif
