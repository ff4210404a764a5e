/* Random topologies with random failures, on any number of loops and
 * ackers: each tuple is acked in the end, none without its effect, and the
 * same seed tells the same story. */
#include "base/mem.h"
#include "base/mix.h"
#include "semantics.h"

enum { LAYERS = 3, WIDTH = 2, IDS = 150 };

static gi_rng chance; /* of the bolts: what they do */
static uint32_t effects[IDS];
static uint64_t story;

static void tell(uint64_t what)
{
    story = gi_mix64(story ^ what);
}

/* Acks, fails, holds for a while, or holds for ever, by chance; what it
 * passes on goes to the next layer as often as chance will. */
struct moody {
    gale_held held[64];
    size_t n;
};

static void answer_some(struct moody *m, gale_bolt_ctx *ctx, size_t leave)
{
    while (m->n > leave) {
        gale_held h = m->held[--m->n];
        const gale_tuple *in = gale_held_tuple(ctx, h);
        gale_emit_opts o = { .anchors = &h, .n_anchors = 1 };

        gale_emit_with(ctx, &o, gale_tuple_row(in));
        if (gi_rng_below(&chance, 20) == 0)
            gale_fail(ctx, h);
        else
            gale_ack(ctx, h);
    }
}

static gale_verdict moody_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    struct moody *m = self;
    uint64_t mood = gi_rng_below(&chance, 300);

    tell((uint64_t)gale_tuple_i64(in, 0) * 1000 +
         gale_task_id(gale_bolt_task(ctx)));
    if (mood < 10)
        return GALE_FAIL;
    if (mood == 11) { /* forget it */
        gale_hold(ctx, in);
        return GALE_HOLD;
    }
    if (mood < 60 && m->n < 64) {
        gale_held h = gale_hold(ctx, in);

        if (h.ref != 0) /* else there is no memory, and it fails */
            m->held[m->n++] = h;
        return GALE_HOLD;
    }
    if (mood < 70)
        gale_test_pass_ms(50);
    if (mood < 100)
        answer_some(m, ctx, 2);
    for (uint64_t i = 0; i <= mood % 2; i++)
        gale_emit(ctx, gale_tuple_row(in));
    return GALE_ACK;
}

static void moody_tick(void *self, gale_bolt_ctx *ctx)
{
    answer_some(self, ctx, 0);
}

static const gale_bolt moody = {
    .state_size = sizeof(struct moody),
    .output = GALE_FIELDS(GALE_I64("n")),
    .execute = moody_execute,
    .tick = moody_tick,
};

static gale_verdict last_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    (void)self;
    (void)ctx;
    effects[gale_tuple_i64(in, 0)]++;
    return GALE_ACK;
}

static const gale_bolt last = { .execute = last_execute };

/* -------------------------------------------------------------- drawing -- */

static const gale_spout numbers = {
    .output = GALE_FIELDS(GALE_I64("n")),
    .next = source_next,
};

enum { N_PARTS = 2 + LAYERS * WIDTH };

struct drawn {
    gale_component parts[N_PARTS];
    gale_input in[N_PARTS][WIDTH + 1];
    char id[N_PARTS][8];
    char ackers[8], batch[8], credit[8];
};

static void draw_input(gi_rng *r, gale_input *in, const char *from)
{
    static const gale_name keys[] = { "n", NULL };
    static const gale_grouping ways[] = {
        GALE_GROUP_SHUFFLE, GALE_GROUP_FIELDS, GALE_GROUP_PARTIAL_KEY,
        GALE_GROUP_GLOBAL,  GALE_GROUP_LOCAL,  GALE_GROUP_NONE,
    };

    in->from = from;
    in->how = ways[gi_rng_below(r, sizeof(ways) / sizeof(ways[0]))];
    if (in->how == GALE_GROUP_FIELDS || in->how == GALE_GROUP_PARTIAL_KEY)
        in->keys = keys;
}

/* Part `no`, in some layer: it reads one bolt of the layer before. */
static void draw_bolt(gi_rng *r, struct drawn *d, size_t no)
{
    size_t layer = (no - 1) / WIDTH;
    size_t before = 1 + (layer - 1) * WIDTH + gi_rng_below(r, WIDTH);

    draw_input(r, d->in[no], layer == 0 ? "source" : d->id[before]);
    d->parts[no] = (gale_component){
        .id = d->id[no],
        .bolt = &moody,
        .inputs = d->in[no],
        .tasks = 1 + (uint32_t)gi_rng_below(r, 4),
        .blocking = gi_rng_below(r, 6) == 0,
        .tick_ms = 100,
    };
}

