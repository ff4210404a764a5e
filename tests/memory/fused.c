/* fused.c -- memory runs out within a bolt that is called from within its
 * sender's emit: in the hold of a row that is its sender's, in an emit of its
 * own, which is one more call, or a batch to a reader elsewhere.
 *
 * In virtual time, so that each run asks for the same.  What was acked has had
 * its effect, and what memory failed is replayed: nothing is left to time out.
 */
#include "gale/testing.h"
#include "memory.h"

enum { IDS = 40, TEXT = 3000, MOST_HELD = 8, AT_SINK = 1, AT_FAR = 2 };

static unsigned effect[IDS]; /* which readers have seen it */
static int depth;            /* emits that this is within */

/* Allocations that were refused in a bolt that was called. */
static uint64_t run_began, in_hold, in_emit;

/* The one that is refused was asked for since then. */
static bool struck_since(uint64_t asked)
{
    uint64_t refused = run_began + memory_no;

    return depth > 0 && refused >= asked && refused < gi_mem_asked();
}

static void check_text(const gale_tuple *in)
{
    int64_t id = gale_tuple_i64(in, 0);
    gale_str s = gale_tuple_str(in, 1);

    CHECK(s.len == TEXT, "%u bytes", s.len);
    for (uint32_t i = 0; i < s.len; i++)
        CHECK(s.ptr[i] == 'a' + id % 26, "id %d, byte %u", (int)id, i);
}

/* ---------------------------------------------------------------- bolts -- */

static bool nothing_next(void *self, gale_spout_ctx *ctx)
{
    (void)self, (void)ctx;
    return false;
}

static void pass_on(gale_bolt_ctx *ctx, gale_emit_opts o, gale_row row)
{
    uint64_t asked = gi_mem_asked();

    depth++;
    gale_emit_with(ctx, &o, row);
    depth--;
    in_emit += struck_since(asked);
}

/* Emits from a buffer, which is another thing afterwards. */
static gale_verdict lend_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    static char text[TEXT];
    int64_t id = gale_tuple_i64(in, 0);

    (void)self;
    memset(text, 'a' + (int)(id % 26), TEXT);
    pass_on(ctx, (gale_emit_opts){ 0 },
            GALE_ROW(gale_val_i64(id), gale_val_run(GALE_T_STR, text, TEXT)));
    memset(text, '-', TEXT);
    return GALE_ACK;
}

struct keeper {
    gale_held held[MOST_HELD];
    uint32_t n;
};

static void keeper_tick(void *self, gale_bolt_ctx *ctx)
{
    struct keeper *k = self;

    while (k->n > 0) {
        gale_held one = k->held[--k->n];
        gale_emit_opts o = { .anchors = &one, .n_anchors = 1 };
        const gale_tuple *in = gale_held_tuple(ctx, one);

        CHECK(in != NULL, "a held tuple is there until it is answered");
        check_text(in);
        pass_on(ctx, o, gale_tuple_row(in));
        gale_ack(ctx, one);
    }
}

/* Passes every other one on when it comes, and the rest in tick. */
static gale_verdict keeper_execute(void *self, const gale_tuple *in,
                                   gale_bolt_ctx *ctx)
{
    struct keeper *k = self;

    check_text(in);
    if (gale_tuple_i64(in, 0) % 4 < 2) {
        pass_on(ctx, (gale_emit_opts){ 0 }, gale_tuple_row(in));
        return GALE_ACK;
    }
    if (k->n == MOST_HELD)
        keeper_tick(k, ctx);
    uint64_t asked = gi_mem_asked();
    gale_held one = gale_hold(ctx, in);
    in_hold += struck_since(asked);
    if (one.ref != 0)
        k->held[k->n++] = one;
    return GALE_HOLD; /* without memory it fails, whatever we say */
}

static void sink_execute_batch(void *self, const gale_tuple *const *in,
                               size_t n, gale_bolt_ctx *ctx)
{
    (void)self;
    for (size_t i = 0; i < n; i++) {
        check_text(in[i]);
        effect[gale_tuple_i64(in[i], 0)] |= AT_SINK;
        gale_answer(ctx, GALE_ACK);
    }
}

