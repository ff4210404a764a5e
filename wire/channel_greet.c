/* Greetings: whether there is to be a link, and where it goes on. */
#include "wire/channel_inside.h"

static bool is_known(const gi_channel *c, uint64_t from)
{
    return from > c->ended && from >= c->peer;
}

/* The peer has a newer incarnation: the one before it has ended. */
static void meet(gi_channel *c, uint64_t from, int64_t now)
{
    if (from == c->peer)
        return;
    if (c->peer != 0) {
        gi_channel_lose_all(c);
        if (c->phase == GI_PHASE_OPEN)
            gi_channel_close_conn(c, GI_PART_DIED, false, now);
        if (c->ended < c->peer) {
            c->ended = c->peer;
            c->counts.deaths++;
        }
    }
    c->peer = from;
    c->counts.incarnations++;
}

/* What both ends have of each other must fit together. */
static gi_parting compare(const gi_channel *c, const gi_letter *l)
{
    if (l->to == c->o.me)
        return gi_channel_can_resume(c, &l->greeting) ? GI_PART_NOT
                                                      : GI_PART_NUMBERS;
    return c->sure != 0 || c->received != 0 ? GI_PART_FORGOTTEN : GI_PART_NOT;
}

static gi_parting judge(gi_channel *c, const gi_letter *l, int64_t now)
{
    const gi_greeting *g = &l->greeting;
    uint32_t agreed =
        g->protocol < c->o.protocol ? g->protocol : c->o.protocol;

    if (agreed < c->o.protocol_min)
        return GI_PART_PROTOCOL;
    if (g->key != c->o.peer_key || g->wanted != c->o.key)
        return GI_PART_MISTAKEN;
    if (!is_known(c, l->from))
        return GI_PART_ENDED;
    if (l->to > c->o.me)
        return GI_PART_SUPERSEDED;
    if (c->over)
        return GI_PART_OVER;
    meet(c, l->from, now);
    if (g->assignment > c->assignment)
        c->assignment = g->assignment;
    if (g->assignment < c->o.assignment && !BUG(OLD_ASSIGNMENT))
        return GI_PART_ASSIGNMENT_OLD;
    if (g->assignment > c->o.assignment && !BUG(OLD_ASSIGNMENT))
        return GI_PART_ASSIGNMENT_NEW;
    if (!c->o.dials && g->attempt <= c->attempt)
        return GI_PART_STALE;
    c->protocol = agreed;
    return compare(c, l);
}

static void refuse(gi_channel *c, uint64_t conn, gi_parting why, int64_t now)
{
    c->counts.refused++;
    if (conn == c->conn)
        gi_channel_close_conn(c, why, true, now);
    else
        gi_channel_close_other(c, conn, why, true);
}

/* It will come to know better, and then cannot dial. */
static bool is_behind(gi_parting why)
{
    return why == GI_PART_ASSIGNMENT_NEW || why == GI_PART_UNKNOWN;
}

/* The peer does not want us.  If the link is over for it, what it did not
 * execute will never be. */
static void refused(gi_channel *c, const gi_letter *l, int64_t now)
{
    c->counts.refused_there++;
    c->refused = (gi_parting)l->greeting.refused;
    if (l->greeting.assignment > c->assignment)
        c->assignment = l->greeting.assignment;
    if (is_behind(c->refused))
        gi_redial_at_most(&c->redial, c->o.redial_max_ns / 8);
    gi_channel_close_conn(c, GI_PART_REFUSED, false, now);
    if (c->refused == GI_PART_OVER && is_known(c, l->from) &&
        l->greeting.key == c->o.peer_key) {
        gi_channel_lose_all(c);
        c->over = true;
    }
}

static void begin(gi_channel *c, uint64_t conn, const gi_letter *l,
                  int64_t now)
{
    static const gi_greeting nothing;

    if (conn != c->conn) {
        gi_channel_close_conn(c, GI_PART_REPLACED, false, now);
        c->conn = conn;
        c->hello_due = true;
        c->attempt = l->greeting.attempt;
    }
    c->phase = GI_PHASE_OPEN;
    c->opened_at = now;
    c->hurried = 0;
    c->suspicious = false;
    c->refused = GI_PART_NOT;
    c->counts.connections++;
    gi_pulse_begin(&c->pulse, false);
    gi_channel_resume(c, l->to == c->o.me ? &l->greeting : &nothing);
}

void gi_channel_greeted(gi_channel *c, uint64_t conn, const gi_letter *l,
                        int64_t now)
{
    gi_parting why;

    if (l->greeting.refused != 0) {
        if (conn == c->conn)
            refused(c, l, now);
        else
            gi_channel_close_other(c, conn, GI_PART_REFUSED, false);
        return;
    }
    if (conn == c->conn && c->phase == GI_PHASE_OPEN) {
        c->counts.faults++;
        gi_channel_close_conn(c, GI_PART_UNEXPECTED, false, now);
        return;
    }
    if (conn != c->conn && c->o.dials) {
        gi_channel_close_other(c, conn, GI_PART_UNEXPECTED, false);
        return;
    }
    why = judge(c, l, now);
    if (why != GI_PART_NOT)
        refuse(c, conn, why, now);
    else
        begin(c, conn, l, now);
}
