#include "wire/channel.h"

#include <assert.h>

#include "base/mem.h"
#include "wire/channel_inside.h"

void gi_parcels_push(gi_parcels *list, gi_parcel *p)
{
    p->next = NULL;
    if (list->first == NULL)
        list->first = p;
    else
        list->last->next = p;
    list->last = p;
}

gi_parcel *gi_parcels_pop(gi_parcels *list)
{
    gi_parcel *p = list->first;

    if (p != NULL) {
        list->first = p->next;
        p->next = NULL;
    }
    return p;
}

/* ----------------------------------------------------- made and undone -- */

static void fill_in(gi_channel_opts *o)
{
#define OR(member, value) o->member = o->member != 0 ? o->member : (value)
    OR(protocol, 1);
    OR(protocol_min, o->protocol);
    OR(lane[GI_LANE_NOTES].frames, 64);
    OR(lane[GI_LANE_NOTES].bytes, 1 << 20);
    OR(lane[GI_LANE_DATA].frames, 128);
    OR(lane[GI_LANE_DATA].bytes, 4 << 20);
    OR(ack_ns, 1000000);
    OR(ping_ns, 200000000);
    OR(silent_min_ns, 1000000000);
    OR(silent_max_ns, 3000000000);
    OR(look_ns, 100000000);
    OR(redial_min_ns, 10000000);
    OR(redial_max_ns, 1000000000);
#undef OR
}

static bool make_sense(const gi_channel_opts *o)
{
    return o->me != 0 && o->protocol_min <= o->protocol &&
           o->lane[GI_LANE_NOTES].frames <= 4096 &&
           o->lane[GI_LANE_DATA].frames <= 4096 && o->ack_ns > 0 &&
           o->look_ns > 0 && o->ping_ns > 0 && o->silent_min_ns > o->ping_ns &&
           o->silent_max_ns >= o->silent_min_ns && o->redial_min_ns > 0 &&
           o->redial_max_ns >= o->redial_min_ns;
}

gale_err gi_channel_create(gi_channel **out, const gi_channel_opts *opts,
                           int64_t now)
{
    gi_channel_opts o = *opts;
    gi_channel *c;
    uint32_t cap;

    fill_in(&o);
    if (!make_sense(&o))
        return GALE_EINVAL;
    c = gi_alloc(sizeof(*c));
    if (c == NULL)
        return GALE_ENOMEM;
    cap = o.lane[GI_LANE_NOTES].frames + o.lane[GI_LANE_DATA].frames;
    c->tell = gi_calloc(cap, sizeof(*c->tell));
    if (gi_arrivals_init(&c->arrivals, cap) != GALE_OK || c->tell == NULL) {
        gi_channel_destroy(c);
        return GALE_ENOMEM;
    }
    c->o = o;
    c->assignment = o.assignment;
    c->redial_at = now;
    c->pulse = (gi_pulse){ .look_ns = o.look_ns,
                           .ping_ns = o.ping_ns,
                           .min_ns = o.silent_min_ns,
                           .max_ns = o.silent_max_ns,
                           .at_ns = now };
    c->redial = (gi_redial){ .min_ns = o.redial_min_ns,
                             .max_ns = o.redial_max_ns,
                             .rng = { o.seed } };
    *out = c;
    return GALE_OK;
}

static uint32_t in_hand(const gi_channel *c)
{
    return c->frames[GI_LANE_NOTES] + c->frames[GI_LANE_DATA];
}

void gi_channel_destroy(gi_channel *c)
{
    if (c == NULL)
        return;
    assert(in_hand(c) == 0 || BUG(CREDIT_LEAK));
    assert(c->back.first == NULL);
    gi_arrivals_fini(&c->arrivals);
    gi_free(c->tell);
    gi_free(c);
}

/* ------------------------------------------------------------ offering -- */

bool gi_channel_room(const gi_channel *c, gi_lane lane, uint32_t bytes)
{
    return !c->leaving && !c->over &&
           c->frames[lane] < c->o.lane[lane].frames &&
           c->bytes[lane] + bytes <= c->o.lane[lane].bytes;
}

gale_err gi_channel_offer(gi_channel *c, gi_lane lane, gi_parcel *p)
{
    if (c->leaving || c->over || p->bytes > c->o.lane[lane].bytes)
        return GALE_EINVAL;
    if (!gi_channel_room(c, lane, p->bytes))
        return GALE_ELIMIT;
    p->no = 0;
    p->lane = (uint8_t)lane;
    p->executed = false;
    c->frames[lane]++;
    c->bytes[lane] += p->bytes;
    gi_parcels_push(&c->waiting[lane], p);
    return GALE_OK;
}

