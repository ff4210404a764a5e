#include "worker/probe.h"

#include "worker/port_inside.h"

enum { VALUE_NOTHING, VALUE_HORIZON, VALUE_TOO_OLD };

void gi_probe_tell(gi_port *p, uint32_t peer, gi_probe_what what,
                   uint32_t round, uint16_t epoch, uint32_t value)
{
    gi_far *f = &p->peers[peer];

    if (f->n_probes == GI_PROBES_WAITING) {
        if (what != GI_PROBE_DIED)
            return;    /* it is asked again */
        f->n_probes--; /* this one is not */
    }
    f->probe[f->n_probes++] = (gi_probe_note){
        .what = (uint8_t)what, .epoch = epoch, .round = round, .value = value
    };
}

static uint16_t epoch_now(const gi_port *p)
{
    return gi_frontier_now(&p->loop->w->frontier);
}

/* ------------------------------------------------------------ answering -- */

/* How old is the oldest work here?  *oldest is set for VALUE_HORIZON. */
static uint32_t horizon_since(gi_port *p, const uint64_t done[GI_EPOCHS],
                              uint16_t *oldest)
{
    const gi_frontier *f = &p->loop->w->frontier;

    *oldest = 0;
    if (!gi_frontier_oldest(f, done, oldest))
        return VALUE_NOTHING;
    return (uint16_t)(epoch_now(p) - *oldest) >= GI_EPOCHS_FAR ? VALUE_TOO_OLD
                                                               : VALUE_HORIZON;
}

static void answer_done(gi_port *p, uint32_t peer, const gi_probe_note *n)
{
    gi_probe_peer *o = &p->peers[peer].old;
    uint32_t lag = p->loop->now_ms - gi_track_fair_ms(p->loop);

    gi_frontier_done_by_now(&p->loop->w->frontier, o->done);
    o->noted = true;
    o->round = n->round;
    gi_probe_tell(p, peer, GI_PROBE_TOLD_DONE, n->round, epoch_now(p), lag);
}

static void answer_made(gi_port *p, uint32_t peer, const gi_probe_note *n)
{
    gi_probe_peer *o = &p->peers[peer].old;
    uint16_t oldest;

    if (!o->noted || o->round != n->round)
        return; /* we are another incarnation than the one that was asked */
    o->noted = false;
    uint32_t value = horizon_since(p, o->done, &oldest);
    gi_probe_tell(p, peer, GI_PROBE_TOLD_MADE, n->round, oldest, value);
}

/* --------------------------------------------------------------- asking -- */

static void ask_all(gi_port *p, gi_probe_what what)
{
    for (uint32_t i = 0; i < p->n_peers; i++) {
        gi_far *f = &p->peers[i];

        f->old.waits = f->used;
        f->old.ended = f->ended;
        if (f->used)
            gi_probe_tell(p, i, what, p->probe.round, epoch_now(p), 0);
    }
}

static void begin(gi_port *p)
{
    gi_probe *b = &p->probe;

    b->phase = GI_PROBE_NOTING;
    b->round++;
    b->asked_ms = p->loop->now_ms;
    b->fair_ms = gi_track_fair_ms(p->loop);
    b->any = b->too_old = false;
    gi_count(&p->count.probes, 1);
    ask_all(p, GI_PROBE_ASK_DONE);
}

/* Whoever died since has nothing under way any more; but first its trees fail
 * for that reason (see mourn in port.c), and not for being overdue. */
static bool all_answered(gi_port *p)
{
    if (gi_port_mourns(p))
        return false;
    for (uint32_t i = 0; i < p->n_peers; i++) {
        const gi_far *f = &p->peers[i];

        if (f->used && f->old.waits && f->old.ended == f->ended)
            return false;
    }
    return true;
}

static void older(gi_probe *b, uint32_t value, uint16_t horizon)
{
    if (value == VALUE_TOO_OLD)
        b->too_old = true;
    if (value != VALUE_HORIZON)
        return;
    if (!b->any || gi_epoch_before(horizon, b->horizon))
        b->horizon = horizon;
    b->any = true;
}

