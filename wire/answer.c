#include "wire/answer_inside.h"

#include "base/clock.h"
#include "base/diag.h"
#include "base/mem.h"
#include "wire/url.h"

enum { NAP_MS = 50 };

/* ------------------------------------------------------------- replies -- */

static void write_reply(gi_strbuf *out, gale_err e, gi_msg kind, const void *m,
                        const char *why, const char *leader)
{
    gi_msg_reply_head head = { .error = (uint64_t)e, .leader = leader };

    if (e != GALE_OK)
        head.why = why == NULL || *why == '\0' ? gale_err_text(e) : why;
    gi_msg_write(out, GI_M_reply_head, &head);
    if (e == GALE_OK)
        gi_msg_write(out, kind, m);
}

void gi_reply_write(gi_strbuf *out, gale_err e, gi_msg kind, const void *m,
                    const char *why, const char *leader)
{
    write_reply(out, e, kind, m, why, leader);
    if (out->len <= GI_MSG_MOST)
        return;
    gi_strbuf_fini(out);
    write_reply(out, GALE_ELIMIT, kind, NULL,
                "the reply would be larger than a message may be", NULL);
}

/* ------------------------------------------------------ those who wait -- */

bool gi_question_wait(gi_answerer *a, gi_question *q)
{
    bool room;

    pthread_mutex_lock(&a->mtx);
    room = a->waiting < a->most_waiting &&
           a->bytes + q->bytes <= GI_ANSWERER_BYTES;
    if (room) {
        q->prev = a->last;
        if (a->last == NULL)
            a->first = q;
        else
            a->last->next = q;
        a->last = q;
        if (a->fresh == NULL)
            a->fresh = q;
        a->waiting++;
        a->bytes += q->bytes;
    }
    pthread_mutex_unlock(&a->mtx);
    return room;
}

static void leave_line_locked(gi_answerer *a, gi_question *q)
{
    if (a->fresh == q)
        a->fresh = q->next;
    if (q->prev == NULL)
        a->first = q->next;
    else
        q->prev->next = q->next;
    if (q->next == NULL)
        a->last = q->prev;
    else
        q->next->prev = q->prev;
    a->waiting--;
    a->bytes -= q->bytes;
}

void gi_questions_forget_locked(gi_answerer *a, uint64_t caller)
{
    bool fresh = false;

    for (gi_question *q = a->first, *next; q != NULL; q = next) {
        next = q->next;
        fresh = fresh || q == a->fresh;
        if (q->caller != caller)
            continue;
        q->gone = true;
        if (fresh) {
            leave_line_locked(a, q);
            gi_question_free(q);
        }
    }
}

gi_asked_for *gi_answerer_take(gi_answerer *a)
{
    gi_question *q;

    gi_callers_hurry(a);
    gi_callers_reap(a, false);
    pthread_mutex_lock(&a->mtx);
    q = a->fresh;
    if (q != NULL)
        a->fresh = q->next;
    pthread_mutex_unlock(&a->mtx);
    return q == NULL ? NULL : &q->asked;
}

bool gi_answerer_gone(gi_answerer *a, const gi_asked_for *asked)
{
    const gi_question *q = (const gi_question *)asked;
    bool gone;

    pthread_mutex_lock(&a->mtx);
    gone = q->gone;
    pthread_mutex_unlock(&a->mtx);
    return gone;
}

void gi_answer(gi_answerer *a, gi_asked_for *asked, gale_err e,
               const void *reply, const char *why, const char *leader)
{
    gi_question *q = (gi_question *)asked;
    gi_strbuf bytes = { 0 };

    pthread_mutex_lock(&a->mtx);
    leave_line_locked(a, q);
    pthread_mutex_unlock(&a->mtx);
    gi_reply_write(&bytes, e, gi_verb_of(asked->verb)->reply, reply, why,
                   leader);
    gi_caller_tell(a, q->caller, q->number, &bytes);
    gi_strbuf_fini(&bytes);
    gi_question_free(q);
}

/* ----------------------------------------------------------- listening -- */

static void on_caller(void *arg)
{
    gi_answerer *a = arg;
    int e = nng_aio_result(a->accept);

    if (e == 0)
        gi_caller_let_in(a, nng_aio_get_output(a->accept, 0));
    if (e == 0 || e == NNG_ECONNABORTED || e == NNG_ECONNRESET)
        nng_stream_listener_accept(a->listener, a->accept);
    else if (e != NNG_ECLOSED && e != NNG_ECANCELED)
        nng_sleep_aio(NAP_MS, a->nap); /* no descriptors left, for one */
}

static void after_nap(void *arg)
{
    gi_answerer *a = arg;

    if (nng_aio_result(a->nap) == 0)
        nng_stream_listener_accept(a->listener, a->accept);
}

/* Nobody who has begun to send is due before patience is at its end.  Nobody
 * has: then nothing is watched, for each timer of nng 1.5.2 takes a
 * millisecond of the processor's time. */
static void watch_for(gi_answerer *a, int64_t ns)
{
    if (ns > a->patience)
        ns = a->patience;
    nng_sleep_aio((nng_duration)(ns / 1000000) + 1, a->watch);
}

