/* fault_calls.c -- callbacks that fail, take their time, or are the last thing
 * that their task does.
 *
 * The plan's callbacks are replaced by these, which call the real ones; so
 * without faults there is nothing to ask on the way of a tuple.
 *
 * A task that dies takes part in nothing any more until its loop's next turn,
 * in which it starts anew (gi_task_restart): what it was doing is half done,
 * and what it is given meanwhile is lost with it.
 */
#include "local/fault_inside.h"

static const gale_bolt *real_bolt(const gi_faults *f, const gale_task *t)
{
    return &f->bolt[t->comp->no];
}

static const gale_spout *real_spout(const gi_faults *f, const gale_task *t)
{
    return &f->spout[t->comp->no];
}

static gi_fault_task *inside(gi_faults *f, const gale_task *t)
{
    return &f->task[t->id - 1];
}

static bool counted(const gi_fault *x, uint64_t n)
{
    if (n == x->at)
        return true;
    return x->every != 0 && n > x->at && (n - x->at) % x->every == 0;
}

/* Does it happen at the task's n-th call? */
static bool happens(gi_fault_side *s, const gi_fault *x, uint64_t n)
{
    if (x->when == GI_FAULT_AT_COUNT)
        return counted(x, n);
    return x->when == GI_FAULT_ALWAYS && gi_fault_chance(s, x->chance);
}

void gi_fault_doom(gi_faults *f, gale_task *t, const gi_fault *what)
{
    gi_fault_task *i = inside(f, t);

    if (i->doomed)
        return;
    gi_fault_count(f, t->loop, what, 0, t->id);
    i->doomed = true;
    i->clean = what->kind == GI_FAULT_RESTART;
    gi_fault_side_of(f, t->loop)->doomed++;
}

/* What chance and the plan have for this call of the task. */
typedef struct gi_fate {
    const gi_fault *fails, *dies;
} gi_fate;

/* A call that counts: a tuple for a bolt, a next of a spout.  Slow ones are
 * slow here and now, before they begin. */
static gi_fate decide(gi_faults *f, gale_task *t, bool counts)
{
    gi_fault_side *s = gi_fault_side_of(f, t->loop);
    gi_fault_task *i = inside(f, t);
    gi_fate fate = { NULL, NULL };

    if (!gi_faults_on(f, t->loop->now_ns))
        return fate;
    i->given += counts;
    for (uint32_t k = 0; k < f->what->n; k++) {
        const gi_fault *x = &f->what->at[k];
        bool slow = x->kind == GI_FAULT_SLOW || x->kind == GI_FAULT_HANG;

        if (x->kind < GI_FAULT_FAIL || x->kind > GI_FAULT_RESTART ||
            !gi_fault_of_task(x, t) || (!counts && !slow) ||
            !happens(s, x, i->given))
            continue;
        if (slow) {
            gi_fault_count(f, t->loop, x, 0, t->id);
            f->o.stall(f->o.stall_arg, t->loop, x->ns);
        } else if (x->kind == GI_FAULT_FAIL) {
            fate.fails = x;
        } else {
            fate.dies = x;
        }
    }
    return fate;
}

/* ---------------------------------------------------------------- bolts -- */

