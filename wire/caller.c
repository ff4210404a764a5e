/* A connection to a daemon's port.
 *
 * It speaks what nng's REP sockets speak, over a byte stream of nng's.  Those
 * sockets themselves are not used, since with nng 1.5.2 a connection that
 * breaks at the wrong moment is sometimes never taken apart, and closing the
 * socket then waits for it for ever.
 *
 * One thing is always being read, so that it is noticed when he hangs up; but
 * for the time in which he does not take the replies to what he asked. */
#include "wire/answer_inside.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "base/mem.h"
#include "wire/bytes.h"
#include "wire/diag.h"
#include "wire/stream.h"

enum { GREETING = 8, NUMBER = 4, HEAD = 8 + NUMBER, REPLIES = 4 };

static const unsigned char he_asks[GREETING] = {
    0, 'S', 'P', 0, 0, 0x30, 0, 0
};
static const unsigned char we_answer[GREETING] = { 0, 'S',  'P', 0,
                                                   0, 0x31, 0,   0 };

/* What is to be sent. */
typedef struct parcel {
    struct parcel *next;
    size_t len, sent;
    unsigned char bytes[];
} parcel;

struct gi_caller {
    gi_answerer *a;
    uint64_t id;
    nng_stream *stream;
    nng_aio *rx, *tx;

    /* what is being read: of whoever reads, one at a time */
    bool greeted, has_asked;
    gi_known who;
    unsigned char head[HEAD];
    unsigned char *body; /* NULL: its head still comes */
    size_t have, len;

    /* guarded by the answerer's lock */
    gi_caller *prev, *next;
    parcel *first, *last;        /* the first is being sent */
    uint32_t n_parcels, n_asked; /* he waits for so many replies */
    bool paused, down;
    bool held; /* he is being let in, and not to be freed */
};

/* ------------------------------------------------------------- reading -- */

static void read_on(gi_caller *c)
{
    nng_iov iov;

    if (c->body != NULL) {
        iov.iov_buf = c->body + c->have;
        iov.iov_len = c->len - c->have;
    } else {
        iov.iov_buf = c->head + c->have;
        iov.iov_len = (c->greeted ? HEAD : GREETING) - c->have;
    }
    nng_aio_set_iov(c->rx, 1, &iov);
    gi_stream_recv(c->stream, c->rx);
}

static void hang_up(gi_caller *c)
{
    gi_answerer *a = c->a;

    nng_stream_close(c->stream);
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
    enum { CAP = INET6_ADDRSTRLEN + 10 };
    char *text = gi_pool_take(pool, CAP, 1);
    char host[INET6_ADDRSTRLEN] = "";
    nng_sockaddr sa;

    if (text == NULL ||
        nng_stream_get_addr(c->stream, NNG_OPT_REMADDR, &sa) != 0)
        return "";
    if (sa.s_family == NNG_AF_INET) {
        inet_ntop(AF_INET, &sa.s_in.sa_addr, host, sizeof(host));
        snprintf(text, CAP, "%s:%u", host, ntohs(sa.s_in.sa_port));
    } else if (sa.s_family == NNG_AF_INET6) {
        inet_ntop(AF_INET6, sa.s_in6.sa_addr, host, sizeof(host));
        snprintf(text, CAP, "[%s]:%u", host, ntohs(sa.s_in6.sa_port));
    }
    return text;
}

/* A whole request. */
static void hand_over(gi_caller *c)
{
    gi_answerer *a = c->a;
    uint32_t number = gi_get_be32(c->head + HEAD - NUMBER);
    gi_question *q = NULL;
    gi_strbuf refusal = { 0 };
    gale_diag why = { "" };
    gale_err e;

    pthread_mutex_lock(&a->mtx);
    c->n_asked++;
    pthread_mutex_unlock(&a->mtx);
    if (!c->has_asked)
        c->who.whose = gi_whose_stream(c->stream, &c->who.uid);
    c->has_asked = true;
    e = gi_question_read(a->secrets, &c->who, c->body, c->len, &q, &why);
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

    if (len < NUMBER || len - NUMBER > 2 * GI_MSG_MOST ||
        c->head[HEAD - NUMBER] < 0x80)
        return false;
    c->len = (size_t)len - NUMBER;
    c->have = 0;
    c->body = gi_alloc(c->len + 1);
    return c->body != NULL;
}

/* Something was read.  False: he is not to be spoken with. */
static bool take_in(gi_caller *c, bool *more)
{
    if (!c->greeted) {
        if (c->have < GREETING)
            return true;
        c->greeted = true;
        c->have = 0;
        return memcmp(c->head, he_asks, GREETING) == 0;
    }
    if (c->body == NULL && c->have == HEAD && !make_room(c))
        return false;
    if (c->body == NULL || c->have < c->len)
        return true;
    hand_over(c);
    gi_free(c->body);
    c->body = NULL;
    c->have = 0;
    pthread_mutex_lock(&c->a->mtx);
    c->paused = c->n_parcels >= REPLIES;
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
    if (!take_in(c, &more))
        hang_up(c);
    else if (more)
        read_on(c);
}

