/* work_bolt.c -- bolts: what comes is passed on, held, joined, failed, or
 * forgotten. */
#include <stdlib.h>

#include "work.h"

enum { MAX_HELD = 32, MAX_TREES = 12 };

/* A tuple that a task holds. */
struct held {
    hand hand;
    gale_held ref;
    int64_t message;
    uint64_t path, size;
};

struct hands {
    uint64_t written;
    uint32_t n;
    struct held at[MAX_HELD]; /* oldest first */
};

static struct hands *all; /* [task - 1] */

void work_begin_bolts(void)
{
    all = calloc(model.plan->n_tasks, sizeof(*all));
}

void work_end_bolts(void)
{
    free(all);
}

/* A bolt at work on one tuple. */
struct work {
    gale_bolt_ctx *ctx;
    gale_task *t;
    const part *p;
    struct hands *hands;
};

static struct work work_of(gale_bolt_ctx *ctx)
{
    gale_task *t = gale_bolt_task(ctx);
    const struct role *role = gale_task_arg(t);

    return (struct work){ ctx, t, role->part, &all[t->id - 1] };
}

gale_err work_prepare(void *self, gale_bolt_ctx *ctx)
{
    (void)self;
    model.revived++;
    work_of(ctx).hands->n = 0;
    return GALE_OK;
}

/* ------------------------------------------------------------ emitting -- */

/* Under what a tuple is emitted: the input, what is held, both, nothing. */
struct under {
    const hand *hand[2];
    gale_held held[2]; /* {0}: the input */
    uint32_t n;
};

/* The short calls, which say nothing of how many got it, where the answer is
 * known; else the long one. */
static size_t send(const struct work *w, const struct under *u,
                   unsigned stream, const struct row *r)
{
    gale_row row = { r->v, N_VALUES };
    bool plain = u->n == 1 && u->held[0].ref == 0 && w->t->in != NULL &&
                 stream != STREAM_NAMED && !work_shape(w->t)->custom[stream];

    if (plain && stream == STREAM_MAIN) {
        gale_emit(w->ctx, row);
        return work_shape(w->t)->copies[stream];
    }
    if (plain) {
        gale_emit_on(w->ctx, stream, row);
        return work_shape(w->t)->copies[stream];
    }
    gale_emit_opts o = { .stream = stream,
                         .task = r->task,
                         .anchors = u->held,
                         .n_anchors = u->n,
                         .unanchored = u->n == 0 };
    return gale_emit_with(w->ctx, &o, row);
}

static void emit(const struct work *w, const struct under *u, int64_t message,
                 uint64_t path, uint64_t size, unsigned stream)
{
    uint64_t ref = shadow_record(u->hand, u->n);
    struct row r;

    work_row(&r, w->t, message, ref, path, size, stream);
    shadow_sent(ref, (uint32_t)send(w, u, stream, &r));
}

/* What comes of a tuple: on each stream that is read up to `fan` tuples, as
 * far as the size of its tree allows. */
static void children(const struct work *w, const struct under *u,
                     int64_t message, uint64_t path, uint64_t size)
{
    const struct shape *s = work_shape(w->t);
    uint64_t n[STREAM_DEAD], total = 0;
    struct under nothing = { .n = 0 };

    path = work_hash(path, w->p->no);
    for (unsigned i = 0; i < STREAM_DEAD; i++) {
        n[i] = s->copies[i] == 0 ? 0 : work_hash(path, i) % (w->p->fan + 1);
        while (n[i] > 0 && total + n[i] * s->copies[i] >= size)
            n[i]--;
        total += n[i] * s->copies[i];
    }
    if (total == 0)
        return;
    for (unsigned i = 0; i < STREAM_DEAD; i++)
        for (uint64_t k = 0; k < n[i]; k++) {
            uint64_t child = work_hash(path, 16 * k + i + 8);
            bool loose = child % 1000 < w->p->loose;

            emit(w, loose ? &nothing : u, message, child,
                 (size - total) / total, i);
        }
}

/* --------------------------------------------------------------- holds -- */

static void take_out(struct hands *h, uint32_t at)
{
    h->n--;
    memmove(&h->at[at], &h->at[at + 1], (h->n - at) * sizeof(h->at[0]));
}

static void check_held(const struct work *w, const struct held *o)
{
    if (gale_held_tuple(w->ctx, o->ref) == NULL)
        wrong("held", "what task %u held was answered by somebody else",
              w->t->id);
}

static void answer(const struct work *w, uint32_t at)
{
    struct held o = w->hands->at[at];
    struct under u = { { &o.hand }, { o.ref }, 1 };

    take_out(w->hands, at);
    check_held(w, &o);
    children(w, &u, o.message, o.path, o.size);
    shadow_answer(&o.hand, true);
    gale_ack(w->ctx, o.ref);
}

void work_tick(void *self, gale_bolt_ctx *ctx)
{
    struct work w = work_of(ctx);

    (void)self;
    for (uint32_t i = 0; i < w.hands->n;) {
        struct held *o = &w.hands->at[i];

        if (work_hash(o->path, 5) % 1000 < w.p->touch) {
            o->path = work_hash(o->path, 6);
            shadow_moved(&o->hand);
            gale_reset_timeout(ctx, o->ref);
            i++;
        } else {
            answer(&w, i);
        }
    }
}

/* ------------------------------------------------------------- execute -- */

