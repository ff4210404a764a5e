#include "wire/conn.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"

struct gi_conn {
    gi_inbox *in;
    nng_stream *stream;
    nng_aio *rx, *tx;

    /* what is being read: of whoever reads, one at a time */
    unsigned char head[GI_FRAME_HEAD];
    gi_came *frame; /* NULL: its header still comes */
    size_t have;

    /* what is being sent */
    unsigned char *out;
    size_t left;

    /* guarded by the inbox's lock */
    gi_came *first, *last;
    uint32_t held, held_most, limit;
    size_t held_bytes;
    bool paused, down, busy;
    gi_refusal why;
};

void gi_inbox_tell(gi_inbox *in)
{
    bool was;

    pthread_mutex_lock(&in->lock);
    was = in->full;
    in->full = true;
    pthread_mutex_unlock(&in->lock);
    if (!was)
        in->wake(in->arg);
}

/* ------------------------------------------------------------- reading -- */

static void give_up(gi_conn *c, gi_refusal why)
{
    pthread_mutex_lock(&c->in->lock);
    c->down = true;
    c->why = why;
    pthread_mutex_unlock(&c->in->lock);
    gi_inbox_tell(c->in);
}

/* If the stream broke while nothing was being read, nng has closed it, and a
 * read that is begun then never ends.  So look whether there is a peer still,
 * after the beginning: whatever breaks later ends the read. */
static void read_on(gi_conn *c)
{
    nng_sockaddr peer;
    nng_iov iov = { c->head + c->have, GI_FRAME_HEAD - c->have };

    if (c->frame != NULL)
        iov = (nng_iov){ c->frame->bytes + c->have, c->frame->len - c->have };
    nng_aio_set_iov(c->rx, 1, &iov);
    nng_stream_recv(c->stream, c->rx);
    if (nng_stream_get_addr(c->stream, NNG_OPT_REMADDR, &peer) != 0)
        nng_aio_abort(c->rx, NNG_ECONNSHUT);
}

/* The header is here: is there to be memory for the rest? */
static gi_refusal make_room(gi_conn *c)
{
    uint32_t limit, stored;
    gi_refusal r;

    pthread_mutex_lock(&c->in->lock);
    limit = c->limit;
    pthread_mutex_unlock(&c->in->lock);
    r = gi_frame_peek(c->head, limit, &stored);
    if (r != GI_TAKEN)
        return r;
    c->frame = gi_alloc(sizeof(*c->frame) + GI_FRAME_HEAD + stored);
    if (c->frame == NULL)
        return GI_REFUSED_ROOM;
    c->frame->next = NULL;
    c->frame->len = GI_FRAME_HEAD + stored;
    memcpy(c->frame->bytes, c->head, GI_FRAME_HEAD);
    return GI_TAKEN;
}

/* A whole frame: into the inbox.  True: read the next one. */
static bool hand_over(gi_conn *c)
{
    gi_came *f = c->frame;
    bool more;

    c->frame = NULL;
    c->have = 0;
    pthread_mutex_lock(&c->in->lock);
    if (c->first == NULL)
        c->first = f;
    else
        c->last->next = f;
    c->last = f;
    c->held++;
    c->held_bytes += f->len;
    more = c->held < c->held_most && c->held_bytes < GI_CONN_HELD_BYTES;
    c->paused = !more;
    pthread_mutex_unlock(&c->in->lock);
    gi_inbox_tell(c->in);
    return more;
}

static void on_read(void *arg)
{
    gi_conn *c = arg;
    gi_refusal r = GI_TAKEN;

    if (nng_aio_result(c->rx) != 0) {
        give_up(c, GI_TAKEN);
        return;
    }
    c->have += nng_aio_count(c->rx);
    if (c->frame == NULL && c->have == GI_FRAME_HEAD)
        r = make_room(c);
    if (r == GI_TAKEN && c->frame != NULL && c->have == c->frame->len) {
        r = gi_frame_check(c->frame->bytes, c->frame->len,
                           GI_FRAME_PAYLOAD_MAX, &c->frame->frame);
        if (r == GI_TAKEN && !hand_over(c))
            return;
    }
    if (r != GI_TAKEN)
        give_up(c, r);
    else
        read_on(c);
}

