/* port_in.c -- from frames to batches and notes.
 *
 * A frame is looked at as a whole before anything of it is used.
 */
#include "base/log.h"
#include "base/msgpack.h"
#include "worker/port_inside.h"

/* What a frame holds, laid out and not yet handed on. */
struct opened {
    const gi_frame *frame;
    const unsigned char *at; /* its payload */
    size_t len;
    gi_queue batches;
    size_t said, said_to; /* where notes and probes are; tuples may be, too */
};

/* ------------------------------------------------------------- looking -- */

static gi_refusal open_tuples(gi_port *p, struct opened *o, size_t *used)
{
    gi_tuples head;
    gi_refusal r =
        gi_tuples_peek(&p->rules, o->at + *used, o->len - *used, &head);
    unsigned tries = 0;
    size_t more;
    gi_batch *b;

    if (r != GI_TAKEN)
        return r;
    while ((b = gi_batch_take(p->loop, head.bytes)) == NULL)
        gi_wait_for_memory(p->loop, &tries);
    r = gi_tuples_read(&p->rules, &head, b, &more);
    if (r != GI_TAKEN) {
        gi_batch_drop(p->loop, b);
        return r;
    }
    b->loose = true;
    gi_queue_push(&o->batches, b);
    *used = (size_t)(head.at - o->at) + more;
    return GI_TAKEN;
}

static gi_refusal open_section(gi_port *p, struct opened *o, size_t *used)
{
    gi_section_kind kind;
    gi_probe_note probe;
    gi_notes notes;
    size_t more = 0;
    gi_refusal r = gi_section_peek(o->at + *used, o->len - *used, &kind);

    if (r != GI_TAKEN)
        return r;
    if (kind == GI_SECTION_TUPLES)
        return open_tuples(p, o, used);
    if (kind == GI_SECTION_NOTES)
        r = gi_notes_check(&p->rules, o->at + *used, o->len - *used, &notes,
                           &more);
    else
        r = gi_probe_read(o->at + *used, o->len - *used, &probe, &more);
    if (o->said_to == 0)
        o->said = *used;
    *used += more;
    o->said_to = *used;
    return r;
}

static gi_refusal open_all(gi_port *p, struct opened *o)
{
    gi_refusal r = GI_TAKEN;
    size_t used = 0;
    gi_batch *b;

    while (r == GI_TAKEN && used < o->len)
        r = open_section(p, o, &used);
    while (r != GI_TAKEN && (b = gi_queue_pop(&o->batches)) != NULL)
        gi_batch_drop(p->loop, b);
    return r;
}

/* ----------------------------------------------------------- handing on -- */

/* Of what others may say to us: the rest is between a spout and its acker,
 * and those are here together. */
static void take_note(gi_port *p, gi_note note)
{
    gi_loop *l = p->loop;
    const gi_worker *w = l->w;
    uint32_t spout = gi_root_spout(note.root);
    uint16_t epoch = note.epoch;

    if (w->n_ackers == 0 || gi_task_is_far(w, w->spout_task[spout]) ||
        note.kind < GI_NOTE_ACK || note.kind > GI_NOTE_TOUCH) {
        gi_count(&p->count.orphans, 1);
        return;
    }
    uint16_t now = gi_frontier_now(&w->frontier);

    if ((uint16_t)(now - epoch) > GI_EPOCHS_FAR && gi_epoch_before(epoch, now))
        epoch = (uint16_t)(now - GI_EPOCHS_FAR);
    if (gi_epoch_before(epoch, l->turn_epoch))
        l->turn_epoch = epoch;
    gi_track_note(l, &note);
}

static void use_notes(gi_port *p, uint32_t peer, const struct opened *o)
{
    for (size_t used = o->said, more = 0; used < o->said_to; used += more) {
        gi_section_kind kind;
        gi_probe_note probe;
        gi_notes notes;
        const unsigned char *at = o->at + used;

        gi_section_peek(at, o->len - used, &kind);
        if (kind == GI_SECTION_TUPLES) {
            more = gi_msgpack_skip(at, o->len - used);
        } else if (kind == GI_SECTION_PROBE) {
            gi_probe_read(at, o->len - used, &probe, &more);
            gi_probe_take(p, peer, &probe);
        } else {
            gi_notes_check(&p->rules, at, o->len - used, &notes, &more);
            for (uint32_t i = 0; i < notes.n; i++)
                take_note(p, gi_notes_at(&notes, i));
            gi_count(&p->count.notes_in, notes.n);
        }
    }
}

