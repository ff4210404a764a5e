/* hello.c -- the smallest whole topology: three words, shouted.
 *
 *     build/bin/hello
 */
#include <stdio.h>

#include <gale/gale.h>

static bool say_next(void *self, gale_spout_ctx *ctx)
{
    static const char *const words[] = { "cow", "moon", "spoon" };
    uint64_t *said = self;

    if (*said == 3)
        return false; /* that was all */
    gale_spout_emit(ctx, *said, GALE_ROW(gale_val_cstr(words[*said])));
    ++*said;
    return true;
}

static const gale_spout say = {
    .state_size = sizeof(uint64_t),
    .output = GALE_FIELDS(GALE_STR("word")),
    .next = say_next,
};

static gale_verdict shout_execute(void *self, const gale_tuple *in,
                                  gale_bolt_ctx *ctx)
{
    gale_str word = gale_tuple_str(in, 0);

    (void)self, (void)ctx;
    printf("%.*s!\n", (int)word.len, word.ptr);
    return GALE_ACK; /* GALE_FAIL: say it again */
}

static const gale_bolt shout = { .execute = shout_execute };

static const gale_component components[] = {
    { .id = "say", .spout = &say },
    { .id = "shout",
      .bolt = &shout,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("say")) },
};

static const gale_topology hello = {
    .abi = GALE_ABI,
    .name = "hello",
    .components = GALE_COMPONENTS(components),
};

int main(int argc, char **argv)
{
    return gale_main(argc, argv, &hello);
}
