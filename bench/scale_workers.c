/* scale_workers.c -- a tuple's cost as worker processes are added, on a
 * cluster as `gale dev` starts it.
 *
 * Eight spouts, eight bolts, grouped by a field: with n processes all but an
 * n-th of the tuples go from one to another.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bench/house.h"
#include "bench/pairs.h"
#include "bench/scale.h"

static void nap(double seconds)
{
    bench_nap_us((long)(seconds * 1e6));
}

/* Flooded for a while, then for as long and measured. */
static bool flood(const bench_house *h, const pairs_board *b, double seconds,
                  bench_samples *cpu, bench_samples *wall)
{
    nap(seconds);
    double from_cpu = bench_house_cpu_ns(h);
    int64_t from = bench_now_ns();
    uint64_t before = pairs_acked(b);

    nap(seconds < 0.1 ? 0.1 : seconds); /* see bench_house_cpu_ns */
    if (!pairs_acks_more(b, before))
        return false;
    double n = (double)(pairs_acked(b) - before);
    bench_add(cpu, (bench_house_cpu_ns(h) - from_cpu) / n);
    bench_add(wall, (double)(bench_now_ns() - from) / n);
    return true;
}

static bool run(bench_house *h, pairs_board *b, uint32_t workers,
                const bench_opts *o, bench_samples *cpu, bench_samples *wall)
{
    char name[64], number[64];
    const char *settings[] = { name, number, "topology.worker.loops=1", NULL };

    snprintf(name, sizeof(name), "topology.name=scale-%u", workers);
    snprintf(number, sizeof(number), "topology.workers=%u", workers);
    memset((void *)b, 0, sizeof(*b));
    if (!bench_house_submit(h, "crowd", settings, true))
        return false;
    for (unsigned i = 0; i < o->repeats; i++)
        if (!flood(h, b, o->seconds / 2, cpu, wall))
            return false;
    return pairs_settle(b) &&
           bench_house_stop(h, name + strlen("topology.name="));
}

static bool measure(bench_house *h, pairs_board *b, const bench_opts *o,
                    bench_report *r)
{
    static const uint32_t at[] = { 1, 2, 4, 8 };
    scale_steps steps = { 0 };
    bool ok = true;

    bench_open(r, "workers");
    for (size_t i = 0; ok && i < sizeof(at) / sizeof(at[0]); i++) {
        bench_samples cpu = { 0 }, wall = { 0 };
        char key[32];

        snprintf(key, sizeof(key), "at_%u", at[i]);
        ok = run(h, b, at[i], o, &cpu, &wall);
        bench_open(r, key);
        bench_put(r, "cpu_ns", &cpu);
        bench_put(r, "wall_ns", &wall);
        bench_close(r);
        scale_step(&steps, bench_median(&cpu));
    }
    bench_put_str(r, "unit", "tuple");
    bench_put_f64(r, "worst_step", steps.worst);
    bench_close(r);
    return ok;
}

bool scale_workers(const bench_opts *o, bench_report *r)
{
    bench_house h = { 0 };
    pairs_board *b = NULL;
    bool fine = bench_house_open(&h, NULL);

    h.slots = PAIRS_CROWD;
    if (fine && (b = pairs_map(h.board, true)) == NULL)
        bench_say("%s: %s", h.board, strerror(errno));
    fine = b != NULL && bench_house_begin(&h) && measure(&h, b, o, r) &&
           bench_house_end(&h);
    if (!fine)
        bench_house_logs(&h);
    if (b != NULL)
        pairs_unmap(b);
    bench_house_close(&h);
    return fine;
}
