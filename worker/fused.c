#include "worker/fused.h"

#include "base/testpoint.h"
#include "worker/settle.h"
#include "worker/together.h"

enum { WIDE = 24 }; /* values and further links */

/* ---------------------------------------------------------- may it be? -- */

bool gi_fused_may(const gale_task *t, uint32_t to)
{
    const gi_worker *w = t->loop->w;
    const gi_comp *c = gi_plan_task(w->plan, to);

    return c->fused && !c->in_cycle && w->loop_of[to - 1] == t->loop->no;
}

/* Of calls and batches from this loop the order is kept.  What other loops
 * sent may wait: if it had to be read first, a few batches of theirs would put
 * an end to calls until the end of the turn. */
static bool nothing_on_its_way(const gi_outlet *o)
{
    if (GI_BUG(CALL_OVERTAKES))
        return true;
    return o->open == NULL && o->late == NULL && o->full.head == NULL &&
           o->under_way == 0;
}

static bool has_room(const gi_loop *l, const gale_task *to)
{
    return l->blocked[to->comp->no] == 0 &&
           l->inner_blocked[to->comp->no] == 0;
}

/* Not too deep, and nobody in it is `to`. */
static bool fits_in(const gi_fused *calls, const gale_task *to)
{
    if (calls != NULL && calls->depth == GI_FUSED_DEEP)
        return false;
    for (; calls != NULL; calls = calls->outer)
        if (calls->from == to || calls->to == to)
            return false;
    return true;
}

static bool comes_through(const gi_between *b, const gale_task *from,
                          const gale_task *to)
{
    return b == NULL || (b->calls != NULL && b->calls(b->arg, from, to));
}

/* Task `to`, if it may be called now; else NULL. */
static gale_task *reader(const gale_task *t, uint32_t to)
{
    const gi_loop *l = t->loop;
    gale_task *r = &l->w->tasks[to - 1];

    if (!gi_fused_may(t, to) || r == t)
        return NULL;
    if (!nothing_on_its_way(&l->out[(to - 1) * 2])) {
        GI_SEEN(CALL_WAITED);
        return NULL;
    }
    if (!has_room(l, r) || r->phase != GI_PHASE_RUNNING || gi_halted(l->w) ||
        !fits_in(l->fused, r) || !comes_through(l->w->between, t, r))
        return NULL;
    return r;
}

/* Is it in no tree, or is all of it the making of one anchor? */
static bool one_anchor(const gi_anchor *a)
{
    return a == NULL || (a->n_parts == 1 && a->parts[0].n == a->n_roots);
}

/* --------------------------------------------------------------- a call -- */

/* Whose callback runs, as others see it. */
struct scene {
    gale_task *running, *here;
    uint32_t reader;
};

static struct scene leave_sender(const gi_loop *l)
{
    return (
        struct scene){ atomic_load_explicit(&l->running, memory_order_relaxed),
                       gi_task_here, gi_reader_here.task };
}

static void back_to_sender(gi_loop *l, const struct scene *s)
{
    atomic_store_explicit(&l->running, s->running, memory_order_relaxed);
    gi_task_here = s->here;
    gi_reader_here.task = s->reader;
}

/* The values point where the sender's do; the links follow them. */
static void lay_out(gale_tuple *in, const gale_task *from, const gi_out *out,
                    gale_row row, const gi_anchor *a, uint64_t edge)
{
    uint32_t n_more = a == NULL ? 0 : a->n_roots - 1;

    in->size = (uint32_t)(sizeof(*in) + row.n * sizeof(row.values[0]) +
                          n_more * sizeof(gi_link));
    in->n = (uint16_t)row.n;
    in->stream = (uint16_t)out->stream_no;
    in->task = (uint16_t)from->id;
    gi_tuple_set_more(in, n_more);
    in->link = (gi_link){ a == NULL ? 0 : a->roots[0], edge };
    for (size_t i = 0; i < row.n; i++) {
        uint32_t type = row.values[i].type, len = row.values[i].len;
        const char *p = row.values[i].as.p;

        __asm__("" : "+r"(type), "+r"(len), "+r"(p)); /* gi_tuple_fill */
        in->values[i].type = type;
        in->values[i].len = len;
        in->values[i].as.p = p;
    }
    for (uint32_t i = 0; i < n_more; i++)
        gi_tuple_links(in)[i] = (gi_link){ a->roots[i + 1], edge };
}

bool gi_fused_settle(gale_task *t, gale_verdict v)
{
    gi_fused *call = t->loop->fused;
    const gale_tuple *in = t->in;

    if (v != GALE_ACK || t->holding != 0 || t->lost) {
        if (t->holding != 0)
            GI_SEEN(CALL_HELD);
        call->left = call->edge;
        return gi_settle_slow(t, in, v);
    }
    if (in->link.root == 0)
        return true;
    if (t->lone != NULL) { /* it takes its place */
        t->lone->link.edge = call->edge;
        call->left = call->edge;
    } else {
        call->left = GI_BUG(CALL_FORGETS) ? 0 : t->born;
    }
    return true;
}

static bool execute(gale_task *t, const gale_tuple *in)
{
    const gale_bolt *b = &t->comp->bolt;
    bool acked;

    if (b->execute_batch != NULL) {
        gi_enter_within(t, "execute_batch");
        return gi_together_run_one(t, in);
    }
    gi_enter_within(t, "execute");
    gi_take_input(t, in);
    acked = gi_fused_settle(
        t, b->execute(t->self, in, (gale_bolt_ctx *)(void *)t));
    gi_take_input(t, NULL);
    return acked;
}

bool gi_fused_call(gale_task *t, uint32_t to, uint32_t hash, const gi_out *out,
                   gale_row row, const gi_anchor *a)
{
    _Alignas(
        16) unsigned char room[sizeof(gale_tuple) + WIDE * sizeof(gale_value)];
    gale_tuple *in = (gale_tuple *)(void *)room;
    gi_loop *l = t->loop;
    gale_task *r = reader(t, to);

    if (r == NULL || !one_anchor(a) ||
        row.n + (a == NULL ? 0 : a->n_roots - 1) > WIDE)
        return false;
    gi_fused call = { .outer = l->fused,
                      .from = t,
                      .to = r,
                      .depth = l->fused == NULL ? 1 : l->fused->depth + 1,
                      .edge = a == NULL ? 0 : gi_edge_id(l) };
    struct scene sender = leave_sender(l);

    GI_SEEN(CALLED);
    if (call.outer != NULL)
        GI_SEEN(CALLED_DEEPER);
    lay_out(in, t, out, row, a, call.edge);
    gi_tuple_set_hash(in, hash);
    l->fused = &call;
    r->epoch = gi_epoch_of(t, a != NULL);
    bool acked = execute(r, in);
    gi_count(&r->count.executed, 1);
    gi_count(&r->count.acked, acked);
    l->fused = call.outer;
    back_to_sender(l, &sender);
    if (a != NULL)
        *a->parts[0].made ^= call.left;
    return true;
}
