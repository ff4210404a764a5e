/* calls.c -- requests by nng, of callers and of workers. */
#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "drpc/server/inside.h"

enum {
    A_TURN = 64,     /* requests of each port; then others have theirs */
    HOLD_MS = 2000,  /* a DRPC_TAKE waits for something */
    HEARD_MS = 100,  /* one that can take nothing only says that it lives */
    SWEEP_MS = 100,  /* who hung up is looked for so often */
    TAKE_MOST = 256, /* requests in one reply, ... */
    TAKE_BYTES = 3 << 20,
};

/* ------------------------------------------------------------- callers -- */

gale_err gi_drpcd_ask(gi_drpcd *d, const char *function, gale_str args,
                      int64_t wait_ms, gi_asked_for *q,
                      struct evhttp_request *http, gale_diag *why)
{
    gi_caller *c = gi_alloc(sizeof(*c));
    gale_err rv;

    if (c == NULL)
        return GALE_ENOMEM;
    *c = (gi_caller){
        .next = d->callers, .at = &d->callers, .q = q, .http = http
    };
    rv = gi_desk_ask(d->desk, function, args, c, gi_clock_ms(), wait_ms,
                     &c->id, why);
    if (rv != GALE_OK) {
        gi_free(c);
        return rv;
    }
    if (c->next != NULL)
        c->next->at = &c->next;
    d->callers = c;
    return GALE_OK;
}

static void unlist(gi_caller *c)
{
    *c->at = c->next;
    if (c->next != NULL)
        c->next->at = c->at;
    gi_free(c);
}

void gi_drpcd_tell(void *arg, void *caller, gale_err rv, gale_str text)
{
    gi_drpcd *d = arg;
    gi_caller *c = caller;
    gi_msg_drpc_answer answer = { .text = { text.ptr, text.len } };
    char why[800];

    snprintf(why, sizeof(why), "%.*s", (int)text.len, text.ptr);
    if (c->http != NULL)
        gi_drpcd_http_tell(c->http, rv, text);
    else
        gi_answer(d->calls, c->q, rv, &answer, rv == GALE_OK ? NULL : why,
                  NULL);
    unlist(c);
}

void gi_drpcd_drop_all(gi_drpcd *d)
{
    while (d->callers != NULL) {
        gi_caller *c = d->callers;

        gi_drpcd_tell(d, c, GALE_EUSER,
                      gale_cstr("the DRPC server was stopped"));
    }
    while (d->taking != NULL) {
        gi_taking *t = d->taking;

        d->taking = t->next;
        gi_free(t);
    }
}

static void take_call(gi_drpcd *d, gi_asked_for *q)
{
    const gi_msg_drpc_call *m = q->request;
    int64_t most = d->o->timeout_ms, wait = most;
    gale_diag why = { "" };
    gale_err rv;

    if (m->wait_ms > 0 && m->wait_ms < (uint64_t)most)
        wait = (int64_t)m->wait_ms;
    rv = gi_drpcd_ask(d, m->function, (gale_str){ m->args.at, m->args.n },
                      wait, q, NULL, &why);
    if (rv != GALE_OK)
        gi_answer(d->calls, q, rv, NULL, why.text[0] == '\0' ? NULL : why.text,
                  NULL);
}

static void take_look(gi_drpcd *d, gi_asked_for *q)
{
    gi_msg_drpc_functions all = { .n_functions = 0 };
    gi_msg_drpc_function *f =
        gi_pool_take(&q->pool, GI_DESK_FUNCTIONS, sizeof(*f));
    uint32_t waiting, out;

    all.functions = f;
    while (f != NULL && all.n_functions < GI_DESK_FUNCTIONS &&
           gi_desk_function(d->desk, all.n_functions, &f->name, &f->key,
                            &waiting, &out)) {
        f->waiting = waiting;
        f->out = out;
        f++;
        all.n_functions++;
    }
    gi_answer(d->calls, q, all.functions == NULL ? GALE_ENOMEM : GALE_OK, &all,
              NULL, NULL);
}

/* ------------------------------------------------------------- workers -- */

/* Who shows the word of its topology serves for that one; others for whom they
 * say. */
static void key_of(const gi_asked_for *q, char key[GI_DESK_NAME + 1])
{
    const gi_msg_drpc_take *m = q->request;

    if (q->topology[0] != '\0')
        snprintf(key, GI_DESK_NAME + 1, "topology %s", q->topology);
    else
        snprintf(key, GI_DESK_NAME + 1, "'%.80s' of %.80s", m->key, q->user);
}

/* Hand out what there is; false: nothing, and it may wait. */
static bool hand_out(gi_drpcd *d, gi_asked_for *q, bool last)
{
    const gi_msg_drpc_take *m = q->request;
    size_t most = m->most < TAKE_MOST ? (size_t)m->most : TAKE_MOST, bytes = 0;
    gi_msg_drpc_requests out = { .n_requests = 0 };
    gi_handed one;

    if (!last && (most == 0 || !gi_desk_has(d->desk, m->session)))
        return false;
    out.requests = gi_pool_take(&q->pool, most, sizeof(*out.requests));
    while (out.requests != NULL && out.n_requests < most &&
           bytes < TAKE_BYTES - d->o->most_bytes &&
           gi_desk_take(d->desk, m->session, &one, 1, gi_clock_ms()) == 1) {
        out.requests[out.n_requests++] =
            (gi_msg_drpc_request){ .id = one.id,
                                   .args = { one.args.ptr, one.args.len } };
        bytes += one.args.len;
    }
    out.number = gi_desk_number(d->desk, m->session);
    gi_answer(d->takes, q, GALE_OK, &out, NULL, NULL);
    return true;
}

