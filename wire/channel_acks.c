/* What is executed: heard of our frames, told of the peer's. */
#include "wire/channel_inside.h"

/* The parcel at *at is executed; it is in the flight behind `before`. */
static void done(gi_channel *c, gi_parcel *before, gi_parcel *p)
{
    bool first = before == NULL;

    if (first)
        c->flight.first = p->next;
    else
        before->next = p->next;
    if (c->flight.last == p)
        c->flight.last = before;
    if (p->no > c->sure)
        c->sure = p->no;
    if (p == &c->fin) {
        c->fin_done = true;
        return;
    }
    if (!BUG(CREDIT_LEAK) || first) {
        c->frames[p->lane]--;
        c->bytes[p->lane] -= p->bytes;
    }
    c->counts.executed++;
    p->executed = true;
    gi_parcels_push(&c->back, p);
}

/* Frames mostly end in about the order they left: it is found soon. */
static void done_by_number(gi_channel *c, uint64_t no)
{
    gi_parcel *before = NULL;
    gi_parcel *p = c->flight.first;

    for (; p != NULL && p->no < no; p = p->next)
        before = p;
    if (p != NULL && p->no == no)
        done(c, before, p);
}

bool gi_channel_acked(gi_channel *c, uint64_t ack, const uint64_t *numbers,
                      uint32_t n)
{
    uint64_t sent = gi_channel_sent_to(c);

    if (ack > sent)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        if (numbers[i] > sent)
            return false;
    }
    while (c->flight.first != NULL && c->flight.first->no <= ack)
        done(c, NULL, c->flight.first);
    for (uint32_t i = 0; i < n; i++)
        done_by_number(c, numbers[i]);
    return true;
}

/* It has had at least what it executed, at most what was sent; and it claims
 * to be busy only with frames of which it did not say that they are done. */
bool gi_channel_can_resume(const gi_channel *c, const gi_greeting *g)
{
    const gi_parcel *p = c->flight.first;
    uint64_t before = 0;

    if (g->received < c->sure || g->received > c->last)
        return false;
    for (uint32_t i = 0; i < g->n_open; i++) {
        if (g->open[i] <= before || g->open[i] > g->received)
            return false;
        before = g->open[i];
        while (p != NULL && p->no < before)
            p = p->next;
        if (p == NULL || p->no != before)
            return false;
    }
    return true;
}

void gi_channel_resume(gi_channel *c, const gi_greeting *g)
{
    gi_parcel *before = NULL, *p = c->flight.first, *next;
    uint32_t i = 0;

    for (; p != NULL && p->no <= g->received; p = next) {
        next = p->next;
        if (i < g->n_open && g->open[i] == p->no && !BUG(OPEN_IGNORED)) {
            i++;
            before = p;
        } else {
            done(c, before, p);
        }
    }
    c->again = p;
    if (BUG(RESUME_LATE) && p != NULL)
        c->again = p->next;
}

/* Those that the cumulative number has come to include. */
void gi_channel_forget_told(gi_channel *c)
{
    uint64_t to = gi_channel_executed_to(c);
    uint32_t kept = 0;

    for (uint32_t i = 0; i < c->n_tell; i++) {
        if (c->tell[i] > to)
            c->tell[kept++] = c->tell[i];
    }
    c->n_tell = kept;
}

void gi_channel_executed(gi_channel *c, uint64_t from, uint64_t no,
                         int64_t now)
{
    gi_channel_wake(c, now);
    if ((from != c->peer && !BUG(LATE_TAKEN)) ||
        !gi_arrivals_remove(&c->arrivals, no)) {
        c->counts.late++;
        return;
    }
    if (no > gi_channel_executed_to(c) && !BUG(DONE_UNTOLD))
        c->tell[c->n_tell++] = no;
    if (c->untold++ == 0)
        c->tell_at = now + c->o.ack_ns;
    gi_channel_settle(c, now);
}
