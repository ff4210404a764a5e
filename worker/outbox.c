/* outbox.c -- batches on their way from this loop to tasks here or elsewhere.
 *
 * Each task of the plan has an outlet in each loop: a batch being filled, and
 * credit.  At most topology.batch.credit batches are under way from one loop
 * to one task; one more is being filled.  When that one is full and credit is
 * used up, the outlet is blocked, and the tasks here that feed it take no
 * input until a batch comes back.  Since emit never waits, a task may overrun
 * by what one callback emits; that is the whole of the slack.
 *
 * At the end of a turn whatever is in the open batches goes, full or not, as
 * far as credit allows.  So at low load a tuple never waits for company, and
 * under load batches fill by themselves.
 */
#include "base/testpoint.h"
#include "worker/loop.h"
#include "worker/port_inside.h"

/* --------------------------------------------------------------- credit -- */

/* Tell everybody here who feeds task `to` that its outlet is (not) blocked. */
static void count_blocked(gi_loop *l, uint32_t to, bool inner, uint32_t by)
{
    const gi_plan *p = l->w->plan;
    uint32_t reader = p->task_comp[to];

    for (uint32_t i = 0; i < p->n_edges; i++) {
        const gi_edge *e = &p->edges[i];

        if (e->to != reader || e->inner != inner)
            continue;
        uint32_t feeder = p->streams[e->stream].comp;
        if (inner)
            l->inner_blocked[feeder] += by;
        else
            l->blocked[feeder] += by;
    }
}

static void set_blocked(gi_loop *l, uint32_t outlet, bool blocked)
{
    gi_outlet *o = &l->out[outlet];

    if (o->blocked == blocked)
        return;
    o->blocked = blocked;
    count_blocked(l, outlet / 2 + 1, outlet % 2, blocked ? 1u : ~0u);
}

static void set_dirty(gi_loop *l, uint32_t outlet)
{
    if (!l->out[outlet].dirty) {
        l->out[outlet].dirty = true;
        l->dirty[l->n_dirty++] = outlet;
    }
}

/* -------------------------------------------------------------- sending -- */

void gi_outbox_enqueue(gi_loop *l, gi_batch *b)
{
    gale_task *t = &l->w->tasks[b->to - 1];

    gi_queue_push(b->inner ? &t->inner : &t->queue, b);
    gi_queued_publish(t);
    gi_ready_set(l, t);
}

static void send_batch(gi_loop *l, gi_outlet *o, gi_batch *b)
{
    uint32_t loop = l->w->loop_of[b->to - 1];

    o->under_way++;
    if (loop == l->near)
        gi_outbox_enqueue(l, b);
    else
        gi_link_send(l, loop, b);
}

/* Send what credit allows: full batches, and the open one if `all`. */
static void outlet_send(gi_loop *l, uint32_t outlet, bool all)
{
    gi_outlet *o = &l->out[outlet];
    uint32_t credit =
        GI_BUG(CREDIT_IGNORED) ? UINT32_MAX : l->w->plan->set.batch_credit;

    while (o->full.head != NULL && o->under_way < credit) {
        gi_batch *b = gi_queue_pop(&o->full);

        if (b->inner)
            l->inner_bytes -= b->cap;
        send_batch(l, o, b);
    }
    if (all && o->open != NULL && o->under_way < credit) {
        gi_batch *b = o->open;

        o->open = NULL;
        send_batch(l, o, b);
    }
    if (all && o->open != NULL)
        GI_SEEN(OPEN_KEPT);
    if (all && o->open != NULL && GI_BUG(LOST_FLUSH)) {
        gi_frontier_done(&l->w->frontier, l->no, o->open->epoch, 1);
        gi_batch_drop(l, o->open);
        o->open = NULL;
    }
    if (o->full.head != NULL)
        GI_SEEN(CREDIT_GONE);
    set_blocked(l, outlet, o->full.head != NULL);
}

