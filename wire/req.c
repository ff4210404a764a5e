#include "wire/req.h"

#include <pthread.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/mem.h"
#include "wire/stream.h"

/* What both ends say first: "SP", a version, and what they are.  Then each
 * message is its length and its bytes, which begin with the request's number;
 * its highest bit is set. */
enum { GREETING = 8, LENGTH = 8, NUMBER = 4 };
static const unsigned char i_ask[GREETING] = { 0, 'S', 'P', 0, 0, 0x30, 0, 0 };
static const unsigned char you_answer[GREETING] = { 0, 'S',  'P', 0,
                                                    0, 0x31, 0,   0 };

struct gi_req {
    nng_aio *aio;
    gi_stream stream; /* s NULL: not connected */
    uint32_t number;  /* of the last request */
    gi_strbuf out;

    pthread_mutex_t mtx; /* guards the rest */
    pthread_cond_t cv;
    bool done; /* the step */
    bool stopped;
};

static void on_done(void *arg)
{
    gi_req *r = arg;

    pthread_mutex_lock(&r->mtx);
    r->done = true;
    pthread_cond_broadcast(&r->cv);
    pthread_mutex_unlock(&r->mtx);
}

/* True: the deadline passed. */
static bool wait_locked(gi_req *r, int64_t due)
{
    struct timespec t = { .tv_sec = due / 1000000000,
                          .tv_nsec = due % 1000000000 };

    if (gi_clock_ns() >= due)
        return true;
    pthread_cond_timedwait(&r->cv, &r->mtx, &t);
    return false;
}

bool gi_req_nap(gi_req *r, int64_t due)
{
    bool stopped;

    pthread_mutex_lock(&r->mtx);
    while (!r->stopped && !wait_locked(r, due))
        ;
    stopped = r->stopped;
    pthread_mutex_unlock(&r->mtx);
    return !stopped;
}

void gi_req_stop(gi_req *r)
{
    pthread_mutex_lock(&r->mtx);
    r->stopped = true;
    pthread_cond_broadcast(&r->cv);
    pthread_mutex_unlock(&r->mtx);
}

void gi_req_go_on(gi_req *r)
{
    pthread_mutex_lock(&r->mtx);
    r->stopped = false;
    pthread_mutex_unlock(&r->mtx);
}

/* --------------------------------------------------------------- steps -- */

static void begin(gi_req *r)
{
    pthread_mutex_lock(&r->mtx);
    r->done = false;
    pthread_mutex_unlock(&r->mtx);
}

/* Wait for the step that was begun. */
static int end(gi_req *r, int64_t due)
{
    bool late = false, stopped;

    pthread_mutex_lock(&r->mtx);
    while (!r->done && !r->stopped && !late)
        late = wait_locked(r, due);
    stopped = r->stopped && !r->done;
    late = late && !r->done;
    pthread_mutex_unlock(&r->mtx);
    if (stopped || late) {
        nng_aio_abort(r->aio, stopped ? NNG_ECANCELED : NNG_ETIMEDOUT);
        if (r->stream.s != NULL)
            gi_stream_close(&r->stream); /* for TLS that waits for a peer's
                                          * greeting aborting is not enough */
    }
    nng_aio_wait(r->aio);
    return nng_aio_result(r->aio);
}

static int move(gi_req *r, void *bytes, size_t len, bool out, int64_t due)
{
    unsigned char *at = bytes;

    while (len > 0) {
        nng_iov iov = { at, len };
        int e;

        begin(r);
        nng_aio_set_iov(r->aio, 1, &iov);
        if (out)
            gi_stream_send(&r->stream, r->aio);
        else
            gi_stream_recv(&r->stream, r->aio);
        e = end(r, due);
        if (e == 0 && nng_aio_count(r->aio) == 0)
            e = NNG_ECONNSHUT;
        if (e != 0)
            return e;
        at += nng_aio_count(r->aio);
        len -= nng_aio_count(r->aio);
    }
    return 0;
}

/* ---------------------------------------------------------- connecting -- */

