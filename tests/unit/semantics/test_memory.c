/* When memory runs out: for every n, the n-th allocation of a short run fails.
 * Either a call says so, or the run is as it should be: each tree that was
 * acked has had its effect. */
#include "base/mem.h"
#include "semantics.h"

enum { IDS = 6 };

/* Which ids had their effect, by the sink. */
static bool effect[IDS + 1];

static gale_verdict effect_execute(void *self, const gale_tuple *in,
                                   gale_bolt_ctx *ctx)
{
    (void)self;
    (void)ctx;
    for (unsigned i = 0; i < gale_tuple_len(in); i++)
        effect[gale_tuple_i64(in, i)] = true;
    return GALE_ACK;
}

static const gale_bolt effecting = { .execute = effect_execute };

/* Holds two, emits both as one, anchored to both, and acks them. */
struct joiner {
    gale_held held[2];
    size_t n;
};

static void join(struct joiner *j, gale_bolt_ctx *ctx)
{
    gale_emit_opts o = { .anchors = j->held, .n_anchors = 2 };
    const gale_tuple *a = gale_held_tuple(ctx, j->held[0]);
    const gale_tuple *b = gale_held_tuple(ctx, j->held[1]);

    gale_emit_with(ctx, &o,
                   ROW(I64(gale_tuple_i64(a, 0)), I64(gale_tuple_i64(b, 0))));
    gale_ack(ctx, j->held[0]);
    gale_ack(ctx, j->held[1]);
    j->n = 0;
}

static gale_verdict joiner_execute(void *self, const gale_tuple *in,
                                   gale_bolt_ctx *ctx)
{
    struct joiner *j = self;
    gale_held h = gale_hold(ctx, in);

    if (h.ref == 0)
        return GALE_HOLD; /* no memory: the input fails */
    j->held[j->n++] = h;
    if (j->n == 2 && gale_task_arg(gale_bolt_task(ctx)) == NULL)
        join(j, ctx);
    else if (j->n == 2)
        gale_task_wake(gale_bolt_task(ctx)); /* joined in tick */
    return GALE_HOLD;
}

static void joiner_tick(void *self, gale_bolt_ctx *ctx)
{
    struct joiner *j = self;

    if (j->n == 2)
        join(j, ctx);
}

static const gale_bolt joiner = {
    .state_size = sizeof(struct joiner),
    .output = GALE_FIELDS(GALE_I64("a"), GALE_I64("b")),
    .execute = joiner_execute,
    .tick = joiner_tick,
};

/* One run; true: it was as it should be, false: a call said GALE_ENOMEM. */
static bool run_once(const gale_topology *topology, bool replay)
{
    gale_test_opts o = {
        .mocks = GALE_MOCKS({ .spout = "a", .replay = replay }),
        .conf = CONF(TIMEOUT("5")),
    };
    gale_test *t = NULL;
    gale_diag why;
    const uint64_t *ids;

    memset(effect, 0, sizeof(effect));
    gale_err rv = gale_test_create(&t, topology, &o, &why);
    for (uint64_t id = 1; id <= IDS && rv == GALE_OK; id++) {
        rv = gale_test_feed(t, "a", id, ROW(I64(id)));
        if (rv == GALE_OK)
            rv = gale_test_settle(t);
    }
    if (rv == GALE_OK)
        rv = gale_test_run(t, 1000000, &why);
    cr_assert(rv == GALE_OK || rv == GALE_ENOMEM, "%s: %s", gale_err_name(rv),
              why.text);
    if (rv == GALE_OK) {
        size_t n_acked = gale_test_acked(t, "a", &ids);
        size_t n_failed = failed(t, "a");

        cr_assert_eq(n_acked + n_failed, IDS, "%zu acked, %zu failed", n_acked,
                     n_failed);
        cr_assert(!replay || n_acked == IDS);
        for (size_t i = 0; i < n_acked; i++)
            cr_assert(effect[ids[i]], "%d was acked without effect",
                      (int)ids[i]);
    }
    gale_test_destroy(t);
    return rv == GALE_OK;
}

static void check(const gale_component *parts, size_t n, bool replay)
{
    const gale_topology topology = { .abi = GALE_ABI,
                                     .name = "memory",
                                     .components = { parts, n } };
    uint64_t before = gi_mem_asked(), allocations;
    unsigned fine = 0;

    cr_assert(run_once(&topology, replay));
    allocations = gi_mem_asked() - before;
    for (uint64_t at_once = 1; at_once <= 4; at_once += 3)
        for (uint64_t i = 0; i < allocations; i++) {
            gi_mem_fail_after(i, at_once);
            fine += run_once(&topology, replay);
            gi_mem_fail_after(0, 0);
        }
    cr_assert_gt(fine, 0); /* some failures are survived */
}

Test(memory, a_line_survives_every_failed_allocation)
{
    const gale_component parts[] = {
        { .id = "a", .spout = &source },
        { .id = "b",
          .bolt = &branch,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("a")),
          .tasks = 2 },
        { .id = "c",
          .bolt = &effecting,
          .inputs = GALE_INPUTS(GALE_BY("b", "v")),
          .tasks = 2 },
    };

    check(parts, 3, false);
    check(parts, 3, true);
}

Test(memory, a_join_survives_every_failed_allocation)
{
    const gale_component parts[] = {
        { .id = "a", .spout = &source },
        { .id = "b",
          .bolt = &joiner,
          .inputs = GALE_INPUTS(GALE_GLOBAL("a")) },
        { .id = "c",
          .bolt = &effecting,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("b")),
          .tasks = 2 },
    };

    check(parts, 3, false);
}

Test(memory, a_join_in_tick_survives_every_failed_allocation)
{
    static const int in_tick = 1;
    const gale_component parts[] = {
        { .id = "a", .spout = &source },
        { .id = "b",
          .bolt = &joiner,
          .arg = &in_tick,
          .inputs = GALE_INPUTS(GALE_GLOBAL("a")) },
        { .id = "c",
          .bolt = &effecting,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("b")),
          .tasks = 2 },
    };

    check(parts, 3, false);
}

/* All of them are called from within one another. */
Test(memory, calls_survive_every_failed_allocation)
{
    static const int in_tick = 1;
    gale_component parts[] = {
        { .id = "a", .spout = &source },
        { .id = "b",
          .bolt = &branch,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("a")),
          .fused = true },
        { .id = "c",
          .bolt = &joiner,
          .inputs = GALE_INPUTS(GALE_GLOBAL("b")),
          .fused = true },
        { .id = "d",
          .bolt = &effecting,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("c")),
          .fused = true },
    };

    check(parts, 4, false);
    check(parts, 4, true);
    parts[2].arg = &in_tick;
    check(parts, 4, true);
}

Test(memory, a_bolt_by_hand_is_made_whole_or_not_at_all)
{
    gale_test_bolt_opts o = {
        .sources = GALE_SOURCES({ "s", NULL, GALE_FIELDS(GALE_ANY("v")) }),
    };

    for (uint64_t i = 0;; i++) {
        gale_test_bolt *b = NULL;
        gale_diag why;
        gale_err rv;

        gi_mem_fail_after(i, 1);
        rv = gale_test_bolt_create(&b, &branch, &o, &why);
        gi_mem_fail_after(0, 0);
        cr_assert_eq(rv == GALE_OK, b != NULL);
        gale_test_bolt_destroy(b);
        if (rv == GALE_OK)
            break;
        cr_assert_eq(rv, GALE_ENOMEM);
        cr_assert_str_eq(why.text, "out of memory");
    }
}
