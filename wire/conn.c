#include "wire/conn.h"

#include <string.h>
#include <sys/random.h>

#include "base/mem.h"
#include "wire/conn_inside.h"

void gi_inbox_tell(gi_inbox *in)
{
    if (!atomic_exchange(&in->full, true))
        in->wake(in->arg);
}

void gi_inbox_look(gi_inbox *in)
{
    atomic_exchange(&in->full, false);
}

void gi_conn_tell(gi_conn *c)
{
    atomic_store(&c->news, true);
    gi_inbox_tell(c->in);
}

/* ------------------------------------------------------------- reading -- */

static void give_up(gi_conn *c, gi_refusal refusal, int error)
{
    pthread_mutex_lock(&c->lock);
    c->down = true;
    c->why = (gi_conn_end){ refusal, error };
    pthread_mutex_unlock(&c->lock);
    gi_conn_tell(c);
}

static void read_on(gi_conn *c)
{
    nng_iov iov[2];
    unsigned n = 0;

    memmove(c->ahead, c->ahead + c->at, c->end - c->at);
    c->end -= c->at;
    c->at = 0;
    if (c->frame != NULL)
        iov[n++] =
            (nng_iov){ c->frame->bytes + c->have, c->frame->len - c->have };
    iov[n++] = (nng_iov){ c->ahead + c->end, c->cap_ahead - c->end };
    nng_aio_set_iov(c->rx, n, iov);
    gi_stream_recv(&c->stream, c->rx);
}

/* The header is here: is there to be memory for the rest? */
static gi_refusal make_room(gi_conn *c)
{
    uint32_t limit, stored;
    gi_refusal r;

    pthread_mutex_lock(&c->lock);
    limit = c->limit;
    pthread_mutex_unlock(&c->lock);
    r = gi_frame_peek(c->ahead + c->at, limit, &stored);
    if (r != GI_TAKEN)
        return r;
    c->frame = gi_alloc_blank(sizeof(*c->frame) + GI_FRAME_HEAD + stored);
    if (c->frame == NULL)
        return GI_REFUSED_ROOM;
    c->frame->next = NULL;
    c->frame->len = GI_FRAME_HEAD + stored;
    c->have = 0;
    return GI_TAKEN;
}

/* A whole frame.  True: read the next one; else it is the owner's to begin
 * again, and nothing of `c` is ours. */
static bool hand_over(gi_conn *c)
{
    gi_came *f = c->frame;
    bool more;

    c->frame = NULL;
    pthread_mutex_lock(&c->lock);
    if (c->first == NULL)
        c->first = f;
    else
        c->last->next = f;
    c->last = f;
    c->held++;
    c->held_bytes += f->len;
    more = c->held < c->held_most && c->held_bytes < GI_CONN_HELD_BYTES;
    c->paused = !more;
    atomic_store(&c->news, true);
    pthread_mutex_unlock(&c->lock);
    return more;
}

/* What came with a frame's last bytes is the next one's. */
static void fill(gi_conn *c)
{
    size_t n = c->frame->len - c->have;

    if (n > c->end - c->at)
        n = c->end - c->at;
    memcpy(c->frame->bytes + c->have, c->ahead + c->at, n);
    c->have += n;
    c->at += (uint32_t)n;
}

/* What both ends have to show. */
static gi_refusal prove(gi_conn *c)
{
    unsigned char word[GI_PROOF_MOST];
    size_t n;

    while (c->proof.wants != 0 && c->end - c->at >= c->proof.wants) {
        size_t took = c->proof.wants;

        if (!gi_proof_hear(&c->proof, c->ahead + c->at, word, &n))
            return GI_REFUSED_SECRET;
        c->at += (uint32_t)took;
        gi_conn_say(c, word, n);
    }
    return GI_TAKEN;
}

/* Frame by frame, until bytes are missing or the owner has enough. */
static void read_ahead(gi_conn *c)
{
    gi_inbox *in = c->in;
    gi_refusal r = prove(c);
    bool told = false;

    while (r == GI_TAKEN && c->proof.wants == 0) {
        if (c->frame == NULL && c->end - c->at < GI_FRAME_HEAD)
            break;
        if (c->frame == NULL)
            r = make_room(c);
        if (r != GI_TAKEN)
            break;
        fill(c);
        if (c->have < c->frame->len)
            break;
        r = gi_frame_check(c->frame->bytes, c->frame->len,
                           GI_FRAME_PAYLOAD_MAX, &c->frame->frame);
        if (r != GI_TAKEN)
            break;
        told = true;
        if (!hand_over(c)) {
            gi_inbox_tell(in);
            return;
        }
    }
    if (r != GI_TAKEN)
        give_up(c, r, 0);
    else
        read_on(c);
    if (told)
        gi_inbox_tell(in);
}

