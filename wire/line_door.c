/* Who comes, and who goes. */
#include "wire/line_inside.h"

#include "base/mem.h"

static void on_answer(void *arg)
{
    gi_line *l = arg;

    pthread_mutex_lock(&l->inbox.lock);
    l->answered = true;
    l->stream =
        nng_aio_result(l->aio) == 0 ? nng_aio_get_output(l->aio, 0) : NULL;
    pthread_mutex_unlock(&l->inbox.lock);
    gi_inbox_tell(&l->inbox);
}

void gi_line_ask(gi_line *l)
{
    l->asked = true;
    if (l->dialer != NULL)
        nng_stream_dialer_dial(l->dialer, l->aio);
    else
        nng_stream_listener_accept(l->listener, l->aio);
}

void gi_line_dismiss(gi_line *l, gi_guest *g)
{
    gi_conn_destroy(g->conn);
    g->conn = NULL;
    gi_free(g->own);
    g->own = NULL;
    if (l->sending_on == g->id)
        l->sending = NULL;
}

gi_guest *gi_line_guest(gi_line *l, uint64_t id)
{
    for (int i = 0; i < GI_GUESTS; i++) {
        if (l->guest[i].conn != NULL && l->guest[i].id == id)
            return &l->guest[i];
    }
    return NULL;
}

/* A free place, or that of the oldest whom nobody would miss. */
static gi_guest *place(gi_line *l)
{
    gi_guest *oldest = NULL;

    for (int i = 0; i < GI_GUESTS; i++) {
        gi_guest *g = &l->guest[i];

        if (g->conn == NULL)
            return g;
        if ((g->stranger || g->parting) &&
            (oldest == NULL || g->id < oldest->id))
            oldest = g;
    }
    if (oldest != NULL)
        gi_line_dismiss(l, oldest);
    return oldest;
}

static gi_guest *let_in(gi_line *l, nng_stream *s, int64_t now)
{
    gi_guest *g = place(l);
    gi_conn *conn;

    if (g == NULL) {
        nng_stream_free(s);
        return NULL;
    }
    unsigned char *own = gi_alloc(GI_FRAME_HEAD + GI_LETTER_PAYLOAD_MOST);
    if (own == NULL) {
        nng_stream_free(s);
        return NULL;
    }
    if (gi_conn_create(&conn, &l->inbox, s, GI_LETTER_PAYLOAD_MOST) !=
        GALE_OK) {
        gi_free(own);
        return NULL;
    }
    *g = (gi_guest){ .conn = conn,
                     .id = ++l->last_id,
                     .until = now + GI_PATIENCE_NS,
                     .stranger = true,
                     .own = own };
    return g;
}

void gi_line_look_at_door(gi_line *l, int64_t now)
{
    nng_stream *s = NULL;
    gi_guest *g;
    bool answered;

    pthread_mutex_lock(&l->inbox.lock);
    answered = l->answered;
    l->answered = false;
    if (answered)
        s = l->stream;
    pthread_mutex_unlock(&l->inbox.lock);
    if (!answered) {
        if (!l->asked && l->listener != NULL && now >= l->accept_at)
            gi_line_ask(l);
        return;
    }
    l->asked = false;
    if (l->listener != NULL) {
        if (s != NULL)
            let_in(l, s, now);
        else
            l->accept_at = now + GI_PATIENCE_NS / 100;
        if (s != NULL)
            gi_line_ask(l);
    } else if (l->dial_again) {
        l->dial_again = false;
        if (s != NULL)
            nng_stream_free(s);
        gi_line_ask(l);
    } else {
        g = s != NULL ? let_in(l, s, now) : NULL;
        if (g != NULL) {
            g->stranger = false; /* the channel watches it */
            gi_channel_up(l->channel, g->id, now);
        } else {
            gi_channel_dial_failed(l->channel, now);
        }
    }
}

gale_err gi_line_open_door(gi_line *l, const gi_line_opts *o)
{
    int port = 0;

    if (nng_aio_alloc(&l->aio, on_answer, l) != 0)
        return GALE_ENOMEM;
    nng_aio_set_timeout(l->aio, NNG_DURATION_INFINITE);
    if (o->channel.dials)
        return nng_stream_dialer_alloc(&l->dialer, o->url) == 0 ? GALE_OK
                                                                : GALE_EINVAL;
    if (nng_stream_listener_alloc(&l->listener, o->url) != 0)
        return GALE_EINVAL;
    if (nng_stream_listener_listen(l->listener) != 0)
        return GALE_EIO;
    nng_stream_listener_get_int(l->listener, NNG_OPT_TCP_BOUND_PORT, &port);
    l->port = (uint16_t)port;
    return GALE_OK;
}

void gi_line_close_door(gi_line *l)
{
    if (l->dialer != NULL)
        nng_stream_dialer_close(l->dialer);
    if (l->listener != NULL)
        nng_stream_listener_close(l->listener);
    if (l->aio != NULL) {
        nng_aio_stop(l->aio);
        nng_aio_free(l->aio);
    }
    if (l->answered && l->stream != NULL)
        nng_stream_free(l->stream);
    if (l->dialer != NULL)
        nng_stream_dialer_free(l->dialer);
    if (l->listener != NULL)
        nng_stream_listener_free(l->listener);
}
