#include "bench/sides.h"

#include <stdio.h>
#include <string.h>

/* More than `n`, in whole rounds. */
static uint64_t whole(const sides_size *z, uint64_t n)
{
    return z->round * (1 + n / z->round);
}

static void rate_key(const sides *s, bool second, char *to, size_t len)
{
    snprintf(to, len, "%s_per_s_%s", s->unit, s->name[second]);
}

static void put(const sides *s, bool second, const bench_samples *rates,
                bench_report *r)
{
    char key[64];

    rate_key(s, second, key, sizeof(key));
    bench_put(r, key, rates);
}

/* First one round, whose rate says little; then as many as it takes to know
 * the rate. */
static bool measure(const sides *s, const sides_size *z, const bench_opts *o,
                    bench_report *r)
{
    bench_samples rates[2] = { 0 }, ratio;
    double rate = s->run(o, z->value, z->round, false);

    if (rate > 0)
        rate = s->run(o, z->value, whole(z, (uint64_t)(rate * 0.02)), false);
    if (rate == 0)
        return false;
    uint64_t n = whole(z, (uint64_t)(rate * o->seconds));

    for (unsigned i = 0; i < 2 * o->repeats; i++) {
        rate = s->run(o, z->value, n, i % 2 == 1);
        if (rate == 0)
            return false;
        bench_add(&rates[i % 2], rate);
    }
    ratio = bench_ratios(&rates[1], &rates[0]);
    bench_put_u64(r, s->unit, n);
    put(s, false, &rates[0], r);
    put(s, true, &rates[1], r);
    bench_put(r, "ratio", &ratio);
    return true;
}

static bool once(const sides *s, const bench_opts *o, bench_report *r)
{
    const sides_size *z = s->profiled;
    bool second = o->only != NULL && strcmp(o->only, s->name[1]) == 0;
    uint64_t n = whole(z, o->tuples - 1);
    double rate = s->run(o, z->value, n, second);
    char key[64];

    rate_key(s, second, key, sizeof(key));
    bench_put_u64(r, s->unit, n);
    bench_put_f64(r, key, rate);
    return rate > 0;
}

bool sides_measure(const sides *s, const bench_opts *o, bench_report *r)
{
    bool ok = true;

    if (o->tuples > 0)
        return once(s, o, r);
    for (size_t i = 0; ok && i < s->n_sizes; i++) {
        bench_open(r, s->sizes[i].name);
        ok = measure(s, &s->sizes[i], o, r);
        bench_close(r);
    }
    return ok;
}
