/* together.h -- several tuples handed to a bolt at once: execute_batch.
 *
 * The bolt answers for them one after another, in their order, and until it
 * has answered for one that one is the input: what is emitted, held and lost
 * meanwhile belongs to it and to no other.  So all that is true of execute is
 * true of each of them, and nothing has to be put by for the rest; only what a
 * bolt has looked at before it answers is new.
 *
 * What came along a cycle comes alone, for each may find the cycle full of
 * what the one before it emitted.
 */
#ifndef GI_WORKER_TOGETHER_H
#define GI_WORKER_TOGETHER_H

#include "worker/loop.h"

/* What an execute_batch is at work on. */
typedef struct gi_together {
    const gale_tuple *in[GALE_EXECUTE_MOST];
    const gi_between *between;
    uint64_t home[GALE_EXECUTE_MOST]; /* answers that go home with the batch:
                                         written there when nobody looks at
                                         tuples any more (answers.h) */
    const gi_batch *batch;            /* NULL: what there is was not in one */
    uint32_t n_home;
    uint32_t n;     /* of them; the call at hand has those before this one */
    uint32_t at;    /* in[at] is the input; n: all are answered */
    uint32_t acked; /* of them, there and then */
} gi_together;

typedef void (*gi_execute_batch)(void *self, const gale_tuple *const *in,
                                 size_t n, gale_bolt_ctx *ctx);

/* `first` and those that follow it in `b`, as many as may come together,
 * through the task's execute_batch.  Returns how many; *acked grows by those
 * that were acked there and then. */
uint32_t gi_together_run(gale_task *t, gi_batch *b, const gale_tuple *first,
                         uint64_t *acked);

/* One that did not come in a batch: fused.h.  True: acked there and then. */
bool gi_together_run_one(gale_task *t, const gale_tuple *in);

/* For an execute_batch that stands before another one (local/faults/calls.c):
 * the next `n` through `call`, and what it leaves unanswered fails; and an
 * answer for the next one, which `call` never sees. */
void gi_together_call(gale_task *t, gi_execute_batch call, size_t n);
void gi_together_answer(gale_task *t, gale_verdict v);

#endif
