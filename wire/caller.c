/* A connection to a daemon's port.
 *
 * It speaks what nng's REP sockets speak, over a byte stream of nng's.  Those
 * sockets themselves are not used, since with nng 1.5.2 a connection that
 * breaks at the wrong moment is sometimes never taken apart, and closing the
 * socket then waits for it for ever.
 *
 * One thing is always being read, so that it is noticed when he hangs up; but
 * for the time in which he does not take the replies to what he asked. */
#include "base/clock.h"
#include "wire/caller_inside.h"

#include "base/bytes.h"
#include "base/diag.h"
#include "base/mem.h"
#include "wire/req.h"

enum { FIRST_ROOM = 16 << 10, BYTES_A_SECOND = 64 << 10 };

static const unsigned char he_asks[GI_CALLER_GREETING] = { 0, 'S',  'P', 0,
                                                           0, 0x30, 0,   0 };
static const unsigned char we_answer[GI_CALLER_GREETING] = { 0, 'S',  'P', 0,
                                                             0, 0x31, 0,   0 };

/* ------------------------------------------------------------- reading -- */

static void read_on(gi_caller *c)
{
    nng_iov iov;

    if (c->body != NULL) {
        iov.iov_buf = c->body + c->have;
        iov.iov_len = c->room - c->have;
    } else {
        iov.iov_buf = c->head + c->have;
        iov.iov_len =
            (c->greeted ? GI_CALLER_HEAD : GI_CALLER_GREETING) - c->have;
    }
    nng_aio_set_iov(c->rx, 1, &iov);
    gi_stream_recv(&c->stream, c->rx);
}

static void hang_up(gi_caller *c)
{
    gi_answerer *a = c->a;

    gi_stream_close(&c->stream);
    pthread_mutex_lock(&a->mtx);
    c->down = true;
    a->some_down = true;
    gi_questions_forget_locked(a, c->id);
    pthread_mutex_unlock(&a->mtx);
    if (a->wake != NULL)
        a->wake(a->arg);
}

static const char *address(const gi_caller *c, gi_pool *pool)
{
    char *text = gi_pool_take(pool, GI_STREAM_PEER, 1);

    if (text == NULL)
        return "?";
    gi_stream_peer(c->stream.s, text);
    return text;
}

/* A whole request. */
static void hand_over(gi_caller *c)
{
    gi_answerer *a = c->a;
    uint32_t number = gi_get_be32(c->head + GI_CALLER_HEAD - GI_CALLER_NUMBER);
    gi_question *q = NULL;
    gi_strbuf refusal = { 0 };
    gale_diag why = { "" };
    gale_err e;

    pthread_mutex_lock(&a->mtx);
    c->n_asked++;
    pthread_mutex_unlock(&a->mtx);
    if (!c->has_asked)
        c->who.whose = gi_whose_stream(c->stream.s, &c->who.uid);
    c->has_asked = true;
    e = gi_question_read(&a->may, &c->who, c->body, c->len, &q, &why);
    if (e == GALE_OK) {
        q->caller = c->id;
        q->number = number;
        q->asked.from = address(c, &q->asked.pool);
        if (gi_question_wait(a, q)) {
            if (a->wake != NULL)
                a->wake(a->arg);
            return;
        }
        gi_question_free(q);
        e = GALE_ELIMIT;
        gi_diag_say(&why, "too many requests are waiting here");
    }
    gi_reply_write(&refusal, e, GI_M_nothing, NULL, why.text, NULL);
    gi_caller_tell(a, c->id, number, &refusal);
    gi_strbuf_fini(&refusal);
}

/* The head of a request is there.  False: it is none. */
static bool make_room(gi_caller *c)
{
    uint64_t len = gi_get_be64(c->head);

    if (len < GI_CALLER_NUMBER || len - GI_CALLER_NUMBER > 2 * GI_MSG_MOST ||
        c->head[GI_CALLER_HEAD - GI_CALLER_NUMBER] < 0x80)
        return false;
    c->len = (size_t)len - GI_CALLER_NUMBER;
    c->have = 0;
    c->room = c->len < FIRST_ROOM ? c->len : FIRST_ROOM;
    c->body = gi_alloc(c->room + 1);
    return c->body != NULL;
}

