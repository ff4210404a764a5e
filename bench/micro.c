/* micro.c -- nanoseconds of the parts that every tuple, batch or turn passes.
 *
 * This case reaches behind the public header: it calls the parts as worker/
 * does, and turns a loop by hand (micro_loop.c).
 */
#include "bench/micro.h"
#include "base/ring.h"
#include "worker/loop.h"

/* The value is wanted, whatever the compiler thinks. */
#define WANTED(x) __asm__ volatile("" : "+r"(x) : : "memory")

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

/* ----------------------------------------------------------- measuring -- */

static const struct part {
    const char *key;
    micro_run run;
} parts[] = {
    { "empty_turn_ns", micro_empty_turn },
    { "ring_push_pop_ns", ring },
    { "ring_hop_ns", micro_hop },
    { "emit_ns", micro_emit },
    { "emit_tracked_ns", micro_emit_tracked },
    { "emit_execute_ns", micro_emit_execute },
    { "emit_execute_ack_ns", micro_emit_execute_ack },
    { "ledger_update_ns", ledger },
    { "edge_id_ns", edge_id },
    { "hist_record_ns", hist_record },
    { "frontier_made_done_ns", frontier },
    { "tuple_claim_ns", claim },
    { "frame_encode_ns", micro_frame_encode },
    { "frame_decode_ns", micro_frame_decode },
};

enum { N_PARTS = sizeof(parts) / sizeof(parts[0]) };

/* How often, so that it takes about the time asked for.  The first time is
 * only there to warm up. */
static uint64_t times(const struct part *p, double seconds, bool *ok)
{
    enum { FEW = 20000 };
    double ns = p->run(FEW, ok);

    if (*ok)
        ns = p->run(FEW, ok);
    return (uint64_t)(seconds * 1e9 / (ns > 0.1 ? ns : 0.1)) + 1;
}

/* All of them in turn, so that a while in which the machine is slow does not
 * fall upon one alone. */
bool bench_micro(const bench_opts *o, bench_report *r)
{
    bench_samples s[N_PARTS] = { { .n = 0 } };
    uint64_t n[N_PARTS];
    bool ok = true;

    for (unsigned k = 0; k <= o->repeats; k++)
        for (size_t i = 0; i < N_PARTS && ok; i++) {
            if (k == 0)
                n[i] = times(&parts[i], o->seconds / N_PARTS, &ok);
            else
                bench_add(&s[i], parts[i].run(n[i], &ok));
            if (!ok)
                bench_say("micro: %s: wrong", parts[i].key);
        }
    for (size_t i = 0; i < N_PARTS; i++)
        bench_put(r, parts[i].key, &s[i]);
    return ok;
}
