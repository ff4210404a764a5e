#include "bench/gaps.h"

enum { STEP_NS = 10000 };

void gaps_wait(const gaps *g, double load, gi_hist *to)
{
    double wait = 0;
    size_t next = 0;

    for (int64_t now = 0; now < g->span_ns; now += STEP_NS) {
        for (; next < g->n && g->at[next].at_ns < now + STEP_NS; next++)
            wait += (double)g->at[next].len_ns;
        gi_hist_record(to, (uint64_t)wait);
        wait -= (1 - load) * STEP_NS;
        if (wait < 0)
            wait = 0;
    }
}