static gale_verdict far_execute(void *self, const gale_tuple *in,
                                gale_bolt_ctx *ctx)
{
    (void)self, (void)ctx;
    check_text(in);
    effect[gale_tuple_i64(in, 0)] |= AT_FAR;
    return GALE_ACK;
}

#define ROW_FIELDS GALE_FIELDS(GALE_I64("id"), GALE_STR("text"))

static const gale_spout source = { .output = GALE_FIELDS(GALE_I64("id")),
                                   .next = nothing_next };
static const gale_bolt lend = { .output = ROW_FIELDS,
                                .execute = lend_execute };
static const gale_bolt keep = { .state_size = sizeof(struct keeper),
                                .output = ROW_FIELDS,
                                .execute = keeper_execute,
                                .tick = keeper_tick };
static const gale_bolt sink = { .execute_batch = sink_execute_batch };
static const gale_bolt far = { .execute = far_execute };

static const gale_component components[] = {
    { .id = "source", .spout = &source },
    { .id = "lend",
      .bolt = &lend,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("source")),
      .tasks = 2,
      .fused = true },
    { .id = "keep",
      .bolt = &keep,
      .inputs = GALE_INPUTS(GALE_BY("lend", "id")),
      .tasks = 2,
      .tick_ms = 100,
      .fused = true },
    { .id = "sink",
      .bolt = &sink,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("keep")),
      .tasks = 2,
      .fused = true },
    { .id = "far",
      .bolt = &far,
      .inputs = GALE_INPUTS(GALE_ALL("keep")),
      .tasks = 2 },
};

static const gale_topology table = {
    .abi = GALE_ABI,
    .name = "memory",
    .components = GALE_COMPONENTS(components),
    .conf = GALE_SETTINGS({ "topology.batch.bytes", "1024" },
                          { "topology.max.error.report.per.interval", "0" }),
};

/* ----------------------------------------------------------------- runs -- */

static void check_run(gale_test *t)
{
    gale_run_result r;

    gale_test_result(t, &r);
    CHECK(gale_test_acked(t, "source", NULL) == IDS, "%zu acked",
          gale_test_acked(t, "source", NULL));
    CHECK(gale_test_pending(t, "source") == 0, "some are pending");
    CHECK(r.timed_out == 0, "%llu", (unsigned long long)r.timed_out);
    CHECK(r.refused == 0, "%llu", (unsigned long long)r.refused);
    for (int id = 0; id < IDS; id++)
        CHECK(effect[id] == (AT_SINK | AT_FAR), "id %d: %u", id, effect[id]);
}

static bool run_once(const void *arg)
{
    const uint32_t *loops = arg;
    gale_test_opts o = {
        .mocks = GALE_MOCKS({ .spout = "source", .replay = true }),
        .loops = *loops,
        .no_rows = true,
    };
    gale_test *t = NULL;
    gale_diag why = { "" };

    run_began = gi_mem_asked();
    memset(effect, 0, sizeof(effect));
    gale_err rv = gale_test_create(&t, &table, &o, &why);
    for (uint32_t id = 0; rv == GALE_OK && id < IDS; id++)
        rv = gale_test_feed(t, "source", id, GALE_ROW(gale_val_i64(id)));
    if (rv == GALE_OK)
        rv = gale_test_run(t, 100000, &why);
    CHECK(rv == GALE_OK || rv == GALE_ENOMEM, "%s: %s", gale_err_name(rv),
          why.text);
    if (rv == GALE_OK)
        check_run(t);
    gale_test_destroy(t);
    return rv == GALE_OK;
}

int main(void)
{
    static const uint32_t loops[] = { 1, 2, 3 };
    static const char *const names[] = { "one loop", "two", "three" };

    alarm(600);
    for (int i = 0; i < 3; i++) {
        memory_every(names[i], run_once, &loops[i], 1);
        memory_every(names[i], run_once, &loops[i], 4);
    }
    printf("in a call: %llu holds, %llu emits\n", (unsigned long long)in_hold,
           (unsigned long long)in_emit);
    CHECK(in_hold > 0 && in_emit > 0, "none was refused in a call");
    return 0;
}