static void draw(gi_rng *r, struct drawn *d)
{
    size_t sink_no = N_PARTS - 1;

    *d = (struct drawn){ 0 };
    for (size_t i = 0; i < N_PARTS; i++)
        snprintf(d->id[i], sizeof(d->id[i]), "b%zu", i);
    d->parts[0] = (gale_component){
        .id = "source",
        .spout = &numbers,
        .tasks = 1 + (uint32_t)gi_rng_below(r, 3),
    };
    for (size_t no = 1; no < sink_no; no++)
        draw_bolt(r, d, no);
    for (size_t i = 0; i < WIDTH; i++)
        draw_input(r, &d->in[sink_no][i], d->id[sink_no - 1 - i]);
    d->parts[sink_no] = (gale_component){
        .id = "sink",
        .bolt = &last,
        .inputs = d->in[sink_no],
        .tasks = 2,
    };
    snprintf(d->ackers, 8, "%d", (int)gi_rng_below(r, 5) + 1);
    snprintf(d->batch, 8, "%d", 1024 << gi_rng_below(r, 4));
    snprintf(d->credit, 8, "%d", (int)gi_rng_below(r, 3) + 1);
}

/* -------------------------------------------------------------- running -- */

/* Everything acked once, with its effect. */
static void check_outcome(gale_test *t, uint64_t seed)
{
    gale_run_result r = result(t);
    const uint64_t *ids;
    uint64_t sum = 0;

    cr_assert_eq(gale_test_acked(t, "source", &ids), IDS, "seed %d: %zu",
                 (int)seed, acked(t, "source"));
    for (size_t i = 0; i < IDS; i++)
        sum += ids[i];
    cr_assert_eq(sum, IDS * (IDS - 1) / 2, "seed %d: one twice", (int)seed);
    for (size_t i = 0; i < IDS; i++)
        cr_assert(effects[i] > 0, "seed %d: %zu without effect", (int)seed, i);
    cr_assert_eq(r.roots, r.acked + r.failed);
    cr_assert_eq(r.replayed, r.failed);
    cr_assert_eq(r.refused, 0);
}

/* With `scarce` memory now and then an allocation fails. */
static uint64_t run_drawn(uint64_t seed, bool scarce)
{
    gi_rng r = { gi_mix64(seed + 1) };
    gale_err rv = GALE_ETIME;
    gale_diag why = { "" };
    struct drawn d;

    draw(&r, &d);
    chance.at = seed;
    story = 0;
    memset(effects, 0, sizeof(effects));
    gale_test *t = START(
        d.parts, .mocks = GALE_MOCKS({ .spout = "source", .replay = true }),
        .seed = seed, .loops = 1 + (uint32_t)gi_rng_below(&r, 4),
        .no_rows = true,
        .conf = CONF(TIMEOUT("2"), { "topology.acker.executors", d.ackers },
                     { "topology.batch.bytes", d.batch },
                     { "topology.batch.credit", d.credit }));
    for (uint64_t id = 0; id < IDS; id++)
        feed(t, "source", id, ROW(I64(id)));
    for (int i = 0; i < 10000 && rv == GALE_ETIME; i++) {
        if (scarce)
            gi_mem_fail_after(gi_rng_below(&r, 60), 1 + gi_rng_below(&r, 3));
        rv = gale_test_run(t, 300, &why);
    }
    gi_mem_fail_after(0, 0);
    if (rv != GALE_ENOMEM || !scarce) { /* then an id could not be recorded */
        cr_assert_eq(rv, GALE_OK, "seed %d: %s", (int)seed, why.text);
        check_outcome(t, seed);
    }
    tell((uint64_t)gale_test_now_ms(t));
    gale_test_destroy(t);
    return story;
}

Test(random, every_tuple_is_acked_in_the_end_and_none_without_effect)
{
    for (uint64_t seed = 0; seed < 60; seed++)
        run_drawn(seed, false);
}

Test(random, lost_memory_now_and_then_loses_nothing_else)
{
    for (uint64_t seed = 200; seed < 260; seed++)
        run_drawn(seed, true);
}

Test(random, the_same_seed_tells_the_same_story)
{
    for (uint64_t seed = 100; seed < 110; seed++)
        cr_assert_eq(run_drawn(seed, false), run_drawn(seed, false), "seed %d",
                     (int)seed);
    cr_assert_neq(run_drawn(100, false), run_drawn(101, false));
}