static uint32_t take_slot(gi_port *p)
{
    unsigned tries = 0;

    if (p->free_coming == 0) {
        uint32_t n = p->n_coming == 0 ? 64 : p->n_coming * 2;
        gi_coming_slot *more;

        while ((more = gi_realloc(p->coming, n * sizeof(*more))) == NULL)
            gi_wait_for_memory(p->loop, &tries);
        p->coming = more;
        for (uint32_t i = n; i-- > p->n_coming;) {
            p->coming[i] = (gi_coming_slot){ .next = p->free_coming };
            p->free_coming = i + 1;
        }
        p->n_coming = n;
    }
    uint32_t slot = p->free_coming - 1;

    p->free_coming = p->coming[slot].next;
    return slot;
}

static void use_batches(gi_port *p, uint32_t peer, struct opened *o)
{
    gi_loop *l = p->loop;
    uint32_t slot = take_slot(p);
    gi_batch *b;

    p->coming[slot] = (gi_coming_slot){ .from = o->frame->from,
                                        .no = o->frame->seq,
                                        .peer = peer,
                                        .left = o->batches.n };
    while ((b = gi_queue_pop(&o->batches)) != NULL) {
        gi_count(&p->count.tuples_in, b->n);
        gi_frontier_saw(&l->w->frontier, b->epoch);
        b->epoch =
            gi_frontier_made_elsewhere(&l->w->frontier, l->no, b->epoch);
        b->number = slot;
        if (!gi_task_is_far(l->w, b->to)) {
            gi_link_send(l, l->w->loop_of[b->to - 1], b);
            continue;
        }
        /* The sender believes it to be here: it is behind, or we are. */
        gi_count(&p->count.orphans, b->n);
        gi_port_lose(p, b);
    }
}

void gi_port_came_back(gi_port *p, const gi_batch *b)
{
    gi_coming_slot *s = &p->coming[b->number];

    if (--s->left > 0)
        return;
    p->carrier.executed(p->carrier.arg, s->peer, s->from, s->no);
    s->next = p->free_coming;
    p->free_coming = b->number + 1;
    p->offered = true;
}

static void complain(gi_port *p, uint32_t peer, gi_refusal r)
{
    gi_count(&p->count.refused, 1);
    if (p->loop->now_ns < p->next_complaint_ns)
        return;
    p->next_complaint_ns = p->loop->now_ns + 10000000000;
    gi_log(GALE_LOG_ERROR, p->loop->w->plan->name,
           "a frame of peer %u makes no sense: %s", peer, gi_refusal_text(r));
}

/* A frame that makes no sense counts as executed: its sender would only send
 * it again.  What was in it times out. */
static void take_frame(gi_port *p, uint32_t peer, const gi_coming *in)
{
    struct opened o = { .frame = &in->frame,
                        .at = in->frame.payload,
                        .len = in->frame.raw };
    gi_refusal r = open_all(p, &o);

    gi_count(&p->count.frames_in, 1);
    if (r != GI_TAKEN)
        complain(p, peer, r);
    else
        use_notes(p, peer, &o);
    if (o.batches.n > 0) {
        use_batches(p, peer, &o);
        return;
    }
    p->carrier.executed(p->carrier.arg, peer, in->frame.from, in->frame.seq);
    p->offered = true;
}

/* What is compressed is unpacked to memory of its own. */
static void take_packed(gi_port *p, uint32_t peer, gi_coming *in)
{
    unsigned tries = 0;
    void *room;

    while ((room = gi_alloc(in->frame.raw)) == NULL)
        gi_wait_for_memory(p->loop, &tries);
    if (gi_frame_unpack(&in->frame, room) == GI_TAKEN) {
        in->frame.payload = room;
        take_frame(p, peer, in);
    } else {
        complain(p, peer, GI_REFUSED_LZ4);
        p->carrier.executed(p->carrier.arg, peer, in->frame.from,
                            in->frame.seq);
    }
    gi_free(room);
}

bool gi_port_take_in(gi_port *p, uint32_t peer)
{
    bool some = false;
    gi_coming in;

    while (p->carrier.take(p->carrier.arg, peer, &in)) {
        if (in.frame.flags & GI_FRAME_LZ4)
            take_packed(p, peer, &in);
        else
            take_frame(p, peer, &in);
        gi_free(in.block);
        some = true;
    }
    return some;
}
