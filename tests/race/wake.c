/* wake.c -- threads of the user's own hand data to tasks and wake them: all
 * of it is seen, although the tasks' loops are asleep most of the time, and
 * nobody ticks. */
#include "stress.h"

#include <pthread.h>

enum { LETTERS = 3000 / RACE_SLOWER, BOXES = 3, TICKLERS = 2 };

/* What a thread of the user's own and a task share. */
struct box {
    pthread_mutex_t mtx; /* guards: all below */
    gale_task *task;     /* NULL: closed */
    uint64_t put, taken;
};

static struct box boxes[2][BOXES]; /* of spouts, of bolts */
static _Atomic uint64_t emitted_by_bolts, read_by_sink, acked;

/* The last letters come one by one, long after everybody fell asleep. */
enum { LATE = 6, LATE_MS = 190 };
static uint32_t late;                             /* 0: none do in this run */
static _Atomic int64_t late_ns[2 * BOXES * LATE]; /* until each was taken */
static _Atomic uint32_t n_late;
static _Atomic uint32_t n_asleep; /* posters that have only late ones left */
static int64_t asleep_ns, asleep_cpu_us; /* when all of them had */
static gale_task *_Atomic sink_task;
static _Atomic bool over;

static void box_open(struct box *b, gale_task *t)
{
    pthread_mutex_lock(&b->mtx);
    b->task = t;
    pthread_mutex_unlock(&b->mtx);
}

static uint64_t box_take(struct box *b, uint64_t *first)
{
    pthread_mutex_lock(&b->mtx);
    uint64_t n = b->put - b->taken;

    *first = b->taken;
    b->taken = b->put;
    pthread_mutex_unlock(&b->mtx);
    return n;
}

/* ---------------------------------------------------------------- tasks -- */

static gale_err spout_open(void *self, gale_spout_ctx *ctx)
{
    gale_task *t = gale_spout_task(ctx);

    (void)self;
    box_open(&boxes[0][gale_task_index(t)], t);
    return GALE_OK;
}

static bool spout_next(void *self, gale_spout_ctx *ctx)
{
    struct box *b = &boxes[0][gale_task_index(gale_spout_task(ctx))];
    uint64_t first, n = box_take(b, &first);

    (void)self;
    for (uint64_t i = first; i < first + n; i++)
        gale_spout_emit(ctx, i, GALE_ROW(gale_val_i64((int64_t)i)));
    return first + n < LETTERS ||
           atomic_load(&emitted_by_bolts) < BOXES * LETTERS;
}

static void spout_ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    (void)self;
    (void)id;
    (void)ctx;
    atomic_fetch_add(&acked, 1);
}

static void spout_close(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    box_open(&boxes[0][gale_task_index(gale_spout_task(ctx))], NULL);
}

static gale_err bolt_prepare(void *self, gale_bolt_ctx *ctx)
{
    gale_task *t = gale_bolt_task(ctx);

    (void)self;
    box_open(&boxes[1][gale_task_index(t)], t);
    return GALE_OK;
}

static gale_verdict bolt_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    (void)self;
    gale_emit(ctx, gale_tuple_row(in));
    return stress_now_and_then(gale_bolt_task(ctx), 100) ? GALE_FAIL
                                                         : GALE_ACK;
}

static void bolt_tick(void *self, gale_bolt_ctx *ctx)
{
    struct box *b = &boxes[1][gale_task_index(gale_bolt_task(ctx))];
    uint64_t first, n = box_take(b, &first);

    (void)self;
    for (uint64_t i = first; i < first + n; i++)
        gale_emit(ctx, GALE_ROW(gale_val_i64((int64_t)i)));
    atomic_fetch_add(&emitted_by_bolts, n);
}

static void bolt_cleanup(void *self, gale_bolt_ctx *ctx)
{
    (void)self;
    box_open(&boxes[1][gale_task_index(gale_bolt_task(ctx))], NULL);
}

static gale_err sink_prepare(void *self, gale_bolt_ctx *ctx)
{
    (void)self;
    if (gale_task_index(gale_bolt_task(ctx)) == 0)
        sink_task = gale_bolt_task(ctx);
    return GALE_OK;
}

static gale_verdict sink_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    (void)self;
    (void)in;
    (void)ctx;
    atomic_fetch_add(&read_by_sink, 1);
    return GALE_ACK;
}

static const gale_spout spout = {
    .output = GALE_FIELDS(GALE_I64("letter")),
    .open = spout_open,
    .next = spout_next,
    .ack = spout_ack,
    .close = spout_close,
};
static const gale_bolt bolt = {
    .output = GALE_FIELDS(GALE_I64("letter")),
    .prepare = bolt_prepare,
    .execute = bolt_execute,
    .tick = bolt_tick,
    .cleanup = bolt_cleanup,
};
static const gale_bolt sink = { .prepare = sink_prepare,
                                .execute = sink_execute };

static const gale_component components[] = {
    { .id = "spout", .spout = &spout, .tasks = BOXES },
    { .id = "bolt",
      .bolt = &bolt,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("spout")),
      .tasks = BOXES },
    { .id = "sink",
      .bolt = &sink,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("bolt")),
      .tasks = 2 },
};

/* An idle spout is asked every ten seconds only: if wake-ups were lost, the
 * alarm would go off. */
