/* fused.c -- bolts that are called from within their senders' emits where both
 * are on one loop, and get batches where not: rows that lie in a buffer which
 * the sender uses for the next one, held now and then, failed now and then. */
#include "stress.h"

enum { EACH = 6000 / RACE_SLOWER, MOST_HELD = 16, TEXT = 300 };

static const uint32_t each = EACH;
static const uint32_t each_own = EACH / 2;
static _Atomic uint64_t called, travelled;

/* Whose execute this thread is in. */
static _Thread_local int depth;

/* ---------------------------------------------------------------- texts -- */

static void check_text(const gale_tuple *in)
{
    int64_t n = gale_tuple_i64(in, 0);
    gale_str s = gale_tuple_str(in, 1);

    CHECK(s.len == TEXT, "%u bytes", s.len);
    for (uint32_t i = 0; i < s.len; i++)
        CHECK(s.ptr[i] == 'a' + (n + i) % 26, "number %lld, byte %u",
              (long long)n, i);
}

static void note_how(void)
{
    atomic_fetch_add_explicit(depth > 0 ? &called : &travelled, 1,
                              memory_order_relaxed);
}

/* ---------------------------------------------------------------- write -- */

struct writer {
    char text[TEXT];
};

static void write_one(struct writer *w, int64_t n, gale_bolt_ctx *ctx)
{
    for (int64_t i = 0; i < TEXT; i++)
        w->text[i] = (char)('a' + (n + i) % 26);
    depth++;
    gale_emit(ctx, GALE_ROW(gale_val_i64(n),
                            gale_val_run(GALE_T_STR, w->text, TEXT)));
    depth--;
    memset(w->text, '-', TEXT);
}

static gale_verdict write_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    int64_t n = gale_tuple_i64(in, 0);

    write_one(self, n, ctx);
    if (stress_now_and_then(gale_bolt_task(ctx), 50))
        return GALE_FAIL; /* after half of it was said */
    write_one(self, n * 7 % EACH, ctx);
    return GALE_ACK;
}

/* ----------------------------------------------------------------- keep -- */

struct keeper {
    gale_held held[MOST_HELD];
    uint32_t n;
};

static void answer_all(struct keeper *k, gale_bolt_ctx *ctx)
{
    while (k->n > 0) {
        const gale_tuple *in = gale_held_tuple(ctx, k->held[--k->n]);

        CHECK(in != NULL, "a held tuple is there until it is answered");
        check_text(in);
        if (stress_now_and_then(gale_bolt_task(ctx), 60))
            gale_fail(ctx, k->held[k->n]);
        else
            gale_ack(ctx, k->held[k->n]);
    }
}

/* Passes it on, twice at times; and holds every fourth. */
static gale_verdict keep_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    struct keeper *k = self;
    gale_task *t = gale_bolt_task(ctx);
    bool hold = stress_now_and_then(t, 4);

    note_how();
    check_text(in);
    if (k->n == MOST_HELD)
        answer_all(k, ctx);
    if (hold) {
        k->held[k->n] = gale_hold(ctx, in);
        CHECK(k->held[k->n++].ref != 0, "memory");
    }
    depth++;
    gale_emit(ctx, gale_tuple_row(in));
    if (stress_now_and_then(t, 3))
        gale_emit(ctx, gale_tuple_row(in));
    depth--;
    if (hold)
        return GALE_HOLD;
    return stress_now_and_then(t, 100) ? GALE_FAIL : GALE_ACK;
}

static void keep_tick(void *self, gale_bolt_ctx *ctx)
{
    answer_all(self, ctx);
}

/* ----------------------------------------------------------------- sink -- */

static void sink_execute_batch(void *self, const gale_tuple *const *in,
                               size_t n, gale_bolt_ctx *ctx)
{
    (void)self;
    CHECK(depth == 0 || n == 1, "%zu in one call", n);
    for (size_t i = 0; i < n; i++) {
        note_how();
        check_text(in[i]);
        gale_answer(ctx, stress_now_and_then(gale_bolt_task(ctx), 300)
                             ? GALE_FAIL
                             : GALE_ACK);
    }
}

#define ROW_FIELDS GALE_FIELDS(GALE_I64("number"), GALE_STR("text"))

static const gale_bolt writes = { .state_size = sizeof(struct writer),
                                  .output = ROW_FIELDS,
                                  .execute = write_execute };
static const gale_bolt keeps = { .state_size = sizeof(struct keeper),
                                 .output = ROW_FIELDS,
                                 .execute = keep_execute,
                                 .tick = keep_tick };
static const gale_bolt sink = { .execute_batch = sink_execute_batch };

static const gale_component components[] = {
    { .id = "numbers", .spout = &numbers_spout, .tasks = 2, .arg = &each },
    { .id = "own",
      .spout = &numbers_own_spout,
      .arg = &each_own,
      .blocking = true },
    { .id = "write",
      .bolt = &writes,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("numbers"), GALE_SHUFFLE("own")),
      .tasks = 3,
      .fused = true },
    { .id = "keep",
      .bolt = &keeps,
      .inputs = GALE_INPUTS(GALE_BY("write", "number")),
      .tasks = 3,
      .tick_ms = 5,
      .fused = true },
    { .id = "sink",
      .bolt = &sink,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("keep"), GALE_ALL("write")),
      .tasks = 2,
      .fused = true },
};

static const gale_topology table = {
    .abi = GALE_ABI,
    .name = "fused",
    .components = GALE_COMPONENTS(components),
};

static void check(const gale_run_result *r, bool tracked)
{
    uint64_t ids = 2 * EACH + EACH / 2;

    if (tracked) {
        CHECK(r->acked == ids, "acked %llu", (unsigned long long)r->acked);
        CHECK(r->replayed > 0, "nothing was replayed");
    }
    CHECK(called > 0, "none of %llu was called",
          (unsigned long long)travelled);
    called = travelled = 0;
}

int main(void)
{
    alarm(100);
    stress_all(&table, check);
    return 0;
}
