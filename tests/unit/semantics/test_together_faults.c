/* Bolts that take several tuples at once, when things go wrong. */
#include "base/mem.h"
#include "together.h"

/* -------------------------------------------------------------- faults -- */

static uint64_t said[2000]; /* the ids that came */
static size_t n_said;

/* Keeps, a task, what it saw since it began. */
static void saying_execute(void *self, const gale_tuple *const *in, size_t n,
                           gale_bolt_ctx *ctx)
{
    (void)self;
    note_call(n);
    for (size_t i = 0; i < n; i++) {
        cr_assert_lt(n_said, sizeof(said) / sizeof(said[0]));
        said[n_said++] = (uint64_t)gale_tuple_i64(in[i], 0);
        gale_emit(ctx, gale_tuple_row(in[i]));
        gale_answer(ctx, GALE_ACK);
    }
}

static const gale_bolt saying = {
    .output = GALE_FIELDS(GALE_ANY("v")),
    .execute_batch = saying_execute,
};

static const gale_component told[] = {
    { .id = "s", .spout = &source },
    { .id = "b", .bolt = &saying, .inputs = GALE_INPUTS(GALE_SHUFFLE("s")) },
    { .id = "sink", .bolt = &sink, .inputs = GALE_INPUTS(GALE_SHUFFLE("b")) },
};

static gale_test *feed_told(const char *faults)
{
    gale_test *t =
        START(told, .mocks = MOCK("s"), .faults = faults, .loops = 1);

    n_said = 0;
    feed_many(t, 200);
    return t;
}

Test(together_faults, a_fault_that_counts_strikes_that_tuple_only)
{
    gale_test *t = feed_told("fail=b@50");
    const uint64_t *ids;

    cr_expect_eq(acked(t, "s"), 199);
    cr_assert_eq(gale_test_failed(t, "s", &ids), 1);
    cr_expect_eq(n_said, 200);
    cr_expect_eq(ids[0], said[49]);
    cr_expect_gt(most, 1);
    gale_test_destroy(t);
}

Test(together_faults, many_fail_when_many_are_to)
{
    gale_test *t = feed_told("fail=b:0.3");

    cr_expect_eq(gale_test_faults(t, "fail"), failed(t, "s"));
    cr_expect_gt(failed(t, "s"), 20);
    cr_expect_eq(acked(t, "s") + failed(t, "s"), 200);
    gale_test_destroy(t);
}

Test(together_faults, a_task_that_dies_has_answered_for_those_before)
{
    gale_test *t = feed_told("kill=b@50");

    cr_expect_eq(gale_test_faults(t, "kill"), 1);
    cr_expect_eq(gale_test_pending(t, "s"), 0);
    cr_expect_geq(acked(t, "s"), 49);
    cr_expect_geq(failed(t, "s"), 1);
    cr_expect_eq(acked(t, "s") + failed(t, "s"), 200);
    gale_test_destroy(t);
}

Test(together_faults, all_arrives_whatever_dies)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        gale_test *t = START(
            told, .mocks = GALE_MOCKS({ .spout = "s", .replay = true }),
            .seed = seed, .faults = "kill=b:0.02,restart=b@30,fail=b:0.05");

        n_said = 0;
        feed_many(t, 200);
        run(t, 1000000);
        cr_expect_eq(acked(t, "s"), 200);
        gale_test_destroy(t);
    }
}

/* -------------------------------------------------------------- memory -- */

enum { FED = 12 };

struct keep {
    gale_held held[256];
    size_t n_held;
};

static void keep_tick(void *self, gale_bolt_ctx *ctx)
{
    struct keep *s = self;

    while (s->n_held > 0)
        gale_ack(ctx, s->held[--s->n_held]);
}

static bool came[FED];

static gale_verdict arrive_execute(void *self, const gale_tuple *in,
                                   gale_bolt_ctx *ctx)
{
    (void)self, (void)ctx;
    came[gale_tuple_i64(in, 0)] = true;
    return GALE_ACK;
}

static const gale_bolt arriving = { .execute = arrive_execute };

/* Holds every third, emits the others twice. */
static void keep_execute(void *self, const gale_tuple *const *in, size_t n,
                         gale_bolt_ctx *ctx)
{
    struct keep *s = self;

    note_call(n);
    for (size_t i = 0; i < n; i++) {
        gale_emit(ctx, gale_tuple_row(in[i]));
        if (gale_tuple_i64(in[i], 0) % 3 == 0) {
            gale_held h = gale_hold(ctx, in[i]);

            if (h.ref != 0)
                s->held[s->n_held++] = h;
            gale_answer(ctx, GALE_HOLD);
            continue;
        }
        gale_emit(ctx, gale_tuple_row(in[i]));
        gale_answer(ctx, GALE_ACK);
    }
}

static const gale_bolt keeping = {
    .state_size = sizeof(struct keep),
    .output = GALE_FIELDS(GALE_ANY("v")),
    .execute_batch = keep_execute,
    .tick = keep_tick,
};

static const gale_component kept[] = {
    { .id = "s", .spout = &source },
    { .id = "keep",
      .bolt = &keeping,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("s")),
      .tick_ms = 100 },
    { .id = "arrive",
      .bolt = &arriving,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("keep")) },
};

/* True: it ran; then what was acked has arrived. */
static bool run_kept(void)
{
    const gale_topology topology = { .abi = GALE_ABI,
                                     .name = "memory",
                                     .components = GALE_COMPONENTS(kept) };
    const gale_test_opts o = { .mocks = MOCK("s"), .loops = 1 };
    gale_test *t = NULL;
    gale_diag why;
    const uint64_t *ids;

    memset(came, 0, sizeof(came));
    gale_err rv = gale_test_create(&t, &topology, &o, &why);
    for (uint64_t id = 0; id < FED && rv == GALE_OK; id++)
        rv = gale_test_feed(t, "s", id, ROW(I64(id)));
    if (rv == GALE_OK)
        rv = gale_test_run(t, 1000000, &why);
    cr_assert(rv == GALE_OK || rv == GALE_ENOMEM, "%s: %s", gale_err_name(rv),
              why.text);
    size_t n = rv == GALE_OK ? gale_test_acked(t, "s", &ids) : 0;
    cr_assert(rv != GALE_OK || n + failed(t, "s") == FED);
    for (size_t i = 0; i < n; i++)
        cr_assert(came[ids[i]], "%d was acked and lost", (int)ids[i]);
    gale_test_destroy(t);
    return rv == GALE_OK;
}

Test(together_faults, each_tuple_survives_every_failed_allocation)
{
    uint64_t before = gi_mem_asked(), allocations;
    unsigned fine = 0;

    cr_assert(run_kept());
    cr_assert_gt(most, 1);
    allocations = gi_mem_asked() - before;
    for (uint64_t i = 0; i < allocations; i++) {
        gi_mem_fail_after(i, 2);
        fine += run_kept();
        gi_mem_fail_after(0, 0);
    }
    cr_assert_gt(fine, 0);
}
