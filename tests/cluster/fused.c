/* Workers as processes, and bolts that are called from within their senders'
 * emits where both are in one worker, and get batches where not (.fused):
 * trees of both kinds of tuples come out exactly, and nothing is lost when
 * workers are killed.
 *
 *     cluster_fused NAME
 *     cluster_fused worker DIR    it is their program too
 */
#include <inttypes.h>
#include <stddef.h>

#include "tests/cluster/crew.h"

enum { MOST_HELD = 64, HELD_PART = 1, FAILED_PART = 2, FAILED_EVERY = 16 };

/* ------------------------------------------------------------- topology -- */

/* Is this thread in an emit of thrice? */
static _Thread_local bool emits;

static gale_verdict emits_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    emits = true;
    gale_verdict v = thrice_execute(self, in, ctx);
    emits = false;
    return v;
}

/* One of the parts is held, and counts when it is answered; one of each so
 * many numbers fails when it comes for the first time. */
struct keeper {
    struct on_board on;
    gale_held held[MOST_HELD];
    uint32_t n;
};

/* In the order in which they came: if a tree is replayed, what was held of it
 * before counts before the second one can be acked. */
static void keeper_tick(void *self, gale_bolt_ctx *ctx)
{
    struct keeper *k = self;

    for (uint32_t i = 0; i < k->n; i++) {
        sink_execute(&k->on, gale_held_tuple(ctx, k->held[i]), ctx);
        gale_ack(ctx, k->held[i]);
    }
    k->n = 0;
}

static bool fails_now(struct board *b, int64_t n, int64_t part)
{
    return part == FAILED_PART && n % FAILED_EVERY == 0 &&
           b->count[n][part] == 0;
}

static gale_verdict keeper_execute(void *self, const gale_tuple *in,
                                   gale_bolt_ctx *ctx)
{
    struct keeper *k = self;
    int64_t n = gale_tuple_i64(in, 0), part = gale_tuple_i64(in, 1);
    bool fails = fails_now(k->on.b, n, part);

    k->on.b->road[emits]++;
    if (part != HELD_PART) {
        sink_execute(&k->on, in, ctx);
        return fails ? GALE_FAIL : GALE_ACK;
    }
    if (k->n == MOST_HELD)
        keeper_tick(k, ctx);
    gale_held h = gale_hold(ctx, in);
    if (h.ref != 0) /* else memory was short, and it fails */
        k->held[k->n++] = h;
    return GALE_HOLD;
}

static const gale_bolt emits_bolt = {
    .output = GALE_FIELDS(GALE_I64("number"), GALE_I64("part")),
    .execute = emits_execute,
};

static const gale_bolt keeper_bolt = {
    .state_size = sizeof(struct keeper),
    .prepare = sink_prepare,
    .execute = keeper_execute,
    .tick = keeper_tick,
    .cleanup = sink_cleanup,
};

static const gale_component components[] = {
    { .id = "numbers", .spout = &numbers_spout, .tasks = SPOUTS },
    {
        .id = "thrice",
        .bolt = &emits_bolt,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("numbers")),
        .tasks = 3,
        .fused = true,
    },
    {
        .id = "sink",
        .bolt = &keeper_bolt,
        .inputs = GALE_INPUTS(GALE_BY("thrice", "number")),
        .tasks = SINKS,
        .tick_ms = 5,
        .fused = true,
    },
};

static const gale_topology fused = {
    .abi = GALE_ABI,
    .name = "fused",
    .args = "BOARD",
    .components = GALE_COMPONENTS(components),
};

/* ---------------------------------------------------------------- tests -- */

static bool all_acked(struct crew *c)
{
    return c->board->acked == c->board->n;
}

static void start_all(struct crew *c, uint32_t n_workers, uint32_t n_numbers,
                      uint32_t upto)
{
    crew_open_with(c, &fused, n_workers, n_numbers);
    c->board->pace = upto == 0 ? 0 : 40000;
    c->board->upto = upto;
    for (uint32_t i = 0; i < n_workers; i++)
        crew_start(c, (int)i);
}

/* Every part of every number at least so often, or exactly; and some of them
 * were called with, and some came from elsewhere. */
static void check_parts(struct crew *c, bool exactly)
{
    struct board *b = c->board;

    for (uint32_t n = 0; n < b->n; n++)
        for (uint32_t part = 0; part < PARTS; part++) {
            uint8_t due = exactly && n % FAILED_EVERY == 0 ? 2 : 1;

            CREW_MUST(c, b->is_acked[n] == 1);
            CREW_MUST(c, b->count[n][part] >= due);
            CREW_MUST(c, !exactly || b->count[n][part] == due);
        }
    CREW_MUST(c, b->wrong_task == 0 && b->wrong_hash == 0 && b->early == 0);
    CREW_MUST(c, b->road[true] > 0 && b->road[false] > 0);
    fprintf(stderr, "  %u called, %u came in batches\n", b->road[true],
            b->road[false]);
}

/* Nobody dies: a tree that failed in a call is replayed once, others never. */
static void run_all(uint32_t n_workers)
{
    enum { NUMBERS = 16000 };
    struct crew c;

    start_all(&c, n_workers, NUMBERS, 0);
    CREW_UNTIL(&c, all_acked(&c), 60000);
    check_parts(&c, true);
    CREW_MUST(&c, c.board->begun == NUMBERS);
    CREW_UNTIL(&c, CREW_SUM(&c, replayed) == NUMBERS / FAILED_EVERY, 20000);
    CREW_MUST(&c, CREW_SUM(&c, timed_out) == 0);
    crew_end(&c);
    CREW_MUST(&c, c.board->closed == SPOUTS + SINKS);
    crew_close(&c);
}

static void two(void)
{
    run_all(2);
}

static void three(void)
{
    run_all(3);
}

static void killed_and_started_anew(void)
{
    enum { KILLS = 6, WORKERS = 3, BETWEEN = 6000 };
    struct crew c;

    start_all(&c, WORKERS, KILLS * BETWEEN + BETWEEN, 1);
    for (int k = 0; k < KILLS; k++) {
        uint32_t acked = c.board->acked;

        c.board->upto = (uint32_t)(k + 1) * BETWEEN; /* not done before us */
        CREW_UNTIL(&c, c.board->acked > acked + 200, 30000);
        crew_kill(&c, k % WORKERS);
        crew_start(&c, k % WORKERS);
    }
    c.board->upto = 0;
    CREW_UNTIL(&c, all_acked(&c), 60000);
    check_parts(&c, false);
    CREW_MUST(&c, CREW_SUM(&c, timed_out) == 0);
    crew_end(&c);
    crew_close(&c);
}

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    { "two", two },
    { "three", three },
    { "killed_and_started_anew", killed_and_started_anew },
};

int main(int argc, char **argv)
{
    bool any = false;

    if (argc > 1 && strcmp(argv[1], "worker") == 0)
        return gale_main(argc, argv, &fused);
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        if (argc > 1 && strcmp(argv[1], tests[i].name) != 0)
            continue;
        int64_t began = now_ms();

        any = true;
        fprintf(stderr, "%s\n", tests[i].name);
        tests[i].run();
        fprintf(stderr, "%s: %" PRId64 " ms\n", tests[i].name,
                now_ms() - began);
    }
    return any ? 0 : 2;
}
