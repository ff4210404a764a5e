/* cycle.c -- tuples that go round, through loops of two and three components
 * and one that reads itself, with hardly any room: nothing waits for ever,
 * nothing is lost. */
#include "stress.h"

enum { EACH = 3000 / RACE_SLOWER, ROUNDS = 6 };

static const uint32_t each = EACH;
static _Atomic uint64_t arrived;

#define STEP GALE_FIELDS(GALE_I64("number"), GALE_I64("left"))

/* Numbers come in with a text, and go round with how often is left. */
static gale_verdict enter_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    int64_t left = ROUNDS;

    (void)self;
    if (gale_tuple_at(in, 1)->type == GALE_T_I64)
        left = gale_tuple_i64(in, 1) - 1;
    if (left > 0)
        gale_emit(ctx, GALE_ROW(*gale_tuple_at(in, 0), gale_val_i64(left)));
    else
        gale_emit_on(ctx, 1, GALE_ROW(*gale_tuple_at(in, 0)));
    return stress_now_and_then(gale_bolt_task(ctx), 400) ? GALE_FAIL
                                                         : GALE_ACK;
}

/* Two for one on the way round, as long as that is not too many. */
static gale_verdict fork_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    (void)self;
    gale_emit(ctx, gale_tuple_row(in));
    if (gale_tuple_i64(in, 1) == ROUNDS - 1)
        gale_emit(ctx, gale_tuple_row(in));
    return GALE_ACK;
}

static gale_verdict pass_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    (void)self;
    if (stress_now_and_then(gale_bolt_task(ctx), 500))
        race_nap_us(200);
    gale_emit(ctx, gale_tuple_row(in));
    return GALE_ACK;
}

/* Reads itself, by key. */
static gale_verdict self_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    int64_t left =
        gale_tuple_len(in) == 1 ? ROUNDS : gale_tuple_i64(in, 1) - 1;

    (void)self;
    if (left > 0)
        gale_emit(ctx, GALE_ROW(*gale_tuple_at(in, 0), gale_val_i64(left)));
    else
        atomic_fetch_add_explicit(&arrived, 1, memory_order_relaxed);
    return GALE_ACK;
}

static const gale_bolt enter = {
    .output = STEP,
    .streams = GALE_STREAMS({ "out", GALE_FIELDS(GALE_I64("number")), false }),
    .execute = enter_execute,
};
static const gale_bolt forks = { .output = STEP, .execute = fork_execute };
static const gale_bolt passes = { .output = STEP, .execute = pass_execute };
static const gale_bolt again = { .output = STEP, .execute = self_execute };

static const gale_component components[] = {
    { .id = "numbers", .spout = &numbers_spout, .tasks = 2, .arg = &each },
    { .id = "enter",
      .bolt = &enter,
      .inputs =
          GALE_INPUTS(GALE_SHUFFLE("numbers"), GALE_BY("pass", "number")),
      .tasks = 2 },
    { .id = "fork",
      .bolt = &forks,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("enter")),
      .tasks = 2 },
    { .id = "pass",
      .bolt = &passes,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("fork")),
      .tasks = 2,
      .executors = 1,
      .blocking = true },
    { .id = "again",
      .bolt = &again,
      .inputs = GALE_INPUTS({ .from = "enter", .stream = "out" },
                            GALE_BY("again", "number")),
      .tasks = 3 },
};

static const gale_topology table = {
    .abi = GALE_ABI,
    .name = "cycle",
    .components = GALE_COMPONENTS(components),
    .conf = GALE_SETTINGS({ "topology.max.spout.pending", "500" }),
};

static void check(const gale_run_result *r, bool tracked)
{
    if (tracked)
        CHECK(r->acked == 2 * EACH, "acked %llu",
              (unsigned long long)r->acked);
    CHECK(arrived >= 2 * (tracked ? r->acked : 2 * EACH), "arrived %llu",
          (unsigned long long)arrived);
    arrived = 0;
}

int main(void)
{
    alarm(600);
    stress_all(&table, check);
    return 0;
}