/* Memory is for what came, not for what was promised. */
static bool make_more_room(gi_caller *c)
{
    size_t room = 2 * c->room < c->len ? 2 * c->room : c->len;
    unsigned char *body = gi_realloc(c->body, room);

    if (body == NULL)
        return false;
    c->body = body;
    c->room = room;
    return true;
}

/* By when has it to be there? */
static void mind_the_time(gi_caller *c)
{
    int64_t patience = c->a->patience;
    bool begins;

    if (c->body == NULL && c->have == 0)
        c->began = 0;
    else if (c->began == 0)
        c->began = gi_clock_ns();
    if (c->body != NULL)
        patience += (int64_t)(c->len / BYTES_A_SECOND) * 1000000000;
    pthread_mutex_lock(&c->a->mtx);
    begins = c->due == 0 && c->began != 0;
    c->due = c->began == 0 ? 0 : c->began + patience;
    pthread_mutex_unlock(&c->a->mtx);
    if (begins)
        gi_callers_watch(c->a);
}

/* Something was read.  False: he is not to be spoken with. */
static bool take_in(gi_caller *c, bool *more)
{
    if (!c->greeted) {
        if (c->have < GI_CALLER_GREETING)
            return true;
        c->greeted = true;
        c->have = 0;
        return memcmp(c->head, he_asks, GI_CALLER_GREETING) == 0;
    }
    if (c->body == NULL && c->have == GI_CALLER_HEAD && !make_room(c))
        return false;
    if (c->body == NULL || c->have < c->room)
        return true;
    if (c->have < c->len)
        return make_more_room(c);
    hand_over(c);
    gi_free(c->body);
    c->body = NULL;
    c->have = 0;
    mind_the_time(c);
    pthread_mutex_lock(&c->a->mtx);
    c->paused = c->n_parcels >= GI_CALLER_REPLIES &&
                !atomic_load(&c->stream.closed); /* reading on tells of it */
    *more = !c->paused;
    pthread_mutex_unlock(&c->a->mtx);
    return true;
}

static void on_read(void *arg)
{
    gi_caller *c = arg;
    bool more = true;

    if (nng_aio_result(c->rx) != 0 || nng_aio_count(c->rx) == 0) {
        hang_up(c);
        return;
    }
    c->have += nng_aio_count(c->rx);
    if (!take_in(c, &more)) {
        hang_up(c);
        return;
    }
    if (!more)
        return; /* whoever resumes may be at it already */
    mind_the_time(c);
    read_on(c);
}

/* ------------------------------------------------------------- sending -- */

static void write_on(gi_caller *c, gi_reply_parcel *p)
{
    nng_iov iov = { p->bytes + p->sent, p->len - p->sent };

    nng_aio_set_iov(c->tx, 1, &iov);
    gi_stream_send(&c->stream, c->tx);
}

static void on_written(void *arg)
{
    gi_caller *c = arg;
    gi_answerer *a = c->a;
    gi_reply_parcel *p, *done = NULL;
    bool resume = false, down;

    if (nng_aio_result(c->tx) != 0) {
        gi_stream_close(&c->stream);
        pthread_mutex_lock(&a->mtx);
        down = c->paused; /* nobody reads, who would notice */
        c->paused = false;
        pthread_mutex_unlock(&a->mtx);
        if (down)
            hang_up(c);
        return;
    }
    pthread_mutex_lock(&a->mtx);
    p = c->first;
    p->sent += nng_aio_count(c->tx);
    if (p->sent == p->len) {
        done = p;
        p = c->first = p->next;
        if (p == NULL)
            c->last = NULL;
        c->n_parcels = c->first == NULL ? 0 : c->n_parcels - 1;
        resume = c->paused && c->n_parcels < GI_CALLER_REPLIES;
        if (resume)
            c->paused = false;
    }
    pthread_mutex_unlock(&a->mtx);
    gi_free(done);
    if (p != NULL)
        write_on(c, p);
    if (resume)
        read_on(c);
}