static int dial(gi_req *r, const char *url, const gi_secrets *secrets,
                int64_t due)
{
    nng_stream_dialer *d;
    int e = nng_stream_dialer_alloc(&d, url);

    if (e != 0)
        return e;
    if (gi_secrets_tls(secrets))
        e = nng_stream_dialer_set_ptr(d, NNG_OPT_TLS_CONFIG,
                                      gi_secrets_client(secrets));
    if (e == 0) {
        begin(r);
        nng_stream_dialer_dial(d, r->aio);
        e = end(r, due);
    }
    if (e == 0)
        r->stream = (gi_stream){ .s = nng_aio_get_output(r->aio, 0) };
    nng_stream_dialer_close(d);
    nng_stream_dialer_free(d);
    return e;
}

static int greet(gi_req *r, int64_t due)
{
    unsigned char mine[GREETING], yours[GREETING];
    int e;

    memcpy(mine, i_ask, GREETING);
    e = move(r, mine, GREETING, true, due);
    if (e == 0)
        e = move(r, yours, GREETING, false, due);
    if (e == 0 && memcmp(yours, you_answer, GREETING) != 0)
        e = NNG_EPROTO;
    return e;
}

int gi_req_open(gi_req *r, const char *url, const gi_secrets *secrets,
                int64_t due)
{
    int e;

    gi_req_close(r);
    e = dial(r, url, secrets, due);
    if (e == 0)
        e = greet(r, due);
    if (e != 0)
        gi_req_close(r);
    return e;
}

bool gi_req_is_open(const gi_req *r)
{
    return r->stream.s != NULL;
}

void gi_req_close(gi_req *r)
{
    if (r->stream.s == NULL)
        return;
    gi_stream_close(&r->stream);
    nng_stream_free(r->stream.s);
    r->stream.s = NULL;
}

/* -------------------------------------------------------------- asking -- */

static int send_request(gi_req *r, const void *request, size_t len,
                        int64_t due)
{
    unsigned char head[LENGTH + NUMBER];

    r->number = (r->number + 1) | UINT32_C(1) << 31;
    gi_put_be64(head, len + NUMBER);
    gi_put_be32(head + LENGTH, r->number);
    r->out.len = 0;
    gi_strbuf_add(&r->out, (const char *)head, sizeof(head));
    gi_strbuf_add(&r->out, request, len);
    if (r->out.failed) {
        gi_strbuf_fini(&r->out);
        return NNG_ENOMEM;
    }
    return move(r, r->out.at, r->out.len, true, due);
}

static int read_reply(gi_req *r, size_t most, gi_strbuf *reply, int64_t due)
{
    unsigned char head[LENGTH + NUMBER];
    int e = move(r, head, sizeof(head), false, due);
    uint64_t len;

    if (e != 0)
        return e;
    len = gi_get_be64(head);
    if (len < NUMBER || gi_get_be32(head + LENGTH) != r->number)
        return NNG_EPROTO;
    len -= NUMBER;
    if (len > most)
        return NNG_EMSGSIZE;
    gi_strbuf_fini(reply);
    reply->at = gi_alloc(len + 1);
    if (reply->at == NULL)
        return NNG_ENOMEM;
    reply->len = len;
    reply->cap = len + 1;
    return move(r, reply->at, len, false, due);
}

int gi_req_ask(gi_req *r, const void *request, size_t len, size_t most,
               gi_strbuf *reply, int64_t due)
{
    int e = send_request(r, request, len, due);

    if (e == 0)
        e = read_reply(r, most, reply, due);
    if (e != 0)
        gi_req_close(r);
    return e;
}

/* ---------------------------------------------------- made and undone -- */

gale_err gi_req_create(gi_req **out)
{
    gi_req *r = gi_alloc(sizeof(*r));
    pthread_condattr_t attr;

    if (r == NULL)
        return GALE_ENOMEM;
    if (nng_aio_alloc(&r->aio, on_done, r) != 0) {
        gi_free(r);
        return GALE_ENOMEM;
    }
    nng_aio_set_timeout(r->aio, NNG_DURATION_INFINITE);
    pthread_mutex_init(&r->mtx, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&r->cv, &attr);
    pthread_condattr_destroy(&attr);
    *out = r;
    return GALE_OK;
}

void gi_req_destroy(gi_req *r)
{
    if (r == NULL)
        return;
    gi_req_close(r);
    nng_aio_free(r->aio);
    gi_strbuf_fini(&r->out);
    pthread_cond_destroy(&r->cv);
    pthread_mutex_destroy(&r->mtx);
    gi_free(r);
}
