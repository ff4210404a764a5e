/* slow.c -- a slow but living tree is never replayed.
 *
 * A bolt takes many times the message timeout, with tuples waiting in front
 * of it; others beside it are quick, and so is what is said about them.  No
 * tree times out, whether the slow one blocks a thread of its own or the loop
 * that it shares, or whoever holds its tuples renews them. */
#include "stress.h"

/* The timeout; what the slow one takes for a tuple; a number comes every
 * millisecond, and every so manieth goes to the slow one too. */
static const char *const timeout_secs = "0.1";
enum { SLOW_US = 150000, QUICK = 80, EVERY = 10 };

static const uint32_t each = QUICK;

/* While the slow one keeps its loop, tuples of many epochs gather before the
 * quick one there; then they are handled just before the slow one's next. */
static bool paced_next(void *self, gale_spout_ctx *ctx)
{
    struct numbers *s = self;
    static int64_t began;
    int64_t now = gale_task_now_ms(gale_spout_task(ctx));

    if (s->next == 0)
        began = now;
    if (now - began < s->next)
        return true;
    numbers_emit(ctx, s->next++);
    return s->next < s->n;
}

static const gale_spout paced = { .state_size = sizeof(struct numbers),
                                  .output = GALE_FIELDS(GALE_I64("number"),
                                                        GALE_STR("text")),
                                  .open = numbers_open,
                                  .next = paced_next,
                                  .ack = numbers_ack,
                                  .close = numbers_close };

/* Every so manieth to the slow one. */
static gale_verdict deal_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    (void)self;
    if (gale_tuple_i64(in, 0) % EVERY == 0)
        gale_emit(ctx, GALE_ROW(*gale_tuple_at(in, 0)));
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

static const gale_bolt deal = { .output = GALE_FIELDS(GALE_I64("number")),
                                .execute = deal_execute };
static const gale_bolt quick = { .execute = quick_execute };
static const gale_bolt slow = { .execute = slow_execute };

/* With two loops, one has the spout and its acker, the other the slow one and
 * a quick one. */
#define COMPONENTS(apart)                               \
    { .id = "numbers", .spout = &paced, .arg = &each }, \
        { .id = "quick",                                \
          .bolt = &quick,                               \
          .inputs = GALE_INPUTS(GALE_ALL("numbers")),   \
          .tasks = 2 },                                 \
        { .id = "slow",                                 \
          .bolt = &slow,                                \
          .inputs = GALE_INPUTS(GALE_SHUFFLE("deal")),  \
          .blocking = (apart) },                        \
        { .id = "deal",                                 \
          .bolt = &deal,                                \
          .inputs = GALE_INPUTS(GALE_SHUFFLE("numbers")) },

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
    alarm(600);
    for (int i = 0; i < 2; i++)
        for (uint32_t loops = 1 + (uint32_t)i; loops <= 2; loops++) {
            gale_run_result r =
                stress_run(&tables[i], loops, "1", timeout_secs);

            CHECK(r.failed == 0 && r.acked == QUICK, "%llu failed",
                  (unsigned long long)r.failed);
            CHECK(r.max_us > SLOW_US, "%llu us: it was not slow at all",
                  (unsigned long long)r.max_us);
        }
    return 0;
}
