#include "bench/pairs.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/house.h"

enum { AT_ONCE = 16 }; /* tuples a next, if so many are due */

pairs_board *pairs_map(const char *path, bool make)
{
    int fd =
        open(path, O_RDWR | O_CLOEXEC | (make ? O_CREAT | O_TRUNC : 0), 0600);
    void *map = MAP_FAILED;

    if (fd < 0)
        return NULL;
    if (!make || ftruncate(fd, sizeof(pairs_board)) == 0)
        map = mmap(NULL, sizeof(pairs_board), PROT_READ | PROT_WRITE,
                   MAP_SHARED, fd, 0);
    close(fd);
    return map == MAP_FAILED ? NULL : map;
}

void pairs_unmap(pairs_board *b)
{
    munmap(b, sizeof(*b));
}

static uint64_t get(const _Atomic uint64_t *n)
{
    return atomic_load_explicit(n, memory_order_relaxed);
}

/* Only one thread adds. */
static void add(_Atomic uint64_t *n, uint64_t by)
{
    atomic_store_explicit(n, get(n) + by, memory_order_relaxed);
}

uint64_t pairs_acked(const pairs_board *b)
{
    uint64_t n = 0;

    for (int i = 0; i < PAIRS_CROWD; i++)
        n += get(&b->task[i].acked);
    return n;
}

uint64_t pairs_emitted(const pairs_board *b)
{
    uint64_t n = 0;

    for (int i = 0; i < PAIRS_CROWD; i++)
        n += get(&b->task[i].emitted);
    return n;
}

uint64_t pairs_executed(const pairs_board *b)
{
    uint64_t n = 0;

    for (int i = 0; i < PAIRS_CROWD; i++)
        n += get(&b->task[i].executed);
    return n;
}

static bool too_late(int64_t began, int64_t seconds)
{
    return bench_now_ns() - began > seconds * 1000000000;
}

bool pairs_acks_more(const pairs_board *b, uint64_t n)
{
    int64_t began = bench_now_ns();

    while (pairs_acked(b) <= n) {
        if (too_late(began, 30)) {
            bench_say("nothing was acked for 30 s");
            return false;
        }
        bench_nap_us(1000);
    }
    return true;
}

bool pairs_begin_phase(pairs_board *b, uint32_t tasks)
{
    uint32_t phase = atomic_load(&b->phase) + 1;
    int64_t began = bench_now_ns();

    atomic_store(&b->phase, phase);
    for (uint32_t i = 0; i < tasks; i++)
        while (atomic_load(&b->task[i].phase) != phase) {
            if (too_late(began, 30)) {
                bench_say("a spout has not begun anew for 30 s");
                return false;
            }
            bench_nap_us(100);
        }
    return true;
}

bool pairs_settle(pairs_board *b)
{
    int64_t began = bench_now_ns();

    atomic_store(&b->stop, 1);
    while (pairs_acked(b) != pairs_emitted(b) ||
           pairs_executed(b) != pairs_emitted(b)) {
        if (too_late(began, 60)) {
            bench_say("%llu were emitted, %llu executed, %llu acked",
                      (unsigned long long)pairs_emitted(b),
                      (unsigned long long)pairs_executed(b),
                      (unsigned long long)pairs_acked(b));
            return false;
        }
        bench_nap_us(1000);
    }
    return true;
}

/* ---------------------------------------------------------- components -- */

struct pair {
    pairs_board *b;
    pairs_task *mine;
    uint64_t n;       /* the next number ... */
    uint32_t step;    /* ... and how far it is to the one after */
    int64_t start_ns; /* of the phase */
    uint64_t first;   /* of the phase */
    int64_t interval_ns;
    uint32_t phase;
};

static gale_err open_board(struct pair *s, gale_task *t)
{
    const char *const *words;

    if (gale_task_args(t, &words) == 2)
        s->b = pairs_map(words[1], false);
    if (s->b == NULL) {
        gale_task_error(t, "there is no board");
        return GALE_EUSER;
    }
    s->mine = &s->b->task[gale_task_index(t)];
    return GALE_OK;
}

