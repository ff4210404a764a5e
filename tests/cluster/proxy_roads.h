/* proxy_roads.h -- two roads that have only their beginning in common:
 *
 *     left  --> left_end
 *     right --> right_end
 *
 * The board counts what came to the end of each, was acked and known to be so
 * at its beginning.  Words: the file.
 */
#ifndef TESTS_CLUSTER_PROXY_ROADS_H
#define TESTS_CLUSTER_PROXY_ROADS_H

#include "tests/cluster/numbers.h"

enum { ROADS_TASKS = 4, ROADS_BYTES = 100 };

/* Both begin in the first worker. */
static const uint32_t roads_where[ROADS_TASKS] = { 0, 0, 1, 2 };

static inline bool roads_next(void *self, gale_spout_ctx *ctx)
{
    static const char bytes[ROADS_BYTES];
    struct on_board *s = self;

    gale_spout_emit(ctx, s->next++,
                    GALE_ROW(gale_val_bytes(bytes, sizeof(bytes))));
    return true;
}

static inline void left_ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    (void)id, (void)ctx;
    ((struct on_board *)self)->b->road[0]++;
}

static inline void right_ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    (void)id, (void)ctx;
    ((struct on_board *)self)->b->road[1]++;
}

static inline gale_verdict end_execute(void *self, const gale_tuple *in,
                                       gale_bolt_ctx *ctx)
{
    (void)self, (void)in, (void)ctx;
    return GALE_ACK;
}

static const gale_spout left_spout = {
    .state_size = sizeof(struct on_board),
    .output = GALE_FIELDS(GALE_BYTES("bytes")),
    .open = numbers_open,
    .next = roads_next,
    .ack = left_ack,
    .close = numbers_close,
};

static const gale_spout right_spout = {
    .state_size = sizeof(struct on_board),
    .output = GALE_FIELDS(GALE_BYTES("bytes")),
    .open = numbers_open,
    .next = roads_next,
    .ack = right_ack,
    .close = numbers_close,
};

static const gale_bolt end_bolt = { .execute = end_execute };

static const gale_component roads_components[] = {
    { .id = "left", .spout = &left_spout },
    { .id = "right", .spout = &right_spout },
    {
        .id = "left_end",
        .bolt = &end_bolt,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("left")),
    },
    {
        .id = "right_end",
        .bolt = &end_bolt,
        .inputs = GALE_INPUTS(GALE_SHUFFLE("right")),
    },
};

static const gale_topology roads = {
    .abi = GALE_ABI,
    .name = "roads",
    .args = "BOARD",
    .components = GALE_COMPONENTS(roads_components),
};

#endif
