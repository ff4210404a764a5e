#include "wire/line_inside.h"

#include "base/mem.h"

/* ------------------------------------------------------------- obeying -- */

static void send_letter(gi_line *l, gi_guest *g, const gi_letter *letter)
{
    gi_going *going = (gi_going *)letter->parcel;
    unsigned char *at = going != NULL ? going->frame : g->own;
    gi_frame f;

    gi_letter_write(letter, at + GI_FRAME_HEAD, &f);
    if (going != NULL) {
        f.raw = going->raw;
        f.stored = going->stored;
        f.flags = going->flags;
        l->sending = going;
        l->sending_on = g->id;
    }
    gi_frame_seal(at, &f);
    gi_conn_send(g->conn, at, GI_FRAME_HEAD + f.stored);
}

/* Whoever is told something stays until he has gone, since closing a stream of
 * which not all was read may undo what was written; but no longer than a
 * second.  The last acknowledgement of a link only has to get out. */
static void part(gi_line *l, const gi_act *a, int64_t now)
{
    gi_guest *g = gi_line_guest(l, a->conn);
    bool busy;

    if (g == NULL)
        return;
    busy = gi_conn_busy(g->conn);
    if ((busy && l->sending != NULL && l->sending_on == g->id) ||
        (!a->say && (a->why != GI_PART_DONE || !busy))) {
        gi_line_dismiss(l, g);
        return;
    }
    if (a->say && !busy)
        send_letter(l, g, &a->letter);
    gi_conn_greeted(g->conn, GI_LETTER_PAYLOAD_MOST);
    g->parting = true;
    g->said = a->say;
    g->until = now + GI_PATIENCE_NS;
}

static bool may_send(gi_line *l)
{
    gi_guest *g = gi_line_guest(l, gi_channel_conn(l->channel));

    return g != NULL && !gi_conn_busy(g->conn);
}

