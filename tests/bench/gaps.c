/* gaps.c -- what one gap does to those who wait, and which gaps are one. */
#include "bench/gaps.h"
#include "bench/run_delay.h"

#include <math.h>
#include <stdbool.h>
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

static void same(const char *what, int64_t is, int64_t want)
{
    if (is == want)
        return;
    printf("%s: %lld, not %lld\n", what, (long long)is, (long long)want);
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

/* Looks at 0, 1, 7, 12 ms, between which the thread was kept waiting for
 * nothing, 5 and 0.05; it does not matter what it did before. */
static void delays(void)
{
    static run_delay r = { .fd = -1 };
    gi_hist h = { 0 };

    r.delay_ns = 70;
    run_delay_gap(&r, 1000000, 70);
    r.looked_ns = 1000000;
    run_delay_gap(&r, 7000000, 5000070);
    r.looked_ns = 7000000;
    run_delay_gap(&r, 12000000, 5050070);
    r.looked_ns = 12000000;
    same("gaps", (int64_t)r.n, 1);
    same("its length", r.gap[0].len_ns, 5000000);
    same("where it is", r.gap[0].at_ns, 1000000);
    run_delay_wait(&r, 0, &h);
    about("the most of it", (double)h.max, 5e6);

    /* No more than the time between the looks. */
    run_delay_gap(&r, 13000000, 99000000);
    same("another gap", (int64_t)r.n, 2);
    same("its length is the time that passed", r.gap[1].len_ns, 1000000);
}

/* The kernel's word for this thread, if it has one: it never goes back. */
static void asks(void)
{
    static run_delay r;
    int64_t before;

    run_delay_open(&r);
    before = r.delay_ns;
    same("it goes on", run_delay_ask(&r) >= before && before >= 0, true);
    run_delay_close(&r);
    same("closed", r.fd, -1);
    same("of none", run_delay_ask(&r), 0);
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

    delays();
    asks();
    return wrong;
}
