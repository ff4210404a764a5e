/* run.c -- gale_local_run on threads: create, start, run, drain, stop.
 *
 * Every id of every spout is acked or, where the topology gives tuples up,
 * counted as dead; whoever was acked has had its effect. */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "memory.h"

enum { IDS = 30, GIVEN_UP = 7, TO_NAMED = 1, ROBBED_RUNS = 100 };

/* By id: what the spouts were told, and what the sink saw. */
static _Atomic unsigned acked[2][IDS], effect[IDS], dead[IDS];

/* --------------------------------------------------------------- spouts -- */

struct source {
    int64_t next, redo[IDS];
    int n_redo;
};

static void give(gale_spout_ctx *ctx, int64_t id)
{
    gale_spout_emit(ctx, (uint64_t)id,
                    GALE_ROW(gale_val_i64(id), gale_val_cstr("a text")));
}

static _Atomic bool begun;

static bool source_next(void *self, gale_spout_ctx *ctx)
{
    struct source *s = self;

    atomic_store(&begun, true);
    if (s->n_redo > 0)
        give(ctx, s->redo[--s->n_redo]);
    else if (s->next < IDS)
        give(ctx, s->next++);
    return s->next < IDS || s->n_redo > 0;
}

static void source_ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    bool own = strcmp(gale_task_component(gale_spout_task(ctx)), "own") == 0;

    (void)self;
    CHECK(id < IDS, "id %llu", (unsigned long long)id);
    atomic_fetch_add(&acked[own][id], 1);
}

static void source_fail(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    struct source *s = self;

    CHECK(gale_spout_why(ctx)[0] != '\0', "a failure without a reason");
    CHECK(s->n_redo < IDS, "failed more often than emitted");
    s->redo[s->n_redo++] = (int64_t)id;
}

#define SOURCE                                               \
    .state_size = sizeof(struct source),                     \
    .output = GALE_FIELDS(GALE_I64("id"), GALE_STR("text")), \
    .next = source_next, .ack = source_ack

static const gale_spout kept = { SOURCE };
static const gale_spout own = { SOURCE, .fail = source_fail };

/* ---------------------------------------------------------------- bolts -- */

/* Fails one id for good, which so becomes a dead letter. */
static gale_verdict judge_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    uint32_t first, n = gale_task_peers(gale_bolt_task(ctx), "named", &first);
    int64_t id = gale_tuple_i64(in, 0);
    gale_emit_opts o = { .stream = TO_NAMED,
                         .task = first + (uint32_t)id % n };

    (void)self;
    if (id == GIVEN_UP && strcmp(gale_tuple_component(in), "kept") == 0)
        return GALE_FAIL;
    gale_emit(ctx, gale_tuple_row(in));
    gale_emit_with(ctx, &o, GALE_ROW(gale_val_i64(id)));
    return GALE_ACK;
}

static const gale_bolt judge = {
    .output = GALE_FIELDS(GALE_I64("id"), GALE_STR("text")),
    .streams = GALE_STREAMS({ "named", GALE_FIELDS(GALE_I64("id")), true }),
    .execute = judge_execute,
};

/* Holds everything, and answers for it in tick, joined with what it came
 * with. */
struct holder {
    gale_held held[64];
    size_t n;
    gale_counter *seen;
};

static gale_err holder_prepare(void *self, gale_bolt_ctx *ctx)
{
    struct holder *h = self;

    h->seen = gale_task_counter(gale_bolt_task(ctx), "seen");
    return GALE_OK;
}

static void holder_answer(struct holder *h, gale_bolt_ctx *ctx)
{
    while (h->n > 0) {
        gale_held one = h->held[--h->n];
        const gale_tuple *t = gale_held_tuple(ctx, one);
        gale_emit_opts o = { .anchors = &one, .n_anchors = 1 };

        if (t == NULL)
            continue; /* timed out, or its task is closing */
        gale_emit_with(ctx, &o, GALE_ROW(gale_val_i64(gale_tuple_i64(t, 0))));
        gale_ack(ctx, one);
    }
}

