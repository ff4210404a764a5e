#include "wire/answer_inside.h"

#include <arpa/inet.h>
#include <nng/protocol/reqrep0/rep.h>
#include <stdio.h>

#include "base/mem.h"
#include "wire/bytes.h"
#include "wire/diag.h"
#include "wire/url.h"

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

static bool send_back(gi_answerer *a, const gi_way_back *back,
                      const gi_strbuf *bytes)
{
    nng_msg *msg;
    int e;

    if (bytes->failed || nng_msg_alloc(&msg, 0) != 0)
        return false;
    e = nng_msg_append(msg, bytes->at, bytes->len);
    if (e == 0)
        e = nng_msg_header_append(msg, back->at, back->len);
    if (e == 0)
        e = nng_sendmsg(a->sock, msg, 0);
    if (e != 0)
        nng_msg_free(msg);
    return e == 0;
}

/* Who gets no reply shall not wait for it: he sees the connection break. */
void gi_reply(gi_answerer *a, const gi_way_back *back, gale_err e, gi_msg kind,
              const void *m, const char *why, const char *leader)
{
    gi_strbuf out = { 0 };

    write_reply(&out, e, kind, m, why, leader);
    if (out.len > GI_MSG_MOST) {
        gi_strbuf_fini(&out);
        write_reply(&out, GALE_ELIMIT, kind, NULL,
                    "the reply would be larger than a message may be", NULL);
    }
    if (!send_back(a, back, &out))
        nng_pipe_close((nng_pipe){ gi_get_be32(back->at) });
    gi_strbuf_fini(&out);
}

/* ------------------------------------------------------ those who wait -- */

/* False: there are too many. */
static bool put_in_line(gi_answerer *a, gi_question *q)
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

/* He who asked has hung up.  What nobody took yet is not worth taking. */
static void forget(gi_answerer *a, uint32_t pipe)
{
    bool fresh = false;

    pthread_mutex_lock(&a->mtx);
    for (gi_question *q = a->first, *next; q != NULL; q = next) {
        next = q->next;
        fresh = fresh || q == a->fresh;
        if (q->pipe != pipe)
            continue;
        q->gone = true;
        if (fresh) {
            leave_line_locked(a, q);
            gi_question_free(q);
        }
    }
    pthread_mutex_unlock(&a->mtx);
}

gi_asked_for *gi_answerer_take(gi_answerer *a)
{
    gi_question *q;

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

    pthread_mutex_lock(&a->mtx);
    leave_line_locked(a, q);
    pthread_mutex_unlock(&a->mtx);
    gi_reply(a, &q->back, e, gi_verb_of(asked->verb)->reply, reply, why,
             leader);
    gi_question_free(q);
}

/* ------------------------------------------------------ what nng tells -- */

static const char *address(nng_pipe p, gi_pool *pool)
{
    char *text = gi_pool_take(pool, INET6_ADDRSTRLEN + 10, 1);
    char host[INET6_ADDRSTRLEN] = "";
    nng_sockaddr sa;

    if (text == NULL || nng_pipe_get_addr(p, NNG_OPT_REMADDR, &sa) != 0)
        return "";
    if (sa.s_family == NNG_AF_INET) {
        inet_ntop(AF_INET, &sa.s_in.sa_addr, host, sizeof(host));
        snprintf(text, INET6_ADDRSTRLEN + 10, "%s:%u", host,
                 ntohs(sa.s_in.sa_port));
    } else if (sa.s_family == NNG_AF_INET6) {
        inet_ntop(AF_INET6, sa.s_in6.sa_addr, host, sizeof(host));
        snprintf(text, INET6_ADDRSTRLEN + 10, "[%s]:%u", host,
                 ntohs(sa.s_in6.sa_port));
    }
    return text;
}

