/* slow.c -- a slow but living tree is never replayed.
 *
 * A bolt takes many times the message timeout, with tuples waiting in front
 * of it; others beside it are quick, and so is what is said about them.  No
 * tree times out, whether the slow one blocks a thread of its own or the loop
 * that it shares, or whoever holds its tuples renews them. */
#include "stress.h"

/* The timeout, and what the slow one takes for a tuple, and how many. */
static const char *const timeout_secs = "0.1";
enum { SLOW_US = 40000, QUICK = 2000, SLOW = 10 };

static const uint32_t each = QUICK;

enum { TO_QUICK, TO_SLOW };

/* Each number to the quick one; the first few and some later ones also to
 * the slow one. */
static gale_verdict deal_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    int64_t number = gale_tuple_i64(in, 0);

    (void)self;
    gale_emit_on(ctx, TO_QUICK, GALE_ROW(gale_val_i64(number)));
    if (number < SLOW || number % 400 == 0)
        gale_emit_on(ctx, TO_SLOW, GALE_ROW(gale_val_i64(number)));
    return GALE_ACK;
}

static gale_verdict quick_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    (void)self;
    (void)ctx;
    return gale_tuple_i64(in, 0) < 0 ? GALE_FAIL : GALE_ACK;
}

static gale_verdict slow_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    (void)self;
    (void)in;
    (void)ctx;
    race_nap_us(SLOW_US);
    return GALE_ACK;
}

static const gale_bolt deal = {
    .output = GALE_FIELDS(GALE_I64("number")),
    .streams = GALE_STREAMS({ "slow", GALE_FIELDS(GALE_I64("number")),
                              false }),
    .execute = deal_execute,
};
static const gale_bolt quick = { .execute = quick_execute };
static const gale_bolt slow = { .execute = slow_execute };

#define COMPONENTS(apart)                                                   \
    { .id = "numbers", .spout = &numbers_spout, .arg = &each },             \
        { .id = "deal",                                                     \
          .bolt = &deal,                                                    \
          .inputs = GALE_INPUTS(GALE_SHUFFLE("numbers")) },                 \
        { .id = "quick",                                                    \
          .bolt = &quick,                                                   \
          .inputs = GALE_INPUTS(GALE_SHUFFLE("deal")),                      \
          .tasks = 2 },                                                     \
        { .id = "slow",                                                     \
          .bolt = &slow,                                                    \
          .inputs = GALE_INPUTS({ .from = "deal", .stream = "slow" }),      \
          .blocking = (apart) },

static const gale_component beside[] = { COMPONENTS(false) };
static const gale_component apart[] = { COMPONENTS(true) };

static const gale_topology tables[] = {
    {
        .abi = GALE_ABI,
        .name = "beside",
        .components = GALE_COMPONENTS(beside),
    },
    {
        .abi = GALE_ABI,
        .name = "apart",
        .components = GALE_COMPONENTS(apart),
    },
};

int main(void)
{
    alarm(100);
    for (int i = 0; i < 2; i++)
        for (uint32_t loops = 1; loops <= 3; loops++) {
            gale_run_result r =
                stress_run(&tables[i], loops, "1", timeout_secs);

            CHECK(r.failed == 0 && r.acked == QUICK, "%llu failed",
                  (unsigned long long)r.failed);
            CHECK(r.max_us > 2 * SLOW_US, "%llu us: it was not slow at all",
                  (unsigned long long)r.max_us);
        }
    return 0;
}