static void obey(gi_line *l, int64_t now)
{
    gi_act a;

    while (gi_channel_next(l->channel, may_send(l), now, &a)) {
        if (a.what == GI_DO_CLOSE) {
            part(l, &a, now);
        } else if (a.what == GI_DO_SEND) {
            send_letter(l, gi_line_guest(l, a.conn), &a.letter);
        } else if (l->asked) {
            l->dial_again = true;
            nng_aio_abort(l->aio, NNG_ECANCELED);
        } else {
            gi_line_ask(l);
        }
    }
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

/* False: it is of no more use. */
static bool hand_in(gi_line *l, gi_guest *g, gi_came *came, int64_t now)
{
    gi_letter letter;
    bool take;

    if (gi_letter_read(&came->frame, l->numbers, GI_LETTER_OPEN_MOST,
                       &letter) != GI_TAKEN ||
        (g->stranger && letter.kind != GI_FRAME_HELLO)) {
        gi_free(came);
        return false;
    }
    take = gi_channel_arrived(l->channel, g->id, &letter, now);
    if (take)
        keep(l, came);
    else
        gi_free(came);
    if (letter.kind == GI_FRAME_HELLO &&
        gi_channel_conn(l->channel) == g->id) {
        g->stranger = false;
        gi_conn_greeted(g->conn, l->payload_most);
    }
    return true;
}

static void hear(gi_line *l, gi_guest *g, int64_t now)
{
    uint64_t id = g->id;
    gi_refusal why;
    gi_came *came;

    while (g->conn != NULL && g->id == id &&
           (came = gi_conn_take(g->conn)) != NULL) {
        if (g->parting) {
            gi_free(came);
            continue;
        }
        if (!hand_in(l, g, came, now)) {
            gi_line_dismiss(l, g);
            gi_channel_down(l->channel, id, now);
        }
        obey(l, now);
    }
    if (g->conn == NULL || g->id != id)
        return;
    if (gi_conn_down(g->conn, &why) ||
        (g->parting && !g->said && !gi_conn_busy(g->conn)) ||
        ((g->stranger || g->parting) && now >= g->until)) {
        gi_line_dismiss(l, g);
        gi_channel_down(l->channel, id, now);
    }
}

int64_t gi_line_turn(gi_line *l, int64_t now)
{
    int64_t due;

    pthread_mutex_lock(&l->inbox.lock);
    l->inbox.full = false;
    pthread_mutex_unlock(&l->inbox.lock);
    gi_line_look_at_door(l, now);
    for (int i = 0; i < GI_GUESTS; i++) {
        if (l->guest[i].conn != NULL)
            hear(l, &l->guest[i], now);
    }
    if (now >= gi_channel_due(l->channel))
        gi_channel_tick(l->channel, now);
    obey(l, now);
    due = gi_channel_due(l->channel);
    for (int i = 0; i < GI_GUESTS; i++) {
        gi_guest *g = &l->guest[i];

        if (g->conn != NULL && (g->stranger || g->parting) && g->until < due)
            due = g->until;
    }
    if (l->listener != NULL && !l->asked && l->accept_at < due)
        due = l->accept_at;
    return due;
}

/* --------------------------------------------------- for the caller -- */

gale_err gi_line_offer(gi_line *l, gi_lane lane, gi_going *g)
{
    g->parcel.bytes = g->raw;
    if (g->raw > l->payload_most)
        return GALE_EINVAL;
    return gi_channel_offer(l->channel, lane, &g->parcel);
}

/* What is still read by nng waits, though its fate is known. */
gi_going *gi_line_back(gi_line *l)
{
    gi_guest *g = gi_line_guest(l, l->sending_on);
    gi_going *back;

    if (g == NULL || !gi_conn_busy(g->conn))
        l->sending = NULL;
    if (l->returned != NULL && l->sending == NULL) {
        back = l->returned;
        l->returned = NULL;
        return back;
    }
    back = (gi_going *)gi_channel_back(l->channel);
    if (back != NULL && back == l->sending) {
        l->returned = back;
        back = (gi_going *)gi_channel_back(l->channel);
    }
    return back;
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
    return l->channel;
}

uint16_t gi_line_port(const gi_line *l)
{
    return l->port;
}

/* ---------------------------------------------------- made and undone -- */

gale_err gi_line_create(gi_line **out, const gi_line_opts *opts, int64_t now)
{
    gi_line *l;
    gale_err e;

    if (opts->url == NULL || opts->wake == NULL ||
        opts->payload_most > GI_FRAME_PAYLOAD_MAX)
        return GALE_EINVAL;
    l = gi_alloc(sizeof(*l));
    if (l == NULL)
        return GALE_ENOMEM;
    pthread_mutex_init(&l->inbox.lock, NULL);
    l->inbox.wake = opts->wake;
    l->inbox.arg = opts->arg;
    l->payload_most =
        opts->payload_most != 0 ? opts->payload_most : GI_FRAME_PAYLOAD;
    if (l->payload_most < GI_LETTER_PAYLOAD_MOST)
        l->payload_most = GI_LETTER_PAYLOAD_MOST;
    l->numbers = gi_calloc(GI_LETTER_OPEN_MOST, sizeof(*l->numbers));
    e = l->numbers == NULL
            ? GALE_ENOMEM
            : gi_channel_create(&l->channel, &opts->channel, now);
    if (e == GALE_OK)
        e = gi_line_open_door(l, opts);
    if (e != GALE_OK) {
        gi_line_destroy(l);
        return e;
    }
    *out = l;
    return GALE_OK;
}

void gi_line_abandon(gi_line *l, int64_t now)
{
    gi_channel_abandon(l->channel);
    obey(l, now);
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
    gi_line_close_door(l);
    while ((came = l->first) != NULL) {
        l->first = came->next;
        gi_free(came);
    }
    gi_channel_destroy(l->channel);
    gi_free(l->numbers);
    pthread_mutex_destroy(&l->inbox.lock);
    gi_free(l);
}