static void on_read(void *arg)
{
    gi_conn *c = arg;
    size_t n = nng_aio_count(c->rx), mine = 0;
    int error = nng_aio_result(c->rx);

    if (error != 0 || n == 0) { /* who listens may do so without a word */
        give_up(c,
                c->proof.who.dials && c->proof.wants != 0 ? GI_REFUSED_SECRET
                                                          : GI_TAKEN,
                error != 0 ? error : NNG_ECONNSHUT);
        return;
    }
    if (c->frame != NULL) {
        mine = c->frame->len - c->have;
        mine = n < mine ? n : mine;
        c->have += mine;
    }
    c->end += (uint32_t)(n - mine);
    read_ahead(c);
}

/* When half of what was read ahead is gone, so that there is something to be
 * read at a time. */
static bool may_resume(gi_conn *c)
{
    bool go = c->paused && !c->down && c->held_most > 1 &&
              c->held <= c->held_most / 2 &&
              c->held_bytes <= GI_CONN_HELD_BYTES / 2;

    if (go)
        c->paused = false;
    return go;
}

/* For a peer, not for who is only told why he is to go.  Nobody reads
 * meanwhile.  Without memory it goes on in smaller steps. */
static void make_ahead_larger(gi_conn *c, uint32_t limit)
{
    unsigned char *more = NULL;

    if (c->cap_ahead < GI_CONN_AHEAD && limit >= GI_CONN_AHEAD)
        more = gi_alloc_blank(GI_CONN_AHEAD);
    if (more == NULL)
        return;
    memcpy(more, c->ahead + c->at, c->end - c->at);
    c->ahead = more;
    c->end -= c->at;
    c->at = 0;
    c->cap_ahead = GI_CONN_AHEAD;
}

void gi_conn_greeted(gi_conn *c, uint32_t limit)
{
    bool go;

    pthread_mutex_lock(&c->lock);
    c->limit = limit;
    c->held_most = GI_CONN_HELD;
    go = may_resume(c);
    pthread_mutex_unlock(&c->lock);
    if (!go)
        return;
    make_ahead_larger(c, limit);
    read_ahead(c);
}

bool gi_conn_news(gi_conn *c)
{
    return atomic_exchange(&c->news, false);
}

gi_came *gi_conn_take(gi_conn *c)
{
    bool go = false;
    gi_came *f;

    pthread_mutex_lock(&c->lock);
    f = c->first;
    if (f != NULL) {
        c->first = f->next;
        c->held--;
        c->held_bytes -= f->len;
        go = may_resume(c);
    }
    pthread_mutex_unlock(&c->lock);
    if (go)
        read_ahead(c);
    return f;
}

bool gi_conn_down(gi_conn *c, gi_conn_end *why)
{
    bool down;

    pthread_mutex_lock(&c->lock);
    down = c->down && c->first == NULL;
    *why = c->why;
    pthread_mutex_unlock(&c->lock);
    return down;
}

const char *gi_conn_end_text(const gi_conn_end *why)
{
    return why->refusal != GI_TAKEN ? gi_refusal_text(why->refusal)
                                    : nng_strerror(why->error);
}

const char *gi_conn_address(const gi_conn *c)
{
    return c->address;
}

/* ---------------------------------------------------- made and undone -- */

static void begin_proof(gi_conn *c, const gi_prover *who)
{
    unsigned char nonce[GI_PROOF_NONCE], word[GI_PROOF_MOST];

    while (getrandom(nonce, sizeof(nonce), 0) != (ssize_t)sizeof(nonce))
        ;
    gi_conn_say(c, word, gi_proof_begin(&c->proof, who, nonce, word));
}

gale_err gi_conn_create(gi_conn **out, gi_inbox *in, nng_stream *stream,
                        uint32_t limit, const gi_prover *who)
{
    gi_conn *c = gi_alloc(sizeof(*c));

    if (c == NULL) {
        nng_stream_free(stream);
        return GALE_ENOMEM;
    }
    c->in = in;
    c->stream.s = stream;
    c->ahead = c->first_ahead;
    c->cap_ahead = GI_CONN_FIRST;
    c->limit = limit;
    c->held_most = 1;
    pthread_mutex_init(&c->lock, NULL);
    gi_stream_peer(stream, c->address);
    if (nng_aio_alloc(&c->rx, on_read, c) != 0 ||
        nng_aio_alloc(&c->tx, gi_conn_on_written, c) != 0 ||
        (gi_stream_is_plain(stream) &&
         nng_aio_alloc(&c->at_once, NULL, NULL) != 0)) {
        gi_conn_destroy(c);
        return GALE_ENOMEM;
    }
    begin_proof(c, who);
    read_on(c);
    *out = c;
    return GALE_OK;
}

static void end_aio(nng_aio *aio)
{
    if (aio == NULL)
        return;
    nng_aio_stop(aio);
    nng_aio_free(aio);
}

void gi_conn_destroy(gi_conn *c)
{
    gi_came *f;

    if (c == NULL)
        return;
    gi_stream_close(&c->stream);
    end_aio(c->rx);
    end_aio(c->tx);
    end_aio(c->at_once);
    nng_stream_free(c->stream.s);
    if (c->ahead != c->first_ahead)
        gi_free(c->ahead);
    gi_free(c->frame);
    while ((f = c->first) != NULL) {
        c->first = f->next;
        gi_free(f);
    }
    pthread_mutex_destroy(&c->lock);
    gi_free(c);
}
