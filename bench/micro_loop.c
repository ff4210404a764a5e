/* micro_loop.c -- a worker's loop turned by hand: what a turn takes, and what
 * a tuple does that is emitted, executed and acked on it.
 */
#include "bench/micro.h"
#include "worker/loop.h"

static bool nothing_next(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    (void)ctx;
    return true;
}

static bool number_next(void *self, gale_spout_ctx *ctx)
{
    uint64_t *next = self;

    gale_spout_emit(ctx, *next, GALE_ROW(gale_val_i64((int64_t)*next)));
    ++*next;
    return true;
}

/* Many at a time, so that the clock, looked at twice, adds little. */
static struct {
    int64_t ns;
    uint64_t n;
} emitted;

static bool timed_next(void *self, gale_spout_ctx *ctx)
{
    enum { AT_ONCE = 128 };
    uint64_t *next = self;
    int64_t began = bench_now_ns();

    for (int i = 0; i < AT_ONCE; i++) {
        gale_spout_emit(ctx, *next, GALE_ROW(gale_val_i64((int64_t)*next)));
        ++*next;
    }
    emitted.ns += bench_now_ns() - began;
    emitted.n += AT_ONCE;
    return true;
}

static gale_verdict sink_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    uint64_t *sum = self;

    (void)ctx;
    *sum += (uint64_t)gale_tuple_i64(in, 0);
    return GALE_ACK;
}

static const gale_spout idle = {
    .output = GALE_FIELDS(GALE_I64("number")),
    .next = nothing_next,
};

static const gale_spout numbers = {
    .state_size = sizeof(uint64_t),
    .output = GALE_FIELDS(GALE_I64("number")),
    .next = number_next,
};

static const gale_spout timed = {
    .state_size = sizeof(uint64_t),
    .output = GALE_FIELDS(GALE_I64("number")),
    .next = timed_next,
};

static const gale_bolt sink = {
    .state_size = sizeof(uint64_t),
    .execute = sink_execute,
};

static gi_plan *make_plan(const gale_spout *spout, bool ack)
{
    static const gale_setting untracked[] = {
        { "topology.acker.executors", "0" },
        { 0 },
    };
    const gale_component components[] = {
        { .id = "spout", .spout = spout },
        {
            .id = "sink",
            .bolt = &sink,
            .inputs = GALE_INPUTS(GALE_SHUFFLE("spout")),
        },
    };
    const gale_topology t = { .abi = GALE_ABI,
                              .name = "micro",
                              .components = GALE_COMPONENTS(components),
                              .conf = ack ? NULL : untracked };
    gi_report report;
    gi_plan *plan = NULL;

    gi_report_init(&report);
    if (gi_plan_create(&plan, &t, NULL, &report) != GALE_OK)
        plan = NULL;
    gi_report_fini(&report);
    return plan;
}

/* Turn the one loop of spout -> sink `n` times, or until `n` tuples were
 * executed.  Returns the time for one of them. */
static double turn(const gale_spout *spout, bool ack, bool until_executed,
                   uint64_t n, bool *ok)
{
    const gi_worker_opts opts = { .env = &gi_env_real, .loops = 1 };
    gi_plan *plan = make_plan(spout, ack);
    gi_worker *w = NULL;
    gale_run_result r = { 0 };
    uint64_t done = 0;
    double ns = 0;

    if (plan == NULL || gi_worker_create(&w, plan, &opts) != GALE_OK) {
        *ok = false;
    } else {
        gi_loop *l = gi_worker_loop(w, 0);

        *ok &= gi_loop_open(l);
        gi_worker_set_active(w, true);
        int64_t began = bench_now_ns();
        while (*ok && done < n) {
            gi_loop_turn(l);
            done = until_executed ? gi_count_read(&l->tasks[0]->count.executed)
                                  : done + 1;
        }
        ns = (double)(bench_now_ns() - began) / (double)(done == 0 ? 1 : done);
        gi_worker_set_active(w, false);
        while (*ok && !gi_worker_quiet(w))
            gi_loop_turn(l);
        gi_worker_result(w, &r);
        while (!gi_loop_close(l))
            ;
        *ok &= r.executed == r.emitted && r.acked == r.emitted;
    }
    gi_worker_destroy(w);
    gi_plan_destroy(plan);
    return ns;
}

double micro_empty_turn(uint64_t n, bool *ok)
{
    return turn(&idle, true, false, n, ok);
}

double micro_emit_execute(uint64_t n, bool *ok)
{
    return turn(&numbers, false, true, n, ok);
}

double micro_emit_execute_ack(uint64_t n, bool *ok)
{
    return turn(&numbers, true, true, n, ok);
}

static double emit(bool ack, uint64_t n, bool *ok)
{
    emitted.ns = 0;
    emitted.n = 0;
    turn(&timed, ack, true, n, ok);
    *ok &= emitted.n >= n;
    return emitted.n == 0 ? 0 : (double)emitted.ns / (double)emitted.n;
}

double micro_emit(uint64_t n, bool *ok)
{
    return emit(false, n, ok);
}

double micro_emit_tracked(uint64_t n, bool *ok)
{
    return emit(true, n, ok);
}
