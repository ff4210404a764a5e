/* idle.c -- a cluster on which one topology has nothing to do: what that
 * costs.
 *
 * `gale dev`, Nimbus, a supervisor and one worker, all of them together: the
 * processor's time over some seconds, again and again, and what is theirs of
 * memory (pages that several share count as a part for each of them).
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/flow.h"
#include "bench/house.h"

enum { RUNS_S = 4 }; /* for --seconds 1, and each repeat */

static double kb_of(pid_t pid, const char *key)
{
    char path[64], line[256];
    double kb = 0;

    snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
    FILE *f = fopen(path, "re");
    while (f != NULL && fgets(line, sizeof(line), f) != NULL)
        if (strncmp(line, key, strlen(key)) == 0)
            sscanf(line + strlen(key), "%lf", &kb);
    if (f != NULL)
        fclose(f);
    return kb;
}

static const char *name_of(bench_role role)
{
    switch (role) {
    case BENCH_DEV:
        return "dev";
    case BENCH_NIMBUS:
        return "nimbus";
    case BENCH_SUPERVISOR:
        return "supervisor";
    case BENCH_WORKER:
        return "worker";
    default:
        return "other";
    }
}

struct watched {
    bench_process p[BENCH_PROCESSES];
    uint32_t n;
    bench_samples cpu[BENCH_PROCESSES], all; /* per cent of a core */
};

static void watch_once(struct watched *w, double seconds)
{
    double before[BENCH_PROCESSES], all = 0;
    int64_t began = bench_now_ns();

    for (uint32_t i = 0; i < w->n; i++)
        before[i] = bench_cpu_of(w->p[i].pid);
    bench_nap_us((long)(seconds * 1e6));
    double took_s = (double)(bench_now_ns() - began) / 1e9;
    for (uint32_t i = 0; i < w->n; i++) {
        double cpu = (bench_cpu_of(w->p[i].pid) - before[i]) / took_s * 100;

        all += cpu;
        bench_add(&w->cpu[i], cpu);
    }
    bench_add(&w->all, all);
}

static void put(const struct watched *w, bench_report *r)
{
    double rss = 0, pss = 0;

    for (uint32_t i = 0; i < w->n; i++) {
        double kb = kb_of(w->p[i].pid, "Rss:");

        rss += kb;
        pss += kb_of(w->p[i].pid, "Pss:");
        bench_open(r, name_of(w->p[i].role));
        bench_put(r, "cpu_percent", &w->cpu[i]);
        bench_put_f64(r, "rss_mb", kb / 1024);
        bench_close(r);
    }
    bench_put_u64(r, "processes", w->n);
    bench_put(r, "cpu_percent", &w->all);
    bench_put_f64(r, "rss_mb", rss / 1024);
    bench_put_f64(r, "pss_mb", pss / 1024);
}

static void watch(bench_house *h, const bench_opts *o, bench_report *r)
{
    static struct watched w;

    w = (struct watched){ .n = 0 };
    w.n = bench_house_find(h, BENCH_ALL, w.p);
    for (unsigned i = 0; i < o->repeats; i++)
        watch_once(&w, o->seconds * RUNS_S);
    put(&w, r);
}

static bool measure(bench_house *h, flow_board *b, const bench_opts *o,
                    bench_report *r)
{
    static const char *const settings[] = { "topology.workers=1", NULL };
    bool fine;

    b->n = 1; /* one number, so that the first ack is waited for */
    fine =
        bench_house_begin(h) && bench_house_submit(h, "flow", settings, true);
    if (!fine)
        return false;
    bench_nap_us(1000000);
    watch(h, o, r);
    return b->acked == 1 && bench_house_end(h);
}

bool bench_idle(const bench_opts *o, bench_report *r)
{
    bench_house h;
    bool fine = bench_house_open(&h, NULL);
    flow_board *b = fine ? flow_map(h.board, true) : NULL;

    if (fine && b == NULL)
        bench_say("%s cannot be mapped", h.board);
    fine = b != NULL && measure(&h, b, o, r);
    if (!fine)
        bench_house_logs(&h);
    if (b != NULL)
        flow_unmap(b);
    bench_house_close(&h);
    return fine;
}
