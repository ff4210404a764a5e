/* at_least_once.c -- what a replay does to counts, and what helps.
 *
 *     build/bin/at_least_once
 *
 *     numbers --shuffle--> twice --shuffle--> tally
 *
 * Each of a hundred numbers is emitted twice; tally counts what it gets, but
 * fails every tenth tuple.  The number is replayed then, and with it comes
 * its other tuple, which has been counted before.  So
 *
 *   - nothing is lost: each tuple is counted at least once,
 *   - there are more counts than tuples,
 *   - what does not mind being done again (here: to note in a table that the
 *     tuple was seen) gives the right result all the same.
 *
 * What it teaches: failing a tuple, the runtime's replay, and that what a
 * bolt does should bear being done twice.
 */
#include <stdio.h>

#include <gale/gale.h>

enum { NUMBERS = 100, COPIES = 2 };

/* -------------------------------------------------------------- numbers -- */

struct numbers {
    int64_t said;
};

static bool numbers_next(void *self, gale_spout_ctx *ctx)
{
    struct numbers *s = self;

    if (s->said == NUMBERS)
        return false;
    gale_spout_emit(ctx, (uint64_t)s->said, GALE_ROW(gale_val_i64(s->said)));
    s->said++;
    return true;
}

/* Without fail: the runtime replays. */
static const gale_spout numbers = {
    .state_size = sizeof(struct numbers),
    .output = GALE_FIELDS(GALE_I64("number")),
    .next = numbers_next,
};

/* ---------------------------------------------------------------- twice -- */

static gale_verdict twice_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    (void)self;
    for (int64_t copy = 0; copy < COPIES; copy++)
        gale_emit(ctx, GALE_ROW(*gale_tuple_at(in, 0), gale_val_i64(copy)));
    return GALE_ACK;
}

static const gale_bolt twice = {
    .output = GALE_FIELDS(GALE_I64("number"), GALE_I64("copy")),
    .execute = twice_execute,
};

/* ---------------------------------------------------------------- tally -- */

struct tally {
    int executed, counted;
    bool seen[NUMBERS][COPIES];
};

static gale_verdict tally_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    struct tally *t = self;

    (void)ctx;
    if (++t->executed % 10 == 0)
        return GALE_FAIL;
    t->counted++;
    t->seen[gale_tuple_i64(in, 0)][gale_tuple_i64(in, 1)] = true;
    return GALE_ACK;
}

static void tally_cleanup(void *self, gale_bolt_ctx *ctx)
{
    const struct tally *t = self;
    int different = 0;

    (void)ctx;
    for (int n = 0; n < NUMBERS; n++)
        for (int copy = 0; copy < COPIES; copy++)
            different += t->seen[n][copy];
    printf("%d tuples, counted %d times, %d different\n", NUMBERS * COPIES,
           t->counted, different);
}

static const gale_bolt tally = {
    .state_size = sizeof(struct tally),
    .execute = tally_execute,
    .cleanup = tally_cleanup,
};

/* ------------------------------------------------------------- topology -- */

static const gale_component components[] = {
    { .id = "numbers", .spout = &numbers },
    {
        .id = "twice",
        .bolt = &twice,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("numbers")),
    },
    {
        .id = "tally",
        .bolt = &tally,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("twice")),
    },
};

static const gale_topology at_least_once = {
    .abi = GALE_ABI,
    .name = "at_least_once",
    .components = GALE_COMPONENTS(components),
    .about = "Counts tuples of which every tenth fails.",
};

int main(int argc, char **argv)
{
    return gale_main(argc, argv, &at_least_once);
}
