/* credentials.c -- a topology whose tasks tell what credentials they have.
 *
 *     numbers --shuffle--> asker (2)
 *
 * Each task of asker's asks for `pass` at each tuple.  When it is another one
 * it prints "TOPOLOGY pass LETTER of LENGTH": of the value, the first letter.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gale/gale.h"

struct asker {
    bool asked;
    char pass[64];
};

static bool numbers_next(void *self, gale_spout_ctx *ctx)
{
    int64_t *n = self;

    gale_spout_emit(ctx, (uint64_t)*n, GALE_ROW(gale_val_i64(*n)));
    ++*n;
    return true;
}

static gale_verdict asker_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    struct asker *a = self;
    gale_task *t = gale_bolt_task(ctx);
    char pass[sizeof(a->pass)];
    size_t n = gale_task_credential(t, "pass", pass, sizeof(pass));

    (void)in;
    if (!a->asked || strcmp(pass, a->pass) != 0) {
        memcpy(a->pass, pass, sizeof(pass));
        a->asked = true;
        printf("%s pass %.1s of %zu\n", gale_task_topology(t), pass, n);
        fflush(stdout);
    }
    usleep(1000);
    return GALE_ACK;
}

static const gale_spout numbers = {
    .state_size = sizeof(int64_t),
    .output = GALE_FIELDS(GALE_I64("number")),
    .next = numbers_next,
};

static const gale_bolt asker = {
    .state_size = sizeof(struct asker),
    .execute = asker_execute,
};

static const gale_component components[] = {
    { .id = "numbers", .spout = &numbers },
    {
        .id = "asker",
        .bolt = &asker,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("numbers")),
        .tasks = 2,
    },
};

static const gale_topology topology = {
    .abi = GALE_ABI,
    .name = "asker",
    .components = GALE_COMPONENTS(components),
};

int main(int argc, char **argv)
{
    return gale_main(argc, argv, &topology);
}
