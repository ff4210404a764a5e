/* tens.c -- a program for state.sh: batches of a hundred numbers without end,
 * counted by their rests in a state of three parts; so of all that counts the
 * sum is a multiple of a hundred.  */
#include <stdio.h>
#include <stdlib.h>

#include "gale/trident.h"

enum { SIZE = 100, RESTS = 37 };

static const gale_field number[] = { GALE_I64("rest"), { 0, 0 } };

static size_t plan(void *c, gale_str before, char *now, size_t room)
{
    long from = before.len == 0 ? 0 : strtol(before.ptr, NULL, 10) + SIZE;

    (void)c;
    return (size_t)snprintf(now, room, "%ld", from) + 1;
}

static bool emit(void *self, gale_batch_part *p, gale_batch_ctx *ctx)
{
    long from = strtol(p->from.ptr, NULL, 10);

    (void)self;
    for (long i = from; i < from + SIZE; i++)
        if ((uint32_t)(i % p->partitions) == p->partition)
            gale_batch_emit(ctx, GALE_ROW(gale_val_i64(i % RESTS)));
    return false;
}

static const gale_batch_spout numbers = {
    .kind = GALE_SPOUT_TRANSACTIONAL,
    .output = number,
    .plan = plan,
    .emit = emit,
};

static void define(gale_trident *t)
{
    gale_state_opts three = { .tasks = 3 };

    gale_persistent_aggregate(
        gale_group_by(gale_new_stream(t, "numbers", &numbers),
                      GALE_NAMES("rest")),
        "rests", GALE_FOLD(GALE_COUNT("count")), &three);
}

int main(int argc, char **argv)
{
    return gale_trident_main(argc, argv, "tens", define);
}
