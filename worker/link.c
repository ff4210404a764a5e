#include "worker/link.h"

#include "base/testpoint.h"
#include "worker/loop.h"
#include "worker/port_inside.h"

static gi_peer *peer(gi_loop *l, uint32_t to)
{
    return &l->w->peers[l->no * l->w->n_loops + to];
}

/* ------------------------------------------------------------- sending -- */

/* Into the ring, in order: behind what waits for it. */
static void push_ring(gi_ring *ring, gi_queue *backlog, gi_batch *b)
{
    bool behind = backlog->head != NULL && !GI_BUG(BACKLOG_OVERTAKEN);

    if (!behind && gi_ring_push(ring, b))
        return;
    GI_SEEN(RING_FULL);
    gi_queue_push(backlog, b);
}

void gi_link_send(gi_loop *l, uint32_t to, gi_batch *b)
{
    push_ring(&peer(l, to)->data, &l->to[to].data, b);
    l->to[to].wake = true;
}

/* Once in the ring it is its owner's, which may free it at once. */
void gi_link_give_back(gi_loop *l, gi_batch *b)
{
    uint32_t owner = b->owner;

    push_ring(&peer(l, owner)->back, &l->to[owner].back, b);
    l->to[owner].wake = true;
}

/* Notes to a loop apart are answers to a spout there, which may read them when
 * it likes: they are not work that others wait for. */
static bool counts(const gi_loop *l, uint32_t to)
{
    return !l->w->loops[to]->apart;
}

/* A lost answer would leave its spout waiting: wait for memory instead. */
static gi_batch *note_batch(gi_loop *l, bool counted)
{
    unsigned tries = 0;
    gi_batch *b;

    while ((b = gi_batch_take(l, 1)) == NULL)
        gi_wait_for_memory(l, &tries);
    b->to = GI_TO_ACKERS;
    b->epoch = l->turn_epoch;
    if (counted)
        gi_frontier_made(&l->w->frontier, l->no, b->epoch);
    return b;
}

static void send_notes(gi_loop *l, uint32_t to)
{
    gi_backlog *q = &l->to[to];
    gi_batch *b = q->note_open;

    if (++q->numbered == 0) /* 0 is no number */
        q->numbered = 1;
    b->number = q->numbered;
    q->note_open = NULL;
    push_ring(&peer(l, to)->notes, &q->notes, b);
    q->wake = true;
}

gi_note *gi_link_note_place(gi_loop *l, uint32_t to)
{
    gi_backlog *q = &l->to[to];
    bool counted = counts(l, to);
    gi_batch *b = q->note_open;

    if (b != NULL && b->cap - b->used < sizeof(gi_note)) {
        send_notes(l, to);
        b = NULL;
    }
    if (b == NULL)
        b = q->note_open = note_batch(l, counted);
    else if (counted && gi_epoch_before(l->turn_epoch, b->epoch))
        gi_batch_make_older(l, b, l->turn_epoch);
    gi_note *place = (void *)(b->bytes + b->used);

    b->used += sizeof(*place);
    b->n++;
    return place;
}

void gi_link_note(gi_loop *l, uint32_t to, const gi_note *note)
{
    *gi_link_note_place(l, to) = *note;
}

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

    if (q->note_open != NULL)
        send_notes(l, to);
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

void gi_links_flush(gi_loop *l)
{
    for (uint32_t to = 0; to < l->w->n_loops; to++)
        if (to != l->near)
            flush_peer(l, to);
}

/* ------------------------------------------------------------ receiving -- */

static void read_notes(gi_loop *l, gi_batch *b)
{
    const gi_note *note = (const void *)b->bytes;

    for (uint32_t i = 0; i < b->n; i++)
        gi_track_take_in(l, &note[i]);
}

/* Done with a batch of notes. */
static void forget_notes(gi_loop *l, gi_batch *b)
{
    if (counts(l, l->no))
        gi_batch_finish(l, b);
    if (b->owner == l->no)
        gi_batch_drop(l, b);
    else
        gi_link_give_back(l, b);
}

void gi_link_deliver(gi_loop *l, uint32_t from, gi_batch *b)
{
    gi_peer *p = &l->w->peers[from * l->w->n_loops + l->no];

    if (b->to != GI_TO_ACKERS) {
        if (l->port != NULL)
            gi_port_send(l->port, b);
        else
            gi_outbox_enqueue(l, b);
        return;
    }
    if (l->port != NULL)
        gi_port_notes_from(l->port, b->epoch);
    if (gi_window_take(&p->seen, b->number) || GI_BUG(NO_DEDUPLICATION))
        read_notes(l, b);
    else
        GI_SEEN(DUPLICATE_SEEN);
    forget_notes(l, b);
}

