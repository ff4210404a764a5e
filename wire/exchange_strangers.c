/* Who knocks: to be brought to his line, or sent away. */
#include "wire/exchange_inside.h"

#include "base/log.h"
#include "base/mem.h"

/* As long as who dials waits for the answer, if he has to (channel.c). */
#define GREETING_NS (GI_GREETING_TIMES * INT64_C(1000000000))

/* His connection, which he has no more; the place is free. */
static gi_conn *leave(gi_exchange *x, gi_stranger *s)
{
    gi_conn *conn = s->conn;

    x->n_inside -= conn != NULL;
    s->conn = NULL;
    return conn;
}

static void put_out(gi_exchange *x, gi_stranger *s)
{
    gi_conn_destroy(leave(x, s));
}

void gi_strangers_end(gi_exchange *x)
{
    for (uint32_t i = 0; i < x->n_places; i++) {
        put_out(x, x->place[i]);
        gi_free(x->place[i]);
    }
    gi_free(x->place);
}

static void complain(gi_exchange *x, const gi_stranger *s, const char *who,
                     const char *text, int64_t now)
{
    uint64_t unsaid;

    if (gi_gripe_now(&x->gripe, now, &unsaid))
        gi_log(GALE_LOG_WARN, "exchange",
               "%s at %s is sent away: %s (%llu more)", who,
               gi_conn_address(s->conn), text, (unsigned long long)unsaid);
}

/* ---------------------------------------------------------- coming in -- */

/* All peers may come at once, and must not push each other out while their
 * greetings are on their way.  NULL: that would be more places than that, or
 * there is no memory. */
static gi_stranger *new_place(gi_exchange *x)
{
    gi_stranger **place, *s;

    if (x->n_places >= GI_STRANGERS + x->n_lines)
        return NULL;
    place = gi_realloc(x->place, (x->n_places + 1) * sizeof(*place));
    if (place == NULL)
        return NULL;
    x->place = place;
    s = gi_alloc(sizeof(*s));
    if (s != NULL)
        x->place[x->n_places++] = s;
    return s;
}

/* A free place, or the oldest one's; rather of whom was told to go.  NULL: no
 * memory for the first. */
static gi_stranger *find_place(gi_exchange *x)
{
    gi_stranger *oldest = NULL, *new;

    for (uint32_t i = 0; i < x->n_places; i++) {
        gi_stranger *s = x->place[i];

        if (s->conn == NULL)
            return s;
        if (oldest == NULL ||
            (s->refused != oldest->refused ? s->refused
                                           : s->order < oldest->order))
            oldest = s;
    }
    new = new_place(x);
    if (new != NULL || oldest == NULL)
        return new;
    x->counts.crowded += !oldest->refused;
    put_out(x, oldest);
    return oldest;
}

static void let_in(gi_exchange *x, nng_stream *stream, int64_t now)
{
    gi_prover we = { .secret = gi_secrets_secret(x->common.secrets),
                     .key = x->common.key };
    gi_stranger *s = find_place(x);
    gi_conn *conn;

    if (s == NULL) {
        nng_stream_free(stream);
        x->counts.turned_away++;
        return;
    }
    if (gi_conn_create(&conn, &x->common.inbox, stream, GI_LETTER_PAYLOAD_MOST,
                       &we) != GALE_OK) {
        x->counts.turned_away++;
        return;
    }
    x->counts.strangers++;
    x->n_inside++;
    *s = (gi_stranger){ .conn = conn,
                        .order = ++x->n_came,
                        .until = now + GREETING_NS };
}

static void look_at_door(gi_exchange *x, int64_t now)
{
    uint64_t unsaid;
    nng_stream *s;
    int error;

    while ((s = gi_door_take(x->door, now, &error)) != NULL)
        let_in(x, s, now);
    if (error == 0)
        return;
    x->counts.turned_away++;
    if (gi_gripe_now(&x->door_gripe, now, &unsaid))
        gi_log(GALE_LOG_ERROR, "exchange", "cannot let anybody in: %s",
               nng_strerror(error));
}

