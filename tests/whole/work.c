/* A topology whose every number has to be seen in all its parts, and the judge
 * who looks whether it was before its spout hears so. */
#include "world.h"

#include "gale/gale.h"

struct world *work_world;

struct numbers {
    int64_t next, at_ns;
};

/* Its source is durable: what was acked is not given again. */
static bool give_number(void *self, gale_spout_ctx *ctx)
{
    struct numbers *s = self;
    struct world *w = work_world;
    gale_task *task = gale_spout_task(ctx);
    int64_t n = gale_task_count(task), i = gale_task_index(task);

    while (s->next * n + i < NUMBERS && w->acked[s->next * n + i])
        s->next++;
    int64_t number = s->next * n + i;
    if (number >= NUMBERS)
        return false;
    if (w->now < s->at_ns)
        return true;
    s->at_ns = w->now + 20 * MS;
    s->next++;
    w->emitted++;
    world_note(w, "emit", (uint64_t)number, 0);
    gale_spout_emit(ctx, (uint64_t)number, GALE_ROW(gale_val_i64(number)));
    return true;
}

static void on_ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    struct world *w = work_world;

    (void)self;
    (void)ctx;
    world_note(w, "ack", id, 0);
    if (w->seen[id] != (1u << PARTS) - 1)
        world_wrong(w, "number %llu is acked, and only parts %x were seen",
                    (unsigned long long)id, w->seen[id]);
    w->n_acked += !w->acked[id];
    w->acked[id] = true;
    w->last_ack = w->now;
}

static gale_verdict split(void *self, const gale_tuple *in, gale_bolt_ctx *ctx)
{
    int64_t number = gale_tuple_i64(in, 0);

    (void)self;
    work_world->executed++;
    world_note(work_world, "split", (uint64_t)number, 0);
    for (int64_t part = 0; part < PARTS; part++)
        gale_emit(ctx, GALE_ROW(gale_val_i64(number), gale_val_i64(part)));
    return GALE_ACK;
}

/* Some are held until the next tick. */
enum { HELD_MOST = 32 };
struct count {
    gale_held held[HELD_MOST];
    uint32_t n;
};

static gale_verdict count(void *self, const gale_tuple *in, gale_bolt_ctx *ctx)
{
    struct count *c = self;
    struct world *w = work_world;
    int64_t number = gale_tuple_i64(in, 0), part = gale_tuple_i64(in, 1);

    w->executed++;
    world_note(w, "count", (uint64_t)number, (uint64_t)part);
    w->seen[number] |= (uint8_t)(1u << part);
    if (world_chance(w, 100) && c->n < HELD_MOST) {
        c->held[c->n++] = gale_hold(ctx, in);
        return GALE_HOLD;
    }
    return world_chance(w, 10) ? GALE_FAIL : GALE_ACK;
}

static void tick(void *self, gale_bolt_ctx *ctx)
{
    struct count *c = self;

    while (c->n > 0)
        gale_ack(ctx, c->held[--c->n]);
}

static const gale_spout numbers = {
    .state_size = sizeof(struct numbers),
    .output = GALE_FIELDS(GALE_I64("number")),
    .next = give_number,
    .ack = on_ack,
};
static const gale_bolt splitter = {
    .output = GALE_FIELDS(GALE_I64("number"), GALE_I64("part")),
    .execute = split,
};
static const gale_bolt counter = {
    .state_size = sizeof(struct count),
    .execute = count,
    .tick = tick,
};

static const gale_component table[] = {
    { .id = "numbers", .spout = &numbers, .tasks = 2 },
    { .id = "split",
      .bolt = &splitter,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("numbers")),
      .tasks = 3 },
    { .id = "count",
      .bolt = &counter,
      .inputs = GALE_INPUTS(GALE_BY("split", "part")),
      .tasks = 4,
      .tick_ms = 100 },
};

const gale_topology work_topology = {
    .abi = GALE_ABI,
    .name = "parts",
    .components = GALE_COMPONENTS(table),
    .conf = GALE_SETTINGS({ "topology.message.timeout.secs", "5" },
                          { "topology.batch.bytes", "1024" },
                          { "topology.max.spout.pending", "20" }),
};