void gi_link_lose(gi_loop *l, gi_batch *b)
{
    if (b->to == GI_TO_ACKERS)
        forget_notes(l, b);
    else
        gi_batch_read(l, b);
}

static inline void arrive(gi_loop *l, uint32_t from, gi_batch *b)
{
    const gi_between *between = l->w->between;

    if (__builtin_expect(between != NULL, 0))
        between->arrived(between->arg, l, from, b);
    else
        gi_link_deliver(l, from, b);
}

bool gi_links_take_in(gi_loop *l)
{
    bool some = false;
    gi_batch *b;

    for (uint32_t from = 0; from < l->w->n_loops; from++) {
        gi_peer *p = &l->w->peers[from * l->w->n_loops + l->no];

        if (from == l->near)
            continue;
        while ((b = gi_ring_pop(&p->back)) != NULL) {
            gi_outbox_came_back(l, b);
            some = true;
        }
        while ((b = gi_ring_pop(&p->notes)) != NULL) {
            arrive(l, from, b);
            some = true;
        }
        while ((b = gi_ring_pop(&p->data)) != NULL) {
            arrive(l, from, b);
            some = true;
        }
    }
    return some;
}

bool gi_links_have_mail(gi_loop *l)
{
    gi_worker *w = l->w;

    for (uint32_t from = 0; from < w->n_loops; from++) {
        gi_peer *p = &w->peers[from * w->n_loops + l->no];

        if (from != l->near &&
            (!gi_ring_empty(&p->data) || !gi_ring_empty(&p->notes) ||
             !gi_ring_empty(&p->back)))
            return true;
    }
    return false;
}

/* Batches to be given back for which the ring had no room: nobody tells us
 * when there is some, and those they belong to may wait for them. */
bool gi_links_have_backlog(const gi_loop *l)
{
    for (uint32_t i = 0; i < l->w->n_loops; i++)
        if (l->to[i].back.head != NULL)
            return true;
    return false;
}

/* --------------------------------------------------------------- copies -- */

gi_batch *gi_link_copy_tuple(gi_loop *l, const gale_tuple *in, uint32_t to,
                             bool inner)
{
    gale_row row = gale_tuple_row(in);
    uint32_t more = gi_tuple_more(in);
    uint32_t need = (uint32_t)gi_tuple_need(row, more);
    gi_batch *b = gi_batch_take(l, need);

    if (b == NULL)
        return NULL;
    gale_tuple *copy = gi_batch_at(b, 0);

    b->to = to;
    b->inner = inner;
    b->loose = true;
    b->used = copy->size = need;
    b->n = 1;
    copy->stream = in->stream;
    copy->task = in->task;
    copy->link = in->link;
    gi_tuple_fill(copy, row, more);
    gi_tuple_set_hash(copy, gi_tuple_known_hash(in));
    memcpy(gi_tuple_links(copy), gi_tuple_links(in), more * sizeof(gi_link));
    return b;
}

gi_batch *gi_link_blank_notes(gi_loop *l, uint32_t n)
{
    gi_batch *b = gi_batch_take(l, n * (uint32_t)sizeof(gi_note));

    if (b == NULL)
        return NULL;
    b->to = GI_TO_ACKERS;
    b->inner = false;
    b->loose = true;
    b->used = n * (uint32_t)sizeof(gi_note);
    b->n = n;
    return b;
}

gi_batch *gi_link_copy_notes(gi_loop *l, const gi_note *notes, uint32_t n,
                             uint32_t number)
{
    gi_batch *b = gi_link_blank_notes(l, n);

    if (b == NULL)
        return NULL;
    b->number = number;
    memcpy(b->bytes, notes, b->used);
    return b;
}

void gi_link_count(gi_loop *l, gi_batch *b, uint16_t epoch)
{
    b->epoch = epoch;
    if (b->to != GI_TO_ACKERS || counts(l, l->no))
        gi_frontier_made(&l->w->frontier, l->no, epoch);
}

void gi_links_fini(gi_loop *l)
{
    for (uint32_t i = 0; l->to != NULL && i < l->w->n_loops; i++) {
        gi_batches_free(&l->to[i].data);
        gi_batches_free(&l->to[i].notes);
        gi_batches_free(&l->to[i].back);
        gi_free(l->to[i].note_open);
    }
}
