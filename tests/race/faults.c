/* Faults injected on threads: two loops, one apart, and everything going wrong
 * that a plan can ask for; in the end every message was acked.  Under
 * ThreadSanitizer it also shows that what a fault does belongs to its loop. */
#include <stdatomic.h>
#include <string.h>

#include "gale/gale.h"
#include "race.h"

enum { MESSAGES = 20000 };

/* The source outlives its spout's task: what was acked stays so. */
static _Atomic uint8_t acked[MESSAGES];

struct source {
    int at;
};

static bool source_next(void *self, gale_spout_ctx *ctx)
{
    struct source *s = self;

    while (s->at < MESSAGES && acked[s->at] != 0)
        s->at++;
    if (s->at < MESSAGES) {
        gale_spout_emit(ctx, (uint64_t)s->at, GALE_ROW(gale_val_i64(s->at)));
        s->at++;
    }
    return s->at < MESSAGES;
}

static void source_ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    (void)self;
    (void)ctx;
    acked[id] = 1;
}

static const gale_spout source = {
    .state_size = sizeof(struct source),
    .output = GALE_FIELDS(GALE_I64("n")),
    .next = source_next,
    .ack = source_ack,
};

static gale_verdict twice_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    (void)self;
    gale_emit(ctx, gale_tuple_row(in));
    gale_emit(ctx, gale_tuple_row(in));
    return GALE_ACK;
}

static const gale_bolt twice = {
    .output = GALE_FIELDS(GALE_I64("n")),
    .execute = twice_execute,
};

/* Holds every other tuple until the next one, or the next tick. */
struct holder {
    gale_held held;
};

static gale_verdict holder_execute(void *self, const gale_tuple *in,
                                   gale_bolt_ctx *ctx)
{
    struct holder *h = self;

    if (h->held.ref == 0) {
        h->held = gale_hold(ctx, in);
        return GALE_HOLD;
    }
    gale_ack(ctx, h->held);
    h->held.ref = 0;
    return GALE_ACK;
}

static void holder_tick(void *self, gale_bolt_ctx *ctx)
{
    struct holder *h = self;

    if (h->held.ref != 0)
        gale_ack(ctx, h->held);
    h->held.ref = 0;
}

static const gale_bolt holder = {
    .state_size = sizeof(struct holder),
    .execute = holder_execute,
    .tick = holder_tick,
};

static gale_verdict sink_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    (void)self;
    (void)in;
    (void)ctx;
    return GALE_ACK;
}

static const gale_bolt sink = { .execute = sink_execute };

static const gale_component parts[] = {
    { .id = "source", .spout = &source },
    { .id = "twice",
      .bolt = &twice,
      .tasks = 2,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("source")) },
    { .id = "holder",
      .bolt = &holder,
      .tasks = 2,
      .tick_ms = 5,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("twice")) },
    { .id = "apart",
      .bolt = &sink,
      .blocking = true,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("twice")) },
};

static const gale_topology faulty = {
    .abi = GALE_ABI,
    .name = "faulty",
    .components = GALE_COMPONENTS(parts),
};

static void run(uint32_t loops, const char *ackers, const char *faults)
{
    const gale_setting conf[] = {
        { "topology.faults", faults },
        { "topology.acker.executors", ackers },
        { "topology.message.timeout.secs", "0.3" },
        { "topology.batch.bytes", "1024" },
        { "topology.replay.backoff.millis", "1" },
        { "topology.replay.backoff.max.millis", "20" },
        { "topology.slow.callback.millis", "0" },
        { 0, 0 },
    };
    gale_run_opts opts = { .conf = conf, .loops = loops };
    gale_run_result r;
    gale_diag why;

    for (int i = 0; i < MESSAGES; i++)
        acked[i] = 0;
    gale_err rv = gale_local_run(&faulty, &opts, &r, &why);
    CHECK(rv == GALE_OK, "%s: %s", faults, why.text);
    for (int i = 0; i < MESSAGES; i++)
        CHECK(acked[i] != 0, "%s: message %d was never acked", faults, i);
    CHECK(r.faults > 0, "%s: nothing happened", faults);
    CHECK(r.pending == 0, "%llu", (unsigned long long)r.pending);
    CHECK(r.roots == r.acked + r.failed + r.forgotten,
          "%s: roots %llu, acked %llu, failed %llu, forgotten %llu", faults,
          (unsigned long long)r.roots, (unsigned long long)r.acked,
          (unsigned long long)r.failed, (unsigned long long)r.forgotten);
}

int main(void)
{
    static const char *const ackers[] = { "1", "2" };
    static const char *const plans[] = {
        "drop=0.2%,drop=__acker:0.2%,late=0.2%:350ms,late=__acker:0.2%:350ms,"
        "until=2s",
        "duplicate=1%,duplicate=__acker:20%,reorder=1%,reorder=__acker:1%,"
        "delay=2%:1ms,delay=__acker:2%:1ms,fail=0.5%",
        "kill=twice/0@10ms+20ms,kill=holder:0.02%,kill=apart@1000+3000,"
        "restart=holder/1@15ms+30ms,kill=source@20ms+50ms,until=1s",
        "kill=__acker@5ms+20ms,hang=twice/1:20ms@30ms+100ms,"
        "slow=apart:0.1%:1ms,clock=-1h@10ms+10ms,suspend=50ms@100ms,until=1s",
    };

    alarm(600);
    for (uint32_t loops = 1; loops <= 2; loops++)
        for (size_t p = 0; p < sizeof(plans) / sizeof(plans[0]); p++)
            run(loops, ackers[(p + loops) % 2], plans[p]);
    puts("ok - faults on threads are survived");
    return 0;
}
