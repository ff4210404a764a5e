/* links.c -- what happens to batches between two loops.
 *
 * A tuple is taken out of its batch by making the one before it longer, so
 * nothing moves.  What comes later on its own is copied into a batch of this
 * loop's; what waits as a whole stays what it is, and still counts as work
 * under way.
 */
#include "local/faults/inside.h"

/* -------------------------------------------------------------- delayed -- */

static void put_off(gi_loop *l, gi_fault_side *s, gi_delayed d)
{
    unsigned tries = 0;

    while (!gi_heap_reserve(&s->delayed))
        gi_wait_for_memory(l, &tries);
    d.due.order = s->delayed_so_far++;
    gi_heap_push(&s->delayed, &d);
}

int64_t gi_fault_next_delivery(const gi_fault_side *s)
{
    return gi_heap_next(&s->delayed);
}

bool gi_fault_deliver_due(gi_faults *f, gi_loop *l)
{
    gi_fault_side *s = gi_fault_side_of(f, l);
    bool some = false;
    gi_delayed d;

    while (s->delayed.n > 0 && gi_heap_next(&s->delayed) <= l->now_ns) {
        gi_heap_pop(&s->delayed, &d);
        if (d.unknown)
            gi_link_count(l, d.batch, gi_frontier_now(&l->w->frontier));
        gi_link_deliver(l, d.from, d.batch);
        some = true;
    }
    return some;
}

void gi_fault_links_end(gi_faults *f, gi_loop *l)
{
    gi_fault_side *s = f->side == NULL ? NULL : f->side[l->no];
    gi_delayed d;

    while (s != NULL && s->delayed.n > 0) {
        gi_heap_pop(&s->delayed, &d);
        gi_free(d.batch);
    }
}

/* ---------------------------------------------------------------- dice -- */

static bool concerns(const gi_fault *x, uint32_t from, uint32_t comp,
                     uint32_t task)
{
    return (x->from == GI_FAULT_ANY || x->from == from) &&
           (x->comp == GI_FAULT_ANY || x->comp == comp) &&
           (x->task == GI_FAULT_ANY || x->task == task);
}

/* The first fault among `kinds` that concerns this and happens. */
static const gi_fault *roll(gi_faults *f, gi_fault_side *s, unsigned kinds,
                            bool acks, uint32_t from, uint32_t comp,
                            uint32_t task)
{
    for (uint32_t i = 0; i < f->what->n; i++) {
        const gi_fault *x = &f->what->at[i];

        if (x->acks != acks || (kinds >> x->kind & 1) == 0 ||
            x->when != GI_FAULT_ALWAYS || !concerns(x, from, comp, task))
            continue;
        if (gi_fault_chance(s, x->chance))
            return x;
    }
    return NULL;
}

enum {
    ONE_BY_ONE = 1u << GI_FAULT_DROP | 1u << GI_FAULT_REORDER |
                 1u << GI_FAULT_LATE | 1u << GI_FAULT_DUPLICATE,
    AS_A_WHOLE = 1u << GI_FAULT_DELAY, /* what concerns all of the batch */
    OVERTAKEN_NS = 2000000, /* REORDER: by what comes within so long */
};

/* When what comes now in this lane may be delivered. */
static int64_t *lane_of(gi_faults *f, gi_fault_side *s, uint32_t from,
                        uint32_t to)
{
    return &s->lane_due[(size_t)from * (f->plan->n_tasks + 1) + to];
}

/* Copies that come on their own, behind what has just been passed on.  Each
 * says in its number, which tuples do not have and single notes do not need,
 * which fault made it: that decides how far behind. */
static void follow(gi_faults *f, gi_loop *l, uint32_t from, gi_queue *copies)
{
    gi_fault_side *s = gi_fault_side_of(f, l);
    gi_batch *b;

    while ((b = gi_queue_pop(copies)) != NULL) {
        const gi_fault *x = &f->what->at[b->number];
        int64_t at = *lane_of(f, s, from, b->to);
        bool late = x->kind == GI_FAULT_LATE;

        if (at < l->now_ns)
            at = l->now_ns;
        if (late)
            at = gi_fault_after(at, x->ns);
        else if (x->kind == GI_FAULT_REORDER)
            at += 1 + (int64_t)gi_rng_below(&s->rng, OVERTAKEN_NS);
        b->number = 0;
        put_off(l, s,
                (gi_delayed){ .due = { .at = at },
                              .batch = b,
                              .from = from,
                              .unknown = late });
    }
}

