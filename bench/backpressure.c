/* backpressure.c -- a bolt that is 100 times slower than its spout could be.
 *
 * Nothing may be dropped, memory must stay within what the settings say, and
 * no tree may be replayed only because it waits: the message timeout is a
 * second, and credit is set so high that tuples wait for longer than that.
 *
 * What the settings say, in bytes:
 *
 *     batches   a loop has, for each task, `credit` batches under way, one
 *               that is full and one being filled, and a pool of spare ones:
 *               loops x (tasks x (credit + 2) + pool) x batch.bytes
 *     trees     max.spout.pending of them a spout task, each with the kept
 *               tuple, its slot and its entry in a ledger; tables double when
 *               they grow, so up to twice as many of the latter two, and once
 *               more while the old table is copied into the new one
 *
 * and what the process had in memory before.
 */
#include <stdio.h>
#include <sys/resource.h>

#include "bench/bench.h"
#include "worker/loop.h"
#include "worker/pending.h"

enum {
    TIMES = 100,
    TIMEOUT_MS = 1000,
    PATIENT_MS = 60000,
    WAIT_MS = 1500, /* what credit allows a tuple to wait */
    LONGER = 3,     /* a run, than --seconds: as long as three timeouts */
    PENDING = 1 << 18,
    TUPLE_BYTES = sizeof(gale_tuple) + sizeof(gale_value),
    KEPT_BYTES = TUPLE_BYTES + 16,
    LEDGER_BYTES = 24,
    BATCH_BYTES = 32768,
};

struct input {
    uint64_t n;
    int64_t slow_ns; /* each execute takes so long */
    uint64_t *executed, *sum;
};

/* ------------------------------------------------------------ topology -- */

struct eager {
    uint64_t next, end;
};

static gale_err eager_open(void *self, gale_spout_ctx *ctx)
{
    const struct input *input = gale_task_arg(gale_spout_task(ctx));
    struct eager *s = self;

    s->end = input->n;
    return GALE_OK;
}

static bool eager_next(void *self, gale_spout_ctx *ctx)
{
    struct eager *s = self;

    if (s->next == s->end)
        return false;
    gale_spout_emit(ctx, s->next, GALE_ROW(gale_val_i64((int64_t)s->next)));
    s->next++;
    return true;
}

static const gale_spout eager = {
    .state_size = sizeof(struct eager),
    .output = GALE_FIELDS(GALE_I64("number")),
    .open = eager_open,
    .next = eager_next,
};

struct slow {
    const struct input *input;
};

static gale_err slow_prepare(void *self, gale_bolt_ctx *ctx)
{
    struct slow *s = self;

    s->input = gale_task_arg(gale_bolt_task(ctx));
    return GALE_OK;
}

static gale_verdict slow_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    const struct input *input = ((struct slow *)self)->input;
    int64_t until = input->slow_ns > 0 ? bench_now_ns() + input->slow_ns : 0;

    (void)ctx;
    *input->executed += 1;
    *input->sum += (uint64_t)gale_tuple_i64(in, 0);
    while (until > 0 && bench_now_ns() < until)
        ;
    return GALE_ACK;
}

static const gale_bolt slow = {
    .state_size = sizeof(struct slow),
    .prepare = slow_prepare,
    .execute = slow_execute,
};

struct answer {
    gale_run_result r;
    uint64_t executed, sum;
};

/* A run that is much shorter says nothing of time-outs, and shall not fail
 * because the machine stood still. */
static uint32_t timeout_ms(const bench_opts *o)
{
    return LONGER * o->seconds * 1e3 < TIMEOUT_MS ? PATIENT_MS : TIMEOUT_MS;
}

static bool run(const bench_opts *o, uint64_t n, int64_t slow_ns,
                uint32_t credit, struct answer *a)
{
    char credit_text[16], pending_text[16], batch_text[16], timeout_text[16];
    struct input input = { n, slow_ns, &a->executed, &a->sum };
    const gale_component components[] = {
        { .id = "eager", .spout = &eager, .tasks = 1, .arg = &input },
        {
            .id = "slow",
            .bolt = &slow,
            .inputs = GALE_INPUTS(GALE_SHUFFLE("eager")),
            .tasks = 1,
            .arg = &input,
        },
    };
    const gale_setting conf[] = {
        { "topology.message.timeout.secs", timeout_text },
        { "topology.max.spout.pending", pending_text },
        { "topology.batch.credit", credit_text },
        { "topology.batch.bytes", batch_text },
        { 0 },
    };
    const gale_topology t = { .abi = GALE_ABI,
                              .name = "backpressure",
                              .components = GALE_COMPONENTS(components) };

    snprintf(timeout_text, sizeof(timeout_text), "%g", timeout_ms(o) / 1e3);
    snprintf(pending_text, sizeof(pending_text), "%d", PENDING);
    snprintf(credit_text, sizeof(credit_text), "%u", credit);
    snprintf(batch_text, sizeof(batch_text), "%d", BATCH_BYTES);
    *a = (struct answer){ 0 };
    return bench_topology(&t, conf, o->loops, &a->r);
}

