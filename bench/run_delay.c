#include "bench/run_delay.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int64_t run_delay_ask(const run_delay *r)
{
    char text[80]; /* ns it ran, ns it waited, how often it ran */
    ssize_t n = r->fd < 0 ? -1 : pread(r->fd, text, sizeof(text) - 1, 0);
    char *ran_end;

    if (n <= 0)
        return 0;
    text[n] = '\0';
    strtoll(text, &ran_end, 10);
    return strtoll(ran_end, NULL, 10);
}

void run_delay_open(run_delay *r)
{
    r->fd = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
    r->delay_ns = run_delay_ask(r);
}

void run_delay_close(run_delay *r)
{
    if (r->fd >= 0)
        close(r->fd);
    r->fd = -1;
}

void run_delay_gap(run_delay *r, int64_t now_ns, int64_t delay_ns)
{
    int64_t gap = now_ns - r->looked_ns;
    int64_t delay = delay_ns - r->delay_ns; /* most of it in this gap */

    r->delay_ns = delay_ns;
    if (delay > gap)
        delay = gap;
    if (delay >= RUN_DELAY_LEAST_NS && r->n < RUN_DELAY_MOST)
        r->gap[r->n++] = (gaps_gap){ r->looked_ns - r->began_ns, delay };
}

void run_delay_wait(const run_delay *r, double load, gi_hist *to)
{
    gaps g = { r->gap, r->n, r->looked_ns - r->began_ns };

    gaps_wait(&g, load, to);
}