static const gale_topology table = {
    .abi = GALE_ABI,
    .name = "wake",
    .components = GALE_COMPONENTS(components),
    .conf = GALE_SETTINGS({ "topology.spout.wait.progressive.level3.sleep."
                            "millis",
                            "10000" }),
};

/* -------------------------------------------------------------- threads -- */

static int64_t cpu_us(void)
{
    return (int64_t)clock() * 1000000 / CLOCKS_PER_SEC;
}

static void put_late(struct box *b)
{
    bool taken = false;

    race_nap_us(LATE_MS * 1000);
    int64_t began = race_now_ns();
    pthread_mutex_lock(&b->mtx);
    b->put++;
    gale_task_wake(b->task);
    gale_task_wake(sink_task); /* has no tick: must not keep it awake */
    pthread_mutex_unlock(&b->mtx);
    while (!taken) {
        race_nap_us(100);
        pthread_mutex_lock(&b->mtx);
        taken = b->taken == b->put;
        pthread_mutex_unlock(&b->mtx);
    }
    late_ns[atomic_fetch_add(&n_late, 1)] = race_now_ns() - began;
}

/* Puts one letter after another in a box, waking the task for each; when it
 * sees that the task keeps up, it waits for it to fall asleep. */
static void *post(void *arg)
{
    struct box *b = arg;

    for (uint64_t sent = 0; sent < LETTERS - late;) {
        pthread_mutex_lock(&b->mtx);
        if (b->task != NULL) {
            b->put = ++sent;
            gale_task_wake(b->task);
        }
        bool kept_up = b->taken + 1 >= b->put;
        pthread_mutex_unlock(&b->mtx);
        if (kept_up && sent % 64 == 0)
            race_nap_us(200);
    }
    if (late > 0 && atomic_fetch_add(&n_asleep, 1) + 1 == 2 * BOXES) {
        asleep_ns = race_now_ns();
        asleep_cpu_us = cpu_us();
    }
    for (uint32_t i = 0; i < late; i++)
        put_late(b);
    return NULL;
}

/* Wakes everybody for nothing, all the while. */
static void *tickle(void *arg)
{
    (void)arg;
    for (uint32_t i = 0; !atomic_load(&over); i++) {
        struct box *b = &boxes[i % 2][i / 2 % BOXES];

        pthread_mutex_lock(&b->mtx);
        if (b->task != NULL)
            gale_task_wake(b->task);
        pthread_mutex_unlock(&b->mtx);
        race_nap_us(i % 50);
    }
    return NULL;
}

static void once(uint32_t loops, const char *ackers)
{
    pthread_t poster[2][BOXES], tickler[TICKLERS];
    gale_run_result r;

    acked = read_by_sink = emitted_by_bolts = 0;
    over = false;
    for (int i = 0; i < 2 * BOXES; i++) {
        struct box *b = &boxes[i % 2][i / 2];

        b->put = b->taken = 0;
        CHECK(pthread_create(&poster[i % 2][i / 2], NULL, post, b) == 0,
              "thread");
    }
    for (int i = 0; late == 0 && i < TICKLERS; i++)
        CHECK(pthread_create(&tickler[i], NULL, tickle, NULL) == 0, "thread");
    r = stress_run(&table, loops, ackers, "30");
    over = true;
    for (int i = 0; i < 2 * BOXES; i++)
        pthread_join(poster[i % 2][i / 2], NULL);
    for (int i = 0; late == 0 && i < TICKLERS; i++)
        pthread_join(tickler[i], NULL);
    CHECK(acked == BOXES * LETTERS, "%llu", (unsigned long long)acked);
    CHECK(emitted_by_bolts == BOXES * LETTERS, "%llu",
          (unsigned long long)emitted_by_bolts);
    CHECK(read_by_sink == emitted_by_bolts + BOXES * LETTERS + r.replayed,
          "%llu", (unsigned long long)read_by_sink);
}

static int by_length(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* Asleep means asleep, and a wake-up is not a matter of luck: whoever is not
 * woken is asked after ten seconds, or when another one of his loop is woken.
 * A machine that stands still for a moment makes a few wait longer, not most.
 */
static void once_late(uint32_t loops)
{
    late = LATE;
    n_late = n_asleep = 0;
    once(loops, "1");
    late = 0;
    int64_t used_us = cpu_us() - asleep_cpu_us;
    int64_t gone_us = (race_now_ns() - asleep_ns) / 1000;

    int64_t took[2 * BOXES * LATE];
    CHECK(n_late == 2 * BOXES * LATE, "%u came late", n_late);
    for (uint32_t i = 0; i < n_late; i++)
        took[i] = late_ns[i];
    qsort(took, n_late, sizeof(took[0]), by_length);
    CHECK(took[n_late / 2] < 400000000, "%lld ms until half of them woke",
          (long long)took[n_late / 2] / 1000000);
    CHECK(took[n_late - 1] < 8000000000, "%lld ms until the last one woke",
          (long long)took[n_late - 1] / 1000000);
    CHECK(used_us < gone_us / 2, "%lld us of work for nothing in %lld us",
          (long long)used_us, (long long)gone_us);
}

int main(void)
{
    alarm(200);
    for (int i = 0; i < 2 * BOXES; i++)
        pthread_mutex_init(&boxes[i % 2][i / 2].mtx, NULL);
    for (uint32_t loops = 1; loops <= 4; loops++) {
        once(loops, "1");
        once(loops, loops % 2 ? "0" : "3");
    }
    once_late(1);
    once_late(2);
    return 0;
}
