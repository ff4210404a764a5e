/* outbox.c -- batches on their way from this loop to tasks here or elsewhere.
 *
 * Each task of the plan has an outlet in each loop: a batch being filled, and
 * credit.  At most topology.batch.credit batches are under way from one loop
 * to one task, more to a task of another worker (gi_credit_to); one more is
 * being filled.  When that one is full and credit is
 * used up, the outlet is blocked, and the tasks here that feed it take no
 * input until a batch comes back.  Since emit never waits, a task may overrun
 * by what one callback emits; that is the whole of the slack.
 *
 * Where it does not matter who gets a tuple (anybody, below), it goes where
 * there is credit, and its senders stop only when all who may get it are
 * blocked.  So a loop that the machine keeps from running, or a task that is
 * slow, gets no more than it can take, and stops nobody.
 *
 * At the end of a turn whatever is in the open batches goes, full or not, as
 * far as credit allows.  So at low load a tuple never waits for company, and
 * under load batches fill by themselves.
 */
#include "base/testpoint.h"
#include "worker/answers.h"
#include "worker/loop.h"
#include "worker/port_inside.h"

enum { ASKED = 8 }; /* of the readers whether they have credit */

/* --------------------------------------------------------------- credit -- */

/* Will any task that reads along this edge do? */
static inline bool anybody(const gi_worker *w, gale_grouping how, bool inner)
{
    return !inner && (how == GALE_GROUP_SHUFFLE || how == GALE_GROUP_NONE ||
                      (how == GALE_GROUP_LOCAL && !w->has_port));
}

/* Tell everybody here who feeds task `to` that its outlet is (not) blocked.
 * Those who may as well feed another hear of it only when `all` are. */
static void count_blocked(gi_loop *l, uint32_t to, bool inner, bool all,
                          uint32_t by)
{
    const gi_plan *p = l->w->plan;
    uint32_t reader = p->task_comp[to];

    for (uint32_t i = 0; i < p->n_edges; i++) {
        const gi_edge *e = &p->edges[i];

        if (e->to != reader || e->inner != inner ||
            (anybody(l->w, e->how, inner) && !all))
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
    uint32_t to = outlet / 2 + 1;
    bool inner = outlet % 2;

    if (o->blocked == blocked)
        return;
    o->blocked = blocked;

    const gi_comp *reader = gi_plan_task(l->w->plan, to);
    uint32_t *n = &l->stuck[reader->no];
    bool all = !inner && *n + blocked == reader->n_tasks;
    if (!inner)
        *n += blocked ? 1u : ~0u;
    count_blocked(l, to, inner, all, blocked ? 1u : ~0u);
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

static inline void reopen(gi_outlet *o)
{
    if (o->late != NULL) {
        o->open = o->late;
        o->late = NULL;
    }
}

/* Send what credit allows: full batches, and the open one if `all`. */
static void outlet_send(gi_loop *l, uint32_t outlet, bool all)
{
    gi_outlet *o = &l->out[outlet];
    uint32_t credit = GI_BUG(CREDIT_IGNORED)
                          ? UINT32_MAX
                          : gi_credit_to(l->w, outlet / 2 + 1);

    while (o->full.head != NULL && o->under_way < credit) {
        gi_batch *b = gi_queue_pop(&o->full);

        if (b->inner)
            l->inner_bytes -= b->cap;
        send_batch(l, o, b);
    }
    if (all)
        reopen(o);
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
    if (all && o->open != NULL) {
        o->late = o->open;
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
    reopen(&l->out[outlet]);

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

/* One of the first n with credit, or at least not blocked; n if there is none.
 */
static uint32_t one_with(const gi_loop *l, const gi_route *r, uint32_t n,
                         uint32_t tries, bool credit)
{
    for (uint32_t i = 0; i < n && i < tries; i++) {
        uint32_t at = (r->other + i) % n;
        const gi_outlet *o = &l->out[(r->tasks[at] - 1) * 2];

        if (credit ? o->under_way < l->w->plan->set.batch_credit : !o->blocked)
            return at;
    }
    return n;
}

/* Those of its readers that it shall reach are the first so many. */
static inline uint32_t in_scope(const gi_loop *l, const gi_route *r)
{
    return l->sight.home && r->n_loop > 0 ? r->n_loop : r->n;
}

/* Who shall have it if number `at` has no credit: one in scope that has some,
 * anybody that has, or anybody who is not blocked; r->n if there is none. */
static uint32_t instead_of(const gi_loop *l, const gi_route *r, uint32_t at,
                           uint32_t scope)
{
    uint32_t other = one_with(l, r, scope, ASKED, true);

    if (other < scope)
        return other;
    other = scope < r->n ? one_with(l, r, r->n, ASKED, true) : r->n;
    if (other == r->n && l->out[(r->tasks[at] - 1) * 2].blocked)
        other = one_with(l, r, r->n, r->n, false); /* its queue must not grow
                                                      without end */
    return other;
}

/* Comes here whenever there is no open batch, or no room in it; what is not
 * plain (send.c) each time. */
uint32_t gi_outbox_elsewhere(const gi_loop *l, gi_route *r, uint32_t to)
{
    if (!anybody(l->w, r->how, r->inner))
        return to;

    uint32_t scope = in_scope(l, r);
    uint32_t at = (r->next == r->begin ? r->end : r->next) - 1; /* `to` */

    if (at >= scope)
        at = 0;
    if (scope < r->n)
        GI_SEEN(STAYED_HOME);
    r->begin = 0;
    r->end = scope;
    r->next = at + 1 == scope ? 0 : at + 1;
    to = r->tasks[at];
    if (l->out[(to - 1) * 2].under_way < l->w->plan->set.batch_credit)
        return to;
    at = instead_of(l, r, at, scope);
    if (at == r->n)
        return to;
    GI_SEEN(WENT_ELSEWHERE);
    r->next = r->begin = at;
    r->end = at + 1;
    r->other = at + 1;
    return r->tasks[at];
}

/* ------------------------------------------------------------ receiving -- */

void gi_outbox_came_back(gi_loop *l, gi_batch *b)
{
    uint32_t outlet = (b->to - 1) * 2 + b->inner;
    bool sent = b->to != GI_TO_ACKERS && !b->loose;

    if (l->port != NULL && b->to != GI_TO_ACKERS)
        gi_port_came_back(l->port, b);
    if (b->answers > 0)
        gi_answers_came(l, b);
    gi_batch_drop(l, b);
    if (!sent)
        return;
    gi_outlet *o = &l->out[outlet];
    if (!(GI_BUG(CREDIT_LOST) && l->edge_next % 64 == 0))
        o->under_way--;
    if (o->full.head != NULL)
        outlet_send(l, outlet, false);
    if (o->open != NULL || o->late != NULL)
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
    if (b->answers > 0) /* under way again, as notes would be */
        gi_frontier_made(&l->w->frontier, l->no, b->epoch);
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
        if (o->late != NULL || o->full.head != NULL)
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
        gi_free(l->out[i].late);
        gi_batches_free(&l->out[i].full);
    }
    for (uint32_t i = 0; i < l->n_tasks; i++) {
        gi_batches_free(&l->tasks[i]->queue);
        gi_batches_free(&l->tasks[i]->inner);
    }
}
