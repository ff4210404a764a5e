/* idle.c -- a cluster on which one topology has nothing to do: what that
 * costs.
 *
 * `gale dev`, Nimbus, a supervisor and one worker, all of them together: the
 * processor's time over some seconds, and what is theirs of memory (pages that
 * several share count as a part for each of them).
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/flow.h"
#include "bench/house.h"

enum { RUNS_S = 10 }; /* for --seconds 1 */

struct costs {
    double cpu_s, rss_mb, pss_mb;
    uint64_t switches; /* of all threads */
};

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

static void watch(bench_house *h, double seconds, bench_report *r)
{
    bench_process p[BENCH_PROCESSES];
    uint32_t n = bench_house_find(h, BENCH_ALL, p);
    double before[BENCH_PROCESSES], all = 0, rss = 0, pss = 0;
    int64_t began = bench_now_ns();

    for (uint32_t i = 0; i < n; i++)
        before[i] = bench_cpu_of(p[i].pid);
    bench_nap_us((long)(seconds * 1e6));
    double took_s = (double)(bench_now_ns() - began) / 1e9;
    for (uint32_t i = 0; i < n; i++) {
        double cpu = (bench_cpu_of(p[i].pid) - before[i]) / took_s * 100;
        double kb = kb_of(p[i].pid, "Rss:");

        all += cpu;
        rss += kb;
        pss += kb_of(p[i].pid, "Pss:");
        bench_open(r, name_of(p[i].role));
        bench_put_f64(r, "cpu_percent", cpu);
        bench_put_f64(r, "rss_mb", kb / 1024);
        bench_close(r);
    }
    bench_put_u64(r, "processes", n);
    bench_put_f64(r, "cpu_percent", all);
    bench_put_f64(r, "rss_mb", rss / 1024);
    bench_put_f64(r, "pss_mb", pss / 1024);
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
    watch(h, o->seconds * RUNS_S, r);
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
