/* Where to ask, and where next. */
#include "base/clock.h"
#include "wire/ask_inside.h"

#include <stdio.h>

#include "base/diag.h"
#include "base/mem.h"
#include "wire/redial.h"

#define MS INT64_C(1000000)

enum {
    HOPS = 4,          /* from one who is not the leader to the next */
    PATIENCE_MS = 1000 /* for a connection, if there are other places */
};

static const char *words(int e)
{
    switch (e) {
    case NNG_ECONNREFUSED:
        return "nobody listens there";
    case NNG_ETIMEDOUT:
        return "no answer in time";
    case NNG_ECONNSHUT:
    case NNG_ECLOSED:
    case NNG_ECONNRESET:
        return "the connection broke";
    case NNG_EADDRINVAL:
        return "there is no such host or port";
    case NNG_EPROTO:
        return "what answers there is not a port of Gale";
    case NNG_EMSGSIZE:
        return "the reply is larger than a message may be";
    case NNG_EPEERAUTH:
    case NNG_ECRYPTO:
        return "it is not trusted, or does not trust us (TLS)";
    default:
        return nng_strerror(e);
    }
}

/* The first request on a connection: whoever wants TLS hangs up on it. */
static const char *first_words(const gi_asker *a, int e)
{
    bool broke = e == NNG_ECONNSHUT || e == NNG_ECLOSED || e == NNG_ECONNRESET;

    return broke && !gi_secrets_tls(a->secrets)
               ? "the connection broke before any answer; if it wants TLS, "
                 "that is set by gale.tls.ca.file and gale.tls.cert.file"
               : words(e);
}

static void note(gi_asker *a, const char *what)
{
    gi_ask_place *p = &a->places[a->at];

    snprintf(p->why, sizeof(p->why), "%s", what);
}

/* Ask at the place where we are. */
static int try_here(gi_asker *a, gi_ask_job *j, bool *answers)
{
    int64_t due = j->due;
    int e = 0;

    if (a->n > 1 && due > gi_clock_ns() + PATIENCE_MS * MS)
        due = gi_clock_ns() + PATIENCE_MS * MS;
    if (!gi_req_is_open(a->req))
        e = gi_req_open(a->req, a->places[a->at].url, a->secrets, due);
    *answers = e == 0;
    if (e == 0)
        e = gi_req_ask(a->req, j->request.at, j->request.len, GI_MSG_MOST,
                       &j->reply, j->due);
    return e;
}

static void go_to(gi_asker *a, uint32_t at)
{
    if (a->at != at)
        gi_req_close(a->req);
    a->at = at;
}

/* Go to the leader, which may be one of our places or another.  False: it
 * makes no sense; noted. */
static bool go_to_leader(gi_asker *a, const char *leader)
{
    gi_ask_place p, *named = &a->places[a->n];
    uint32_t i = 0;

    if (gi_ask_place_init(&p, a, leader, NULL) != GALE_OK) {
        note(a, "it names a leader that is not to be asked");
        return false;
    }
    while (i <= a->n &&
           (a->places[i].url == NULL || strcmp(a->places[i].url, p.url) != 0))
        i++;
    if (i == a->at) {
        gi_free(p.url);
        note(a, "it names itself as the leader, and does not answer as one");
        return false;
    }
    if (i <= a->n) {
        gi_free(p.url);
    } else {
        i = a->n;
        gi_req_close(a->req); /* if we are there: it is another now */
        gi_free(named->url);
        *named = p;
    }
    go_to(a, i);
    return true;
}

typedef enum what_came { THE_REPLY, GO_THERE, NO_USE } what_came;

/* What is malformed is a reply too: gi_ask_result finds out. */
static what_came look(gi_asker *a, gi_ask_job *j, int *hops)
{
    gi_msg_reply_head head;
    gi_pool pool = { 0 };
    what_came w = THE_REPLY;
    size_t n;

    if (gi_msg_read(GI_M_reply_head, j->reply.at, j->reply.len, &pool, &head,
                    &n, NULL) != GALE_OK) {
        gi_req_close(a->req);
    } else if (strcmp(head.leader, GI_MSG_NOBODY) == 0) {
        note(a, head.why);
        w = NO_USE;
    } else if (head.leader[0] != '\0' && ++*hops > HOPS) {
        note(a, "no leader: each names another");
        w = NO_USE;
    } else if (head.leader[0] != '\0') {
        w = go_to_leader(a, head.leader) ? GO_THERE : NO_USE;
    }
    gi_pool_fini(&pool);
    return w;
}

/* Once all places were tried it is time to wait a little.  False: it is over
 * (there is no more time, or we are to stop). */
static bool wait_a_little(gi_asker *a, const gi_ask_job *j, gi_redial *redial)
{
    int64_t until = gi_clock_ns() + gi_redial_wait(redial);

    if (until > j->due)
        until = j->due;
    return !a->hasty && gi_req_nap(a->req, until) && until < j->due;
}

static void give_up(gi_asker *a, gi_ask_job *j, gale_err e)
{
    size_t n = 0, cap = sizeof(j->why.text);

    j->result = e;
    j->why.text[0] = '\0';
    for (uint32_t i = 0; i <= a->n && n < cap; i++) {
        const gi_ask_place *p = &a->places[i];

        if (p->url != NULL && p->why[0] != '\0')
            n += (size_t)snprintf(j->why.text + n, cap - n, "%s%s: %s",
                                  n > 0 ? "\n" : "", p->url, p->why);
    }
    if (n == 0)
        gi_diag_say(&j->why, "%s", gale_err_text(e));
}

/* The error that a failure comes to, if no time is left. */
static gale_err meaning(int e, bool answers)
{
    return e == NNG_ENOMEM                 ? GALE_ENOMEM
           : e == NNG_EMSGSIZE             ? GALE_EFORMAT
           : answers && e == NNG_ETIMEDOUT ? GALE_ETIME
                                           : GALE_EIO;
}

void gi_ask_run(gi_asker *a, gi_ask_job *j)
{
    gi_redial redial = { .min_ns = 10 * MS,
                         .max_ns = 1000 * MS,
                         .rng = { (uint64_t)gi_clock_ns() } };
    uint32_t failed = 0;
    int hops = 0;

    for (uint32_t i = 0; i <= a->n; i++)
        a->places[i].why[0] = '\0';
    for (;;) {
        bool kept = gi_req_is_open(a->req), answers;
        int e = try_here(a, j, &answers);
        what_came came = e == 0 ? look(a, j, &hops) : NO_USE;

        if (came == THE_REPLY) {
            j->result = GALE_OK;
            return;
        }
        if (came == GO_THERE)
            continue;
        /* After a time-out, what it said before says more. */
        if (e != 0 && (e != NNG_ETIMEDOUT || *a->places[a->at].why == '\0'))
            note(a, kept ? words(e) : first_words(a, e));
        if (kept && e != 0 && e != NNG_ETIMEDOUT && e != NNG_ECANCELED)
            continue; /* it broke, since when is not known: connect anew */
        go_to(a, (a->at + 1) % a->n);
        failed++;
        hops = 0;
        if (e == NNG_ENOMEM || e == NNG_EMSGSIZE || e == NNG_ECANCELED ||
            gi_clock_ns() >= j->due ||
            (failed % a->n == 0 && !wait_a_little(a, j, &redial))) {
            give_up(a, j, meaning(e, answers));
            return;
        }
    }
}