/* That timer follows the wall clock; so whoever comes, and the owner, look
 * after the time too. */
static void on_watch(void *arg)
{
    gi_answerer *a = arg;
    int64_t due;

    if (nng_aio_result(a->watch) != 0)
        return;
    gi_callers_hurry(a);
    pthread_mutex_lock(&a->mtx);
    due = gi_callers_due_locked(a);
    a->watching = due != 0;
    pthread_mutex_unlock(&a->mtx);
    if (due != 0)
        watch_for(a, due - gi_clock_ns());
}

void gi_callers_watch(gi_answerer *a)
{
    bool begin;

    pthread_mutex_lock(&a->mtx);
    begin = !a->watching && gi_callers_due_locked(a) != 0;
    if (begin)
        a->watching = true;
    pthread_mutex_unlock(&a->mtx);
    if (begin)
        watch_for(a, a->patience);
}

static int listen_at(gi_answerer *a, const char *url)
{
    int port = 0, e = nng_aio_alloc(&a->accept, on_caller, a);

    if (e == 0)
        e = nng_aio_alloc(&a->nap, after_nap, a);
    if (e == 0)
        e = nng_aio_alloc(&a->watch, on_watch, a);
    if (e == 0)
        e = nng_stream_listener_alloc(&a->listener, url);
    if (e == 0 && gi_secrets_tls(a->may.secrets))
        e = nng_stream_listener_set_ptr(a->listener, NNG_OPT_TLS_CONFIG,
                                        gi_secrets_server(a->may.secrets));
    if (e == 0)
        e = nng_stream_listener_listen(a->listener);
    if (e == 0)
        e = nng_stream_listener_get_int(a->listener, NNG_OPT_TCP_BOUND_PORT,
                                        &port);
    if (e != 0)
        return e;
    a->port = (uint16_t)port;
    nng_aio_set_timeout(a->accept, NNG_DURATION_INFINITE);
    nng_stream_listener_accept(a->listener, a->accept);
    return 0;
}

/* ---------------------------------------------------- made and undone -- */

static gale_err set_up(gi_answerer *a, const gi_answerer_opts *o,
                       gale_diag *why)
{
    bool tls = gi_secrets_tls(o->secrets);
    char *url = NULL;
    gale_err e = gi_url_allowed(o->url, tls, o->open, why);
    int n;

    if (e == GALE_OK)
        e = gi_secrets_url(o->secrets, o->url, &url, why);
    if (e != GALE_OK)
        return e;
    n = listen_at(a, url);
    gi_free(url);
    if (n != 0 && n != NNG_ENOMEM)
        gi_diag_say(why, "cannot listen at '%s': %s", o->url, nng_strerror(n));
    return n == 0                                   ? GALE_OK
           : n == NNG_ENOMEM                        ? GALE_ENOMEM
           : n == NNG_EADDRINVAL || n == NNG_EINVAL ? GALE_EINVAL
                                                    : GALE_EIO;
}

gale_err gi_answerer_create(gi_answerer **out, const gi_answerer_opts *o,
                            gale_diag *why)
{
    gi_answerer *a = gi_alloc(sizeof(*a));
    gale_err e = GALE_ENOMEM;

    if (a != NULL) {
        a->may = (gi_may){ o->secrets, o->users, o->n_users };
        a->most_waiting =
            o->most_waiting == 0 ? GI_ANSWERER_WAITING : o->most_waiting;
        a->most_callers = o->most_connections == 0 ? GI_ANSWERER_CONNECTIONS
                                                   : o->most_connections;
        a->patience = (o->patience_ms == 0 ? GI_ANSWERER_PATIENCE_MS
                                           : (int64_t)o->patience_ms) *
                      1000000;
        a->wake = o->wake;
        a->arg = o->arg;
        pthread_mutex_init(&a->mtx, NULL);
        e = set_up(a, o, why);
    }
    if (e == GALE_OK) {
        *out = a;
        return GALE_OK;
    }
    if (e == GALE_ENOMEM)
        gi_diag_say(why, "%s", gale_err_text(e));
    gi_answerer_destroy(a);
    return e;
}

void gi_answerer_destroy(gi_answerer *a)
{
    gi_question *q;

    if (a == NULL)
        return;
    if (a->listener != NULL)
        nng_stream_listener_close(a->listener);
    if (a->nap != NULL)
        nng_aio_stop(a->nap);
    if (a->accept != NULL)
        nng_aio_stop(a->accept);
    if (a->watch != NULL)
        nng_aio_stop(a->watch);
    nng_aio_free(a->nap);
    nng_aio_free(a->accept);
    if (a->listener != NULL)
        nng_stream_listener_free(a->listener);
    gi_callers_reap(a, true);
    nng_aio_free(a->watch); /* which they may have begun */
    while ((q = a->first) != NULL) {
        leave_line_locked(a, q);
        gi_question_free(q);
    }
    pthread_mutex_destroy(&a->mtx);
    gi_free(a);
}

uint16_t gi_answerer_port(const gi_answerer *a)
{
    return a->port;
}
