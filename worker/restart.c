/* restart.c -- tasks and ackers that lose all they knew and start anew.
 *
 * What a dead task was given and did not answer will never be answered, and we
 * know it: those trees fail at once.  What it had emitted is on its way.
 */
#include "base/testpoint.h"
#include "worker/hold.h"
#include "worker/spout.h"

/* A process that dies gives nothing back.  Neither do we, for what the task's
 * memory points to is known to nobody; it stays where it can be found, so that
 * nobody takes it for a leak. */
struct grave {
    struct grave *next;
    void *self;
};

static _Atomic(struct grave *) graves;

static void bury(gale_task *t)
{
    struct grave *g = gi_alloc(sizeof(*g));
    unsigned tries = 0;

    while (g == NULL) {
        gi_wait_for_memory(t->loop, &tries);
        g = gi_alloc(sizeof(*g));
    }
    g->self = t->self;
    g->next = atomic_load(&graves);
    while (!atomic_compare_exchange_weak(&graves, &g->next, g))
        continue;
}

static void lose_queue(gale_task *t, gi_queue *q)
{
    gi_batch *b;

    while ((b = gi_queue_pop(q)) != NULL) {
        if (gi_epoch_before(b->epoch, t->loop->turn_epoch))
            t->loop->turn_epoch = b->epoch;
        for (uint32_t at = b->at; at < b->used;) {
            const gale_tuple *in = gi_batch_at(b, at);

            GI_SEEN(QUEUE_DIED);
            if (in->link.root != 0 && !GI_BUG(QUEUE_LOST))
                gi_answer_fail(t, in, GI_WHY_LOST);
            at += in->size;
        }
        gi_batch_read(t->loop, b);
    }
}

static void lose_input(gale_task *t)
{
    lose_queue(t, &t->queue);
    lose_queue(t, &t->inner);
    gi_queued_publish(t);
    gi_ready_clear(t->loop, t);
    gi_holds_lose(t);
}

static void *new_state(gale_task *t)
{
    const gi_comp *c = t->comp;
    size_t size = c->is_spout ? c->spout.state_size : c->bolt.state_size;
    unsigned tries = 0;
    void *self;

    while ((self = gi_alloc_apart(size)) == NULL)
        gi_wait_for_memory(t->loop, &tries);
    return self;
}

void gi_task_restart(gale_task *t, bool clean)
{
    const gi_watcher *o = t->loop->w->watcher;

    if (t->phase != GI_PHASE_RUNNING)
        return;
    if (clean) {
        gi_task_close(t);
        gi_free(t->self);
    } else {
        bury(t);
    }
    if (t->spout == NULL)
        lose_input(t);
    else
        gi_spout_forget(t);
    if (t->spout != NULL && o != NULL && o->forgot != NULL)
        o->forgot(o->arg, t);

    t->self = new_state(t);
    t->slice = 16;
    gale_err e = gi_task_open(t);
    if (e == GALE_OK)
        return;
    gi_task_refused(t, e);
    gi_worker_halt(t->loop->w);
}

void gi_loop_lose_acker(gi_loop *l)
{
    if (l->acker == NULL)
        return;
    if (gi_acker_open(l->acker) > 0)
        GI_SEEN(ACKER_DIED);
    gi_acker_lose(l->acker);
    if (!GI_BUG(ACKER_LOST))
        gi_track_tell_lost(l, l->no, l->now_ms);
}