static void take_in(gi_answerer *a, nng_msg *msg)
{
    gi_way_back back = { .len = nng_msg_header_len(msg) };
    nng_pipe pipe = nng_msg_get_pipe(msg);
    gi_question *q = NULL;
    gale_diag why = { "" };
    gale_err e;

    if (back.len < 4 || back.len > sizeof(back.at))
        return; /* came a longer way than nng lets any come */
    memcpy(back.at, nng_msg_header(msg), back.len);
    e = gi_question_read(a->secrets, nng_msg_body(msg), nng_msg_len(msg), &q,
                         &why);
    if (e == GALE_OK) {
        q->back = back;
        q->pipe = gi_get_be32(back.at);
        q->asked.from = address(pipe, &q->asked.pool);
        if (put_in_line(a, q)) {
            if (a->wake != NULL)
                a->wake(a->arg);
            return;
        }
        gi_question_free(q);
        e = GALE_ELIMIT;
        gi_diag_say(&why, "too many requests are waiting here");
    }
    gi_reply(a, &back, e, GI_M_nothing, NULL, why.text, NULL);
}

static void on_message(void *arg)
{
    gi_answerer *a = arg;
    nng_msg *msg;

    if (nng_aio_result(a->rx) != 0)
        return; /* closed */
    msg = nng_aio_get_msg(a->rx);
    take_in(a, msg);
    nng_msg_free(msg);
    nng_recv_aio(a->sock, a->rx);
}

static void on_connection(nng_pipe p, nng_pipe_ev what, void *arg)
{
    gi_answerer *a = arg;
    bool full = false;

    pthread_mutex_lock(&a->mtx);
    if (what == NNG_PIPE_EV_ADD_PRE)
        full = a->connections >= GI_ANSWERER_CONNECTIONS;
    else if (what == NNG_PIPE_EV_ADD_POST)
        a->connections++;
    else
        a->connections--;
    pthread_mutex_unlock(&a->mtx);
    if (full)
        nng_pipe_close(p);
    if (what == NNG_PIPE_EV_REM_POST)
        forget(a, (uint32_t)nng_pipe_id(p));
}

/* ---------------------------------------------------- made and undone -- */

static int open_socket(gi_answerer *a)
{
    static const nng_pipe_ev all[] = { NNG_PIPE_EV_ADD_PRE,
                                       NNG_PIPE_EV_ADD_POST,
                                       NNG_PIPE_EV_REM_POST };
    int e = nng_rep0_open_raw(&a->sock);

    if (e != 0)
        return e;
    a->opened = true;
    for (int i = 0; e == 0 && i < 3; i++)
        e = nng_pipe_notify(a->sock, all[i], on_connection, a);
    if (e == 0)
        e = nng_socket_set_size(a->sock, NNG_OPT_RECVMAXSZ, 2 * GI_MSG_MOST);
    if (e == 0)
        e = nng_socket_set_int(a->sock, NNG_OPT_SENDBUF, 64);
    if (e == 0)
        e = nng_aio_alloc(&a->rx, on_message, a);
    if (e == 0)
        nng_aio_set_timeout(a->rx, NNG_DURATION_INFINITE);
    return e;
}

static int listen_at(gi_answerer *a, const char *url)
{
    nng_listener l;
    int port = 0, e = nng_listener_create(&l, a->sock, url);

    if (e == 0 && gi_secrets_tls(a->secrets))
        e = nng_listener_set_ptr(l, NNG_OPT_TLS_CONFIG,
                                 gi_secrets_server(a->secrets));
    if (e == 0)
        e = nng_listener_set_size(l, NNG_OPT_RECVMAXSZ, 2 * GI_MSG_MOST);
    if (e == 0)
        e = nng_listener_start(l, 0);
    if (e == 0)
        e = nng_listener_get_int(l, NNG_OPT_TCP_BOUND_PORT, &port);
    a->port = (uint16_t)port;
    return e;
}

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
    n = open_socket(a);
    if (n == 0)
        n = listen_at(a, url);
    gi_free(url);
    if (n == 0)
        nng_recv_aio(a->sock, a->rx);
    else if (n != NNG_ENOMEM)
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
        a->secrets = o->secrets;
        a->most_waiting =
            o->most_waiting == 0 ? GI_ANSWERER_WAITING : o->most_waiting;
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
    if (a->rx != NULL)
        nng_aio_stop(a->rx);
    if (a->opened)
        nng_close(a->sock);
    if (a->rx != NULL)
        nng_aio_free(a->rx);
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