static gale_verdict holder_execute(void *self, const gale_tuple *in,
                                   gale_bolt_ctx *ctx)
{
    struct holder *h = self;

    if (h->n == 64)
        holder_answer(h, ctx);
    gale_counter_add(h->seen, 1);
    gale_held one = gale_hold(ctx, in);
    if (one.ref != 0)
        h->held[h->n++] = one;
    gale_task_wake(gale_bolt_task(ctx));
    return GALE_HOLD; /* without memory it fails, whatever we say */
}

static void holder_tick(void *self, gale_bolt_ctx *ctx)
{
    holder_answer(self, ctx);
}

static const gale_bolt holder = {
    .state_size = sizeof(struct holder),
    .output = GALE_FIELDS(GALE_I64("id")),
    .prepare = holder_prepare,
    .execute = holder_execute,
    .tick = holder_tick,
};

/* Sends a few on to itself before it has done with them. */
static gale_verdict around_execute(void *self, const gale_tuple *in,
                                   gale_bolt_ctx *ctx)
{
    int64_t id = gale_tuple_i64(in, 0);

    (void)self;
    if (strcmp(gale_tuple_component(in), "around") != 0 && id % 3 == 0)
        gale_emit(ctx, GALE_ROW(gale_val_i64(id)));
    else
        atomic_fetch_add(&effect[id], 1);
    return GALE_ACK;
}

static const gale_bolt around = {
    .output = GALE_FIELDS(GALE_I64("id")),
    .execute = around_execute,
};

static gale_verdict named_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    (void)self;
    (void)in;
    (void)ctx;
    return GALE_ACK;
}

static const gale_bolt named = { .execute = named_execute };

static gale_verdict letters_execute(void *self, const gale_tuple *in,
                                    gale_bolt_ctx *ctx)
{
    (void)self;
    (void)ctx;
    atomic_fetch_add(&dead[gale_tuple_i64(in, 1)], 1);
    CHECK(gale_tuple_str(in, 3).len > 0, "a dead letter without a reason");
    return GALE_ACK;
}

static const gale_bolt letters = { .execute = letters_execute };

static size_t odd_choose(void *self, gale_row row, uint32_t *chosen)
{
    uint32_t *tasks = self;

    chosen[0] = tasks[row.values[0].as.i % 2];
    return 1;
}

static void odd_prepare(void *self, const uint32_t *tasks, size_t n)
{
    CHECK(n == 2, "%zu tasks", n);
    memcpy(self, tasks, 2 * sizeof(*tasks));
}

static const gale_chooser odd = { 2 * sizeof(uint32_t), odd_prepare,
                                  odd_choose };

/* ---------------------------------------------------------------- table -- */

static const gale_component components[] = {
    { .id = "kept", .spout = &kept },
    { .id = "own", .spout = &own, .blocking = true },
    { .id = "judge",
      .bolt = &judge,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("kept"), GALE_CUSTOM("own", &odd)),
      .tasks = 2 },
    { .id = "named",
      .bolt = &named,
      .inputs = GALE_INPUTS(GALE_DIRECT("judge", "named"), GALE_ALL("own")),
      .tasks = 3,
      .executors = 2 },
    { .id = "holder",
      .bolt = &holder,
      .inputs = GALE_INPUTS(GALE_PARTIAL("judge", "id")),
      .tasks = 2,
      .tick_ms = 20,
      .conf = GALE_SETTINGS({ "holder.of", "much" }) },
    { .id = "around",
      .bolt = &around,
      .inputs = GALE_INPUTS(GALE_BY("holder", "id"), GALE_LOCAL("around")),
      .tasks = 2 },
    { .id = "letters",
      .bolt = &letters,
      .inputs = GALE_INPUTS(GALE_GLOBAL_OF("kept", "__dead_letter")),
      .blocking = true },
};

static const gale_topology table = {
    .abi = GALE_ABI,
    .name = "memory",
    .components = GALE_COMPONENTS(components),
    .conf = GALE_SETTINGS({ "topology.replay.limit", "8" },
                          { "topology.replay.backoff.millis", "0" },
                          { "topology.replay.backoff.max.millis", "1" },
                          { "topology.batch.bytes", "1024" },
                          { "topology.max.error.report.per.interval", "0" },
                          { "topology.slow.callback.millis", "0" }),
};