static gi_batch *open_batch(gi_loop *l, uint32_t outlet, uint32_t to,
                            uint32_t need, uint16_t epoch)
{
    gi_outlet *o = &l->out[outlet];
    gi_batch *b = gi_batch_take(l, need);

    if (b == NULL)
        return NULL;
    b->to = to;
    b->inner = outlet % 2;
    b->epoch = epoch;
    gi_frontier_made(&l->w->frontier, l->no, epoch);
    if (o->open != NULL) { /* full */
        if (o->open->inner)
            l->inner_bytes += o->open->cap;
        gi_queue_push(&o->full, o->open);
    }
    o->open = b;
    outlet_send(l, outlet, false);
    set_dirty(l, outlet);
    return b;
}

gale_tuple *gi_claim_slow(gi_loop *l, uint32_t outlet, uint32_t to,
                          uint32_t need, uint16_t epoch)
{
    gi_batch *b = l->out[outlet].open;

    if (b == NULL || b->cap - b->used < need)
        b = open_batch(l, outlet, to, need, epoch);
    else if (gi_epoch_before(epoch, b->epoch)) {
        GI_SEEN(OLDER_THAN_OPEN);
        gi_batch_make_older(l, b, epoch);
    }
    if (b == NULL)
        return NULL;
    gale_tuple *t = gi_batch_at(b, b->used);
    t->size = need;
    b->used += need;
    b->n++;
    return t;
}

/* ------------------------------------------------------------ receiving -- */

void gi_outbox_came_back(gi_loop *l, gi_batch *b)
{
    uint32_t outlet = (b->to - 1) * 2 + b->inner;
    bool sent = b->to != GI_TO_ACKERS && !b->loose;

    if (l->port != NULL && b->to != GI_TO_ACKERS)
        gi_port_came_back(l->port, b);
    gi_batch_drop(l, b);
    if (!sent)
        return;
    gi_outlet *o = &l->out[outlet];
    if (!(GI_BUG(CREDIT_LOST) && l->edge_next % 64 == 0))
        o->under_way--;
    if (o->full.head != NULL)
        outlet_send(l, outlet, false);
    if (o->open != NULL)
        set_dirty(l, outlet);
}

/* Its acks may still be in this loop: it counts as finished when they have
 * left, at the end of the turn. */
void gi_batch_finish(gi_loop *l, const gi_batch *b)
{
    if (l->finished[b->epoch % GI_EPOCHS]++ == 0)
        l->finished_epochs[l->n_finished++] = b->epoch;
}

void gi_outbox_finished(gi_loop *l)
{
    for (uint32_t i = 0; i < l->n_finished; i++) {
        uint16_t epoch = l->finished_epochs[i];

        gi_frontier_done(&l->w->frontier, l->no, epoch,
                         l->finished[epoch % GI_EPOCHS]);
        l->finished[epoch % GI_EPOCHS] = 0;
    }
    l->n_finished = 0;
}

void gi_batch_read(gi_loop *l, gi_batch *b)
{
    gi_batch_finish(l, b);
    if (b->owner == l->no)
        gi_outbox_came_back(l, b);
    else
        gi_link_give_back(l, b);
}

/* ---------------------------------------------------------------- flush -- */

void gi_outbox_flush(gi_loop *l)
{
    uint32_t n = l->n_dirty, kept = 0;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t outlet = l->dirty[i];
        gi_outlet *o = &l->out[outlet];

        outlet_send(l, outlet, true);
        if (o->open != NULL || o->full.head != NULL)
            l->dirty[kept++] = outlet;
        else
            o->dirty = false;
    }
    l->n_dirty = kept;
}

void gi_outbox_fini(gi_loop *l)
{
    for (uint32_t i = 0; l->out && i < 2 * l->w->plan->n_tasks; i++) {
        gi_free(l->out[i].open);
        gi_batches_free(&l->out[i].full);
    }
    for (uint32_t i = 0; i < l->n_tasks; i++) {
        gi_batches_free(&l->tasks[i]->queue);
        gi_batches_free(&l->tasks[i]->inner);
    }
}
