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
#include "worker/loop.h"

enum { NOTES = 0 }; /* in place of a task: the batch holds notes */

/* -------------------------------------------------------------- batches -- */

/* Others read it to say how much memory is in use. */
static void count_bytes(gi_loop *l, uint64_t by)
{
    uint64_t now = atomic_load_explicit(&l->batch_bytes, memory_order_relaxed);

    atomic_store_explicit(&l->batch_bytes, now + by, memory_order_relaxed);
}

static gi_batch *batch_take(gi_loop *l, uint32_t need)
{
    uint32_t cap = l->w->plan->set.batch_bytes;
    gi_batch *b = l->pool;

    if (b != NULL && need <= cap) {
        l->pool = b->next;
        l->n_pool--;
    } else {
        if (need > cap)
            cap = need; /* a tuple larger than a batch: one of its own */
        b = gi_alloc(sizeof(*b) + cap);
        if (b == NULL)
            return NULL;
        b->cap = cap;
        b->owner = (uint16_t)l->no;
        count_bytes(l, cap);
    }
    b->used = b->n = b->at = 0;
    b->next = NULL;
    return b;
}

static void batch_drop(gi_loop *l, gi_batch *b)
{
    if (b->cap == l->w->plan->set.batch_bytes && l->n_pool < GI_POOL) {
        b->next = l->pool;
        l->pool = b;
        l->n_pool++;
        return;
    }
    count_bytes(l, 0 - (uint64_t)b->cap);
    gi_free(b);
}

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

static void enqueue(gi_loop *l, gi_batch *b)
{
    gale_task *t = &l->w->tasks[b->to - 1];

    gi_queue_push(b->inner ? &t->inner : &t->queue, b);
    gi_queued_publish(t);
    gi_ready_set(l, t);
}

/* Into the ring, in order: behind what waits for it. */
static void push_ring(gi_ring *ring, gi_queue *backlog, gi_batch *b)
{
    if (backlog->head != NULL || !gi_ring_push(ring, b))
        gi_queue_push(backlog, b);
}

static gi_peer *peer(gi_loop *l, uint32_t to)
{
    return &l->w->peers[l->no * l->w->n_loops + to];
}

static void send_batch(gi_loop *l, gi_outlet *o, gi_batch *b)
{
    uint32_t loop = l->w->loop_of[b->to - 1];

    o->under_way++;
    if (loop == l->no) {
        enqueue(l, b);
        return;
    }
    push_ring(&peer(l, loop)->data, &l->to[loop].data, b);
    l->to[loop].wake = true;
}

/* Send what credit allows: full batches, and the open one if `all`. */
static void outlet_send(gi_loop *l, uint32_t outlet, bool all)
{
    gi_outlet *o = &l->out[outlet];
    uint32_t credit = l->w->plan->set.batch_credit;

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
    set_blocked(l, outlet, o->full.head != NULL);
}

/* The batch's oldest tree is older than we thought: count it there. */
static void make_older(gi_loop *l, gi_batch *b, uint16_t epoch)
{
    uint16_t before = b->epoch;

    b->epoch = epoch;
    gi_frontier_made(&l->w->frontier, l->no, epoch);
    gi_frontier_done(&l->w->frontier, l->no, before, 1);
}

static gi_batch *open_batch(gi_loop *l, uint32_t outlet, uint32_t to,
                            uint32_t need, uint16_t epoch)
{
    gi_outlet *o = &l->out[outlet];
    gi_batch *b = batch_take(l, need);

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
    else if (gi_epoch_before(epoch, b->epoch))
        make_older(l, b, epoch);
    if (b == NULL)
        return NULL;
    gale_tuple *t = gi_batch_at(b, b->used);
    t->size = need;
    b->used += need;
    b->n++;
    return t;
}

/* ------------------------------------------------------------ receiving -- */

static void came_back(gi_loop *l, gi_batch *b)
{
    if (b->to == NOTES) {
        batch_drop(l, b);
        return;
    }
    uint32_t outlet = (b->to - 1) * 2 + b->inner;
    gi_outlet *o = &l->out[outlet];

    batch_drop(l, b);
    o->under_way--;
    if (o->full.head != NULL)
        outlet_send(l, outlet, false);
    if (o->open != NULL)
        set_dirty(l, outlet);
}

/* To the loop it belongs to.  Once in the ring it is that loop's, which may
 * free it at once. */
static void return_batch(gi_loop *l, gi_batch *b)
{
    uint32_t owner = b->owner;

    push_ring(&peer(l, owner)->back, &l->to[owner].back, b);
    l->to[owner].wake = true;
}

/* Its acks may still be in this loop: it counts as finished when they have
 * left, at the end of the turn. */
static void finish_later(gi_loop *l, uint16_t epoch)
{
    if (l->finished[epoch % GI_EPOCHS]++ == 0)
        l->finished_epochs[l->n_finished++] = epoch;
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
    finish_later(l, b->epoch);
    if (b->owner == l->no) {
        came_back(l, b);
        return;
    }
    return_batch(l, b);
}