gi_parcel *gi_channel_back(gi_channel *c)
{
    return gi_parcels_pop(&c->back);
}

static void lose(gi_channel *c, gi_parcels *list)
{
    gi_parcel *p;

    while ((p = gi_parcels_pop(list)) != NULL) {
        if (p == &c->fin)
            continue;
        c->frames[p->lane]--;
        c->bytes[p->lane] -= p->bytes;
        c->counts.lost++;
        gi_parcels_push(&c->back, p);
    }
}

void gi_channel_lose_all(gi_channel *c)
{
    if (BUG(LOST_FORGOTTEN)) {
        for (gi_parcel *p; (p = gi_parcels_pop(&c->flight)) != NULL;) {
            c->frames[p->lane] -= p != &c->fin;
            c->bytes[p->lane] -= p->bytes;
        }
    }
    lose(c, &c->flight);
    for (int lane = 0; lane < GI_N_LANES; lane++)
        lose(c, &c->waiting[lane]);
    c->again = NULL;
    if (!BUG(RESUME_OLD))
        c->last = 0;
    c->sure = 0;
    c->fin_sent = c->fin_done = c->fin_got = false;
    c->received = 0;
    gi_arrivals_clear(&c->arrivals);
    c->n_tell = c->untold = 0;
    if (!c->o.dials)
        c->attempt = 0;
}

/* ------------------------------------------------------ the connection -- */

void gi_channel_wake(gi_channel *c, int64_t now)
{
    if (BUG(SLEEPER_ACCUSES))
        c->pulse.look_ns = INT64_MAX;
    if (gi_pulse_look(&c->pulse, now))
        c->counts.asleep += c->conn != 0;
}

static void redial_later(gi_channel *c, int64_t now)
{
    c->dialing = false;
    c->redial_at = now + gi_redial_wait(&c->redial);
}

void gi_channel_drop_conn(gi_channel *c, int64_t now)
{
    if (c->phase == GI_PHASE_OPEN && now - c->opened_at >= c->o.redial_max_ns)
        gi_redial_reset(&c->redial);
    c->phase = GI_PHASE_NONE;
    c->conn = 0;
    c->hello_due = c->ping_due = c->pong_due = false;
    redial_later(c, now);
}

void gi_channel_close_other(gi_channel *c, uint64_t conn, gi_parting why,
                            bool say)
{
    assert(c->n_closings < GI_CLOSINGS);
    c->closings[c->n_closings++] =
        (gi_closing){ .conn = conn, .why = why, .say = say };
}

void gi_channel_close_conn(gi_channel *c, gi_parting why, bool say,
                           int64_t now)
{
    if (c->conn == 0)
        return;
    gi_channel_close_other(c, c->conn, why, say);
    gi_channel_drop_conn(c, now);
}

void gi_channel_up(gi_channel *c, uint64_t conn, int64_t now)
{
    gi_channel_wake(c, now);
    if (c->over || c->conn != 0 || !c->o.dials) {
        gi_channel_close_other(c, conn, GI_PART_REPLACED, false);
        return;
    }
    c->dialing = false;
    c->conn = conn;
    c->phase = GI_PHASE_GREETING;
    c->hello_due = true;
    c->attempt++;
    gi_pulse_begin(&c->pulse, true);
}

void gi_channel_dial_failed(gi_channel *c, int64_t now)
{
    gi_channel_wake(c, now);
    if (c->dialing)
        redial_later(c, now);
}

void gi_channel_down(gi_channel *c, uint64_t conn, int64_t now)
{
    gi_channel_wake(c, now);
    if (conn == 0 || conn != c->conn)
        return;
    gi_channel_drop_conn(c, now);
    gi_channel_settle(c, now);
}

/* Where many begin at once, over TLS say, a greeting may take longer than a
 * silence: if each was given up then, none would ever come.  So whoever gave
 * one up lets the next take twice as long, up to a bound. */
static bool lost_patience(gi_channel *c)
{
    int64_t limit = gi_pulse_limit(&c->pulse);
    int64_t most = c->o.silent_min_ns * GI_GREETING_TIMES;

    if (c->phase == GI_PHASE_OPEN)
        return gi_pulse_lost(&c->pulse);
    if (limit < most)
        limit = limit << c->hurried < most ? limit << c->hurried : most;
    if (gi_pulse_silence(&c->pulse) < limit)
        return false;
    c->hurried += limit < most;
    return true;
}