struct how {
    const char *what;
    uint32_t loops;
    const char *ackers;
    bool catch_signals;
};

/* A tuple that memory failed often enough is given up as well.  Its letter may
 * find no memory either, but it is counted. */
static void check_ids(const gale_run_result *r)
{
    uint64_t given_up = 0, letters_read = 0;

    for (int id = 0; id < IDS; id++) {
        CHECK(acked[0][id] <= 1 && acked[1][id] <= 1, "id %d: twice", id);
        CHECK(acked[1][id] == 1, "id %d was never acked", id);
        CHECK(effect[id] > 0, "id %d had no effect", id);
        CHECK(dead[id] == 0 || acked[0][id] == 0, "id %d: acked and dead", id);
        given_up += acked[0][id] == 0;
        letters_read += dead[id];
    }
    CHECK(acked[0][GIVEN_UP] == 0, "an id that always fails was acked");
    CHECK(given_up == r->dead && letters_read <= r->dead,
          "%llu not acked, %llu letters, %llu dead",
          (unsigned long long)given_up, (unsigned long long)letters_read,
          (unsigned long long)r->dead);
}

static bool run_to_the_end(const void *arg)
{
    const struct how *how = arg;
    gale_run_opts o = {
        .loops = how->loops,
        .catch_signals = how->catch_signals,
        .conf = GALE_SETTINGS({ "topology.acker.executors", how->ackers }),
    };
    gale_run_result r;
    gale_diag why;

    memset(acked, 0, sizeof(acked));
    memset(effect, 0, sizeof(effect));
    memset(dead, 0, sizeof(dead));
    gale_err rv = gale_local_run(&table, &o, &r, &why);
    CHECK(rv == GALE_OK || rv == GALE_ENOMEM, "%s: %s", gale_err_name(rv),
          why.text);
    if (rv != GALE_OK) {
        memory_clean(rv, &why);
        return false;
    }
    if (how->ackers[0] != '0')
        check_ids(&r);
    CHECK(r.pending == 0, "%llu", (unsigned long long)r.pending);
    CHECK(r.timed_out == 0, "%llu", (unsigned long long)r.timed_out);
    return true;
}

/* ---------------------------------------------------------------- thief -- */

static _Atomic bool over;

/* While it runs, a few allocations are refused every now and then. */
static void *steal(void *arg)
{
    uint64_t no = *(const uint32_t *)arg;

    while (!atomic_load(&begun) && !atomic_load(&over))
        nanosleep(&(struct timespec){ .tv_nsec = 20000 }, NULL);
    for (; !atomic_load(&over); no++) {
        gi_mem_fail_after(no % 7, 1 + no % 3);
        nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
    }
    return NULL;
}

static void run_robbed(const struct how *how)
{
    for (uint32_t no = 0; no < ROBBED_RUNS; no++) {
        pthread_t thief;

        atomic_store(&begun, false);
        atomic_store(&over, false);
        CHECK(pthread_create(&thief, NULL, steal, &no) == 0, "no thread");
        bool ok = run_to_the_end(how);
        atomic_store(&over, true);
        pthread_join(thief, NULL);
        gi_mem_fail_after(0, 0);
        CHECK(ok, "memory was there when it began");
    }
    CHECK(__lsan_do_recoverable_leak_check() == 0, "it leaks");
}

int main(void)
{
    static const struct how hows[] = {
        { "one loop", 1, "1", false },
        { "three loops, two ackers", 3, "2", true },
        { "nothing tracked", 2, "0", false },
    };

    alarm(600);
    for (size_t i = 0; i < sizeof(hows) / sizeof(hows[0]); i++) {
        memory_every(hows[i].what, run_to_the_end, &hows[i], 1);
        memory_every(hows[i].what, run_to_the_end, &hows[i], 4);
    }
    run_robbed(&hows[1]);
    return 0;
}
