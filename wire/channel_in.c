/* Frames that came: whether they are to be taken. */
#include "wire/channel_inside.h"

/* Is there the room that both agreed upon?  What was executed and not told of
 * counts, since for the peer it is still under way. */
static bool is_room(gi_channel *c, uint32_t bytes)
{
    uint64_t most =
        c->o.lane[GI_LANE_NOTES].bytes + c->o.lane[GI_LANE_DATA].bytes;

    if (c->arrivals.n + c->n_tell >= c->arrivals.cap)
        gi_channel_forget_told(c);
    return c->arrivals.n + c->n_tell < c->arrivals.cap &&
           c->arrivals.total + bytes <= most;
}

static gi_parting numbered(gi_channel *c, const gi_letter *l, bool *take,
                           int64_t now)
{
    if (l->seq <= c->received && !BUG(NO_DEDUPLICATION)) {
        c->counts.duplicates++;
        return GI_PART_NOT;
    }
    if (l->seq > c->received + 1 && !BUG(GAP_TAKEN))
        return GI_PART_GAP;
    if (c->fin_got)
        return GI_PART_UNEXPECTED;
    if (l->kind == GI_FRAME_FIN) {
        c->received = l->seq;
        c->fin_got = true;
        c->untold++;
        c->tell_at = now;
        return GI_PART_NOT;
    }
    if (!is_room(c, l->bytes))
        return GI_PART_OVERRUN;
    if (l->seq > c->received) {
        gi_arrivals_push(&c->arrivals, l->seq, l->bytes);
        c->received = l->seq;
    }
    c->counts.received++;
    *take = true;
    return GI_PART_NOT;
}

/* A frame without a number says what the highest is: so it is noticed, too,
 * when the last of them is missing. */
static gi_parting unnumbered(gi_channel *c, const gi_letter *l)
{
    if (l->seq > c->received && !BUG(TAIL_LOST))
        return GI_PART_GAP;
    if (l->kind == GI_FRAME_PING)
        c->pong_due = true;
    if (l->kind == GI_FRAME_PONG)
        gi_pulse_answer(&c->pulse);
    return GI_PART_NOT;
}

static gi_parting look_at(gi_channel *c, const gi_letter *l, bool *take,
                          int64_t now)
{
    if (c->phase != GI_PHASE_OPEN)
        return GI_PART_UNEXPECTED;
    if (l->from != c->peer || l->to != c->o.me)
        return GI_PART_STRANGER;
    gi_pulse_hear(&c->pulse);
    c->ping_due = false;
    if (!gi_channel_acked(c, l->ack, l->done, l->n_done))
        return GI_PART_NUMBERS;
    if (l->kind == GI_FRAME_DATA || l->kind == GI_FRAME_FIN)
        return numbered(c, l, take, now);
    return unnumbered(c, l);
}

bool gi_channel_arrived(gi_channel *c, uint64_t conn, const gi_letter *l,
                        int64_t now)
{
    bool take = false;
    gi_parting why;

    gi_channel_wake(c, now);
    if (l->kind == GI_FRAME_HELLO) {
        gi_channel_greeted(c, conn, l, now);
        return false;
    }
    if (conn == 0 || conn != c->conn)
        return false; /* what a connection of old still had */
    why = look_at(c, l, &take, now);
    if (why != GI_PART_NOT) {
        c->counts.gaps += why == GI_PART_GAP;
        c->counts.faults += why != GI_PART_GAP;
        gi_channel_close_conn(c, why, false, now);
    }
    gi_channel_settle(c, now);
    return take;
}