/* ----------------------------------------------------------- greetings -- */

/* He is told why, and is to hang up himself: closing a stream of which not all
 * was read may undo what was written. */
static void refuse(gi_exchange *x, gi_stranger *s, const gi_letter *hello,
                   gi_parting why, int64_t now)
{
    gi_letter no = { .kind = GI_FRAME_HELLO,
                     .from = x->channel.me,
                     .to = hello->from };
    gi_frame f;

    no.greeting = (gi_greeting){ .assignment = x->channel.assignment,
                                 .attempt = hello->greeting.attempt,
                                 .key = x->channel.key,
                                 .wanted = hello->greeting.key,
                                 .protocol = hello->greeting.protocol,
                                 .refused = why };
    complain(x, s, "somebody", gi_parting_text(why), now);
    gi_letter_write(&no, s->own + GI_FRAME_HEAD, &f);
    gi_frame_seal(s->own, &f);
    gi_conn_send(s->conn, &(nng_iov){ s->own, sizeof(s->own) }, 1);
    gi_conn_greeted(s->conn, GI_LETTER_PAYLOAD_MOST);
    s->refused = true;
    s->until = now + GI_PATIENCE_NS;
}

static void greeted(gi_exchange *x, gi_stranger *s, const gi_letter *hello,
                    int64_t now)
{
    gi_line *line = gi_exchange_line(x, hello->greeting.key);

    if (hello->greeting.wanted != x->channel.key) {
        x->counts.mistaken++;
        refuse(x, s, hello, GI_PART_MISTAKEN, now);
    } else if (line == NULL) {
        x->counts.unknown++;
        refuse(x, s, hello, GI_PART_UNKNOWN, now);
    } else {
        x->counts.welcomed++;
        gi_line_welcome(line, leave(x, s), hello, now);
    }
}

static void said(gi_exchange *x, gi_stranger *s, const gi_came *came,
                 int64_t now)
{
    gi_letter l;

    if (gi_letter_read(&came->frame, x->common.numbers, GI_LETTER_OPEN_MOST,
                       &l) == GI_TAKEN &&
        l.kind == GI_FRAME_HELLO && l.greeting.refused == 0) {
        greeted(x, s, &l, now);
        return;
    }
    x->counts.nonsense++;
    complain(x, s, "somebody", "that was no greeting", now);
    put_out(x, s);
}

static void ended(gi_exchange *x, gi_stranger *s, const gi_conn_end *why,
                  int64_t now)
{
    if (!s->refused) {
        if (why->refusal != GI_TAKEN)
            x->counts.nonsense++;
        else
            x->counts.broken++;
        complain(x, s, "somebody", gi_conn_end_text(why), now);
    }
    put_out(x, s);
}

static void hear(gi_exchange *x, gi_stranger *s, int64_t now)
{
    gi_conn_end why;
    gi_came *came;

    while (s->conn != NULL && (came = gi_conn_take(s->conn)) != NULL) {
        if (!s->refused)
            said(x, s, came, now);
        gi_free(came);
    }
    if (s->conn == NULL)
        return;
    if (gi_conn_down(s->conn, &why)) {
        ended(x, s, &why, now);
    } else if (now >= s->until) {
        if (!s->refused) {
            x->counts.silent++;
            complain(x, s, "somebody",
                     "there was no greeting within 4 seconds", now);
        }
        put_out(x, s);
    }
}

int64_t gi_strangers_turn(gi_exchange *x, int64_t now)
{
    int64_t due;

    look_at_door(x, now);
    due = gi_door_due(x->door);
    for (uint32_t i = 0; i < x->n_places && x->n_inside > 0; i++) {
        gi_stranger *s = x->place[i];

        if (s->conn != NULL && (gi_conn_news(s->conn) || now >= s->until))
            hear(x, s, now);
        if (s->conn != NULL && s->until < due)
            due = s->until;
    }
    return due;
}
