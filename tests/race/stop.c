/* stop.c -- runs that are stopped in the midst of it, again and again, two
 * clusters at a time: spouts that never run dry, bolts that hold, fail, tick,
 * wait and join, and a thread that wakes whomever it likes.
 *
 * A run that may drain loses nothing, one that may not says what is left; no
 * task is ever in two callbacks, and none is called before it is opened or
 * after it was closed. */
#include <pthread.h>

#include "stress.h"

enum { RUNS = 100, TASKS = 16, MOST_HELD = 24, CLUSTERS = 2 };

/* -------------------------------------------------------- one at a time -- */

/* What is known of a task, by its number. */
struct seat {
    _Atomic bool busy;
    bool open, awake;
    gale_task *task; /* NULL: may not be woken */
};

struct cluster {
    struct seat seats[TASKS + 1];
    pthread_mutex_t mtx; /* guards: every seat's task */
    _Atomic uint64_t given, acked, executed, blocked_for, ticks;
    _Atomic bool over;
};

static struct seat *enter(gale_task *t)
{
    struct cluster *c = (struct cluster *)(uintptr_t)gale_task_arg(t);
    struct seat *s = &c->seats[gale_task_id(t)];

    CHECK(!atomic_exchange(&s->busy, true), "'%s' is in two callbacks",
          gale_task_component(t));
    return s;
}

static void leave(struct seat *s)
{
    atomic_store(&s->busy, false);
}

static struct seat *enter_open(gale_task *t)
{
    struct seat *s = enter(t);

    CHECK(s->open, "'%s' is called before it is opened or after it is closed",
          gale_task_component(t));
    return s;
}

static void set_task(gale_task *t, struct seat *s, bool open)
{
    struct cluster *c = (struct cluster *)(uintptr_t)gale_task_arg(t);

    CHECK(s->open != open, "'%s' is opened or closed twice",
          gale_task_component(t));
    s->open = open;
    pthread_mutex_lock(&c->mtx);
    s->task = open ? t : NULL;
    pthread_mutex_unlock(&c->mtx);
}

static struct cluster *cluster_of(gale_task *t)
{
    return (struct cluster *)(uintptr_t)gale_task_arg(t);
}

static void count(_Atomic uint64_t *n)
{
    atomic_fetch_add_explicit(n, 1, memory_order_relaxed);
}

/* --------------------------------------------------------------- spouts -- */

struct source {
    uint64_t next, n_acked;
};

static void give(gale_spout_ctx *ctx, uint64_t id)
{
    static const char text[] = "some text to fill a batch with";
    gale_str s = { text, (uint32_t)(id % sizeof(text)) };

    gale_spout_emit(ctx, id,
                    GALE_ROW(gale_val_i64((int64_t)id), gale_val_str(s)));
}

static gale_err source_open(void *self, gale_spout_ctx *ctx)
{
    struct seat *s = enter(gale_spout_task(ctx));

    (void)self;
    set_task(gale_spout_task(ctx), s, true);
    leave(s);
    return GALE_OK;
}

static void source_switch(gale_spout_ctx *ctx, bool awake)
{
    struct seat *s = enter_open(gale_spout_task(ctx));

    CHECK(s->awake != awake, "activated or deactivated twice");
    s->awake = awake;
    leave(s);
}

static void source_activate(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    source_switch(ctx, true);
}

static void source_deactivate(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    source_switch(ctx, false);
}

static bool source_next(void *self, gale_spout_ctx *ctx)
{
    struct source *s = self;
    struct seat *seat = enter_open(gale_spout_task(ctx));

    CHECK(seat->awake, "next of a spout that is not active");
    for (int i = 0; i < 2; i++) {
        give(ctx, s->next++);
        count(&cluster_of(gale_spout_task(ctx))->given);
    }
    leave(seat);
    return true;
}

static void source_ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    struct source *s = self;
    struct seat *seat = enter_open(gale_spout_task(ctx));

    CHECK(id < s->next, "acked %llu", (unsigned long long)id);
    s->n_acked++;
    count(&cluster_of(gale_spout_task(ctx))->acked);
    leave(seat);
}

/* Gives it again at once, also while the run drains. */
static void source_fail(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    struct seat *seat = enter_open(gale_spout_task(ctx));

    (void)self;
    give(ctx, id);
    leave(seat);
}