/* ------------------------------------------------------------- sending -- */

static void write_on(gi_caller *c, parcel *p)
{
    nng_iov iov = { p->bytes + p->sent, p->len - p->sent };

    nng_aio_set_iov(c->tx, 1, &iov);
    gi_stream_send(c->stream, c->tx);
}

static void on_written(void *arg)
{
    gi_caller *c = arg;
    gi_answerer *a = c->a;
    parcel *p, *done = NULL;
    bool resume = false, down;

    if (nng_aio_result(c->tx) != 0) {
        nng_stream_close(c->stream);
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
        resume = c->paused && c->n_parcels < REPLIES;
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
static void post(gi_caller *c, parcel *p)
{
    bool start;

    pthread_mutex_lock(&c->a->mtx);
    if (p == NULL || c->down) {
        nng_stream_close(c->stream);
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
    parcel *p = NULL;

    pthread_mutex_lock(&a->mtx);
    for (c = a->callers; c != NULL && c->id != caller; c = c->next)
        ;
    if (c != NULL)
        c->n_asked--;
    pthread_mutex_unlock(&a->mtx);
    if (c == NULL)
        return;
    if (!bytes->failed)
        p = gi_alloc(sizeof(*p) + HEAD + bytes->len);
    if (p != NULL) {
        p->len = HEAD + bytes->len;
        gi_put_be64(p->bytes, bytes->len + NUMBER);
        gi_put_be32(p->bytes + HEAD - NUMBER, number);
        memcpy(p->bytes + HEAD, bytes->at, bytes->len);
    }
    post(c, p);
}

/* -------------------------------------------------------- come and go -- */

static void caller_free(gi_caller *c)
{
    parcel *p;

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
    while ((p = c->first) != NULL) {
        c->first = p->next;
        gi_free(p);
    }
    gi_free(c->body);
    gi_free(c);
}

static void link_locked(gi_answerer *a, gi_caller *c)
{
    gi_caller *oldest = NULL;

    if (a->n_callers >= GI_ANSWERER_CONNECTIONS) {
        for (gi_caller *o = a->callers; o != NULL; o = o->next)
            oldest = o->n_asked == 0 && !o->down ? o : oldest;
        if (oldest != NULL)
            nng_stream_close(oldest->stream);
    }
    c->id = ++a->last_caller;
    c->next = a->callers;
    if (c->next != NULL)
        c->next->prev = c;
    a->callers = c;
    a->n_callers++;
}

static void unlink_locked(gi_answerer *a, gi_caller *c)
{
    if (c->prev == NULL)
        a->callers = c->next;
    else
        c->prev->next = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    a->n_callers--;
}

void gi_caller_let_in(gi_answerer *a, nng_stream *stream)
{
    gi_caller *c = gi_alloc(sizeof(*c));
    parcel *hello = gi_alloc(sizeof(*hello) + GREETING);
    bool down;

    if (c == NULL || hello == NULL) {
        nng_stream_free(stream);
        gi_free(c);
        gi_free(hello);
        return;
    }
    c->a = a;
    c->stream = stream;
    if (nng_aio_alloc(&c->rx, on_read, c) != 0 ||
        nng_aio_alloc(&c->tx, on_written, c) != 0) {
        caller_free(c);
        gi_free(hello);
        return;
    }
    nng_aio_set_timeout(c->rx, NNG_DURATION_INFINITE);
    nng_aio_set_timeout(c->tx, NNG_DURATION_INFINITE);
    hello->len = GREETING;
    memcpy(hello->bytes, we_answer, GREETING);
    c->first = c->last = hello;
    c->n_parcels = REPLIES; /* so that reading begins with its end */
    c->paused = true;

    pthread_mutex_lock(&a->mtx);
    c->held = true;
    link_locked(a, c);
    pthread_mutex_unlock(&a->mtx);
    write_on(c, hello);
    pthread_mutex_lock(&a->mtx);
    c->held = false; /* from now on he can be freed at any time */
    down = c->down;
    a->some_down = a->some_down || down;
    pthread_mutex_unlock(&a->mtx);
    if (down && a->wake != NULL)
        a->wake(a->arg);
}

void gi_callers_reap(gi_answerer *a, bool all)
{
    gi_caller *list = NULL, *c, *next;

    pthread_mutex_lock(&a->mtx);
    for (c = a->some_down || all ? a->callers : NULL; c != NULL; c = next) {
        next = c->next;
        if ((!c->down || c->held) && !all)
            continue;
        unlink_locked(a, c);
        c->next = list;
        list = c;
    }
    a->some_down = false;
    pthread_mutex_unlock(&a->mtx);
    for (c = list; c != NULL; c = next) {
        next = c->next;
        caller_free(c);
    }
}
