/* tools.c -- samples, clocks, and running a topology. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/env.h"
#include "bench/bench.h"

void bench_add(bench_samples *s, double value)
{
    if (s->n < BENCH_MAX_REPEATS)
        s->at[s->n++] = value;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double bench_ranked(const bench_samples *s, double share)
{
    bench_samples sorted = *s;

    if (s->n == 0)
        return 0;
    qsort(sorted.at, sorted.n, sizeof(sorted.at[0]), compare);
    double place = share * (sorted.n - 1);
    unsigned below = (unsigned)place;
    unsigned above = below + 1 < sorted.n ? below + 1 : below;
    double part = place - below;
    return sorted.at[below] * (1 - part) + sorted.at[above] * part;
}

double bench_median(const bench_samples *s)
{
    return bench_ranked(s, 0.5);
}

double bench_min(const bench_samples *s)
{
    return bench_ranked(s, 0);
}

double bench_max(const bench_samples *s)
{
    return bench_ranked(s, 1);
}

bench_samples bench_ratios(const bench_samples *a, const bench_samples *b)
{
    bench_samples ratios = { 0 };

    for (unsigned i = 0; i < a->n && i < b->n; i++)
        if (b->at[i] > 0)
            bench_add(&ratios, a->at[i] / b->at[i]);
    return ratios;
}

int64_t bench_now_ns(void)
{
    return gi_env_real.now_ns(NULL);
}

void bench_say(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    fputs("gale-bench: ", stderr);
    vfprintf(stderr, format, ap);
    fputc('\n', stderr);
    va_end(ap);
}

static uint64_t all_executed;

void bench_count(uint64_t executed)
{
    all_executed += executed;
}

uint64_t bench_counted(void)
{
    return all_executed;
}

bool bench_topology(const gale_topology *t, const gale_setting *conf,
                    uint32_t loops, gale_run_result *result)
{
    gale_run_opts opts = { .conf = conf, .loops = loops };
    gale_diag why = { "" };
    gale_err e = gale_local_run(t, &opts, result, &why);

    if (e == GALE_OK) {
        bench_count(result->executed);
        return true;
    }
    bench_say("%s: %s: %s", t->name, gale_err_name(e), why.text);
    return false;
}

double bench_cpu_of(pid_t pid)
{
    struct timespec t;
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0)
        return 0;
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

bool bench_wants_acked(const bench_opts *o)
{
    return o->only == NULL || strcmp(o->only, "unacked") != 0;
}

uint32_t bench_rounds(double seconds, double once_s)
{
    double rounds = once_s > 0 ? seconds / once_s + 0.5 : 1;

    if (rounds < 1)
        return 1;
    return rounds > 1e9 ? 1000000000 : (uint32_t)rounds;
}