/* `p` NULL: it could not be made, so he is to see the connection break. */
static void post(gi_caller *c, gi_reply_parcel *p)
{
    bool start;

    pthread_mutex_lock(&c->a->mtx);
    if (p == NULL || c->down) {
        gi_stream_close(&c->stream);
        gi_free(p);
        pthread_mutex_unlock(&c->a->mtx);
        return;
    }
    start = c->first == NULL;
    if (start)
        c->first = p;
    else
        c->last->next = p;
    c->last = p;
    c->n_parcels++;
    pthread_mutex_unlock(&c->a->mtx);
    if (start)
        write_on(c, p);
}

void gi_caller_tell(gi_answerer *a, uint64_t caller, uint32_t number,
                    const gi_strbuf *bytes)
{
    gi_caller *c;
    gi_reply_parcel *p = NULL;

    pthread_mutex_lock(&a->mtx);
    for (c = a->callers; c != NULL && c->id != caller; c = c->next)
        ;
    if (c != NULL)
        c->n_asked--;
    pthread_mutex_unlock(&a->mtx);
    if (c == NULL)
        return;
    if (!bytes->failed)
        p = gi_alloc(sizeof(*p) + GI_CALLER_HEAD + bytes->len);
    if (p != NULL) {
        p->len = GI_CALLER_HEAD + bytes->len;
        gi_put_be64(p->bytes, bytes->len + GI_CALLER_NUMBER);
        gi_put_be32(p->bytes + GI_CALLER_HEAD - GI_CALLER_NUMBER, number);
        memcpy(p->bytes + GI_CALLER_HEAD, bytes->at, bytes->len);
    }
    post(c, p);
}

/* ---------------------------------------------------- made and undone -- */

gi_caller *gi_caller_create(gi_answerer *a, nng_stream *stream)
{
    gi_caller *c = gi_alloc(sizeof(*c));
    gi_reply_parcel *hello = gi_alloc(sizeof(*hello) + GI_CALLER_GREETING);

    if (c == NULL || hello == NULL) {
        nng_stream_free(stream);
        gi_free(c);
        gi_free(hello);
        return NULL;
    }
    c->a = a;
    c->stream.s = stream;
    hello->len = GI_CALLER_GREETING;
    memcpy(hello->bytes, we_answer, GI_CALLER_GREETING);
    c->first = c->last = hello;
    c->n_parcels = GI_CALLER_REPLIES; /* reading begins with its end */
    c->paused = true;
    if (nng_stream_get_addr(stream, NNG_OPT_REMADDR, &c->from) != 0)
        c->from.s_family = NNG_AF_UNSPEC;
    if (nng_aio_alloc(&c->rx, on_read, c) != 0 ||
        nng_aio_alloc(&c->tx, on_written, c) != 0) {
        gi_caller_destroy(c);
        return NULL;
    }
    nng_aio_set_timeout(c->rx, NNG_DURATION_INFINITE);
    nng_aio_set_timeout(c->tx, NNG_DURATION_INFINITE);
    return c;
}

void gi_caller_begin(gi_caller *c)
{
    write_on(c, c->first);
}

void gi_caller_destroy(gi_caller *c)
{
    gi_reply_parcel *p;

    gi_stream_close(&c->stream);
    if (c->rx != NULL)
        nng_aio_stop(c->rx);
    if (c->tx != NULL)
        nng_aio_stop(c->tx);
    nng_aio_free(c->rx); /* not before: who has written may read on */
    nng_aio_free(c->tx);
    nng_stream_free(c->stream.s);
    while ((p = c->first) != NULL) {
        c->first = p->next;
        gi_free(p);
    }
    gi_free(c->body);
    gi_free(c);
}
