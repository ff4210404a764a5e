/* exclamation.c -- Storm's first example: words, and more and more of them.
 *
 *     build/bin/exclamation
 *
 *     words --shuffle--> once --shuffle--> twice --shuffle--> print
 *
 * What it teaches: a spout of a few fixed words, one bolt used in two places
 * of a topology, a bolt at its end.  The order in which the words come out is
 * anybody's guess: several tasks handle them at the same time.
 */
#include <stdio.h>

#include <gale/gale.h>

/* ---------------------------------------------------------------- words -- */

static const char *const names[] = {
    "nathan", "mike", "jackson", "golda", "bertels",
};

enum { N_NAMES = sizeof(names) / sizeof(names[0]) };

struct words {
    uint64_t said;
};

static bool words_next(void *self, gale_spout_ctx *ctx)
{
    struct words *w = self;

    if (w->said == N_NAMES)
        return false;
    gale_spout_emit(ctx, w->said, GALE_ROW(gale_val_cstr(names[w->said])));
    w->said++;
    return true;
}

static const gale_spout words = {
    .state_size = sizeof(struct words),
    .output = GALE_FIELDS(GALE_STR("word")),
    .next = words_next,
};

/* -------------------------------------------------------------- exclaim -- */

enum { MAX_WORD = 256 };

static gale_verdict exclaim_execute(void *self, const gale_tuple *in,
                                    gale_bolt_ctx *ctx)
{
    gale_str word = gale_tuple_str(in, 0);
    char louder[MAX_WORD + 4];

    (void)self;
    if (word.len > MAX_WORD) {
        gale_task_error(gale_bolt_task(ctx), "a word of %u bytes",
                        (unsigned)word.len);
        return GALE_ACK;
    }
    snprintf(louder, sizeof(louder), "%.*s!!!", (int)word.len, word.ptr);
    gale_emit(ctx, GALE_ROW(gale_val_cstr(louder)));
    return GALE_ACK;
}

static const gale_bolt exclaim = {
    .output = GALE_FIELDS(GALE_STR("word")),
    .execute = exclaim_execute,
};

/* ---------------------------------------------------------------- print -- */

static gale_verdict print_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    gale_str word = gale_tuple_str(in, 0);

    (void)self;
    (void)ctx;
    printf("%.*s\n", (int)word.len, word.ptr);
    return GALE_ACK;
}

static const gale_bolt print = {
    .execute = print_execute,
};

/* ------------------------------------------------------------- topology -- */

static const gale_component components[] = {
    { .id = "words", .spout = &words },
    {
        .id = "once",
        .bolt = &exclaim,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("words")),
        .tasks = 3,
    },
    {
        .id = "twice",
        .bolt = &exclaim,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("once")),
        .tasks = 2,
    },
    {
        .id = "print",
        .bolt = &print,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("twice")),
    },
};

static const gale_topology exclamation = {
    .abi = GALE_ABI,
    .name = "exclamation",
    .components = GALE_COMPONENTS(components),
    .about = "Says a few words ever louder.",
};

int main(int argc, char **argv)
{
    return gale_main(argc, argv, &exclamation);
}
