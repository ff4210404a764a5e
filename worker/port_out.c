/* port_out.c -- from batches and notes to frames. */
#include "worker/port_inside.h"

enum { FRAME = 1 << 16, SPARE_MOST = 64 };

/* --------------------------------------------------------------- frames -- */

static gi_sent *new_frame(gi_port *p, uint32_t payload)
{
    uint32_t cap = payload < FRAME ? FRAME : payload;
    gi_sent *s = p->spare;
    unsigned tries = 0;

    if (s != NULL && cap == FRAME) {
        p->spare = s->next;
        p->n_spare--;
    } else {
        while ((s = gi_alloc(sizeof(*s) + GI_FRAME_HEAD + cap)) == NULL)
            gi_wait_for_memory(p->loop, &tries);
    }
    memset(s, 0, sizeof(*s));
    s->cap = cap;
    s->going.frame = s->bytes;
    return s;
}

void gi_port_free_sent(gi_port *p, gi_sent *s)
{
    if (s->cap != FRAME || p->n_spare == SPARE_MOST) {
        gi_free(s);
        return;
    }
    s->next = p->spare;
    p->spare = s;
    p->n_spare++;
}

/* Compressed in place, if that saves an eighth.  What it costs is for who has
 * a slow net to spend: on a loopback it is about ten times what is saved. */
static void pack(gi_port *p, gi_sent *s)
{
    unsigned char *payload = s->bytes + GI_FRAME_HEAD;
    gi_going *g = &s->going;

    if (p->cap_packing < g->raw) {
        gi_free(p->packing);
        p->packing = gi_alloc(g->raw);
        p->cap_packing = p->packing == NULL ? 0 : g->raw;
    }
    uint32_t stored =
        p->packing == NULL ? 0 : gi_frame_pack(payload, g->raw, p->packing);

    if (stored == 0)
        return;
    memcpy(payload, p->packing, stored);
    g->stored = stored;
    g->flags = GI_FRAME_LZ4;
    g->parcel.bytes = stored;
    gi_count(&p->count.saved, g->raw - stored);
}

enum { WORTH_PACKING = 512 };

/* There was room: so it is taken, or it could never go. */
static void offer(gi_port *p, uint32_t peer, gi_lane lane, gi_sent *s,
                  size_t payload)
{
    const gi_carrier *c = &p->carrier;

    s->going.parcel.bytes = (uint32_t)payload;
    s->going.raw = s->going.stored = (uint32_t)payload;
    s->going.flags = 0;
    if (lane == GI_LANE_DATA && payload >= WORTH_PACKING && c->packs != NULL &&
        c->packs(c->arg, peer))
        pack(p, s);
    p->offered = true;
    gi_count(&p->count.frames, 1);
    gale_err e = c->offer(c->arg, peer, lane, &s->going);
    if (e != GALE_OK)
        gi_bug("a frame of %zu bytes found no way: %s", payload,
               gale_err_name(e));
}

/* -------------------------------------------------------------- batches -- */

static uint32_t berth_of(const gi_port *p, const gi_batch *b)
{
    return p->rules.plan->task_comp[b->to] * 2 + b->inner;
}

void gi_port_send(gi_port *p, gi_batch *b)
{
    uint32_t peer = p->peer_of[b->to - 1];

    if (peer >= p->n_peers) {
        gi_queue_push(&p->nowhere, b);
        return;
    }
    gi_far *f = &p->peers[peer];

    gi_queue_push(&f->berths[berth_of(p, b)].waiting, b);
    f->n_waiting++;
}

static size_t bound(const gi_batch *b)
{
    return gi_tuples_bound(b);
}

/* As many batches of a berth as fit into a frame of the usual size, at least
 * one.  A frame is executed, and gives its batches back, when the last of them
 * was read; so they are for one component. */
static bool offer_batches(gi_port *p, uint32_t peer, uint32_t berth)
{
    gi_far *f = &p->peers[peer];
    gi_berth *at = &f->berths[berth];
    gi_queue *q = &at->waiting;
    size_t need = 0, used = 0;

    if (q->head == NULL || at->under_way >= f->share)
        return false;
    for (gi_batch *b = q->head; b != NULL && need + bound(b) <= FRAME;
         b = b->next)
        need += bound(b);
    if (need == 0)
        need = bound(q->head);
    if (!p->carrier.room(p->carrier.arg, peer, GI_LANE_DATA, (uint32_t)need))
        return false;

    gi_sent *s = new_frame(p, (uint32_t)need);
    while (q->head != NULL && used + bound(q->head) <= need) {
        gi_batch *b = gi_queue_pop(q);

        used += gi_tuples_write(b, s->bytes + GI_FRAME_HEAD + used);
        gi_count(&p->count.tuples, b->n);
        gi_queue_push(&s->batches, b);
        f->n_waiting--;
    }
    s->berth = berth;
    at->under_way++;
    offer(p, peer, GI_LANE_DATA, s, used);
    return true;
}

/* ---------------------------------------------------------------- notes -- */

void gi_port_notes_from(gi_port *p, uint16_t epoch)
{
    p->notes_epoch = epoch;
}

/* The notes that wait for a peer count as one piece of work, as old as the
 * oldest of them. */
static void count_notes(gi_port *p, gi_far *f)
{
    gi_frontier *all = &p->loop->w->frontier;
    uint32_t side = p->loop->no;

    if (f->n_notes == 0) {
        f->notes_epoch = p->notes_epoch;
        gi_frontier_made(all, side, f->notes_epoch);
    } else if (gi_epoch_before(p->notes_epoch, f->notes_epoch)) {
        gi_frontier_made(all, side, p->notes_epoch);
        gi_frontier_done(all, side, f->notes_epoch, 1);
        f->notes_epoch = p->notes_epoch;
    }
}