/* `b` is a copy of what was in a batch of that epoch, by fault `x`. */
static void put_aside(gi_faults *f, gi_loop *l, gi_queue *copies, gi_batch *b,
                      uint16_t epoch, const gi_fault *x)
{
    b->number = (uint32_t)(x - f->what->at);
    if (x->kind != GI_FAULT_LATE)
        gi_link_count(l, b, epoch);
    gi_queue_push(copies, b);
}

/* The batch goes on; or waits for so long, or since those before it wait. */
static void pass_on(gi_faults *f, gi_loop *l, uint32_t from, gi_batch *b,
                    int64_t delay_ns)
{
    gi_fault_side *s = gi_fault_side_of(f, l);
    int64_t *lane = lane_of(f, s, from, b->to);
    int64_t at = gi_fault_after(l->now_ns, delay_ns);

    if (delay_ns == 0 && *lane < l->now_ns) {
        gi_link_deliver(l, from, b);
        return;
    }
    if (at < *lane)
        at = *lane;
    *lane = at;
    put_off(l, s,
            (gi_delayed){ .due = { .at = at }, .batch = b, .from = from });
}

/* --------------------------------------------------------------- tuples -- */

/* A duplicate stands in no tree: it is as if the tuple had been sent twice,
 * and only once been asked about. */
static bool copy_tuple(gi_faults *f, gi_loop *l, const gi_batch *b,
                       const gale_tuple *in, const gi_fault *x,
                       gi_queue *copies)
{
    gi_batch *alone = gi_link_copy_tuple(l, in, b->to, b->inner);

    if (alone == NULL)
        return false;
    if (x->kind == GI_FAULT_DUPLICATE) {
        gi_batch_at(alone, 0)->link = (gi_link){ 0, 0 };
        gi_tuple_set_more(gi_batch_at(alone, 0), 0);
        gi_fault_bump(&gi_fault_side_of(f, l)->redelivered, 1);
    }
    put_aside(f, l, copies, alone, b->epoch, x);
    return true;
}

/* One tuple.  True: it is taken out of its batch.  If not, it may delay it. */
static bool tuple(gi_faults *f, gi_loop *l, const gi_batch *b,
                  const gale_tuple *in, gi_queue *copies, int64_t *delay_ns)
{
    gi_fault_side *s = gi_fault_side_of(f, l);
    uint32_t comp = f->plan->task_comp[b->to];
    uint32_t index = b->to - f->plan->comps[comp].first_task;
    uint32_t from = f->plan->streams[in->stream].comp;
    const gi_fault *x = roll(f, s, ONE_BY_ONE, false, from, comp, index);
    const gi_fault *delay = roll(f, s, AS_A_WHOLE, false, from, comp, index);
    bool hit = x != NULL;

    if (hit && x->kind != GI_FAULT_DROP)
        hit = copy_tuple(f, l, b, in, x, copies);
    if (hit)
        gi_fault_count_all(f, gi_worker_task(l->w, b->to), in, x);
    if (hit && x->kind != GI_FAULT_DUPLICATE)
        return true;
    if (delay != NULL) {
        gi_fault_count_all(f, gi_worker_task(l->w, b->to), in, delay);
        *delay_ns = delay->ns > *delay_ns ? delay->ns : *delay_ns;
    }
    return false;
}

static void tuples(gi_faults *f, gi_loop *l, uint32_t from, gi_batch *b)
{
    int64_t delay_ns = 0;
    gale_tuple *kept = NULL; /* the last one that stays */
    gi_queue copies = { NULL, NULL, 0 };

    for (uint32_t at = b->at; at < b->used;) {
        gale_tuple *in = gi_batch_at(b, at);
        uint32_t size = in->size;
        bool out = tuple(f, l, b, in, &copies, &delay_ns);

        at += size;
        b->n -= out;
        if (!out)
            kept = in;
        else if (kept != NULL)
            kept->size += size;
        else
            b->at = at;
    }
    if (kept == NULL)
        gi_link_lose(l, b);
    else
        pass_on(f, l, from, b, delay_ns);
    follow(f, l, from, &copies);
}

/* ---------------------------------------------------------------- notes -- */

static bool copy_note(gi_faults *f, gi_loop *l, const gi_batch *b,
                      const gi_note *note, const gi_fault *x, gi_queue *copies)
{
    gi_batch *alone = gi_link_copy_notes(l, note, 1, 0);

    if (alone == NULL)
        return false;
    put_aside(f, l, copies, alone, b->epoch, x);
    return true;
}