static void publish(gi_port *p)
{
    gi_probe *b = &p->probe;
    uint16_t epoch = epoch_now(p);
    uint16_t horizon = b->any ? b->horizon : (uint16_t)(epoch + 1);
    uint64_t judged =
        (uint64_t)b->fair_ms << 32 | (uint32_t)epoch << 16 | horizon;

    b->phase = GI_PROBE_IDLE;
    if (!b->too_old)
        atomic_store_explicit(&b->judged, judged, memory_order_release);
}

static void go_on(gi_port *p)
{
    gi_probe *b = &p->probe;
    uint16_t oldest;

    if (b->phase == GI_PROBE_NOTING) {
        /* Ours last, so that it is noted before anything is summed. */
        gi_frontier_done_by_now(&p->loop->w->frontier, b->done);
        b->phase = GI_PROBE_SUMMING;
        ask_all(p, GI_PROBE_ASK_MADE);
        uint32_t value = horizon_since(p, b->done, &oldest);
        older(b, value, oldest);
    } else {
        publish(p);
    }
}

bool gi_probe_turn(gi_port *p)
{
    gi_probe *b = &p->probe;
    bool some = false;

    if (b->phase == GI_PROBE_IDLE) {
        if (atomic_load_explicit(&b->wanted, memory_order_relaxed) == 0)
            return false;
        atomic_store_explicit(&b->wanted, 0, memory_order_relaxed);
        begin(p);
        some = true;
    } else if (p->loop->now_ms - b->asked_ms >
               p->loop->w->plan->set.timeout_ms / 4 + 1000) {
        begin(p); /* a question or an answer was lost with an incarnation */
        some = true;
    }
    while (b->phase != GI_PROBE_IDLE && all_answered(p)) {
        go_on(p);
        some = true;
    }
    return some;
}

void gi_probe_take(gi_port *p, uint32_t peer, const gi_probe_note *n)
{
    gi_probe *b = &p->probe;
    gi_probe_peer *o = &p->peers[peer].old;
    bool ours = n->round == b->round && o->waits;

    if (n->what == GI_PROBE_ASK_DONE || n->what == GI_PROBE_TOLD_DONE)
        gi_frontier_saw(&p->loop->w->frontier, n->epoch);
    switch (n->what) {
    case GI_PROBE_ASK_DONE:
        answer_done(p, peer, n);
        break;
    case GI_PROBE_ASK_MADE:
        answer_made(p, peer, n);
        break;
    case GI_PROBE_TOLD_DONE:
        if (!ours || b->phase != GI_PROBE_NOTING)
            break;
        o->waits = false;
        if ((int32_t)(b->asked_ms - n->value - b->fair_ms) < 0)
            b->fair_ms = b->asked_ms - n->value;
        break;
    case GI_PROBE_DIED:
        gi_port_hear(p, n->value);
        break;
    default:
        if (!ours || b->phase != GI_PROBE_SUMMING)
            break;
        o->waits = false;
        older(b, n->value, n->epoch);
    }
}

/* ---------------------------------------------------------- Thread  any -- */

void gi_probe_wanted(gi_port *p)
{
    if (atomic_exchange_explicit(&p->probe.wanted, 1, memory_order_relaxed) ==
        0)
        gi_port_wake(p->loop->w);
}

void gi_probe_judge(gi_port *p, uint32_t clock, gi_judge *j)
{
    uint64_t judged =
        atomic_load_explicit(&p->probe.judged, memory_order_acquire);

    j->now = (uint32_t)(judged >> 32);
    j->epoch = (uint16_t)(judged >> 16);
    j->horizon = (uint16_t)judged;
    if (judged != 0 && clock - j->now <= 4 * j->timeout + 60000)
        return;

    /* Nobody was asked, or long ago: nothing is overdue by that clock. */
    j->epoch = j->horizon = epoch_now(p);
    j->now = clock - (1u << 30);
}
