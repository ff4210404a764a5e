/* settle.h -- a bolt has answered for the tuple that it was handed.
 *
 * In line, since it is done for every tuple: by execute's caller (bolt.c) and
 * by gale_answer (together.c).
 */
#ifndef GI_WORKER_SETTLE_H
#define GI_WORKER_SETTLE_H

#include "base/testpoint.h"
#include "worker/answers.h"
#include "worker/track_own.h"

/* Nothing that comes later belongs to what came before. */
static inline void gi_take_input(gale_task *t, const gale_tuple *in)
{
    t->in = in;
    t->born = 0;
    t->lone = NULL;
    t->holding = 0;
    t->lost = false;
}

/* Everything but a plain ACK of a tuple that is not held. */
bool gi_settle_slow(gale_task *t, const gale_tuple *in, gale_verdict v);

/* `v` was said of `in`, which is t->in, of `b`.  `roots` and `n` are those of
 * gi_answer_goes_home.  True: acked here and now. */
static inline bool gi_settle(gale_task *t, const gi_batch *b,
                             const gale_tuple *in, gale_verdict v,
                             uint64_t *roots, uint32_t *n)
{
    if (__builtin_expect(v != GALE_ACK || t->holding != 0 || t->lost, 0))
        return gi_settle_slow(t, in, v);
    if (in->link.root == 0)
        return true;
    if (t->lone != NULL) { /* it takes its place */
        t->lone->link.edge = in->link.edge;
        return true;
    }
    if (GI_BUG(SPLIT_ACK) && in->link.edge != GI_UNTOLD) {
        gi_answer_ack(t, in, 0);
        gi_track_flush(t->loop);
        gi_answer_ack(t, in, in->link.edge ^ t->born);
    } else if (!gi_answer_goes_home(t, b, in, roots, n)) {
        gi_answer_ack(t, in, t->born);
    }
    return true;
}

#endif