/* The answer is known: it counts unless an emit was lost. */
static gale_verdict say(const struct work *w, const hand *h, gale_verdict v)
{
    shadow_answer(h, v == GALE_ACK && !w->t->lost);
    return v;
}

static gale_verdict hold(const struct work *w, const gale_tuple *in, hand *h,
                         bool forget)
{
    gale_held ref = gale_hold(w->ctx, in);

    if (ref.ref == 0) /* no memory: it fails whatever we say */
        return say(w, h, GALE_ACK);
    shadow_held(h);
    if (forget)
        shadow_forgotten(h);
    else
        w->hands->at[w->hands->n++] =
            (struct held){ *h, ref, gale_tuple_i64(in, AT_MESSAGE),
                           (uint64_t)gale_tuple_i64(in, AT_PATH),
                           (uint64_t)gale_tuple_i64(in, AT_SIZE) };
    return GALE_HOLD;
}

static gale_verdict pass_on(const struct work *w, const gale_tuple *in,
                            const hand *h)
{
    struct under u = { { h }, { GALE_INPUT }, 1 };

    children(w, &u, gale_tuple_i64(in, AT_MESSAGE),
             (uint64_t)gale_tuple_i64(in, AT_PATH),
             (uint64_t)gale_tuple_i64(in, AT_SIZE));
    return say(w, h, GALE_ACK);
}

/* In a cycle joins would go on until each tuple stands in all trees. */
static bool may_join(const struct work *w, const hand *h)
{
    uint32_t a = 0, b = 0;

    if (w->hands->n == 0)
        return false;
    shadow_roots(&w->hands->at[0].hand, &a);
    shadow_roots(h, &b);
    return a + b <= MAX_TREES;
}

/* With the oldest that is held: what comes of both stands in the trees of
 * both. */
static gale_verdict join(const struct work *w, const gale_tuple *in,
                         const hand *h)
{
    struct held o = w->hands->at[0];
    struct under u = { { &o.hand, h }, { o.ref, GALE_INPUT }, 2 };

    take_out(w->hands, 0);
    check_held(w, &o);
    children(w, &u, o.message,
             work_hash(o.path, (uint64_t)gale_tuple_i64(in, AT_PATH)),
             o.size + (uint64_t)gale_tuple_i64(in, AT_SIZE));
    shadow_answer(&o.hand, true);
    gale_ack(w->ctx, o.ref);
    return say(w, h, GALE_ACK);
}

/* So many of 1000, and fewer the more often it was tried. */
static uint64_t damped(uint64_t of_1000, uint32_t attempts)
{
    return attempts > 12 ? 0 : of_1000 >> (attempts / 2);
}

static gale_verdict fail(const struct work *w, const gale_tuple *in,
                         const hand *h, uint64_t mood)
{
    struct under u = { { h }, { GALE_INPUT }, 1 };

    if (mood % 2 == 0) /* some of it is on its way then */
        children(w, &u, gale_tuple_i64(in, AT_MESSAGE),
                 (uint64_t)gale_tuple_i64(in, AT_PATH),
                 (uint64_t)gale_tuple_i64(in, AT_SIZE) / 2);
    return say(w, h, GALE_FAIL);
}

static gale_verdict execute(const struct work *w, const gale_tuple *in,
                            hand *h)
{
    uint64_t path =
        work_hash((uint64_t)gale_tuple_i64(in, AT_PATH), w->p->no + 1000);
    uint32_t attempts = shadow_attempts(h);
    uint64_t mood = work_hash(path, attempts) % 1000;
    uint64_t limit = damped(w->p->fail, attempts);
    bool room = w->hands->n < MAX_HELD;

    if (mood < limit)
        return fail(w, in, h, mood);
    limit += damped(w->p->forget, attempts);
    if (mood < limit)
        return hold(w, in, h, true);
    if (w->p->kind == PART_JOIN && may_join(w, h))
        return join(w, in, h);
    if (w->p->kind == PART_JOIN && w->hands->n == 0)
        return hold(w, in, h, false);
    if (mood < limit + w->p->hold && room)
        return hold(w, in, h, false);
    if (w->hands->n > 0 && path % 4 == 0) /* not only ticks answer */
        answer(w, 0);
    return pass_on(w, in, h);
}

/* It writes down what comes, and sees to it now and then that it stays. */
static bool cannot_write(const struct work *w)
{
    uint64_t n = ++w->hands->written;

    return gale_task_write_fails(w->t) ||
           (n % 8 == 0 && gale_task_sync_fails(w->t));
}

gale_verdict work_execute(void *self, const gale_tuple *in, gale_bolt_ctx *ctx)
{
    struct work w = work_of(ctx);
    hand h;

    (void)self;
    if (w.p->kind == PART_GRAVE) {
        task_model(w.t->id)->executed++;
        shadow_letter((uint64_t)gale_tuple_i64(in, 1), gale_tuple_str(in, 3),
                      gale_tuple_i64(in, 2));
        return GALE_ACK;
    }
    shadow_came(w.t, in, &h);
    if (cannot_write(&w))
        return say(&w, &h, GALE_FAIL);
    return execute(&w, in, &h);
}

void work_execute_batch(void *self, const gale_tuple *const *in, size_t n,
                        gale_bolt_ctx *ctx)
{
    if (n < 1 || n > GALE_EXECUTE_MOST)
        wrong("together", "a bolt was handed %zu tuples at once", n);
    for (size_t i = 0; i < n; i++)
        gale_answer(ctx, work_execute(self, in[i], ctx));
}
