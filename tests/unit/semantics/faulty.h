/* faulty.h -- a topology that tests put faults into: a source that outlives
 * its spout, a bolt in the middle, and an end that knows what arrived. */
#ifndef TESTS_FAULTY_H
#define TESTS_FAULTY_H

#include "semantics.h"

enum { N = 400 };

/* A source of N messages; what was acked stays so when the spout dies. */
static unsigned n_acked[N];
static bool lost_state;

struct src {
    int at;
};

static inline bool src_next(void *self, gale_spout_ctx *ctx)
{
    struct src *s = self;

    while (s->at < N && n_acked[s->at] > 0)
        s->at++;
    if (s->at < N) {
        gale_spout_emit(ctx, (uint64_t)s->at, ROW(I64(s->at)));
        s->at++;
    }
    return s->at < N;
}

static inline void src_ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    (void)self;
    (void)ctx;
    n_acked[id]++;
}

static const gale_spout src = {
    .state_size = sizeof(struct src),
    .output = GALE_FIELDS(GALE_ANY("v")),
    .next = src_next,
    .ack = src_ack,
};

/* How often each message came to the end, how many came to each task, and
 * whether a task has forgotten that, as it does when it dies. */
static unsigned arrived[N], given[2];

static inline gale_verdict end_execute(void *self, const gale_tuple *in,
                                       gale_bolt_ctx *ctx)
{
    unsigned *n = self;
    unsigned *all = &given[gale_task_index(gale_bolt_task(ctx))];

    if (++*n != ++*all)
        lost_state = true;
    arrived[gale_tuple_i64(in, 0)]++;
    return GALE_ACK;
}

static const gale_bolt end = {
    .state_size = sizeof(int),
    .execute = end_execute,
};

static const gale_component parts[] = {
    { .id = "src", .spout = &src },
    { .id = "mid",
      .bolt = &branch,
      .tasks = 2,
      .inputs = GALE_INPUTS(GALE_SHUFFLE("src")) },
    { .id = "end",
      .bolt = &end,
      .tasks = 2,
      .inputs = GALE_INPUTS(GALE_BY("mid", "v")) },
};

static const gale_setting conf[] = {
    { "topology.message.timeout.secs", "2" },
    { "topology.batch.bytes", "1024" },
    { "topology.max.spout.pending", "50" },
    { NULL, NULL },
};

static const gale_topology topology = {
    .abi = GALE_ABI,
    .name = "faulty",
    .components = GALE_COMPONENTS(parts),
};

static inline void forget(void)
{
    memset(n_acked, 0, sizeof(n_acked));
    memset(arrived, 0, sizeof(arrived));
    memset(given, 0, sizeof(given));
    lost_state = false;
}

#endif