static void source_close(void *self, gale_spout_ctx *ctx)
{
    struct source *s = self;
    struct seat *seat = enter_open(gale_spout_task(ctx));

    CHECK(s->n_acked + gale_spout_pending(ctx) == s->next,
          "%llu acked, %zu pending, %llu given",
          (unsigned long long)s->n_acked, gale_spout_pending(ctx),
          (unsigned long long)s->next);
    set_task(gale_spout_task(ctx), seat, false);
    leave(seat);
}

#define SOURCE                                                    \
    .state_size = sizeof(struct source),                          \
    .output = GALE_FIELDS(GALE_I64("number"), GALE_STR("text")),  \
    .open = source_open, .next = source_next, .ack = source_ack,  \
    .activate = source_activate, .deactivate = source_deactivate, \
    .close = source_close

static const gale_spout source = { SOURCE };
static const gale_spout own_source = { SOURCE, .fail = source_fail };

/* ---------------------------------------------------------------- bolts -- */

static gale_err bolt_prepare(void *self, gale_bolt_ctx *ctx)
{
    struct seat *s = enter(gale_bolt_task(ctx));

    (void)self;
    set_task(gale_bolt_task(ctx), s, true);
    leave(s);
    return GALE_OK;
}

static void bolt_cleanup(void *self, gale_bolt_ctx *ctx)
{
    struct seat *s = enter_open(gale_bolt_task(ctx));

    (void)self;
    set_task(gale_bolt_task(ctx), s, false);
    leave(s);
}

struct holder {
    gale_held held[MOST_HELD];
    uint32_t n;
};

/* Answer for all but `keep`, some of them joined in what is emitted. */
static void answer(struct holder *h, uint32_t keep, gale_bolt_ctx *ctx)
{
    gale_task *t = gale_bolt_task(ctx);

    while (h->n > keep) {
        gale_emit_opts o = { .anchors = h->held,
                             .n_anchors = h->n > 3 ? 3 : h->n };
        uint32_t at = (uint32_t)(gale_task_random(t) % h->n);

        if (stress_now_and_then(t, 4))
            gale_emit_with(ctx, &o, GALE_ROW(gale_val_i64(1)));
        if (stress_now_and_then(t, 50))
            gale_fail(ctx, h->held[at]);
        else
            gale_ack(ctx, h->held[at]);
        h->held[at] = h->held[--h->n];
    }
}

static gale_verdict holder_execute(void *self, const gale_tuple *in,
                                   gale_bolt_ctx *ctx)
{
    struct holder *h = self;
    gale_task *t = gale_bolt_task(ctx);
    struct seat *s = enter_open(t);

    count(&cluster_of(t)->executed);
    if (h->n == MOST_HELD)
        answer(h, 3, ctx);
    h->held[h->n++] = gale_hold(ctx, in);
    if (stress_now_and_then(t, 8))
        gale_reset_timeout(ctx, h->held[0]);
    if (stress_now_and_then(t, 30))
        gale_task_wake(t);
    leave(s);
    return GALE_HOLD;
}

static void holder_tick(void *self, gale_bolt_ctx *ctx)
{
    struct seat *s = enter_open(gale_bolt_task(ctx));

    count(&cluster_of(gale_bolt_task(ctx))->ticks);
    answer(self, 0, ctx);
    leave(s);
}

static const gale_bolt holder = {
    .state_size = sizeof(struct holder),
    .output = GALE_FIELDS(GALE_I64("n")),
    .prepare = bolt_prepare,
    .execute = holder_execute,
    .tick = holder_tick,
    .cleanup = bolt_cleanup,
};

static gale_verdict waits_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    gale_task *t = gale_bolt_task(ctx);
    struct seat *s = enter_open(t);

    (void)self;
    (void)in;
    count(&cluster_of(t)->blocked_for);
    if (stress_now_and_then(t, 20))
        race_nap_us(300);
    leave(s);
    return stress_now_and_then(t, 60) ? GALE_FAIL : GALE_ACK;
}

static void waits_tick(void *self, gale_bolt_ctx *ctx)
{
    (void)self;
    leave(enter_open(gale_bolt_task(ctx)));
}

static const gale_bolt waits = {
    .prepare = bolt_prepare,
    .execute = waits_execute,
    .tick = waits_tick,
    .cleanup = bolt_cleanup,
};

