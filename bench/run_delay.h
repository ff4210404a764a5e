/* run_delay.h -- when a thread was kept from its work, in the very run that
 * is measured.
 *
 * A thread that looks at the clock again and again finds gaps between two
 * looks.  In some of them it worked, in some it slept, in some it had work
 * and no processor.  Only the kernel knows: its `run_delay` of a thread is
 * how long that one was ready and did not run (schedstat in proc(5)).
 * Asking takes a few microseconds, and is done at a gap only.
 *
 * What is shorter than a gap is said of the next one.  Left out are interrupts
 * and a host that stops the whole machine, which no thread waits for as its
 * kernel sees it.
 */
#ifndef BENCH_RUN_DELAY_H
#define BENCH_RUN_DELAY_H

#include <stdint.h>

#include "bench/gaps.h"

enum { RUN_DELAY_LEAST_NS = 100000, RUN_DELAY_MOST = 4096 };

/* Of one thread, which alone uses it. */
typedef struct run_delay {
    int fd; /* of its schedstat; -1: there is none, so there are no gaps */
    int64_t began_ns, looked_ns;
    int64_t delay_ns; /* of all time, at the last gap */
    size_t n;
    gaps_gap gap[RUN_DELAY_MOST]; /* what comes then is left out */
} run_delay;

/* By the thread it is of. */
void run_delay_open(run_delay *r);
void run_delay_close(run_delay *r);

/* Between two looks was a gap, and all that the kernel knows of is `delay_ns`
 * now.  Pure; the look below asks and says so. */
void run_delay_gap(run_delay *r, int64_t now_ns, int64_t delay_ns);

int64_t run_delay_ask(const run_delay *r);

/* What was before does not count. */
static inline void run_delay_begin(run_delay *r, int64_t now_ns)
{
    r->began_ns = r->looked_ns = now_ns;
    r->delay_ns = run_delay_ask(r);
    r->n = 0;
}

static inline void run_delay_look(run_delay *r, int64_t now_ns)
{
    if (now_ns - r->looked_ns >= RUN_DELAY_LEAST_NS)
        run_delay_gap(r, now_ns, run_delay_ask(r));
    r->looked_ns = now_ns;
}

/* What these gaps would do to a perfect server: gaps_wait. */
void run_delay_wait(const run_delay *r, double load, gi_hist *to);

#endif