/* It asks anew, so its connection broke: nobody hears the answer to what it
 * asked before. */
static void replace_taking(gi_drpcd *d, uint64_t session)
{
    for (gi_taking **at = &d->taking; *at != NULL;) {
        gi_taking *t = *at;
        const gi_msg_drpc_take *m = t->q->request;

        if (m->session != session) {
            at = &t->next;
            continue;
        }
        *at = t->next;
        gi_answer(d->takes, t->q, GALE_ETIME, NULL, NULL, NULL);
        gi_free(t);
    }
}

static void take_take(gi_drpcd *d, gi_asked_for *q)
{
    const gi_msg_drpc_take *m = q->request;
    int64_t now = gi_clock_ms();
    char key[GI_DESK_NAME + 1];
    gale_diag why = { "" };
    gi_taking *t;
    gale_err rv;

    key_of(q, key);
    rv = gi_desk_serve(d->desk, m->session, key, m->function, now, &why);
    if (rv != GALE_OK) {
        gi_answer(d->takes, q, rv, NULL, why.text, NULL);
        return;
    }
    replace_taking(d, m->session);
    gi_desk_heard(d->desk, m->session, m->after);
    if (hand_out(d, q, false))
        return;
    t = gi_alloc(sizeof(*t));
    if (t == NULL) {
        hand_out(d, q, true);
        return;
    }
    *t = (gi_taking){ .next = d->taking,
                      .q = q,
                      .until_ms = now + (m->most == 0 ? HEARD_MS : HOLD_MS) };
    d->taking = t;
}

static void take_word(gi_drpcd *d, const gi_msg_drpc_word *w)
{
    gale_str text = { w->text.at, w->text.n };

    switch (w->what) {
    case GI_DRPC_ANSWER:
        gi_desk_answer(d->desk, w->id, text);
        break;
    case GI_DRPC_FAIL:
        gi_desk_fail(d->desk, w->id, text);
        break;
    case GI_DRPC_NOTE:
        gi_desk_note(d->desk, w->id, text);
        break;
    case GI_DRPC_DONE:
        gi_desk_done(d->desk, w->id, gi_clock_ms());
        break;
    default:
        break;
    }
}

static void take_words(gi_drpcd *d, gi_asked_for *q)
{
    const gi_msg_drpc_words *m = q->request;
    gi_msg_nothing nothing = { 0 };

    for (uint32_t i = 0; i < m->n_words; i++)
        take_word(d, &m->words[i]);
    gi_answer(d->takes, q, GALE_OK, &nothing, NULL, NULL);
}

/* -------------------------------------------------------------- turning -- */

static void refuse(gi_answerer *a, gi_asked_for *q, const char *why)
{
    gi_answer(a, q, GALE_EINVAL, NULL, why, NULL);
}

static bool serve_call(gi_drpcd *d)
{
    gi_asked_for *q = gi_answerer_take(d->calls);

    if (q == NULL)
        return false;
    if (q->verb == GI_ASK_DRPC_CALL)
        take_call(d, q);
    else if (q->verb == GI_ASK_DRPC_LOOK)
        take_look(d, q);
    else
        refuse(d->calls, q,
               "this is the port of a DRPC server for who asks (drpc.port)");
    return true;
}

static bool serve_take(gi_drpcd *d)
{
    gi_asked_for *q = gi_answerer_take(d->takes);

    if (q == NULL)
        return false;
    if (q->verb == GI_ASK_DRPC_TAKE)
        take_take(d, q);
    else if (q->verb == GI_ASK_DRPC_SAY)
        take_words(d, q);
    else
        refuse(d->takes, q,
               "this is the port of a DRPC server for workers "
               "(drpc.invocations.port)");
    return true;
}

/* A worker that died lost its connection, and is not heard of again. */
static void answer_taking(gi_drpcd *d, int64_t now)
{
    for (gi_taking **at = &d->taking; *at != NULL;) {
        gi_taking *t = *at;
        const gi_msg_drpc_take *m = t->q->request;
        bool gone = gi_answerer_gone(d->takes, t->q);

        if (gone)
            gi_desk_leave(d->desk, m->session, now);
        if (!hand_out(d, t->q, gone || now >= t->until_ms)) {
            at = &t->next;
            continue;
        }
        *at = t->next;
        gi_free(t);
    }
}

static void forget_gone(gi_drpcd *d)
{
    gi_caller *next;

    for (gi_caller *c = d->callers; c != NULL; c = next) {
        next = c->next;
        if (c->q == NULL || !gi_answerer_gone(d->calls, c->q))
            continue;
        gi_desk_forget(d->desk, c->id);
        gi_answer(d->calls, c->q, GALE_ETIME, NULL, NULL, NULL);
        unlist(c);
    }
}

bool gi_drpcd_turn(gi_drpcd *d)
{
    int64_t now = gi_clock_ms();
    int i = 0;

    while (i < A_TURN && serve_call(d))
        i++;
    for (int k = 0; k < A_TURN && serve_take(d); k++)
        i++;
    if (now - d->swept_ms >= SWEEP_MS) {
        d->swept_ms = now;
        forget_gone(d);
    }
    if (now >= gi_desk_due(d->desk))
        gi_desk_tick(d->desk, now);
    answer_taking(d, now);
    return i >= A_TURN;
}

int64_t gi_drpcd_due(const gi_drpcd *d)
{
    int64_t due = gi_desk_due(d->desk);

    for (const gi_taking *t = d->taking; t != NULL; t = t->next)
        if (t->until_ms < due)
            due = t->until_ms;
    return due;
}