static void add_note(gi_port *p, gi_far *f, const gi_note *note)
{
    unsigned tries = 0;

    count_notes(p, f);
    while (f->n_notes == f->cap_notes) {
        uint32_t cap = f->cap_notes == 0 ? 256 : f->cap_notes * 2;
        gi_note *more = gi_realloc(f->notes, cap * sizeof(*more));

        if (more == NULL) {
            gi_wait_for_memory(p->loop, &tries);
            continue;
        }
        f->notes = more;
        f->cap_notes = cap;
    }
    f->notes[f->n_notes] = *note;
    /* How old the work is that it came of; see port_in.c. */
    if (note->kind != GI_NOTE_TOUCH)
        f->notes[f->n_notes].epoch = p->notes_epoch;
    f->n_notes++;
}

void gi_port_note(gi_port *p, const gi_note *note)
{
    const gi_worker *w = p->loop->w;
    uint32_t peer = p->peer_of[w->spout_task[gi_root_spout(note->root)] - 1];

    if (peer < p->n_peers)
        add_note(p, &p->peers[peer], note);
    else
        gi_count(&p->count.orphans, 1);
}

/* Probes go with notes, and before them. */
static bool offer_notes(gi_port *p, uint32_t peer)
{
    const uint32_t at_most =
        (FRAME - GI_NOTES_HEAD - GI_PROBES_WAITING * GI_PROBE_MOST) /
        GI_NOTES_EACH;
    gi_far *f = &p->peers[peer];
    uint32_t n = f->n_notes < at_most ? f->n_notes : at_most;
    size_t used = 0;

    if (n == 0 && f->n_probes == 0)
        return false;
    if (!p->carrier.room(p->carrier.arg, peer, GI_LANE_NOTES, FRAME))
        return false;

    gi_sent *s = new_frame(p, FRAME);
    unsigned char *to = s->bytes + GI_FRAME_HEAD;
    for (uint32_t i = 0; i < f->n_probes; i++)
        used += gi_probe_write(&f->probe[i], to + used);
    f->n_probes = 0;
    if (n > 0) {
        s->notes = (gi_notes){ n, to + used + GI_NOTES_HEAD };
        s->epoch = f->notes_epoch;
        used += gi_notes_write(f->notes, n, to + used);
        gi_count(&p->count.notes, n);
        f->n_notes -= n;
        memmove(f->notes, f->notes + n, f->n_notes * sizeof(*f->notes));
        if (f->n_notes > 0) /* they count on their own */
            gi_frontier_made(&p->loop->w->frontier, p->loop->no,
                             f->notes_epoch);
    }
    offer(p, peer, GI_LANE_NOTES, s, used);
    return true;
}

void gi_port_offer_all(gi_port *p, uint32_t peer)
{
    while (offer_notes(p, peer))
        continue;
    for (uint32_t i = 0; i < p->n_berths && p->peers[peer].n_waiting > 0; i++)
        while (offer_batches(p, peer, p->in_turn[i]))
            continue;
}

/* --------------------------------------------------------- coming back -- */

static void fail_root(gi_port *p, const gi_batch *b, uint64_t root)
{
    const gi_worker *w = p->loop->w;
    gi_note note = { .root = root,
                     .kind = GI_NOTE_FAIL,
                     .why = GI_WHY_LOST,
                     .comp = (uint16_t)w->plan->task_comp[b->to] };

    if (gi_task_is_far(w, w->spout_task[gi_root_spout(root)]))
        gi_port_note(p, &note);
    else
        gi_track_note(p->loop, &note);
}

void gi_port_lose(gi_port *p, gi_batch *b)
{
    if (gi_epoch_before(b->epoch, p->loop->turn_epoch))
        p->loop->turn_epoch = b->epoch;
    p->notes_epoch = b->epoch;
    for (uint32_t at = 0; at < b->used;) {
        const gale_tuple *in = gi_batch_at(b, at);

        if (in->link.root != 0)
            fail_root(p, b, in->link.root);
        for (uint32_t i = 0; i < gi_tuple_more(in); i++)
            fail_root(p, b, gi_tuple_links(in)[i].root);
        at += in->size;
    }
    gi_count(&p->count.lost, b->n);
    gi_batch_read(p->loop, b);
}

/* They were lost with a worker, and may have been meant for the one that came
 * after it, of which we had not heard yet.  It has not seen them, so they may
 * go again; what was for the other is known by its generation.  Where their
 * spout is now they are to be sent, wherever that was. */
static void send_again(gi_port *p, const gi_sent *s)
{
    gi_port_notes_from(p, s->epoch);
    for (uint32_t i = 0; i < s->notes.n; i++) {
        gi_note note = gi_notes_at(&s->notes, i);

        gi_port_note(p, &note);
    }
}

bool gi_port_take_back(gi_port *p, uint32_t peer)
{
    bool some = false;
    gi_going *g;

    while ((g = p->carrier.back(p->carrier.arg, peer)) != NULL) {
        gi_sent *s = (gi_sent *)(void *)g;
        gi_batch *b;

        if (s->batches.head != NULL)
            p->peers[peer].berths[s->berth].under_way--;
        while ((b = gi_queue_pop(&s->batches)) != NULL)
            if (g->parcel.executed)
                gi_batch_read(p->loop, b);
            else
                gi_port_lose(p, b);
        if (!g->parcel.executed)
            send_again(p, s);
        if (s->notes.n > 0)
            gi_frontier_done(&p->loop->w->frontier, p->loop->no, s->epoch, 1);
        gi_port_free_sent(p, s);
        some = true;
    }
    return some;
}
