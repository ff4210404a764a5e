/* machine.c -- what the machine itself does, whatever runs on it: how often a
 * thread that has work is kept from it (watch.h), and how soon one that sleeps
 * is awake.
 */
#include <pthread.h>
#include <sched.h>

#include "base/park.h"
#include "bench/bench.h"
#include "bench/micro.h"
#include "bench/watch.h"

enum { HOPS = 20000, WAKES = 300 };

/* ------------------------------------------------------------- waking -- */

struct sleeper {
    gi_parker parker;
    _Atomic int64_t woken_ns; /* when it was woken; 0: go on sleeping */
    gi_hist took;
};

static void *sleep_often(void *arg)
{
    struct sleeper *s = arg;

    for (int i = 0; i < WAKES; i++) {
        int64_t at;

        for (;;) {
            gi_parker_announce(&s->parker);
            if ((at = atomic_load(&s->woken_ns)) != 0)
                break;
            gi_parker_sleep(&s->parker, -1);
        }
        gi_parker_cancel(&s->parker);
        int64_t took = bench_now_ns() - at;
        gi_hist_record(&s->took, took < 0 ? 0 : (uint64_t)took);
        atomic_store(&s->woken_ns, 0);
    }
    return NULL;
}

static void wake_often(struct sleeper *s)
{
    const struct timespec a_while = { 0, 300000 };

    for (int i = 0; i < WAKES; i++) {
        nanosleep(&a_while, NULL); /* by then it sleeps, most times */
        atomic_store(&s->woken_ns, bench_now_ns());
        gi_parker_wake(&s->parker);
        while (atomic_load(&s->woken_ns) != 0)
            sched_yield();
    }
}

static bool wake(gi_hist *took)
{
    static struct sleeper s;
    pthread_t thread;

    s = (struct sleeper){ .parker = { .fd = -1 } };
    bool ok = gi_parker_init(&s.parker) == GALE_OK &&
              pthread_create(&thread, NULL, sleep_often, &s) == 0;
    if (ok) {
        wake_often(&s);
        pthread_join(thread, NULL);
        *took = s.took;
    }
    gi_parker_fini(&s.parker);
    return ok;
}

/* ----------------------------------------------------------- measuring -- */

struct figures {
    bench_samples gone, tenth_ms, ms, longest, at_10, at_80, wake50, wake99;
    bench_samples hop;
};

static bool once(const bench_opts *o, struct watch *w, struct figures *f)
{
    static struct watch_seen r;
    static gi_hist took;
    bool ok = true;
    double thread_s = o->seconds * o->loops;

    if (!watch_look(w, o->seconds, &r))
        return false;
    if (!wake(&took)) {
        bench_say("machine: no thread could be started");
        return false;
    }
    bench_add(&f->gone, r.gone_ns / 1e7 / thread_s);
    bench_add(&f->tenth_ms, r.tenth_ms / thread_s);
    bench_add(&f->ms, r.ms / thread_s);
    bench_add(&f->longest, r.longest_ns / 1e3);
    bench_add(&f->at_10, (double)gi_hist_quantile(&r.at_10, 0.99) / 1e3);
    bench_add(&f->at_80, (double)gi_hist_quantile(&r.at_80, 0.99) / 1e3);
    bench_add(&f->wake50, (double)gi_hist_quantile(&took, 0.5) / 1e3);
    bench_add(&f->wake99, (double)gi_hist_quantile(&took, 0.99) / 1e3);
    bench_add(&f->hop, micro_hop(HOPS, &ok));
    return ok;
}

static void put(bench_report *r, const struct figures *f)
{
    bench_put(r, "gone_percent", &f->gone);
    bench_put(r, "gaps_100us_per_s", &f->tenth_ms);
    bench_put(r, "gaps_1ms_per_s", &f->ms);
    bench_put(r, "longest_gap_us", &f->longest);
    bench_put(r, "ideal_10_p99_us", &f->at_10);
    bench_put(r, "ideal_80_p99_us", &f->at_80);
    bench_put(r, "wake_p50_us", &f->wake50);
    bench_put(r, "wake_p99_us", &f->wake99);
    bench_put(r, "ring_hop_ns", &f->hop);
}

bool bench_machine(const bench_opts *o, bench_report *r)
{
    struct watch w;
    struct figures f = { 0 };
    bool ok = watch_init(&w, o->loops);

    for (unsigned i = 0; ok && i < o->repeats; i++)
        ok = once(o, &w, &f);
    if (ok)
        put(r, &f);
    watch_fini(&w);
    return ok;
}
