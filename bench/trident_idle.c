/* trident_idle.c -- a stream of batches on which nothing comes: what that
 * costs, and how long the first tuple takes that comes then.
 *
 * The topology runs in this process, on as many loops as always, with a state
 * on the disk.  What it costs is the process's time, its memory, and how often
 * a thread of it wakes up.  Then single tuples come, each after a silence, and
 * are timed until they have counted:
 *
 *     asked   a spout that is asked, again and again, whether it has something
 *     woken   a feeder, which wakes it; until that is also on record
 */
#define _GNU_SOURCE /* ru_nvcsw of all threads */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench/batches.h"
#include "bench/house.h"
#include "gale/feeder.h"

/* For --seconds 1; it is watched so long for each repeat. */
enum { WATCH_S = 2, LONE = 10, SILENCE_MS = 1500, LATE_MS = 30000 };

/* --------------------------------------------------------- two sources -- */

static struct {
    _Atomic int64_t due_ns;  /* one is wanted since then; 0: none */
    _Atomic int64_t done_ns; /* 0, then: it has counted */
    _Atomic bool begun, over;
    int64_t number;
} asked;

static gale_feeder *feeder;

static bool asked_ready(void *c, gale_task *task)
{
    (void)c;
    (void)task;
    return asked.due_ns != 0 && !asked.begun;
}

static size_t asked_plan(void *c, gale_str before, char *now, size_t room)
{
    (void)before;
    if (!asked_ready(c, NULL))
        return 0;
    asked.begun = true;
    return (size_t)snprintf(now, room, "%" PRId64, asked.number) + 1;
}

static bool asked_ended(void *c, gale_task *task)
{
    (void)c;
    (void)task;
    return asked.over;
}

static bool asked_emit(void *self, gale_batch_part *p, gale_batch_ctx *ctx)
{
    (void)self;
    if (p->partition == 0)
        gale_batch_emit(ctx, GALE_ROW(gale_val_i64(atoll(p->from.ptr))));
    return false;
}

/* Each task is told; the first one that hears it was told soonest. */
static void asked_committed(void *self, uint64_t txid)
{
    int64_t never = 0;

    (void)self;
    (void)txid;
    atomic_compare_exchange_strong(&asked.done_ns, &never, bench_now_ns());
}

static const gale_field a_number[] = { GALE_I64("n"), { 0, 0 } };
static const gale_batch_spout asking = { .output = a_number,
                                         .ready = asked_ready,
                                         .plan = asked_plan,
                                         .ended = asked_ended,
                                         .emit = asked_emit,
                                         .committed = asked_committed };

static void count(gale_trident *t, const gale_batch_spout *spout,
                  const gale_state_opts *o)
{
    gale_persistent_aggregate(
        gale_group_by(
            gale_parallelism(gale_new_stream(t, "alone", spout), o->tasks),
            GALE_NAMES("n")),
        "counts", GALE_FOLD(GALE_COUNT("count")), o);
}

static void define_asked(gale_trident *t, const gale_state_opts *o)
{
    count(t, &asking, o);
}

static void define_woken(gale_trident *t, const gale_state_opts *o)
{
    count(t, gale_feeder_spout(feeder), o);
}

/* ------------------------------------------------------- one at a time -- */

static bool late(int64_t since_ns)
{
    if (bench_now_ns() - since_ns < LATE_MS * INT64_C(1000000))
        return false;
    bench_say("a lone tuple does not count");
    return true;
}

/* From when it is there until it has counted, in ms; below 0: it does not. */
static double ask_one(int64_t number)
{
    int64_t due = bench_now_ns();

    asked.number = number;
    asked.begun = false;
    asked.done_ns = 0;
    asked.due_ns = due;
    while (asked.done_ns == 0) {
        if (late(due))
            return -1;
        bench_nap_us(1000);
    }
    asked.due_ns = 0;
    return (double)(asked.done_ns - due) / 1e6;
}

static double wake_one(int64_t number)
{
    int64_t due = bench_now_ns();
    gale_diag why = { "" };
    uint64_t no;

    if (gale_feeder_add(feeder, GALE_ROW(gale_val_i64(number)), &no, &why) ==
            GALE_OK &&
        gale_feeder_wait(feeder, no, LATE_MS) == GALE_OK)
        return (double)(bench_now_ns() - due) / 1e6;
    bench_say("a lone tuple does not count%s%s", why.text[0] ? ": " : "",
              why.text);
    return -1;
}

static bool lone_ones(double (*one)(int64_t number), const bench_opts *o,
                      int64_t *n, bench_samples *ms)
{
    double share = o->seconds < 1 ? o->seconds : 1;
    int64_t last = *n + (int64_t)(LONE * o->seconds) + 2;

    while (*n < last) {
        double took;

        bench_nap_us((long)(SILENCE_MS * 1000 * share));
        took = one((*n)++);
        if (took < 0)
            return false;
        bench_add(ms, took);
    }
    return true;
}