static gale_err spout_open(void *self, gale_spout_ctx *ctx)
{
    struct pair *s = self;

    s->n = gale_task_index(gale_spout_task(ctx));
    s->step = gale_task_count(gale_spout_task(ctx));
    return open_board(s, gale_spout_task(ctx));
}

static void look_at_phase(struct pair *s, int64_t now)
{
    uint32_t phase = atomic_load(&s->b->phase);

    if (phase == s->phase)
        return;
    s->phase = phase;
    s->first = s->n;
    s->start_ns = now;
    s->interval_ns = atomic_load(&s->b->interval_ns);
    memset(&s->mine->latency, 0, sizeof(s->mine->latency));
    atomic_store(&s->mine->phase, phase);
}

static bool spout_next(void *self, gale_spout_ctx *ctx)
{
    struct pair *s = self;
    int64_t now = s->interval_ns == 0 ? 0 : bench_now_ns();
    uint32_t i = 0;

    look_at_phase(s, now == 0 ? bench_now_ns() : now);
    if (atomic_load_explicit(&s->b->stop, memory_order_relaxed) != 0)
        return true;
    for (; i < AT_ONCE; i++) {
        int64_t due = s->start_ns +
                      (int64_t)(s->n - s->first) / s->step * s->interval_ns;

        if (s->interval_ns != 0 && due > now)
            break;
        gale_spout_emit(ctx, s->n, GALE_ROW(gale_val_i64((int64_t)s->n)));
        s->n += s->step;
    }
    add(&s->mine->emitted, i);
    return true;
}

static void spout_ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    struct pair *s = self;

    (void)ctx;
    add(&s->mine->acked, 1);
    if (s->interval_ns == 0 || id < s->first)
        return;
    int64_t due =
        s->start_ns + (int64_t)(id - s->first) / s->step * s->interval_ns;
    int64_t took = bench_now_ns() - due;
    gi_hist_record(&s->mine->latency, took < 0 ? 0 : (uint64_t)took);
}

static void spout_close(void *self, gale_spout_ctx *ctx)
{
    struct pair *s = self;

    (void)ctx;
    if (s->b != NULL)
        pairs_unmap(s->b);
}

static gale_err sink_prepare(void *self, gale_bolt_ctx *ctx)
{
    return open_board(self, gale_bolt_task(ctx));
}

static gale_verdict sink_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    (void)in;
    (void)ctx;
    add(&((struct pair *)self)->mine->executed, 1);
    return GALE_ACK;
}

static void sink_cleanup(void *self, gale_bolt_ctx *ctx)
{
    struct pair *s = self;

    (void)ctx;
    if (s->b != NULL)
        pairs_unmap(s->b);
}

static const gale_spout numbers_spout = {
    .state_size = sizeof(struct pair),
    .output = GALE_FIELDS(GALE_I64("number")),
    .open = spout_open,
    .next = spout_next,
    .ack = spout_ack,
    .close = spout_close,
};

static const gale_bolt sink_bolt = {
    .state_size = sizeof(struct pair),
    .prepare = sink_prepare,
    .execute = sink_execute,
    .cleanup = sink_cleanup,
};

static const gale_component pairs[] = {
    { .id = "numbers", .spout = &numbers_spout, .tasks = PAIRS },
    {
        .id = "sink",
        .bolt = &sink_bolt,
        .inputs = GALE_INPUTS(GALE_BY("numbers", "number")),
        .tasks = PAIRS,
    },
};

const gale_topology pairs_topology = {
    .abi = GALE_ABI,
    .name = "pairs",
    .args = "pairs BOARD",
    .components = GALE_COMPONENTS(pairs),
};

static const gale_component crowd[] = {
    { .id = "numbers", .spout = &numbers_spout, .tasks = PAIRS_CROWD },
    {
        .id = "sink",
        .bolt = &sink_bolt,
        .inputs = GALE_INPUTS(GALE_BY("numbers", "number")),
        .tasks = PAIRS_CROWD,
    },
};

const gale_topology crowd_topology = {
    .abi = GALE_ABI,
    .name = "crowd",
    .args = "crowd BOARD",
    .components = GALE_COMPONENTS(crowd),
};
