/* What to do next, and in which order. */
#include "wire/channel_inside.h"

static gi_letter letter(const gi_channel *c, gi_frame_kind kind)
{
    return (gi_letter){ .kind = kind,
                        .from = c->o.me,
                        .to = c->peer,
                        .seq = gi_channel_sent_to(c),
                        .ack = gi_channel_executed_to(c) };
}

static gi_letter hello(const gi_channel *c, gi_parting refused)
{
    gi_letter l = letter(c, GI_FRAME_HELLO);

    l.greeting = (gi_greeting){ .assignment = c->o.assignment,
                                .attempt = c->attempt,
                                .key = c->o.key,
                                .wanted = c->o.peer_key,
                                .protocol = c->o.protocol,
                                .refused = refused };
    if (refused == GI_PART_NOT) {
        l.greeting.received = c->received;
        l.greeting.n_open = c->arrivals.n;
        l.greeting.open = gi_arrivals_list(&c->arrivals);
    }
    return l;
}

/* Executed frames above the cumulative number, as many as fit. */
static gi_letter acknowledge(gi_channel *c)
{
    gi_letter l = letter(c, GI_FRAME_ACK);
    uint32_t n;

    gi_channel_forget_told(c);
    n = c->n_tell < GI_DONE_MOST ? c->n_tell : GI_DONE_MOST;
    memcpy(c->telling, c->tell, n * sizeof(*c->tell));
    memmove(c->tell, c->tell + n, (c->n_tell - n) * sizeof(*c->tell));
    c->n_tell -= n;
    if (c->n_tell == 0)
        c->untold = 0;
    l.n_done = n;
    l.done = c->telling;
    c->counts.acks++;
    return l;
}

/* At once if the peer may soon be short of credit, or waits for the end. */
static bool must_acknowledge(const gi_channel *c, int64_t now)
{
    return c->untold != 0 && (now >= c->tell_at || c->fin_got ||
                              c->untold >= c->o.lane[GI_LANE_DATA].frames / 4);
}

/* Which parcel leaves now; NULL: none.  What had left before comes first,
 * since numbers only grow on a connection. */
static gi_parcel *parcel(gi_channel *c)
{
    gi_parcel *p = c->again;

    if (p != NULL) {
        c->again = p->next;
        c->counts.resent++;
        return p;
    }
    p = gi_parcels_pop(&c->waiting[GI_LANE_NOTES]);
    if (p == NULL)
        p = gi_parcels_pop(&c->waiting[GI_LANE_DATA]);
    if (p == NULL && c->leaving && !c->fin_sent &&
        (c->flight.first == NULL || BUG(FIN_EARLY))) {
        c->fin_sent = true;
        p = &c->fin;
    }
    if (p == NULL)
        return NULL;
    p->no = ++c->last;
    c->counts.sent++;
    gi_parcels_push(&c->flight, p);
    return p;
}

static bool send_parcel(gi_channel *c, gi_letter *out)
{
    gi_parcel *p = parcel(c);

    if (p == NULL)
        return false;
    *out = letter(c, p == &c->fin ? GI_FRAME_FIN : GI_FRAME_DATA);
    out->seq = p->no;
    out->bytes = p->bytes;
    out->parcel = p == &c->fin ? NULL : p;
    if (c->n_tell == 0)
        c->untold = 0;
    return true;
}

static bool send_next(gi_channel *c, int64_t now, gi_letter *out)
{
    if (c->hello_due) {
        c->hello_due = false;
        c->n_tell = c->untold = 0; /* the greeting says it all */
        *out = hello(c, GI_PART_NOT);
        return true;
    }
    if (c->phase != GI_PHASE_OPEN)
        return false;
    if (c->pong_due) {
        c->pong_due = false;
        *out = letter(c, GI_FRAME_PONG);
        return true;
    }
    if (c->n_tell != 0 && must_acknowledge(c, now)) {
        *out = acknowledge(c);
        return true;
    }
    if (send_parcel(c, out))
        return true;
    if (must_acknowledge(c, now)) {
        *out = acknowledge(c);
        return true;
    }
    if (c->ping_due) {
        c->ping_due = false;
        c->counts.pings++;
        *out = letter(c, GI_FRAME_PING);
        return true;
    }
    return false;
}

static void close_next(gi_channel *c, gi_act *out)
{
    gi_closing first = c->closings[0];

    c->n_closings--;
    memmove(c->closings, c->closings + 1,
            c->n_closings * sizeof(*c->closings));
    *out = (gi_act){ .what = GI_DO_CLOSE,
                     .conn = first.conn,
                     .why = first.why,
                     .say = first.say };
    if (first.say)
        out->letter = hello(c, first.why);
}

uint64_t gi_channel_conn(const gi_channel *c)
{
    return c->conn;
}

bool gi_channel_next(gi_channel *c, bool may_send, int64_t now, gi_act *out)
{
    *out = (gi_act){ .what = GI_DO_NOTHING };
    if (c->n_closings != 0) {
        close_next(c, out);
    } else if (c->conn == 0 && c->o.dials && !c->dialing && !c->over &&
               now >= c->redial_at) {
        c->dialing = true;
        gi_pulse_begin(&c->pulse, true);
        out->what = GI_DO_DIAL;
    } else if (c->conn != 0 && may_send && send_next(c, now, &out->letter)) {
        out->what = GI_DO_SEND;
        out->conn = c->conn;
        gi_channel_settle(c, now);
    }
    return out->what != GI_DO_NOTHING;
}