/* ----------------------------------------------------------- its costs -- */

static double rss_mb(void)
{
    FILE *f = fopen("/proc/self/statm", "re");
    long all = 0, resident = 0;

    if (f != NULL && fscanf(f, "%ld %ld", &all, &resident) != 2)
        resident = 0;
    if (f != NULL)
        fclose(f);
    return (double)(resident * sysconf(_SC_PAGESIZE)) / (1 << 20);
}

static double cpu_s(const struct rusage *u)
{
    return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
           (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e6;
}

static void watch(const bench_opts *o, bench_report *r)
{
    bench_samples cpu = { 0 }, woke = { 0 };

    for (unsigned i = 0; i < o->repeats; i++) {
        struct rusage before, after;
        int64_t began = bench_now_ns();
        double took_s;

        getrusage(RUSAGE_SELF, &before);
        bench_nap_us((long)(o->seconds * WATCH_S * 1e6));
        getrusage(RUSAGE_SELF, &after);
        took_s = (double)(bench_now_ns() - began) / 1e9;
        bench_add(&cpu, (cpu_s(&after) - cpu_s(&before)) / took_s * 100);
        bench_add(&woke, (double)(after.ru_nvcsw - before.ru_nvcsw) / took_s);
    }
    bench_put(r, "cpu_percent", &cpu);
    bench_put(r, "wakeups_per_s", &woke);
    bench_put_f64(r, "rss_mb", rss_mb());
}

/* ------------------------------------------------------------ the case -- */

struct running {
    batches_define define;
    uint32_t loops;
    const char *dir;
    bool fine;
};

static void *run(void *arg)
{
    struct running *x = arg;
    gale_run_result result;

    x->fine = batches_run(x->define, x->loops, x->dir, &result);
    return NULL;
}

static int64_t wrong, right;

static gale_err look(void *arg, gale_row key, gale_row value)
{
    (void)arg;
    (void)key;
    if (value.values[0].as.i == 1)
        right++;
    else
        wrong++;
    return GALE_OK;
}

static bool all_once(const char *dir, int64_t n)
{
    wrong = right = 0;
    if (!batches_scan(dir, look, NULL))
        return false;
    if (right == n && wrong == 0)
        return true;
    bench_say("%" PRId64 " numbers, of which %" PRId64
              " counted once and %" PRId64 " otherwise",
              n, right, wrong);
    return false;
}

/* With the state in `dir`.  The first one comes while all is being opened. */
static bool measure(double (*one)(int64_t number), const bench_opts *o,
                    const char *dir, bench_report *r, bench_samples *ms)
{
    bool ask = one == ask_one;
    struct running x = { ask ? define_asked : define_woken, o->loops, dir,
                         false };
    int64_t n = 0;
    pthread_t thread;
    bool fine;

    memset(&asked, 0, sizeof(asked));
    if (pthread_create(&thread, NULL, run, &x) != 0) {
        bench_say("no thread");
        return false;
    }
    fine = one(n++) >= 0;
    if (fine && ask) {
        bench_nap_us(
            (long)(SILENCE_MS * 1000 * (o->seconds < 1 ? o->seconds : 1)));
        watch(o, r);
    }
    fine = fine && lone_ones(one, o, &n, ms);
    asked.over = true;
    if (!ask)
        gale_feeder_end(feeder);
    pthread_join(thread, NULL);
    return fine && x.fine && all_once(dir, n);
}

static bool in_a_directory(double (*one)(int64_t number), const bench_opts *o,
                           bench_report *r, bench_samples *ms)
{
    char dir[] = "gale-bench-XXXXXX";
    bool fine;

    if (!batches_dir(dir))
        return false;
    fine = measure(one, o, dir, r, ms);
    batches_remove(dir);
    return fine;
}

static void put(bench_report *r, const char *key, const bench_samples *ms)
{
    bench_open(r, key);
    bench_put_f64(r, "commit_p50_ms", bench_median(ms));
    bench_put_f64(r, "commit_p99_ms", bench_ranked(ms, 0.99));
    bench_put_f64(r, "commit_min_ms", bench_min(ms));
    bench_put_f64(r, "commit_max_ms", bench_max(ms));
    bench_put_u64(r, "tuples", ms->n);
    bench_close(r);
}

bool bench_trident_idle(const bench_opts *o, bench_report *r)
{
    bench_samples by_asking = { 0 }, by_waking = { 0 };
    bool fine = in_a_directory(ask_one, o, r, &by_asking);

    if (gale_feeder_create(&feeder, GALE_SPOUT_TRANSACTIONAL, a_number) !=
        GALE_OK) {
        bench_say("out of memory");
        return false;
    }
    fine = fine && in_a_directory(wake_one, o, r, &by_waking);
    gale_feeder_destroy(feeder);
    put(r, "asked", &by_asking);
    put(r, "woken", &by_waking);
    return fine;
}