void gi_channel_tick(gi_channel *c, int64_t now)
{
    gi_channel_wake(c, now);
    if (c->conn == 0) {
        if (c->dialing && lost_patience(c))
            redial_later(c, now);
        return;
    }
    if (lost_patience(c) && !BUG(NEVER_ACCUSES)) {
        c->suspicious = true;
        c->counts.silences++;
        gi_channel_close_conn(c, GI_PART_SILENT, false, now);
    } else if (c->phase == GI_PHASE_OPEN && gi_pulse_must_ask(&c->pulse)) {
        gi_pulse_ask(&c->pulse); /* even if the connection takes nothing */
        c->ping_due = true;
    }
}

int64_t gi_channel_due(const gi_channel *c)
{
    int64_t due = INT64_MAX;

    if (c->over)
        return due;
    if (c->conn != 0 || c->dialing)
        due = c->pulse.at_ns + c->o.look_ns / 2;
    else if (c->o.dials)
        due = c->redial_at;
    if (c->phase == GI_PHASE_OPEN && c->untold != 0 && c->tell_at < due &&
        c->tell_at > c->pulse.at_ns) /* else it waits for the connection */
        due = c->tell_at;
    return due;
}

/* ------------------------------------------------------- news and ends -- */

void gi_channel_peer_ended(gi_channel *c, uint64_t incarnation, int64_t now)
{
    gi_channel_wake(c, now);
    if (incarnation > c->ended) {
        c->ended = BUG(ENDED_FORGOTTEN) ? 0 : incarnation;
        c->counts.deaths++;
    }
    if (c->peer == 0 || c->peer > incarnation)
        return;
    if (c->leaving && c->fin_got && in_hand(c) == 0)
        c->over = true; /* it had said goodbye, and left nothing undone */
    gi_channel_lose_all(c);
    gi_channel_close_conn(c, GI_PART_DIED, false, now);
    c->peer = 0;
}

void gi_channel_assign(gi_channel *c, uint64_t version, int64_t now)
{
    gi_channel_wake(c, now);
    if (version <= c->o.assignment)
        return;
    c->o.assignment = version;
    if (c->assignment < version)
        c->assignment = version;
    gi_redial_reset(&c->redial);
    c->hurried = 0;
    gi_channel_close_conn(c, GI_PART_REASSIGNED, false, now);
    if (!c->dialing)
        c->redial_at = now;
}

void gi_channel_dial_now(gi_channel *c, int64_t now)
{
    gi_channel_wake(c, now);
    gi_redial_reset(&c->redial);
    c->hurried = 0;
    if (c->phase == GI_PHASE_GREETING) /* at the old place */
        gi_channel_close_conn(c, GI_PART_REPLACED, false, now);
    c->dialing = false;
    c->redial_at = now;
}

void gi_channel_leave(gi_channel *c, int64_t now)
{
    gi_channel_wake(c, now);
    c->leaving = true;
    gi_channel_settle(c, now);
}

void gi_channel_abandon(gi_channel *c)
{
    gi_channel_lose_all(c);
    gi_channel_close_conn(c, GI_PART_GIVEN_UP, false, c->pulse.at_ns);
    c->over = true;
}

/* The link is over when both ends have said so, and each knows it of the
 * other.  The last of these acknowledgements may get lost: who dials asks
 * again, and who does not dial may go, and answer the question. */
void gi_channel_settle(gi_channel *c, int64_t now)
{
    bool said = c->fin_sent && c->fin_got && c->arrivals.n == 0;

    if (!c->leaving || c->over)
        return;
    if (said && c->fin_done && c->untold == 0)
        c->over = true;
    else if (said && c->conn == 0 && !c->o.dials)
        c->over = true;
    if (!c->over)
        return;
    gi_channel_close_conn(c, GI_PART_DONE, false, now);
    gi_channel_lose_all(c); /* there is nothing but FIN */
}

uint64_t gi_channel_deaths(const gi_channel *c)
{
    return c->counts.deaths;
}

void gi_channel_look(const gi_channel *c, gi_channel_view *out)
{
    *out = (gi_channel_view){
        .peer = c->peer,
        .open = c->phase == GI_PHASE_OPEN,
        .suspicious = c->suspicious,
        .leaving = c->leaving,
        .peer_leaving = c->fin_got || c->over,
        .over = c->over,
        .refused = c->refused,
        .assignment = c->assignment,
        .protocol = c->protocol,
        .open_here = c->arrivals.n,
        .counts = c->counts,
    };
    for (int lane = 0; lane < GI_N_LANES; lane++) {
        out->frames[lane] = c->frames[lane];
        out->bytes[lane] = c->bytes[lane];
    }
}
