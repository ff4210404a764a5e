/* identity.c -- one i64 to a bolt that acks it: the runtime and nothing else.
 */
#include "bench/bench.h"

struct input {
    uint64_t each; /* tuples of a spout task: 0 .. each - 1 */
    uint64_t *n, *sum;
};

struct numbers {
    uint64_t next, end;
};

static gale_err numbers_open(void *self, gale_spout_ctx *ctx)
{
    const struct input *input = gale_task_arg(gale_spout_task(ctx));
    struct numbers *s = self;

    s->end = input->each;
    return GALE_OK;
}

static bool numbers_next(void *self, gale_spout_ctx *ctx)
{
    struct numbers *s = self;

    if (s->next == s->end)
        return false;
    gale_spout_emit(ctx, s->next, GALE_ROW(gale_val_i64((int64_t)s->next)));
    s->next++;
    return true;
}

static const gale_spout numbers = {
    .state_size = sizeof(struct numbers),
    .output = GALE_FIELDS(GALE_I64("number")),
    .open = numbers_open,
    .next = numbers_next,
};

struct sink {
    uint64_t n, sum;
};

static gale_verdict sink_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    struct sink *s = self;

    (void)ctx;
    s->n++;
    s->sum += (uint64_t)gale_tuple_i64(in, 0);
    return GALE_ACK;
}

static void sink_cleanup(void *self, gale_bolt_ctx *ctx)
{
    const struct input *input = gale_task_arg(gale_bolt_task(ctx));
    struct sink *s = self;

    *input->n += s->n;
    *input->sum += s->sum;
}

static const gale_bolt sink = {
    .state_size = sizeof(struct sink),
    .execute = sink_execute,
    .cleanup = sink_cleanup,
};

/* Tuples a second; 0 if something was wrong. */
static double run(const bench_opts *o, uint64_t each, bool ack)
{
    static const gale_setting untracked[] = {
        { "topology.acker.executors", "0" },
        { 0 },
    };
    uint64_t n = 0, sum = 0, want = each * o->loops;
    struct input input = { each, &n, &sum };
    const gale_component components[] = {
        {
            .id = "numbers",
            .spout = &numbers,
            .tasks = o->loops,
            .arg = &input,
        },
        {
            .id = "sink",
            .bolt = &sink,
            .inputs = GALE_INPUTS(GALE_SHUFFLE("numbers")),
            .tasks = o->loops,
            .arg = &input,
        },
    };
    const gale_topology t = { .abi = GALE_ABI,
                              .name = "identity",
                              .components = GALE_COMPONENTS(components) };
    gale_run_result r;

    if (!bench_topology(&t, ack ? NULL : untracked, o->loops, &r))
        return 0;
    if (n != want || sum != each * (each - 1) / 2 * o->loops ||
        r.acked != want) {
        bench_say("identity: %llu tuples arrived instead of %llu",
                  (unsigned long long)n, (unsigned long long)want);
        return 0;
    }
    return (double)want * 1e9 / (double)r.run_ns;
}

/* One run of one side, for a profiler. */
static bool once(const bench_opts *o, bool ack, bench_report *r)
{
    double rate = run(o, o->tuples / o->loops + 1, ack);

    bench_put_u64(r, "tuples", (o->tuples / o->loops + 1) * o->loops);
    bench_put_f64(r, ack ? "tuples_per_s_acked" : "tuples_per_s_unacked",
                  rate);
    return rate > 0;
}

bool bench_identity(const bench_opts *o, bench_report *r)
{
    enum { FEW = 100000 };

    if (o->tuples > 0)
        return once(o, bench_wants_acked(o), r);
    bench_samples acked = { 0 }, unacked = { 0 };
    bool ok = run(o, FEW, true) > 0;
    double rate = ok ? run(o, FEW, true) : 0;
    uint64_t each = (uint64_t)(rate * o->seconds / o->loops) + 1;

    ok = rate > 0;
    for (unsigned i = 0; ok && i < o->repeats; i++) {
        double with = run(o, each, true), without = run(o, each, false);

        ok = with > 0 && without > 0;
        bench_add(&acked, with);
        bench_add(&unacked, without);
    }
    bench_samples ratio = bench_ratios(&acked, &unacked);

    bench_put_u64(r, "tuples", each * o->loops);
    bench_put(r, "tuples_per_s_acked", &acked);
    bench_put(r, "tuples_per_s_unacked", &unacked);
    bench_put(r, "ack_ratio", &ratio);
    return ok;
}
