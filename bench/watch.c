#include "bench/watch.h"

#include <pthread.h>

#include "base/mem.h"
#include "bench/bench.h"
#include "bench/gaps.h"

enum { MOST = 1 << 20, LEAST_NS = 5000 };

struct watcher {
    pthread_t thread;
    int64_t began_ns, span_ns;
    gaps_gap *gap;
    size_t n;
};

bool watch_init(struct watch *w, uint32_t loops)
{
    bool ok;

    w->n = loops;
    w->watchers = gi_calloc(loops, sizeof(*w->watchers));
    ok = w->watchers != NULL;
    for (uint32_t i = 0; ok && i < loops; i++) {
        w->watchers[i].gap = gi_alloc(MOST * sizeof(gaps_gap));
        ok = w->watchers[i].gap != NULL;
    }
    if (!ok)
        bench_say("out of memory");
    return ok;
}

void watch_fini(struct watch *w)
{
    for (uint32_t i = 0; w->watchers != NULL && i < w->n; i++)
        gi_free(w->watchers[i].gap);
    gi_free(w->watchers);
}

static void *watch(void *arg)
{
    struct watcher *w = arg;
    int64_t before = w->began_ns, end = w->began_ns + w->span_ns;

    while (bench_now_ns() < w->began_ns)
        ;
    while (before < end) {
        int64_t now = bench_now_ns();

        if (now - before >= LEAST_NS && w->n < MOST)
            w->gap[w->n++] = (gaps_gap){ before - w->began_ns, now - before };
        before = now;
    }
    return NULL;
}

static void count(struct watch_seen *seen, const struct watcher *w)
{
    gaps g = { w->gap, w->n, w->span_ns };

    gaps_wait(&g, 0.1, &seen->at_10);
    gaps_wait(&g, 0.8, &seen->at_80);
    for (size_t i = 0; i < w->n; i++) {
        double len = (double)w->gap[i].len_ns;

        seen->gone_ns += len;
        seen->tenth_ms += len >= 1e5;
        seen->ms += len >= 1e6;
        if (len > seen->longest_ns)
            seen->longest_ns = len;
    }
}

bool watch_look(struct watch *w, double seconds, struct watch_seen *seen)
{
    int64_t soon = bench_now_ns() + 20000000;
    uint32_t begun = 0;

    *seen = (struct watch_seen){ .gone_ns = 0 };
    for (; begun < w->n; begun++) {
        struct watcher *one = &w->watchers[begun];

        one->began_ns = soon;
        one->span_ns = (int64_t)(seconds * 1e9);
        one->n = 0;
        if (pthread_create(&one->thread, NULL, watch, one) != 0)
            break;
    }
    for (uint32_t i = 0; i < begun; i++) {
        pthread_join(w->watchers[i].thread, NULL);
        count(seen, &w->watchers[i]);
    }
    if (begun < w->n)
        bench_say("no thread could be started to look at the clock");
    return begun == w->n;
}
