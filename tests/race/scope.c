/* scope.c -- shuffles that stay on their loop and leave it again: loads are
 * seen across loops, and one word is changed by all of them.
 *
 * Spouts of unequal length: first each loop has one, then one after another
 * falls silent, and those that go on have more to do than others. */
#include "base/mix.h"
#include "stress.h"

enum { SPOUTS = 3, EACH_AT_LEAST = 20000 / RACE_SLOWER };

static const uint32_t each[SPOUTS] = { EACH_AT_LEAST, 2 * EACH_AT_LEAST,
                                       4 * EACH_AT_LEAST };

/* About a microsecond. */
static gale_verdict work_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    uint64_t x = (uint64_t)gale_tuple_i64(in, 0);

    for (int i = 0; i < 300; i++)
        x = gi_mix64(x);
    *(uint64_t *)self ^= x;
    gale_emit(ctx, GALE_ROW(*gale_tuple_at(in, 0)));
    return GALE_ACK;
}

static gale_verdict sink_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    (void)self;
    (void)ctx;
    return gale_tuple_i64(in, 0) < 0 ? GALE_FAIL : GALE_ACK;
}

static const gale_bolt work = { .state_size = sizeof(uint64_t),
                                .output = GALE_FIELDS(GALE_I64("number")),
                                .execute = work_execute };
static const gale_bolt sink = { .execute = sink_execute };

static const gale_component components[] = {
    { .id = "short", .spout = &numbers_spout, .arg = &each[0] },
    { .id = "middle", .spout = &numbers_spout, .arg = &each[1] },
    { .id = "long", .spout = &numbers_spout, .arg = &each[2] },
    { .id = "work",
      .bolt = &work,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("short"), GALE_SHUFFLE("middle"),
                            GALE_NONE("long")),
      .tasks = 6 },
    { .id = "sink",
      .bolt = &sink,
      .inputs = GALE_INPUTS(GALE_LOCAL("work")),
      .tasks = 6 },
};

static const gale_topology table = {
    .abi = GALE_ABI,
    .name = "scope",
    .components = GALE_COMPONENTS(components),
};

int main(void)
{
    uint64_t ids = (uint64_t)each[0] + each[1] + each[2];

    alarm(600);
    for (uint32_t loops = 2; loops <= 4; loops++) {
        gale_run_result r = stress_run(&table, loops, "1", "30");

        CHECK(r.acked == ids, "acked %llu", (unsigned long long)r.acked);
        CHECK(r.executed == 2 * r.roots, "executed %llu",
              (unsigned long long)r.executed);
    }
    return 0;
}
