#include "wire/line_inside.h"

#include "base/log.h"
#include "base/mem.h"

/* -------------------------------------------------------------- guests -- */

void gi_line_dismiss(gi_line *l, gi_guest *g)
{
    gi_conn_destroy(g->conn);
    g->conn = NULL;
    gi_free(g->own);
    g->own = NULL;
    gi_line_unlend(l, g->id);
}

gi_guest *gi_line_guest(gi_line *l, uint64_t id)
{
    for (int i = 0; i < GI_GUESTS; i++) {
        if (l->guest[i].conn != NULL && l->guest[i].id == id)
            return &l->guest[i];
    }
    return NULL;
}

/* A free place, or that of whom nobody would miss the most. */
static gi_guest *place(gi_line *l)
{
    gi_guest *oldest = NULL;

    for (int i = 0; i < GI_GUESTS; i++) {
        gi_guest *g = &l->guest[i];

        if (g->conn == NULL)
            return g;
        if (g->parting && (oldest == NULL || g->id < oldest->id))
            oldest = g;
    }
    gi_line_dismiss(l, oldest); /* only one is not parting */
    return oldest;
}

/* Takes the connection.  NULL: no memory. */
static gi_guest *let_in(gi_line *l, gi_conn *conn)
{
    unsigned char *own = gi_alloc(GI_FRAME_HEAD + GI_LETTER_PAYLOAD_MOST);
    gi_guest *g;

    if (own == NULL) {
        gi_conn_destroy(conn);
        return NULL;
    }
    g = place(l);
    *g = (gi_guest){ .conn = conn, .id = ++l->common->last_id, .own = own };
    return g;
}

/* ------------------------------------------------------------- obeying -- */

/* Whom to let in and whom not changes with every assignment: that is daily
 * life, and no reason for complaint. */
static gale_level level_of(unsigned why)
{
    return why == GI_PART_ASSIGNMENT_NEW || why == GI_PART_ASSIGNMENT_OLD
               ? GALE_LOG_DEBUG
               : GALE_LOG_WARN;
}

static void complain(gi_line *l, const gi_conn *conn, const char *what,
                     unsigned why, int64_t now)
{
    uint64_t unsaid;

    if (gi_gripe_now(&l->gripe, now, &unsaid))
        gi_log(level_of(why), "exchange", "%s %s at %s: %s (%llu more)",
               l->name, what, gi_conn_address(conn), gi_parting_text(why),
               (unsigned long long)unsaid);
}

static void complain_end(gi_line *l, const gi_conn *conn,
                         const gi_conn_end *why, int64_t now)
{
    uint64_t unsaid;

    if (gi_gripe_now(&l->gripe, now, &unsaid))
        gi_log(GALE_LOG_WARN, "exchange",
               "the connection to %s at %s is given up: %s (%llu more)",
               l->name, gi_conn_address(conn), gi_conn_end_text(why),
               (unsigned long long)unsaid);
}

/* Whoever is told something stays until he has gone, since closing a stream of
 * which not all was read may undo what was written; but no longer than a
 * second.  The last acknowledgement of a link only has to get out. */
static void part(gi_line *l, const gi_act *a, int64_t now)
{
    gi_guest *g = gi_line_guest(l, a->conn);
    bool busy;

    gi_line_send(l); /* what was to go before it ends */
    if (g == NULL)
        return;
    if (a->say)
        complain(l, g->conn, "is refused", a->why, now);
    busy = gi_conn_busy(g->conn);
    if ((busy && l->n_lent > 0 && l->sending_on == g->id) ||
        (!a->say && (a->why != GI_PART_DONE || !busy))) {
        gi_line_dismiss(l, g);
        return;
    }
    if (a->say && !busy)
        gi_line_refuse(g, &a->letter);
    gi_conn_greeted(g->conn, GI_LETTER_PAYLOAD_MOST);
    g->parting = true;
    g->said = a->say;
    g->until = now + GI_PATIENCE_NS;
}

static void obey(gi_line *l, int64_t now)
{
    gi_act a;

    do {
        while (gi_channel_next(l->channel, gi_line_may_send(l), now, &a)) {
            if (a.what == GI_DO_CLOSE)
                part(l, &a, now);
            else if (a.what == GI_DO_SEND)
                gi_line_put(l, gi_line_guest(l, a.conn), &a.letter);
            else
                gi_line_dial(l, now);
        }
    } while (gi_line_send(l));
}

/* ------------------------------------------------------------- arrivals -- */

static void keep(gi_line *l, gi_came *came)
{
    came->next = NULL;
    if (l->first == NULL)
        l->first = came;
    else
        l->last->next = came;
    l->last = came;
}

/* The peer greeted as it should: from now on it may send larger frames. */
static void look_whether_greeted(gi_line *l, gi_guest *g,
                                 const gi_letter *letter, int64_t now)
{
    if (letter->greeting.refused != 0)
        complain(l, g->conn, "refuses us", letter->greeting.refused, now);
    if (letter->greeting.refused != 0 || gi_channel_conn(l->channel) != g->id)
        return;
    gi_gripe_hush(&l->gripe, now + GI_HUSH_NS);
    gi_conn_greeted(g->conn, l->common->payload_most);
}

/* False: it is of no more use. */
static bool hand_in(gi_line *l, gi_guest *g, gi_came *came, int64_t now)
{
    gi_letter letter;

    if (gi_letter_read(&came->frame, l->common->numbers, GI_LETTER_OPEN_MOST,
                       &letter) != GI_TAKEN) {
        gi_free(came);
        return false;
    }
    if (gi_channel_arrived(l->channel, g->id, &letter, now))
        keep(l, came);
    else
        gi_free(came);
    if (letter.kind == GI_FRAME_HELLO)
        look_whether_greeted(l, g, &letter, now);
    return true;
}

