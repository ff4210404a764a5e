/* calls.c -- callbacks that fail, take their time, or are the last thing
 * that their task does.
 *
 * The plan's callbacks are replaced by these, which call the real ones; so
 * without faults there is nothing to ask on the way of a tuple.
 *
 * A task that dies takes part in nothing any more until its loop's next turn,
 * in which it starts anew (gi_task_restart): what it was doing is half done,
 * and what it is given meanwhile is lost with it.
 */
#include "local/faults/inside.h"
#include "worker/together.h"

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

/* What the plan has for a call.  One that counts: a tuple for a bolt, a next
 * of a spout.  Slow ones are slow here and now, before they begin.  Returns
 * what the task dies of; NULL: it does not. */
static const gi_fault *decide(gi_faults *f, gale_task *t, bool counts)
{
    gi_fault_side *s = gi_fault_side_of(f, t->loop);
    gi_fault_task *i = inside(f, t);
    const gi_fault *dies = NULL;

    if (!gi_faults_on(f, t->loop->now_ns))
        return NULL;
    i->given += counts;
    for (uint32_t k = 0; k < f->what->n; k++) {
        const gi_fault *x = &f->what->at[k];
        bool slow = x->kind == GI_FAULT_SLOW || x->kind == GI_FAULT_HANG;
        bool fails = x->kind == GI_FAULT_FAIL;

        if (x->kind < GI_FAULT_FAIL || x->kind > GI_FAULT_RESTART ||
            !gi_fault_of_task(x, t) || (!counts && !slow) ||
            (fails && x->when == GI_FAULT_ALWAYS) || !happens(s, x, i->given))
            continue;
        if (slow) {
            gi_fault_count(f, t->loop, x, 0, t->id);
            f->o.stall(f->o.stall_arg, t->loop, x->ns);
        } else if (fails) {
            i->fail_next = x;
        } else {
            dies = x;
        }
    }
    return dies;
}

/* ---------------------------------------------------------------- bolts -- */

static void count_redelivered(gi_faults *f, gale_task *t, const gale_tuple *in)
{
    uint64_t root = in->link.root;

    if (root != 0 &&
        atomic_load_explicit(&f->replays[gi_mix64(root) % GI_REPLAYS],
                             memory_order_relaxed) == root)
        gi_fault_bump(&gi_fault_side_of(f, t->loop)->redelivered, 1);
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

/* A tuple is about to be acked: must it fail instead?  Chance is asked for
 * each answer, be it given by execute or later. */
bool gi_fault_fails(void *arg, gale_task *t, const gale_tuple *in)
{
    gi_faults *f = arg;
    gi_fault_task *i = inside(f, t);
    gi_fault_side *s = gi_fault_side_of(f, t->loop);
    const gi_fault *fails = i->fail_next;

    if (!gi_faults_on(f, t->loop->now_ns))
        return false;
    for (uint32_t k = 0; k < f->what->n && fails == NULL; k++) {
        const gi_fault *x = &f->what->at[k];

        if (x->kind == GI_FAULT_FAIL && x->when == GI_FAULT_ALWAYS &&
            gi_fault_of_task(x, t) && gi_fault_chance(s, x->chance))
            fails = x;
    }
    if (fails == NULL)
        return false;
    i->fail_next = NULL;
    gi_fault_count_all(f, t, in, fails);
    return true;
}

/* What is said of a tuple, and told to who looks on. */
static gale_verdict judge(gi_faults *f, gale_task *t, const gale_tuple *in,
                          gale_verdict v)
{
    if (v == GALE_ACK && t->holding == 0 && gi_fault_fails(f, t, in))
        v = GALE_FAIL;
    if (f->o.answered != NULL)
        f->o.answered(f->o.answered_arg, t, in, v);
    return v;
}

static gale_verdict execute(void *self, const gale_tuple *in,
                            gale_bolt_ctx *ctx)
{
    gale_task *t = gale_bolt_task(ctx);
    gi_faults *f = gi_faults_of(t);
    gale_verdict v;

    if (inside(f, t)->doomed)
        return GI_DIED;
    const gi_fault *dies = decide(f, t, true);
    count_redelivered(f, t, in);
    if (dies != NULL)
        v = die(f, t, in, dies);
    else
        v = real_bolt(f, t)->execute(self, in, ctx);
    return judge(f, t, in, v);
}

/* ---------------------------------------------- several tuples at once -- */

gale_verdict gi_fault_answers(void *arg, gale_task *t, const gale_tuple *in,
                              gale_verdict v)
{
    gi_faults *f = arg;
    const gi_fault_task *i = inside(f, t);

    return judge(f, t, in, i->dying || i->doomed ? GI_DIED : v);
}

/* The next `n` as if there were no faults. */
static void as_they_are(gi_faults *f, gale_task *t, size_t n)
{
    if (n > 0)
        gi_together_call(t, real_bolt(f, t)->execute_batch, n);
}

/* As die() does, over the next one. */
static void die_over_one(gi_faults *f, gale_task *t, const gi_fault *what)
{
    gi_fault_task *i = inside(f, t);

    i->dying = true;
    if (gi_rng_next(&gi_fault_side_of(f, t->loop)->rng) & 1)
        as_they_are(f, t, 1);
    else
        gi_together_answer(t, GI_DIED);
    i->dying = false;
    gi_fault_doom(f, t, what);
}

/* Those to which nothing happens stay together, and each of the others is
 * handed over alone: a bolt never knows how many it gets. */
static void execute_batch(void *self, const gale_tuple *const *in, size_t n,
                          gale_bolt_ctx *ctx)
{
    gale_task *t = gale_bolt_task(ctx);
    gi_faults *f = gi_faults_of(t);
    gi_fault_task *i = inside(f, t);
    size_t done = 0;

    (void)self;
    for (size_t at = 0; at < n && !i->doomed; at++) {
        const gi_fault *fails = i->fail_next;
        const gi_fault *dies = decide(f, t, true);
        const gi_fault *now = i->fail_next;

        count_redelivered(f, t, in[at]);
        if (dies == NULL && now == fails)
            continue;
        i->fail_next = fails; /* not one of those before it */
        as_they_are(f, t, at - done);
        i->fail_next = now;
        if (dies == NULL)
            as_they_are(f, t, 1);
        else
            die_over_one(f, t, dies);
        done = at + 1;
    }
    for (; i->doomed && done < n; done++)
        gi_together_answer(t, GI_DIED);
    as_they_are(f, t, n - done);
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
    const gi_fault *dies = decide(f, t, true);
    if (dies == NULL)
        return real_spout(f, t)->next(self, ctx);
    if (gi_rng_next(&gi_fault_side_of(f, t->loop)->rng) & 1)
        real_spout(f, t)->next(self, ctx);
    gi_fault_doom(f, t, dies);
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

/* ------------------------------------------------------------ wrapping -- */

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
    if (b->execute_batch != NULL)
        b->execute_batch = execute_batch;
    else
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
