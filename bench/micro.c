/* micro.c -- nanoseconds of the parts that every tuple, batch or turn passes.
 *
 * This is the one case that reaches behind the public header: it turns a loop
 * by hand and calls the parts as worker/ does.
 */
#include "bench/micro.h"
#include "base/ring.h"
#include "worker/loop.h"

/* The value is wanted, whatever the compiler thinks. */
#define WANTED(x) __asm__ volatile("" : "+r"(x) : : "memory")

/* `n` times one part.  Returns the nanoseconds that one took; *ok becomes
 * false if the part did not do what it should. */
typedef double (*part_run)(uint64_t n, bool *ok);

static double each_ns(int64_t began, uint64_t n)
{
    return (double)(bench_now_ns() - began) / (double)n;
}

/* --------------------------------------------------------- small parts -- */

static double ring(uint64_t n, bool *ok)
{
    gi_ring r;
    char thing;

    if (gi_ring_init(&r, 128) != GALE_OK)
        return *ok = false;
    int64_t began = bench_now_ns();
    for (uint64_t i = 0; i < n; i++) {
        bool pushed = gi_ring_push(&r, &thing);
        void *p = gi_ring_pop(&r);

        WANTED(p);
        *ok &= pushed && p == &thing;
    }
    double ns = each_ns(began, n);
    gi_ring_fini(&r);
    return ns;
}

/* A tree of three updates (the spout's, a bolt's that emits, a sink's), with
 * 4096 trees open; the figure is for one update. */
static double ledger(uint64_t n, bool *ok)
{
    enum { OPEN = 4096 };
    gi_ledger *l;
    uint64_t trees = n / 3 / OPEN * OPEN + OPEN, done = 0;

    if (gi_ledger_create(&l, OPEN) != GALE_OK)
        return *ok = false;
    int64_t began = bench_now_ns();
    for (uint64_t i = 0; i < trees; i += OPEN) {
        uint32_t gen = (uint32_t)(i / OPEN) + 1;

        for (uint32_t slot = 0; slot < OPEN; slot++)
            gi_ledger_init(l, gi_root(0, slot, gen), slot + 1, 1, 1);
        for (uint32_t slot = 0; slot < OPEN; slot++)
            gi_ledger_ack(l, gi_root(0, slot, gen), (slot + 1) ^ 77, 1, 1);
        for (uint32_t slot = 0; slot < OPEN; slot++)
            done += gi_ledger_ack(l, gi_root(0, slot, gen), 77, 1, 2) ==
                    GI_TREE_DONE;
    }
    double ns = each_ns(began, trees * 3);
    *ok &= done == trees && gi_ledger_open(l) == 0;
    gi_ledger_destroy(l);
    return ns;
}

static double edge_id(uint64_t n, bool *ok)
{
    static gi_loop l;
    uint64_t id = 0;

    l.edge_salt = 4711;
    int64_t began = bench_now_ns();
    for (uint64_t i = 0; i < n; i++) {
        id = gi_edge_id(&l);
        WANTED(id);
    }
    *ok &= id != 0;
    return each_ns(began, n);
}

static double hist_record(uint64_t n, bool *ok)
{
    static gi_hist h;
    uint64_t before = h.n;
    int64_t began = bench_now_ns();

    for (uint64_t i = 0; i < n; i++)
        gi_hist_record(&h, i & 0xfffff);
    double ns = each_ns(began, n);
    *ok &= h.n - before == n;
    return ns;
}

static double frontier(uint64_t n, bool *ok)
{
    gi_frontier f = { 0 };

    if (gi_frontier_init(&f, 2, 30000, 1) != GALE_OK)
        return *ok = false;
    int64_t began = bench_now_ns();
    for (uint64_t i = 0; i < n; i++) {
        gi_frontier_made(&f, 0, 1);
        gi_frontier_done(&f, 1, 1, 1);
    }
    double ns = each_ns(began, n);
    *ok &= gi_frontier_quiet(&f);
    gi_frontier_fini(&f);
    return ns;
}

/* Room for a tuple of one i64 in an open batch; when that is full it is
 * emptied here, so that no batch is sent. */
static double claim(uint64_t n, bool *ok)
{
    enum { BYTES = 32768, NEED = sizeof(gale_tuple) + sizeof(gale_value) };
    static gi_loop l;
    gi_outlet outlet = { 0 };
    gi_batch *b = gi_alloc(sizeof(*b) + BYTES);

    if (b == NULL)
        return *ok = false;
    b->cap = BYTES;
    outlet.open = b;
    l.out = &outlet;
    int64_t began = bench_now_ns();
    for (uint64_t i = 0; i < n; i++) {
        if (b->cap - b->used < NEED)
            b->used = 0;
        gale_tuple *t = gi_claim(&l, 1, false, NEED, 0);
        WANTED(t);
    }
    double ns = each_ns(began, n);
    *ok &= b->n == (uint32_t)n;
    gi_free(b);
    return ns;
}

/* ----------------------------------------------- a loop turned by hand -- */

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
        ns = each_ns(began, done == 0 ? 1 : done);
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

static double empty_turn(uint64_t n, bool *ok)
{
    return turn(&idle, true, false, n, ok);
}

static double emit_execute(uint64_t n, bool *ok)
{
    return turn(&numbers, false, true, n, ok);
}

static double emit_execute_ack(uint64_t n, bool *ok)
{
    return turn(&numbers, true, true, n, ok);
}

/* ----------------------------------------------------------- measuring -- */

static const struct part {
    const char *key;
    part_run run;
} parts[] = {
    { "empty_turn_ns", empty_turn },
    { "ring_push_pop_ns", ring },
    { "ring_hop_ns", micro_hop },
    { "emit_execute_ns", emit_execute },
    { "emit_execute_ack_ns", emit_execute_ack },
    { "ledger_update_ns", ledger },
    { "edge_id_ns", edge_id },
    { "hist_record_ns", hist_record },
    { "frontier_made_done_ns", frontier },
    { "tuple_claim_ns", claim },
};

enum { N_PARTS = sizeof(parts) / sizeof(parts[0]) };

/* How often, so that it takes about the time asked for. */
static uint64_t times(const struct part *p, double seconds, bool *ok)
{
    enum { FEW = 20000 };
    double ns = p->run(FEW, ok);

    return (uint64_t)(seconds * 1e9 / (ns > 0.1 ? ns : 0.1)) + 1;
}

bool bench_micro(const bench_opts *o, bench_report *r)
{
    bool ok = true;

    for (size_t i = 0; i < N_PARTS && ok; i++) {
        uint64_t n = times(&parts[i], o->seconds / N_PARTS, &ok);
        bench_samples s = { 0 };

        for (unsigned k = 0; k < o->repeats && ok; k++)
            bench_add(&s, parts[i].run(n, &ok));
        if (!ok)
            bench_say("micro: %s: wrong", parts[i].key);
        bench_put(r, parts[i].key, &s);
    }
    return ok && micro_frame(o, r, o->seconds / N_PARTS);
}
