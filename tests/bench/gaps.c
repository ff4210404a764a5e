/* gaps.c -- what one gap does to those who wait. */
#include "bench/gaps.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int wrong;

static void about(const char *what, double is, double want)
{
    if (fabs(is - want) <= want * 0.05 + 1)
        return;
    printf("%s: %g, not %g\n", what, is, want);
    wrong = 1;
}

/* How many of a hundred waited for longer than `ns`. */
static double percent_over(const gi_hist *h, uint64_t ns)
{
    uint64_t n = 0;

    for (unsigned b = gi_hist_bucket(ns) + 1; b < GI_HIST_BUCKETS; b++)
        n += h->count[b];
    return 100.0 * (double)n / (double)h->n;
}

static void wait_for(const gaps_gap *gap, size_t n, double load, gi_hist *to)
{
    gaps g = { gap, n, 100000000 };

    memset(to, 0, sizeof(*to));
    gaps_wait(&g, load, to);
}

int main(void)
{
    static const gaps_gap one[] = { { 1000000, 5000000 } };
    static const gaps_gap two[] = { { 1000000, 5000000 },
                                    { 11000000, 5000000 } };
    gi_hist h;

    wait_for(NULL, 0, 0.8, &h);
    about("with no gap, the most", (double)h.max, 0);

    /* 5 ms in 100, worked off at a fifth of the speed: 25 ms are late. */
    wait_for(one, 1, 0.8, &h);
    about("all of them", (double)h.n, 10000);
    about("the most", (double)h.max, 5e6);
    about("those who wait", percent_over(&h, 64), 25);
    about("those who wait for 3 ms", percent_over(&h, 3000000), 10);

    /* With nothing to do they wait for its end only. */
    wait_for(one, 1, 0, &h);
    about("at no load, those who wait", percent_over(&h, 64), 5);

    /* The second comes 10 ms later, when 3 ms are left of the first. */
    wait_for(two, 2, 0.8, &h);
    about("of two, the most", (double)h.max, 8e6);
    about("of two, those who wait", percent_over(&h, 64), 50);
    return wrong;
}