/* The whole batch once more, under its number, if chance has it for one of its
 * notes: whoever receives it has to see that it had it before.  NULL: not this
 * one. */
static gi_batch *notes_again(gi_faults *f, gi_loop *l, const gi_batch *b)
{
    gi_fault_side *s = gi_fault_side_of(f, l);
    const gi_note *note = (const void *)b->bytes;
    gi_batch *again = NULL;

    for (uint32_t i = 0; i < b->n; i++) {
        const gi_fault *x =
            roll(f, s, 1u << GI_FAULT_DUPLICATE, true, 0, 0, l->no);

        if (x != NULL && again == NULL)
            again = gi_link_copy_notes(l, note, b->n, b->number);
        if (x != NULL && again != NULL)
            gi_fault_count(f, l, x, note[i].root, 0);
    }
    if (again != NULL)
        gi_link_count(l, again, b->epoch);
    return again;
}

/* After the first copy, but not right behind it. */
static void come_again(gi_faults *f, gi_loop *l, uint32_t from,
                       gi_batch *again)
{
    gi_fault_side *s = gi_fault_side_of(f, l);
    int64_t at = *lane_of(f, s, from, again->to);

    if (at < l->now_ns)
        at = l->now_ns;
    at += (int64_t)gi_rng_below(&s->rng, OVERTAKEN_NS);
    put_off(l, s,
            (gi_delayed){ .due = { .at = at }, .batch = again, .from = from });
}

/* One note.  True: it is taken out of its batch.  If not, it may delay it. */
static bool note(gi_faults *f, gi_loop *l, uint32_t from, const gi_batch *b,
                 const gi_note *n, gi_queue *copies, int64_t *delay_ns)
{
    const unsigned kinds = ONE_BY_ONE & ~(1u << GI_FAULT_DUPLICATE);
    gi_fault_side *s = gi_fault_side_of(f, l);
    uint32_t acker = gi_note_to_spout(n) ? from : l->no;

    if (n->kind == GI_NOTE_LOST)
        return false; /* that somebody died is told by whoever saw it */
    const gi_fault *x = roll(f, s, kinds, true, 0, 0, acker);
    const gi_fault *delay = roll(f, s, AS_A_WHOLE, true, 0, 0, acker);
    bool hit = x != NULL;

    if (hit && x->kind != GI_FAULT_DROP)
        hit = copy_note(f, l, b, n, x, copies);
    if (hit)
        gi_fault_count(f, l, x, n->root, 0);
    if (!hit && delay != NULL) {
        gi_fault_count(f, l, delay, n->root, 0);
        *delay_ns = delay->ns > *delay_ns ? delay->ns : *delay_ns;
    }
    return hit;
}

static void notes(gi_faults *f, gi_loop *l, uint32_t from, gi_batch *b)
{
    gi_note *at = (void *)b->bytes;
    uint32_t kept = 0;
    gi_batch *again = notes_again(f, l, b);
    gi_queue copies = { NULL, NULL, 0 };
    int64_t delay_ns = 0;

    for (uint32_t i = 0; i < b->n; i++)
        if (!note(f, l, from, b, &at[i], &copies, &delay_ns))
            at[kept++] = at[i];
    b->n = kept;
    b->used = kept * (uint32_t)sizeof(*at);
    pass_on(f, l, from, b, delay_ns);
    follow(f, l, from, &copies);
    if (again != NULL)
        come_again(f, l, from, again);
}

void gi_fault_arrived(void *arg, gi_loop *l, uint32_t from, gi_batch *b)
{
    gi_faults *f = arg;
    bool on = gi_faults_on(f, l->now_ns);

    gi_fault_deliver_due(f, l); /* it was there before */
    if (on && f->links && b->to != GI_TO_ACKERS)
        tuples(f, l, from, b);
    else if (on && f->notes && b->to == GI_TO_ACKERS)
        notes(f, l, from, b);
    else
        pass_on(f, l, from, b, 0);
}

/* Of what may befall tuples on this way nothing befalls those that are called.
 */
bool gi_fault_calls(void *arg, const gale_task *from, const gale_task *to)
{
    const gi_faults *f = arg;

    for (uint32_t i = 0; i < f->what->n; i++) {
        const gi_fault *x = &f->what->at[i];

        if (x->kind <= GI_FAULT_LATE && !x->acks &&
            concerns(x, from->comp->no, to->comp->no, to->index))
            return false;
    }
    return true;
}
