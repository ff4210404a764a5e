/* bolt.c -- running a bolt's task: batches through execute, ticks. */
#include "worker/hold.h"
#include "worker/settle.h"
#include "worker/together.h"

enum { SLICE_NS = 500000, MAX_SLICE = 1024, LOOK = 32 };

static gale_bolt_ctx *ctx_of(gale_task *t)
{
    return (gale_bolt_ctx *)(void *)t;
}

bool gi_settle_slow(gale_task *t, const gale_tuple *in, gale_verdict v)
{
    gi_settle_lone(t);
    if (t->lost) { /* what it emitted is not whole: do it over */
        if (t->holding == 0) {
            gi_count(&t->count.failed, 1);
            if (in->link.root != 0)
                gi_answer_fail(t, in, GI_WHY_NOMEM);
        } else if (!gi_hold_input_answered(t)) {
            gi_hold_answer(t, false);
        }
        return false;
    }
    if (v == GI_DIED &&
        t->loop->w->between !=
            NULL) { /* what it holds fails when it starts anew */
        if (t->holding == 0 && in->link.root != 0)
            gi_answer_fail(t, in, GI_WHY_LOST);
        else if (t->holding != 0)
            gi_hold_settle(t);
        return false;
    }
    if (v == GALE_HOLD) {
        if (gi_hold_settle(t))
            return false;
        gi_refuse(t, "answered GALE_HOLD without gale_hold: nobody could ever "
                     "answer for the tuple, so it fails");
    } else if (v != GALE_ACK && v != GALE_FAIL) {
        gi_refuse(t, "answered %d, which is no verdict; the tuple fails",
                  (int)v);
    } else if (t->holding != 0) {
        gi_hold_answer(t, v == GALE_ACK);
        return false;
    } else if (v == GALE_ACK) {
        if (in->link.root != 0)
            gi_answer_ack(t, in, t->born);
        return true;
    }
    gi_count(&t->count.failed, 1);
    if (in->link.root != 0)
        gi_answer_fail(t, in, GI_WHY_FAILED);
    return false;
}

/* The next tuple of `b`.  True: acked here and now. */
static inline bool execute(gale_task *t, gi_batch *b, const gale_tuple *in)
{
    gi_take_input(t, in);
    gi_count(&t->loop->steps, 1);
    return gi_settle(t, b, in, t->comp->bolt.execute(t->self, in, ctx_of(t)),
                     gi_answers(b), &b->answers);
}

/* What travels along a cycle is let through whatever the credit, so that a
 * cycle cannot wait for itself; this bound is what keeps it from growing
 * without end, and beyond it tuples fail and are replayed. */
static inline bool cycle_overflows(const gale_task *t)
{
    const gi_worker *w = t->loop->w;

    return t->loop->inner_bytes > w->plan->set.cycle_bytes / w->n_loops;
}

static void overflow(gale_task *t, const gale_tuple *in)
{
    GI_SEEN(CYCLE_FULL);
    gi_count(&t->count.failed, 1);
    if (in->link.root != 0)
        gi_answer_fail(t, in, GI_WHY_OVERFLOW);
}

/* Which batch next?  NULL: none, or none that there is room for. */
static gi_batch *choose(const gale_task *t)
{
    const gi_loop *l = t->loop;

    if (l->blocked[t->comp->no] != 0)
        return NULL;
    if (t->inner.head != NULL)
        return t->inner.head;
    if (l->inner_blocked[t->comp->no] != 0)
        return NULL;
    return t->queue.head;
}

bool gi_bolt_has_work(const gale_task *t)
{
    return choose(t) != NULL;
}