static const gale_component components[] = {
    { .id = "numbers", .spout = &source, .tasks = 2 },
    { .id = "own", .spout = &own_source, .blocking = true },
    { .id = "holder",
      .bolt = &holder,
      .inputs = GALE_INPUTS(GALE_BY("numbers", "number"), GALE_SHUFFLE("own")),
      .tasks = 3,
      .tick_ms = 1 },
    { .id = "waits",
      .bolt = &waits,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("holder"), GALE_ALL("own")),
      .tasks = 2,
      .blocking = true },
    { .id = "here",
      .bolt = &waits,
      .inputs =
          GALE_INPUTS(GALE_LOCAL("holder"), GALE_PARTIAL("numbers", "number")),
      .tasks = 2,
      .tick_ms = 2 },
};

enum { COMPONENTS = sizeof(components) / sizeof(components[0]) };

/* ----------------------------------------------------------------- runs -- */

/* Wakes tasks of a cluster until it is over: a bolt's tick, a spout's next. */
static void *pester(void *arg)
{
    struct cluster *c = arg;

    for (uint32_t i = 0; !atomic_load(&c->over); i++) {
        pthread_mutex_lock(&c->mtx);
        gale_task *t = c->seats[1 + i * 7 % TASKS].task;
        if (t != NULL)
            gale_task_wake(t);
        pthread_mutex_unlock(&c->mtx);
        if (i % 16 == 0)
            race_nap_us(100);
    }
    return NULL;
}

/* `drains`: it may take as long as it needs to finish what it began. */
static void run_once(struct cluster *c, uint32_t no, bool drains)
{
    static const char *const ackers[] = { "1", "2", "0" };
    const gale_setting conf[] = {
        { "topology.acker.executors", ackers[no / 2 % 3] },
        { "topology.max.spout.pending", no % 5 == 0 ? "2000" : "60" },
        { "topology.batch.bytes", "1024" },
        { "topology.batch.credit", no % 2 == 0 ? "1" : "4" },
        { "topology.replay.backoff.millis", "1" },
        { "topology.replay.backoff.max.millis", "4" },
        { 0, 0 },
    };
    gale_run_opts o = { .conf = conf,
                        .loops = 1 + no % 3,
                        .run_ms = 1 + no * 5 % 40,
                        .drain_ms = drains ? 0 : 1 };
    gale_component parts[COMPONENTS];
    const gale_topology t = { .abi = GALE_ABI,
                              .name = "stop",
                              .components = { parts, COMPONENTS } };
    gale_run_result r;
    gale_diag why;

    memcpy(parts, components, sizeof(parts));
    for (int i = 0; i < COMPONENTS; i++)
        parts[i].arg = c;
    gale_err rv = gale_local_run(&t, &o, &r, &why);
    CHECK(rv == GALE_OK || (!drains && rv == GALE_ETIME), "run %u: %s", no,
          why.text);
    CHECK((rv == GALE_OK) == (why.text[0] == '\0'), "%s", why.text);
    CHECK(rv == GALE_ETIME || r.pending == 0, "%llu",
          (unsigned long long)r.pending);
    CHECK(r.refused == 0 && r.timed_out == 0, "%llu refused, %llu timed out",
          (unsigned long long)r.refused, (unsigned long long)r.timed_out);
    /* What failed and waits for its replay counts as both. */
    uint64_t ended = r.acked + r.failed;
    CHECK(r.roots == 0 || (r.pending == 0 ? r.roots == ended
                                          : r.roots <= ended + r.pending),
          "%llu roots, %llu acked, %llu failed, %llu pending",
          (unsigned long long)r.roots, (unsigned long long)r.acked,
          (unsigned long long)r.failed, (unsigned long long)r.pending);
    for (int i = 1; i <= TASKS; i++) {
        CHECK(!c->seats[i].open, "task %d was not closed", i);
        c->seats[i].awake = false;
    }
}

static void *run_often(void *arg)
{
    struct cluster *c = arg;
    pthread_t pesterer;

    CHECK(pthread_create(&pesterer, NULL, pester, c) == 0, "no thread");
    for (uint32_t no = 0; no < RUNS; no++)
        run_once(c, no, no % 3 != 2);
    atomic_store(&c->over, true);
    pthread_join(pesterer, NULL);
    CHECK(c->given > 0 && c->acked > 0 && c->ticks > 0 && c->executed > 0 &&
              c->blocked_for > 0,
          "it did nothing");
    return NULL;
}

int main(void)
{
    static struct cluster clusters[CLUSTERS];
    pthread_t threads[CLUSTERS];

    alarm(600);
    for (int i = 0; i < CLUSTERS; i++) {
        pthread_mutex_init(&clusters[i].mtx, NULL);
        CHECK(pthread_create(&threads[i], NULL, run_often, &clusters[i]) == 0,
              "no thread");
    }
    for (int i = 0; i < CLUSTERS; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
