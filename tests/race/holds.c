/* holds.c -- tuples held and answered later: from ticks, from the next
 * execute, in another order, failed, joined with others in what is emitted
 * for them. */
#include "stress.h"

enum { EACH = 15000 / RACE_SLOWER, MOST_HELD = 64 };

static const uint32_t each = EACH;
static _Atomic uint64_t joined, read_by_sink, answered;

struct holder {
    gale_held held[MOST_HELD];
    int64_t number[MOST_HELD];
    uint32_t n;
};

/* Answer for the one at `at`; now and then not well. */
static void answer(struct holder *h, uint32_t at, gale_bolt_ctx *ctx)
{
    const gale_tuple *in = gale_held_tuple(ctx, h->held[at]);

    CHECK(in != NULL, "a held tuple is there until it is answered");
    CHECK(gale_tuple_i64(in, 0) == h->number[at], "and is what it was");
    if (stress_now_and_then(gale_bolt_task(ctx), 60))
        gale_fail(ctx, h->held[at]);
    else
        gale_ack(ctx, h->held[at]);
    CHECK(gale_held_tuple(ctx, h->held[at]) == NULL, "it is answered");
    h->held[at] = h->held[--h->n];
    h->number[at] = h->number[h->n];
    atomic_fetch_add_explicit(&answered, 1, memory_order_relaxed);
}

/* One tuple that stands in the trees of up to four held ones. */
static void join_some(struct holder *h, gale_bolt_ctx *ctx)
{
    uint32_t n = h->n > 4 ? 4 : h->n;
    gale_emit_opts o = { .anchors = h->held, .n_anchors = n };

    if (n == 0)
        return;
    CHECK(gale_emit_with(ctx, &o, GALE_ROW(gale_val_i64((int64_t)n))) == 2,
          "both readers");
    atomic_fetch_add_explicit(&joined, 1, memory_order_relaxed);
}

static void answer_some(struct holder *h, uint32_t leave, gale_bolt_ctx *ctx)
{
    gale_task *t = gale_bolt_task(ctx);

    while (h->n > leave) {
        if (stress_now_and_then(t, 3))
            join_some(h, ctx);
        answer(h, (uint32_t)(gale_task_random(t) % h->n), ctx);
    }
}

static gale_verdict holder_execute(void *self, const gale_tuple *in,
                                   gale_bolt_ctx *ctx)
{
    struct holder *h = self;
    gale_task *t = gale_bolt_task(ctx);
    gale_held both[2];

    if (h->n == MOST_HELD)
        answer_some(h, MOST_HELD / 2, ctx);
    if (h->n > 0 && stress_now_and_then(t, 4)) {
        gale_emit_opts o = { .anchors = both, .n_anchors = 2 };

        both[0] = GALE_INPUT;
        both[1] = h->held[0];
        gale_emit_with(ctx, &o, GALE_ROW(gale_val_i64(2)));
        return GALE_ACK;
    }
    h->held[h->n] = gale_hold(ctx, in);
    CHECK(h->held[h->n].ref != 0, "memory");
    h->number[h->n++] = gale_tuple_i64(in, 0);
    if (stress_now_and_then(t, 5))
        gale_emit(ctx, GALE_ROW(gale_val_i64(1)));
    if (stress_now_and_then(t, 7))
        gale_reset_timeout(ctx, h->held[0]);
    if (!stress_now_and_then(t, 9))
        return GALE_HOLD;
    h->n--; /* thought better of it */
    return GALE_ACK;
}

static void holder_tick(void *self, gale_bolt_ctx *ctx)
{
    answer_some(self, 0, ctx);
}

static const gale_bolt holder = {
    .state_size = sizeof(struct holder),
    .output = GALE_FIELDS(GALE_I64("n")),
    .execute = holder_execute,
    .tick = holder_tick,
};

static gale_verdict sink_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    (void)self;
    CHECK(gale_tuple_i64(in, 0) > 0, "a count");
    atomic_fetch_add_explicit(&read_by_sink, 1, memory_order_relaxed);
    return stress_now_and_then(gale_bolt_task(ctx), 100) ? GALE_FAIL
                                                         : GALE_ACK;
}

static const gale_bolt sink = { .execute = sink_execute };

static const gale_component components[] = {
    { .id = "numbers", .spout = &numbers_spout, .tasks = 2, .arg = &each },
    { .id = "own", .spout = &numbers_own_spout, .tasks = 1, .arg = &each },
    { .id = "holder",
      .bolt = &holder,
      .inputs = GALE_INPUTS(GALE_BY("numbers", "number"), GALE_SHUFFLE("own")),
      .tasks = 3,
      .tick_ms = 1 },
    { .id = "sink",
      .bolt = &sink,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("holder")),
      .tasks = 2 },
    { .id = "slow",
      .bolt = &sink,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("holder")),
      .blocking = true },
};

static const gale_topology table = {
    .abi = GALE_ABI,
    .name = "holds",
    .components = GALE_COMPONENTS(components),
    .conf = GALE_SETTINGS({ "topology.max.spout.pending", "300" }),
};

static void check(const gale_run_result *r, bool tracked)
{
    if (tracked)
        CHECK(r->acked == 3 * EACH, "acked %llu",
              (unsigned long long)r->acked);
    CHECK(joined > 0 && read_by_sink >= 2 * joined, "joined %llu, read %llu",
          (unsigned long long)joined, (unsigned long long)read_by_sink);
    CHECK(answered > EACH, "%llu", (unsigned long long)answered);
    joined = read_by_sink = answered = 0;
}

int main(void)
{
    alarm(600);
    stress_all(&table, check);
    return 0;
}