/* ----------------------------------------------------------- measuring -- */

static uint64_t bound_batches(const bench_opts *o, uint32_t credit)
{
    uint64_t loops = o->loops > 2 ? 2 : o->loops; /* there are two tasks */

    return loops * (2 * (credit + 2) + GI_POOL) *
           (BATCH_BYTES + sizeof(gi_batch));
}

static uint64_t bound_trees(void)
{
    return (uint64_t)PENDING *
           (KEPT_BYTES + 3 * (sizeof(gi_pending_slot) + LEDGER_BYTES));
}

/* Bytes of this process in memory: now, or at most since forget_peak. */
static uint64_t rss(bool peak)
{
    FILE *f = fopen("/proc/self/status", "re");
    char line[256];
    unsigned long long kb = 0;

    while (f != NULL && fgets(line, sizeof(line), f) != NULL)
        if (sscanf(line, peak ? "VmHWM: %llu" : "VmRSS: %llu", &kb) == 1)
            break;
    if (f != NULL)
        fclose(f);
    return kb * 1024;
}

/* Where the kernel does not allow it, the peak is that of the whole process:
 * too high, never too low. */
static void forget_peak(void)
{
    FILE *f = fopen("/proc/self/clear_refs", "we");

    if (f == NULL)
        return;
    fputs("5", f);
    fclose(f);
}

struct found {
    bench_samples spout_rate, bolt_rate, waited_ms, peak;
    uint64_t false_replays, dropped, bound, before;
    uint32_t credit;
    bool exact;
};

static bool measure(const bench_opts *o, struct found *f)
{
    enum { FEW = 200000 };
    struct answer a;

    if (!run(o, FEW, 0, 4, &a))
        return false;
    int64_t slow_ns = (int64_t)a.r.run_ns / FEW * TIMES;
    int64_t batch_ns = slow_ns * (BATCH_BYTES / TUPLE_BYTES);
    int64_t credit = (int64_t)WAIT_MS * 1000000 / (batch_ns + 1);
    uint64_t n =
        (uint64_t)(LONGER * o->seconds * 1e9 / (double)(slow_ns + 1)) + 1;

    bench_add(&f->spout_rate, FEW * 1e9 / (double)a.r.run_ns);
    f->credit = credit < 4 ? 4 : credit > 1024 ? 1024 : (uint32_t)credit;
    if (f->before == 0)
        f->before = rss(false);
    forget_peak();
    if (!run(o, n, slow_ns, f->credit, &a))
        return false;
    bench_add(&f->peak, (double)rss(true));
    uint64_t bound = f->before + bound_batches(o, f->credit) + bound_trees();
    f->bound = bound > f->bound ? bound : f->bound;
    bench_add(&f->bolt_rate, (double)n * 1e9 / (double)a.r.run_ns);
    bench_add(&f->waited_ms, (double)a.r.max_us / 1e3);
    f->false_replays += a.r.replayed + a.r.timed_out;
    f->dropped += a.executed < n ? n - a.executed : 0;
    f->exact = f->exact && a.executed == n && a.r.acked == n &&
               a.sum == n * (n - 1) / 2;
    return true;
}

bool bench_backpressure(const bench_opts *o, bench_report *r)
{
    struct found f = { .exact = true };
    bool ok = true;

    for (unsigned i = 0; ok && i < o->repeats; i++)
        ok = measure(o, &f);

    bench_put_u64(r, "timeout_ms", timeout_ms(o));
    bench_put_u64(r, "batch_credit", f.credit);
    bench_put(r, "spout_could_per_s", &f.spout_rate);
    bench_put(r, "bolt_did_per_s", &f.bolt_rate);
    bench_put(r, "longest_wait_ms", &f.waited_ms);
    bench_put_u64(r, "false_replays", f.false_replays);
    bench_put_u64(r, "dropped", f.dropped);
    bench_put_u64(r, "rss_before_bytes", f.before);
    bench_put(r, "peak_rss_bytes", &f.peak);
    bench_put_u64(r, "bound_bytes", f.bound);
    return ok && f.exact && f.false_replays == 0;
}