static void read_notes(gi_loop *l, gi_batch *b)
{
    const gi_note *note = (const void *)b->bytes;

    for (uint32_t i = 0; i < b->n; i++)
        gi_track_take_in(l, &note[i]);
    if (!l->apart)
        finish_later(l, b->epoch);
    return_batch(l, b);
}

bool gi_outbox_take_in(gi_loop *l)
{
    bool some = false;
    gi_batch *b;

    for (uint32_t from = 0; from < l->w->n_loops; from++) {
        gi_peer *p = &l->w->peers[from * l->w->n_loops + l->no];

        if (from == l->no)
            continue;
        while ((b = gi_ring_pop(&p->back)) != NULL) {
            came_back(l, b);
            some = true;
        }
        while ((b = gi_ring_pop(&p->notes)) != NULL) {
            read_notes(l, b);
            some = true;
        }
        while ((b = gi_ring_pop(&p->data)) != NULL) {
            enqueue(l, b);
            some = true;
        }
    }
    return some;
}

/* ---------------------------------------------------------------- notes -- */

/* A lost answer would leave its spout waiting for ever.  Notes to a loop apart
 * are answers to a spout there, which may read them when it likes: they are
 * not work that others wait for. */
static gi_batch *note_batch(gi_loop *l, bool counted)
{
    unsigned tries = 0;
    gi_batch *b;

    while ((b = batch_take(l, 1)) == NULL)
        gi_wait_for_memory(l, &tries);
    b->to = NOTES;
    b->epoch = l->turn_epoch;
    if (counted)
        gi_frontier_made(&l->w->frontier, l->no, b->epoch);
    return b;
}

void gi_note_send(gi_loop *l, uint32_t to, const gi_note *note)
{
    gi_backlog *q = &l->to[to];
    gi_batch *b = q->note_open;
    bool counted = !l->w->loops[to]->apart;

    if (b == NULL)
        b = q->note_open = note_batch(l, counted);
    else if (counted && gi_epoch_before(l->turn_epoch, b->epoch))
        make_older(l, b, l->turn_epoch);
    memcpy(b->bytes + b->used, note, sizeof(*note));
    b->used += sizeof(*note);
    b->n++;
    if (b->cap - b->used < sizeof(*note)) {
        push_ring(&peer(l, to)->notes, &q->notes, b);
        q->note_open = NULL;
        q->wake = true;
    }
}

/* ---------------------------------------------------------------- flush -- */

static void drain_backlog(gi_ring *ring, gi_queue *q)
{
    while (q->head != NULL) {
        gi_batch *next = q->head->next;

        if (!gi_ring_push(ring, q->head))
            return;
        q->head = next; /* the pushed batch is no longer ours to look at */
        q->n--;
        if (next == NULL)
            q->tail = NULL;
    }
}

static void flush_peer(gi_loop *l, uint32_t to)
{
    gi_backlog *q = &l->to[to];
    gi_peer *p = peer(l, to);

    if (q->note_open != NULL) {
        push_ring(&p->notes, &q->notes, q->note_open);
        q->note_open = NULL;
        q->wake = true;
    }
    if (q->data.head != NULL || q->notes.head != NULL ||
        q->back.head != NULL) {
        drain_backlog(&p->data, &q->data);
        drain_backlog(&p->notes, &q->notes);
        drain_backlog(&p->back, &q->back);
        q->wake = true;
    }
    if (q->wake) {
        q->wake = false;
        gi_parker_wake(&l->w->loops[to]->parker);
    }
}

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
    for (uint32_t to = 0; to < l->w->n_loops; to++)
        if (to != l->no)
            flush_peer(l, to);
}

/* --------------------------------------------------------------- ending -- */

void gi_outbox_release(gi_loop *l)
{
    uint64_t freed = 0;

    while (l->pool != NULL) {
        gi_batch *b = l->pool;

        l->pool = b->next;
        freed += b->cap;
        gi_free(b);
    }
    l->n_pool = 0;
    count_bytes(l, 0 - freed);
}

static void free_queue(gi_queue *q)
{
    gi_batch *b;

    while ((b = gi_queue_pop(q)) != NULL)
        gi_free(b);
}

/* Everything this loop may still hold: its outlets, its tasks' queues, its
 * pool, its backlogs, and what others sent it. */
void gi_outbox_fini(gi_loop *l)
{
    for (uint32_t i = 0; l->out && i < 2 * l->w->plan->n_tasks; i++) {
        gi_free(l->out[i].open);
        free_queue(&l->out[i].full);
    }
    for (uint32_t i = 0; i < l->n_tasks; i++) {
        free_queue(&l->tasks[i]->queue);
        free_queue(&l->tasks[i]->inner);
    }
    gi_outbox_release(l);
    for (uint32_t i = 0; l->to && i < l->w->n_loops; i++) {
        free_queue(&l->to[i].data);
        free_queue(&l->to[i].notes);
        free_queue(&l->to[i].back);
        gi_free(l->to[i].note_open);
    }
}