/* Up to a slice of the batch.  Stops early when there is no more room. */
static inline __attribute__((always_inline)) void
run_slice(gale_task *t, gi_batch *b, const bool together)
{
    gi_loop *l = t->loop;
    const uint32_t *blocked = &l->blocked[t->comp->no];
    const uint32_t *inner_blocked = &l->inner_blocked[t->comp->no];
    const gi_worker *w = l->w;
    int64_t began = l->now_ns;
    uint64_t taken = 0, executed = 0, acked = 0;

    t->epoch = b->epoch;
    if (gi_epoch_before(b->epoch, l->turn_epoch))
        l->turn_epoch = b->epoch;
    while (b->at < b->used && taken < t->slice && *blocked == 0 &&
           (*inner_blocked == 0 || b->inner) && !gi_halted(w)) {
        const gale_tuple *in = gi_batch_at(b, b->at);

        b->at += in->size;
        taken++;
        if (__builtin_expect(b->inner, 0) && cycle_overflows(t)) {
            overflow(t, in);
            continue;
        }
        if (together) {
            uint32_t n = gi_together_run(t, b, in, &acked);

            executed += n;
            taken += n - 1;
        } else {
            executed++;
            acked += execute(t, b, in);
        }
        if (executed % LOOK == 0 && gi_loop_clock(l) - began > SLICE_NS)
            break;
    }
    gi_take_input(t, NULL);
    if (b->answers > 0 && b->at < b->used)
        gi_answers_leave(l, b, (uint16_t)t->comp->no);
    gi_count(&t->count.executed, executed);
    gi_count(&t->count.acked, acked);
}

static void run_slice_one_by_one(gale_task *t, gi_batch *b)
{
    run_slice(t, b, false);
}

static __attribute__((noinline)) void run_slice_together(gale_task *t,
                                                         gi_batch *b)
{
    run_slice(t, b, true);
}

/* Look at the clock once a slice, and let slices grow and shrink so that they
 * take about half a millisecond. */
static void measure(gale_task *t, int64_t began)
{
    int64_t took = gi_loop_clock(t->loop) - began;

    gi_count(&t->count.busy_ns, (uint64_t)took);
    if (took > SLICE_NS && t->slice > 1)
        t->slice /= 2;
    else if (took < SLICE_NS / 2 && t->slice < MAX_SLICE)
        t->slice *= 2;
}

bool gi_bolt_run(gale_task *t)
{
    gi_loop *l = t->loop;
    gi_batch *b = t->phase == GI_PHASE_RUNNING ? choose(t) : NULL;

    if (b == NULL) {
        if (t->queue.head == NULL && t->inner.head == NULL)
            gi_ready_clear(l, t);
        return false;
    }
    int64_t began = l->now_ns;

    if (t->comp->bolt.execute_batch == NULL) {
        gi_enter(t, "execute");
        run_slice_one_by_one(t, b);
    } else {
        gi_enter(t, "execute_batch");
        run_slice_together(t, b);
    }
    gi_leave(t);
    measure(t, began);
    if (b->at == b->used) {
        gi_queue_pop(b->inner ? &t->inner : &t->queue);
        gi_queued_publish(t);
        gi_batch_read(l, b);
    }
    return true;
}

bool gi_bolt_tick(gale_task *t)
{
    gi_loop *l = t->loop;
    bool due = t->tick_ns != 0 && l->now_ns >= t->next_tick_ns;
    bool woken = atomic_load_explicit(&t->woken, memory_order_relaxed) != 0;

    if ((!due && !woken) || t->comp->bolt.tick == NULL ||
        t->phase != GI_PHASE_RUNNING || !gi_has_room(l, t))
        return false;
    if (woken)
        atomic_exchange_explicit(&t->woken, 0, memory_order_acquire);
    if (due) /* ticks that were missed are not made up for */
        t->next_tick_ns = l->now_ns + t->tick_ns;

    int64_t began = l->now_ns;

    gi_enter(t, "tick");
    gi_take_input(t, NULL);
    t->epoch = gi_frontier_now(&l->w->frontier);
    t->comp->bolt.tick(t->self, ctx_of(t));
    gi_leave(t);
    gi_count(&t->count.busy_ns, (uint64_t)(gi_loop_clock(l) - began));
    return true;
}
