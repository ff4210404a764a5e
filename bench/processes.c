/* processes.c -- tuples a second between two worker processes, and how long
 * they take at half of that; against the same topology in one process.
 *
 * Two spouts, two bolts, one of each on a loop of its own: two processes with
 * one loop each, or one process with two.  Grouped by a field, so with two
 * processes half of the tuples go from one to the other, as do half of the
 * answers.  Latency is measured from when a tuple was due (latency.c says
 * why).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/house.h"
#include "bench/pairs.h"

struct side {
    const char *name;
    const char *settings[8];
    bench_samples rate, cpu, p50, p99;
};

struct house {
    bench_house house;
    pairs_board *board;
    unsigned runs;
};

static void nap(double seconds)
{
    bench_nap_us((long)(seconds * 1e6));
}

/* Tuples a second, and what of the processor each took: that depends less on
 * what else the machine does. */
static bool flood(const struct house *h, double seconds, struct side *s)
{
    nap(seconds < 0.5 ? seconds : 0.5); /* until it has found its pace */
    double cpu = bench_house_cpu_ns(&h->house);
    int64_t began = bench_now_ns();
    uint64_t before = pairs_acked(h->board);

    nap(seconds);
    if (!pairs_acks_more(h->board, before))
        return false;
    double n = (double)(pairs_acked(h->board) - before);
    double took = (double)(bench_now_ns() - began);
    bench_add(&s->cpu, (bench_house_cpu_ns(&h->house) - cpu) / n);
    bench_add(&s->rate, n * 1e9 / took);
    return true;
}

/* The first phase is not counted: it finds its pace. */
static bool half(pairs_board *b, double rate, double seconds, struct side *s)
{
    gi_hist all = { 0 };

    atomic_store(&b->interval_ns, (int64_t)(PAIRS * 2e9 / rate));
    atomic_store(&b->stop, 0);
    if (!pairs_begin_phase(b, PAIRS))
        return false;
    nap(seconds < 0.5 ? seconds : 0.5);
    if (!pairs_begin_phase(b, PAIRS))
        return false;
    nap(seconds);
    for (int i = 0; i < PAIRS; i++)
        gi_hist_merge(&all, &b->task[i].latency);
    bench_add(&s->p50, (double)gi_hist_quantile(&all, 0.5) / 1e6);
    bench_add(&s->p99, (double)gi_hist_quantile(&all, 0.99) / 1e6);
    return true;
}

static bool wants(const bench_opts *o, const char *side)
{
    return o->only == NULL || strcmp(o->only, side) == 0;
}

static bool run(struct house *h, struct side *s, const bench_opts *o)
{
    char name[64];
    const char *settings[8] = { name };
    pairs_board *b = h->board;

    snprintf(name, sizeof(name), "topology.name=%s-%u", s->name, h->runs++);
    for (int i = 0; s->settings[i] != NULL; i++)
        settings[i + 1] = s->settings[i];
    memset((void *)b, 0, sizeof(*b));
    if (!bench_house_submit(&h->house, "pairs", settings, true))
        return false;
    if (!flood(h, o->seconds, s) || !pairs_settle(b) ||
        !half(b, s->rate.at[s->rate.n - 1], o->seconds, s))
        return false;
    bench_count(pairs_executed(b));
    return pairs_settle(b) &&
           bench_house_stop(&h->house, name + strlen("topology.name="));
}

static void put(bench_report *r, const char *what, const char *side,
                const bench_samples *s)
{
    char key[64];

    snprintf(key, sizeof(key), "%s_%s", what, side);
    if (s->n > 0)
        bench_put(r, key, s);
}

static bool measure(struct house *h, const bench_opts *o, bench_report *r)
{
    struct side sides[] = {
        {
            .name = "two",
            .settings = { "topology.workers=2", "topology.worker.loops=1" },
        },
        {
            .name = "one",
            .settings = { "topology.workers=1", "topology.worker.loops=2" },
        },
    };
    bench_samples ratio;

    for (unsigned i = 0; i < 2 * o->repeats; i++)
        if (wants(o, sides[i % 2].name) && !run(h, &sides[i % 2], o))
            return false;
    for (unsigned i = 0; i < 2; i++) {
        put(r, "tuples_per_s", sides[i].name, &sides[i].rate);
        put(r, "cpu_ns", sides[i].name, &sides[i].cpu);
        put(r, "half_load_p50_ms", sides[i].name, &sides[i].p50);
        put(r, "half_load_p99_ms", sides[i].name, &sides[i].p99);
    }
    ratio = bench_ratios(&sides[0].rate, &sides[1].rate);
    if (ratio.n > 0)
        bench_put(r, "two_to_one", &ratio);
    return true;
}

bool bench_processes(const bench_opts *o, bench_report *r)
{
    struct house h = { 0 };
    bool fine = bench_house_open(&h.house, NULL);

    h.board = fine ? pairs_map(h.house.board, true) : NULL;
    if (fine && h.board == NULL)
        bench_say("%s: %s", h.house.board, strerror(errno));
    fine = h.board != NULL && bench_house_begin(&h.house) &&
           measure(&h, o, r) && bench_house_end(&h.house);
    if (!fine)
        bench_house_logs(&h.house);
    if (h.board != NULL)
        pairs_unmap(h.board);
    bench_house_close(&h.house);
    return fine;
}
