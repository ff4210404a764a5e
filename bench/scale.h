/* scale.h -- what the parts of the case `scale` share. */
#ifndef BENCH_SCALE_H
#define BENCH_SCALE_H

#include "bench/bench.h"

/* What the steps of a dimension cost; the worst is how much a step costs
 * against the one before. */
typedef struct scale_steps {
    double last, worst;
} scale_steps;

static inline void scale_step(scale_steps *s, double cost)
{
    if (s->last > 0 && cost / s->last > s->worst)
        s->worst = cost / s->last;
    s->last = cost;
}

/* The same question for worker processes. */
bool scale_workers(const bench_opts *o, bench_report *r);

#endif
