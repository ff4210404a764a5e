/* switch.c -- spouts that are activated and deactivated while they run, faster
 * than their loops can follow: no next of one that sleeps, no two calls of
 * activate in a row, and when all is over nothing is missing. */
#include "local/local.h"
#include "stress.h"

enum { EACH = 40000 / RACE_SLOWER, SWITCHES = 2000 / RACE_SLOWER };
enum { FOLLOWED = 100 }; /* switches in a run, at least, that tasks saw */

static const uint32_t each = EACH;
static _Atomic uint64_t switched, handled;

/* As the numbers of stress.h, and knows whether it is awake. */
struct sleeper {
    struct numbers n;
    bool awake;
};

static bool sleeper_next(void *self, gale_spout_ctx *ctx)
{
    struct sleeper *s = self;

    CHECK(s->awake, "next of a spout that is not active");
    return numbers_next(&s->n, ctx);
}

static void set_awake(struct sleeper *s, bool awake)
{
    CHECK(s->awake != awake, "%s twice", awake ? "activated" : "deactivated");
    s->awake = awake;
    atomic_fetch_add_explicit(&switched, 1, memory_order_relaxed);
}

static void sleeper_activate(void *self, gale_spout_ctx *ctx)
{
    (void)ctx;
    set_awake(self, true);
}

static void sleeper_deactivate(void *self, gale_spout_ctx *ctx)
{
    (void)ctx;
    set_awake(self, false);
}

#define SLEEPER                                                     \
    .state_size = sizeof(struct sleeper),                           \
    .output = GALE_FIELDS(GALE_I64("number"), GALE_STR("text")),    \
    .open = numbers_open, .next = sleeper_next, .ack = numbers_ack, \
    .activate = sleeper_activate, .deactivate = sleeper_deactivate, \
    .close = numbers_close

static const gale_spout sleeper = { SLEEPER };
static const gale_spout own_sleeper = { SLEEPER, .fail = numbers_fail };

static gale_verdict some_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    (void)self;
    (void)in;
    atomic_fetch_add_explicit(&handled, 1, memory_order_relaxed);
    return stress_now_and_then(gale_bolt_task(ctx), 40) ? GALE_FAIL : GALE_ACK;
}

static const gale_bolt some = { .execute = some_execute };

static const gale_component components[] = {
    { .id = "here", .spout = &sleeper, .tasks = 2, .arg = &each },
    { .id = "apart", .spout = &own_sleeper, .arg = &each, .blocking = true },
    { .id = "some",
      .bolt = &some,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("here"), GALE_SHUFFLE("apart")),
      .tasks = 3 },
};

static const gale_topology table = {
    .abi = GALE_ABI,
    .name = "switch",
    .components = GALE_COMPONENTS(components),
    .conf = GALE_SETTINGS({ "topology.max.spout.pending", "50" },
                          { "topology.replay.backoff.millis", "1" },
                          { "topology.replay.backoff.max.millis", "4" }),
};

static void run(uint32_t loops)
{
    gi_local_opts opts = { .loops = loops };
    gi_plan *plan = NULL;
    gi_local *c = NULL;
    gale_run_result r;
    gale_diag why;

    CHECK(gi_plan_of(&plan, &table, NULL, "here", &why) == GALE_OK, "%s",
          why.text);
    CHECK(gi_local_create(&c, plan, &opts) == GALE_OK, "memory");
    CHECK(gi_local_start(c, &why) == GALE_OK, "%s", why.text);
    switched = 0;
    for (int i = 0; i < SWITCHES || switched < FOLLOWED; i++) {
        gi_local_activate(c, i % 2 == 0);
        if (i % 3 != 0)
            race_nap_us(i % 7 * 100);
    }
    gi_local_activate(c, true);
    while (!gi_local_quiet(c))
        race_nap_us(1000);
    gi_local_activate(c, false);
    gi_local_stop(c);
    gi_local_result(c, &r);
    CHECK(r.acked == 3 * EACH && r.pending == 0, "%llu acked",
          (unsigned long long)r.acked);
    CHECK(r.roots == r.acked + r.failed, "%llu roots",
          (unsigned long long)r.roots);
    gi_local_destroy(c);
    gi_plan_destroy(plan);
}

int main(void)
{
    alarm(600);
    for (uint32_t loops = 1; loops <= 3; loops++)
        run(loops);
    CHECK(numbers_never_acked == 0 && numbers_acked_twice == 0, "ids");
    CHECK(handled >= 3 * 3 * EACH, "%llu", (unsigned long long)handled);
    return 0;
}