static void gone(gi_line *l, gi_guest *g, int64_t now)
{
    uint64_t id = g->id;

    gi_line_dismiss(l, g);
    gi_channel_down(l->channel, id, now);
}

static void hear(gi_line *l, gi_guest *g, int64_t now)
{
    uint64_t id = g->id;
    gi_conn_end why;
    gi_came *came;

    while (g->conn != NULL && g->id == id &&
           (came = gi_conn_take(g->conn)) != NULL) {
        if (g->parting)
            gi_free(came);
        else if (!hand_in(l, g, came, now))
            gone(l, g, now);
        obey(l, now);
    }
    if (g->conn == NULL || g->id != id || !gi_conn_down(g->conn, &why))
        return;
    if (why.refusal != GI_TAKEN)
        complain_end(l, g->conn, &why, now);
    gone(l, g, now);
}

static void look_at_parting(gi_line *l, gi_guest *g, int64_t now)
{
    if (now >= g->until || (!g->said && !gi_conn_busy(g->conn)))
        gi_line_dismiss(l, g);
    else if (g->until < l->due)
        l->due = g->until;
}

static void look_at_dialer(gi_line *l, int64_t now)
{
    gi_prover we = { .secret = gi_secrets_secret(l->common->secrets),
                     .dials = true,
                     .key = l->common->key,
                     .peer = l->key };
    gi_guest *g = NULL;
    nng_stream *s;
    gi_conn *conn;

    if (!gi_line_dialed(l, &s, now))
        return;
    if (s != NULL && gi_conn_create(&conn, &l->common->inbox, s,
                                    GI_LETTER_PAYLOAD_MOST, &we) == GALE_OK)
        g = let_in(l, conn);
    if (g != NULL)
        gi_channel_up(l->channel, g->id, now);
    else
        gi_channel_dial_failed(l->channel, now);
}

static bool is_news(gi_line *l)
{
    bool is = l->is_touched || atomic_load(&l->answered);

    for (int i = 0; i < GI_GUESTS; i++)
        is |= l->guest[i].conn != NULL && gi_conn_news(l->guest[i].conn);
    return is;
}

int64_t gi_line_turn(gi_line *l, int64_t now)
{
    if (!is_news(l) && now < l->due)
        return l->due;
    l->is_touched = false;
    look_at_dialer(l, now);
    for (int i = 0; i < GI_GUESTS; i++) {
        if (l->guest[i].conn != NULL)
            hear(l, &l->guest[i], now);
    }
    if (now >= gi_channel_due(l->channel))
        gi_channel_tick(l->channel, now);
    obey(l, now);
    l->due = gi_channel_due(l->channel);
    for (int i = 0; i < GI_GUESTS; i++) {
        if (l->guest[i].conn != NULL && l->guest[i].parting)
            look_at_parting(l, &l->guest[i], now);
    }
    return l->due;
}

void gi_line_welcome(gi_line *l, gi_conn *conn, const gi_letter *hello,
                     int64_t now)
{
    gi_guest *g = let_in(l, conn);

    if (g == NULL)
        return;
    l->is_touched = true;
    gi_channel_arrived(l->channel, g->id, hello, now);
    look_whether_greeted(l, g, hello, now);
    obey(l, now);
}

/* --------------------------------------------------- for the caller -- */

gale_err gi_line_offer(gi_line *l, gi_lane lane, gi_going *g)
{
    l->is_touched = true;
    g->parcel.bytes = g->raw;
    g->lent = false;
    if (g->raw > l->common->payload_most)
        return GALE_EINVAL;
    return gi_channel_offer(l->channel, lane, &g->parcel);
}

bool gi_line_take(gi_line *l, gi_coming *out)
{
    gi_came *came = l->first;

    if (came == NULL)
        return false;
    l->first = came->next;
    *out = (gi_coming){ came, came->frame };
    return true;
}

gi_channel *gi_line_channel(gi_line *l)
{
    l->is_touched = true;
    return l->channel;
}

void gi_line_abandon(gi_line *l, int64_t now)
{
    gi_channel_abandon(l->channel);
    obey(l, now);
}

/* ---------------------------------------------------- made and undone -- */

gale_err gi_line_create(gi_line **out, gi_line_common *common,
                        const gi_channel_opts *opts, const gi_peer_place *peer,
                        int64_t now)
{
    gi_line *l = gi_alloc(sizeof(*l));
    gale_err e;

    if (l == NULL)
        return GALE_ENOMEM;
    l->common = common;
    l->key = peer->key;
    l->is_touched = true;
    gi_gripe_hush(&l->gripe, now + GI_HUSH_NS);
    l->name = gi_strdup(peer->name != NULL ? peer->name : "a peer");
    e = l->name == NULL ? GALE_ENOMEM
                        : gi_channel_create(&l->channel, opts, now);
    if (e == GALE_OK && opts->dials)
        e = gi_line_open_dialer(l, peer->url);
    if (e != GALE_OK) {
        gi_line_destroy(l);
        return e;
    }
    *out = l;
    return GALE_OK;
}

void gi_line_destroy(gi_line *l)
{
    gi_came *came;

    if (l == NULL)
        return;
    for (int i = 0; i < GI_GUESTS; i++) {
        if (l->guest[i].conn != NULL)
            gi_line_dismiss(l, &l->guest[i]);
    }
    gi_line_close_dialer(l);
    while ((came = l->first) != NULL) {
        l->first = came->next;
        gi_free(came);
    }
    gi_channel_destroy(l->channel);
    gi_free(l->name);
    gi_free(l);
}
