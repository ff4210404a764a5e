#include "bench/flow.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/house.h"

flow_board *flow_map(const char *path, bool make)
{
    int fd =
        open(path, O_RDWR | O_CLOEXEC | (make ? O_CREAT | O_TRUNC : 0), 0600);
    void *map = MAP_FAILED;

    if (fd < 0)
        return NULL;
    if (!make || ftruncate(fd, sizeof(flow_board)) == 0)
        map = mmap(NULL, sizeof(flow_board), PROT_READ | PROT_WRITE,
                   MAP_SHARED, fd, 0);
    close(fd);
    return map == MAP_FAILED ? NULL : map;
}

void flow_unmap(flow_board *b)
{
    munmap(b, sizeof(*b));
}

/* ---------------------------------------------------------- components -- */

struct flow {
    flow_board *b;
    uint32_t next;
    int64_t began_ns, given;
};

static gale_err find_board(struct flow *s, gale_task *t)
{
    const char *const *words;

    if (gale_task_args(t, &words) == 2)
        s->b = flow_map(words[1], false);
    if (s->b != NULL)
        return GALE_OK;
    gale_task_error(t, "there is no board");
    return GALE_EUSER;
}

static void lose_board(struct flow *s)
{
    if (s->b != NULL)
        flow_unmap(s->b);
}

static gale_err numbers_open(void *self, gale_spout_ctx *ctx)
{
    struct flow *s = self;

    s->next = gale_task_index(gale_spout_task(ctx));
    s->began_ns = bench_now_ns();
    return find_board(s, gale_spout_task(ctx));
}

static void raise(_Atomic int64_t *most, int64_t ns)
{
    int64_t was = *most;

    while (ns > was && !atomic_compare_exchange_weak(most, &was, ns))
        ;
}

static void note_again(flow_board *b)
{
    int64_t none = 0, now = bench_now_ns();

    if (b->again_ns == 0 && b->again_from_ns != 0)
        atomic_compare_exchange_strong(&b->again_ns, &none, now);
}

static bool numbers_next(void *self, gale_spout_ctx *ctx)
{
    struct flow *s = self;
    flow_board *b = s->b;

    if (b->pace != 0 && s->given * b->pace > bench_now_ns() - s->began_ns)
        return true;
    while (s->next < b->n && b->is_acked[s->next])
        s->next += FLOW_SPOUTS;
    if (s->next >= b->n || s->next >= FLOW_MOST)
        return true;
    if (b->is_begun[s->next]) {
        note_again(b);
    } else {
        b->begun++;
        b->begun_ns[s->next] = bench_now_ns();
        b->is_begun[s->next] = 1;
    }
    s->given++;
    gale_spout_emit(ctx, s->next, GALE_ROW(gale_val_i64(s->next)));
    s->next += FLOW_SPOUTS;
    return true;
}

static void numbers_ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    flow_board *b = ((struct flow *)self)->b;
    int64_t now = bench_now_ns(), before = atomic_exchange(&b->acked_ns, now);

    (void)ctx;
    raise(&b->gap_ns, before == 0 ? 0 : now - before);
    raise(&b->worst_ns, now - b->begun_ns[id]);
    for (int part = 0; part < FLOW_PARTS; part++)
        b->early += b->count[id][part] == 0;
    b->acked += !b->is_acked[id];
    b->is_acked[id] = 1;
}

static void numbers_close(void *self, gale_spout_ctx *ctx)
{
    (void)ctx;
    lose_board(self);
}

static gale_err bolt_prepare(void *self, gale_bolt_ctx *ctx)
{
    return find_board(self, gale_bolt_task(ctx));
}

static void bolt_cleanup(void *self, gale_bolt_ctx *ctx)
{
    (void)ctx;
    lose_board(self);
}

static gale_verdict thrice_execute(void *self, const gale_tuple *in,
                                   gale_bolt_ctx *ctx)
{
    flow_board *b = ((struct flow *)self)->b;
    int64_t n = gale_tuple_i64(in, 0);

    if (b->tries[n] != 0)
        note_again(b);
    b->tries[n] = 1;
    for (int64_t part = 0; part < FLOW_PARTS; part++)
        gale_emit(ctx, GALE_ROW(gale_val_i64(n), gale_val_i64(part)));
    return GALE_ACK;
}

static gale_verdict sink_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    flow_board *b = ((struct flow *)self)->b;
    int64_t n = gale_tuple_i64(in, 0);
    _Atomic uint8_t *count = &b->count[n][gale_tuple_i64(in, 1)];
    uint8_t me = (uint8_t)gale_task_id(gale_bolt_task(ctx));

    b->wrong_task += b->task[n] != 0 && b->task[n] != me;
    b->task[n] = me;
    b->parts++;
    if (*count < 255)
        ++*count;
    return GALE_ACK;
}

static const gale_spout numbers_spout = {
    .state_size = sizeof(struct flow),
    .output = GALE_FIELDS(GALE_I64("number")),
    .open = numbers_open,
    .next = numbers_next,
    .ack = numbers_ack,
    .close = numbers_close,
};

static const gale_bolt thrice_bolt = {
    .state_size = sizeof(struct flow),
    .output = GALE_FIELDS(GALE_I64("number"), GALE_I64("part")),
    .prepare = bolt_prepare,
    .execute = thrice_execute,
    .cleanup = bolt_cleanup,
};

static const gale_bolt sink_bolt = {
    .state_size = sizeof(struct flow),
    .prepare = bolt_prepare,
    .execute = sink_execute,
    .cleanup = bolt_cleanup,
};

static const gale_component components[] = {
    { .id = "numbers", .spout = &numbers_spout, .tasks = FLOW_SPOUTS },
    {
        .id = "thrice",
        .bolt = &thrice_bolt,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("numbers")),
        .tasks = 3,
    },
    {
        .id = "sink",
        .bolt = &sink_bolt,
        .inputs = GALE_INPUTS(GALE_BY("thrice", "number")),
        .tasks = 4,
    },
};

const gale_topology flow_topology = {
    .abi = GALE_ABI,
    .name = "flow",
    .args = "flow BOARD",
    .components = GALE_COMPONENTS(components),
};

/* ------------------------------------------------------------ counting -- */

flow_sums flow_count(const flow_board *b)
{
    flow_sums s = { 0 };
    uint32_t n = b->n < FLOW_MOST ? b->n : FLOW_MOST;

    for (uint32_t i = 0; i < n; i++) {
        bool missing = false;

        for (int part = 0; part < FLOW_PARTS; part++) {
            missing = missing || b->count[i][part] == 0;
            if (b->count[i][part] > 1)
                s.duplicated += b->count[i][part] - 1u;
        }
        s.begun += b->is_begun[i];
        s.acked += b->is_acked[i];
        s.unacked += b->is_begun[i] && !b->is_acked[i];
        s.lost += b->is_acked[i] && missing;
    }
    return s;
}

bool flow_owes(const flow_board *b, int64_t before_ns)
{
    for (uint32_t i = 0; i < FLOW_MOST; i++)
        if (b->is_begun[i] && !b->is_acked[i] && b->begun_ns[i] < before_ns)
            return true;
    return false;
}

bool flow_settle(flow_board *b, int64_t within_ns)
{
    int64_t end = bench_now_ns() + within_ns;
    uint32_t last = FLOW_MOST - 1;

    while (last > 0 && !b->is_begun[last])
        last--;
    b->n = last + 1;
    b->pace = 0;
    do {
        flow_sums s = flow_count(b);

        if (s.acked == last + 1)
            return true;
        bench_nap_us(5000);
    } while (bench_now_ns() < end);
    return false;
}