static void count_redelivered(gi_faults *f, gale_task *t, const gale_tuple *in)
{
    uint64_t root = in->link.root;
    _Atomic uint64_t *n = &gi_fault_side_of(f, t->loop)->redelivered;

    if (root == 0 ||
        atomic_load_explicit(&f->replays[gi_mix64(root) % GI_REPLAYS],
                             memory_order_relaxed) != root)
        return;
    atomic_store_explicit(n, atomic_load_explicit(n, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

/* It dies half of the times before it could do anything, and half of the times
 * when all is done but its answer. */
static gale_verdict die(gi_faults *f, gale_task *t, const gale_tuple *in,
                        const gi_fault *what)
{
    gi_fault_side *s = gi_fault_side_of(f, t->loop);

    if (gi_rng_next(&s->rng) & 1)
        real_bolt(f, t)->execute(t->self, in, (gale_bolt_ctx *)(void *)t);
    gi_fault_doom(f, t, what);
    return GI_DIED;
}

static gale_verdict execute(void *self, const gale_tuple *in,
                            gale_bolt_ctx *ctx)
{
    gale_task *t = gale_bolt_task(ctx);
    gi_faults *f = gi_faults_of(t);
    gi_fault_task *i = inside(f, t);
    gale_verdict v;

    if (i->doomed)
        return GI_DIED;
    gi_fate fate = decide(f, t, true);
    count_redelivered(f, t, in);
    if (fate.dies != NULL) {
        v = die(f, t, in, fate.dies);
    } else {
        v = real_bolt(f, t)->execute(self, in, ctx);
        if ((fate.fails != NULL || i->fail_next != NULL) && v == GALE_ACK) {
            const gi_fault *x = fate.fails;

            gi_fault_count_all(f, t, in, x != NULL ? x : i->fail_next);
            i->fail_next = NULL;
            v = GALE_FAIL;
        } else if (fate.fails != NULL && v == GALE_HOLD) {
            i->fail_next = fate.fails; /* its answer is yet to come */
        }
    }
    if (f->o.answered != NULL)
        f->o.answered(f->o.answered_arg, t, in, v);
    return v;
}

bool gi_fault_fails(void *arg, gale_task *t, const gale_tuple *in)
{
    gi_faults *f = arg;
    gi_fault_task *i = inside(f, t);

    if (i->fail_next == NULL)
        return false;
    gi_fault_count_all(f, t, in, i->fail_next);
    i->fail_next = NULL;
    return true;
}

static void tick(void *self, gale_bolt_ctx *ctx)
{
    gale_task *t = gale_bolt_task(ctx);
    gi_faults *f = gi_faults_of(t);

    if (inside(f, t)->doomed)
        return;
    decide(f, t, false);
    real_bolt(f, t)->tick(self, ctx);
}

/* --------------------------------------------------------------- spouts -- */

static bool next(void *self, gale_spout_ctx *ctx)
{
    gale_task *t = gale_spout_task(ctx);
    gi_faults *f = gi_faults_of(t);

    if (inside(f, t)->doomed)
        return true;
    gi_fate fate = decide(f, t, true);
    if (fate.dies == NULL)
        return real_spout(f, t)->next(self, ctx);
    if (gi_rng_next(&gi_fault_side_of(f, t->loop)->rng) & 1)
        real_spout(f, t)->next(self, ctx);
    gi_fault_doom(f, t, fate.dies);
    return true;
}

/* What a dead task is told it never hears. */
static void ack(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    gale_task *t = gale_spout_task(ctx);
    gi_faults *f = gi_faults_of(t);

    if (!inside(f, t)->doomed)
        real_spout(f, t)->ack(self, id, ctx);
}

static void fail(void *self, uint64_t id, gale_spout_ctx *ctx)
{
    gale_task *t = gale_spout_task(ctx);
    gi_faults *f = gi_faults_of(t);

    if (!inside(f, t)->doomed)
        real_spout(f, t)->fail(self, id, ctx);
}

/* -------------------------------------------------------------- wrapping --
 */

static bool concerned(const gi_faults *f, const gi_comp *c)
{
    if (f->o.calls)
        return true;
    for (uint32_t i = 0; i < f->what->n; i++) {
        const gi_fault *x = &f->what->at[i];

        if (x->kind >= GI_FAULT_FAIL && x->kind <= GI_FAULT_RESTART &&
            !x->acks && (x->comp == GI_FAULT_ANY || x->comp == c->no))
            return true;
    }
    return false;
}

static void wrap_spout(gale_spout *s)
{
    s->next = next;
    if (s->ack != NULL)
        s->ack = ack;
    if (s->fail != NULL)
        s->fail = fail;
}

/* Bolts always: what they are given again is counted. */
static void wrap_bolt(gale_bolt *b)
{
    b->execute = execute;
    if (b->tick != NULL)
        b->tick = tick;
}

void gi_fault_wrap(gi_faults *f)
{
    for (uint32_t i = 0; i < f->plan->n_comps; i++) {
        gi_comp *c = &f->plan->comps[i];

        f->spout[i] = c->spout;
        f->bolt[i] = c->bolt;
        if (!c->is_spout)
            wrap_bolt(&c->bolt);
        else if (concerned(f, c))
            wrap_spout(&c->spout);
    }
}
