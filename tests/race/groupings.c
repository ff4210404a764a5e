/* groupings.c -- every way to divide a stream, with bolts that fail now and
 * then, one that blocks, and replays by the runtime as by the spout. */
#include "stress.h"

enum { EACH = 3000 / RACE_SLOWER, TOLD = 1 };

static const uint32_t each = EACH;
static const uint32_t each_own = EACH / 2;
static _Atomic uint64_t seen_by_all, seen_direct, seen_by_sink, split_acked;

/* --------------------------------------------------------------- split -- */

/* For a number: two words by key, and a word to a task it names. */
static gale_verdict split_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    gale_task *t = gale_bolt_task(ctx);
    int64_t number = gale_tuple_i64(in, 0);
    uint32_t first, n = gale_task_peers(t, "told", &first);
    gale_emit_opts told = { .stream = TOLD,
                            .task = first + (uint32_t)number % n };

    (void)self;
    gale_emit(ctx, GALE_ROW(gale_val_i64(number), gale_val_i64(0)));
    if (stress_now_and_then(t, 50))
        return GALE_FAIL; /* after half of it was said */
    gale_emit(ctx, GALE_ROW(gale_val_i64(number * 7), gale_val_i64(1)));
    CHECK(gale_emit_with(ctx, &told, GALE_ROW(gale_val_i64(number))) == 1,
          "sent to the one task named");
    atomic_fetch_add_explicit(&split_acked, 1, memory_order_relaxed);
    return GALE_ACK;
}

static const gale_bolt split = {
    .output = GALE_FIELDS(GALE_I64("key"), GALE_I64("which")),
    .streams = GALE_STREAMS({ "told", GALE_FIELDS(GALE_I64("number")), true }),
    .execute = split_execute,
};

/* ------------------------------------------------------- those who read -- */

static gale_verdict all_execute(void *self, const gale_tuple *in,
                                gale_bolt_ctx *ctx)
{
    (void)self;
    (void)in;
    (void)ctx;
    atomic_fetch_add_explicit(&seen_by_all, 1, memory_order_relaxed);
    return GALE_ACK;
}

static gale_verdict told_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    gale_task *t = gale_bolt_task(ctx);

    (void)self;
    CHECK((uint32_t)gale_tuple_i64(in, 0) % gale_task_count(t) ==
              gale_task_index(t),
          "told somebody else's number");
    atomic_fetch_add_explicit(&seen_direct, 1, memory_order_relaxed);
    return GALE_ACK;
}

/* Equal keys always meet in it: it may keep what it knows of them. */
struct keyed {
    uint8_t mine[EACH * 7 * 2];
};

static gale_verdict keyed_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    struct keyed *k = self;
    gale_task *t = gale_bolt_task(ctx);
    int64_t key = gale_tuple_i64(in, 0);
    static _Atomic uint32_t owner[sizeof(k->mine)];
    uint32_t nobody = 0;

    k->mine[key] = 1;
    if (!atomic_compare_exchange_strong(&owner[key], &nobody,
                                        gale_task_index(t) + 1))
        CHECK(nobody == gale_task_index(t) + 1, "key %lld in two tasks",
              (long long)key);
    gale_emit(ctx, gale_tuple_row(in));
    return stress_now_and_then(t, 100) ? GALE_FAIL : GALE_ACK;
}

/* Waits for something outside, as a data base would make it. */
static gale_verdict blocks_execute(void *self, const gale_tuple *in,
                                   gale_bolt_ctx *ctx)
{
    (void)self;
    if (stress_now_and_then(gale_bolt_task(ctx), 200))
        race_nap_us(300);
    gale_emit(ctx, gale_tuple_row(in));
    return GALE_ACK;
}

static gale_verdict sink_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    (void)self;
    CHECK(gale_tuple_len(in) == 2, "two values");
    (void)gale_tuple_i64(in, 0);
    atomic_fetch_add_explicit(&seen_by_sink, 1, memory_order_relaxed);
    return stress_now_and_then(gale_bolt_task(ctx), 300) ? GALE_FAIL
                                                         : GALE_ACK;
}

#define TWO GALE_FIELDS(GALE_I64("key"), GALE_I64("which"))

static const gale_bolt all = { .execute = all_execute };
static const gale_bolt told = { .execute = told_execute };
static const gale_bolt keyed = { .state_size = sizeof(struct keyed),
                                 .output = TWO,
                                 .execute = keyed_execute };
static const gale_bolt blocks = { .output = TWO, .execute = blocks_execute };
static const gale_bolt sink = { .execute = sink_execute };

static const gale_component components[] = {
    { .id = "numbers", .spout = &numbers_spout, .tasks = 2, .arg = &each },
    { .id = "own",
      .spout = &numbers_own_spout,
      .arg = &each_own,
      .blocking = true },
    { .id = "split",
      .bolt = &split,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("numbers"), GALE_SHUFFLE("own")),
      .tasks = 3 },
    { .id = "all",
      .bolt = &all,
      .inputs = GALE_INPUTS(GALE_ALL("numbers"), GALE_ALL("own")),
      .tasks = 3 },
    { .id = "told",
      .bolt = &told,
      .inputs = GALE_INPUTS(GALE_DIRECT("split", "told")),
      .tasks = 4,
      .executors = 2 },
    { .id = "keyed",
      .bolt = &keyed,
      .inputs = GALE_INPUTS(GALE_BY("split", "key")),
      .tasks = 3 },
    { .id = "blocks",
      .bolt = &blocks,
      .inputs = GALE_INPUTS(GALE_PARTIAL("split", "key"), GALE_LOCAL("keyed")),
      .tasks = 3,
      .executors = 2,
      .blocking = true },
    { .id = "sink",
      .bolt = &sink,
      .inputs = GALE_INPUTS(GALE_GLOBAL("blocks"), GALE_NONE("keyed")) },
};

static const gale_topology table = {
    .abi = GALE_ABI,
    .name = "groupings",
    .components = GALE_COMPONENTS(components),
};

static void check(const gale_run_result *r, bool tracked)
{
    uint64_t ids = 2 * EACH + EACH / 2;
    uint64_t emitted = ids; /* by the spouts, replays included */

    if (tracked) {
        emitted = r->roots;
        CHECK(r->acked == ids, "acked %llu", (unsigned long long)r->acked);
        CHECK(r->replayed > 0 && r->replayed < r->failed,
              "both kinds of spout replayed: %llu of %llu",
              (unsigned long long)r->replayed, (unsigned long long)r->failed);
    }
    CHECK(seen_by_all == 3 * emitted, "%llu, not 3 * %llu",
          (unsigned long long)seen_by_all, (unsigned long long)emitted);
    CHECK(seen_direct == split_acked, "%llu, not %llu",
          (unsigned long long)seen_direct, (unsigned long long)split_acked);
    CHECK(seen_by_sink > 0, "nothing");
    seen_by_all = seen_direct = seen_by_sink = split_acked = 0;
}

int main(void)
{
    alarm(600);
    stress_all(&table, check);
    return 0;
}