static bool resume(gi_conn *c)
{
    bool go = c->paused && !c->down && c->held < c->held_most &&
              c->held_bytes < GI_CONN_HELD_BYTES;

    if (go)
        c->paused = false;
    return go;
}

void gi_conn_greeted(gi_conn *c, uint32_t limit)
{
    bool go;

    pthread_mutex_lock(&c->in->lock);
    c->limit = limit;
    c->held_most = GI_CONN_HELD;
    go = resume(c);
    pthread_mutex_unlock(&c->in->lock);
    if (go)
        read_on(c);
}

gi_came *gi_conn_take(gi_conn *c)
{
    bool go = false;
    gi_came *f;

    pthread_mutex_lock(&c->in->lock);
    f = c->first;
    if (f != NULL) {
        c->first = f->next;
        c->held--;
        c->held_bytes -= f->len;
        go = c->held_most > 1 && resume(c);
    }
    pthread_mutex_unlock(&c->in->lock);
    if (go)
        read_on(c);
    return f;
}

bool gi_conn_down(gi_conn *c, gi_refusal *why)
{
    bool down;

    pthread_mutex_lock(&c->in->lock);
    down = c->down && c->first == NULL;
    *why = c->why;
    pthread_mutex_unlock(&c->in->lock);
    return down;
}

/* ------------------------------------------------------------- sending -- */

static void write_on(gi_conn *c)
{
    nng_iov iov = { c->out, c->left };

    nng_aio_set_iov(c->tx, 1, &iov);
    nng_stream_send(c->stream, c->tx);
}

/* If it failed it stays busy: nothing more can go, and reading will tell. */
static void on_written(void *arg)
{
    gi_conn *c = arg;
    size_t n;

    if (nng_aio_result(c->tx) != 0) {
        nng_stream_close(c->stream);
        return;
    }
    n = nng_aio_count(c->tx);
    c->out += n;
    c->left -= n;
    if (c->left > 0) {
        write_on(c);
        return;
    }
    pthread_mutex_lock(&c->in->lock);
    c->busy = false;
    pthread_mutex_unlock(&c->in->lock);
    gi_inbox_tell(c->in);
}

bool gi_conn_busy(gi_conn *c)
{
    bool busy;

    pthread_mutex_lock(&c->in->lock);
    busy = c->busy;
    pthread_mutex_unlock(&c->in->lock);
    return busy;
}

void gi_conn_send(gi_conn *c, void *frame, size_t len)
{
    assert(!gi_conn_busy(c));
    pthread_mutex_lock(&c->in->lock);
    c->busy = true;
    pthread_mutex_unlock(&c->in->lock);
    c->out = frame;
    c->left = len;
    write_on(c);
}

/* ---------------------------------------------------- made and undone -- */

gale_err gi_conn_create(gi_conn **out, gi_inbox *in, nng_stream *stream,
                        uint32_t limit)
{
    gi_conn *c = gi_alloc(sizeof(*c));

    if (c == NULL) {
        nng_stream_free(stream);
        return GALE_ENOMEM;
    }
    c->in = in;
    c->stream = stream;
    c->limit = limit;
    c->held_most = 1;
    if (nng_aio_alloc(&c->rx, on_read, c) != 0 ||
        nng_aio_alloc(&c->tx, on_written, c) != 0) {
        gi_conn_destroy(c);
        return GALE_ENOMEM;
    }
    read_on(c);
    *out = c;
    return GALE_OK;
}

void gi_conn_destroy(gi_conn *c)
{
    gi_came *f;

    if (c == NULL)
        return;
    nng_stream_close(c->stream);
    if (c->rx != NULL) {
        nng_aio_stop(c->rx);
        nng_aio_free(c->rx);
    }
    if (c->tx != NULL) {
        nng_aio_stop(c->tx);
        nng_aio_free(c->tx);
    }
    nng_stream_free(c->stream);
    gi_free(c->frame);
    while ((f = c->first) != NULL) {
        c->first = f->next;
        gi_free(f);
    }
    gi_free(c);
}
