/* daemon_answer.c -- requests: each to whom it concerns, and the answer back.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "nimbus/daemon_inside.h"

enum { A_TURN = 64 }; /* requests; then others have their turn */

/* Whatever the verb. */
typedef union reply {
#define REPLY(name) gi_msg_##name name;
    GI_MESSAGES(REPLY)
#undef REPLY
} reply;

/* --------------------------------------------------------------- reports --
 */

static void answer_report(gi_ndaemon *d, gi_asked_for *q)
{
    gi_msg_orders orders;
    gale_err rv = gi_nimbus_orders(d->nimbus, q->request, &q->pool, &orders);

    gi_answer(d->answerer, q, rv, &orders, NULL, NULL);
}

/* The waiting keep their order. */
static gi_asked_for *take_waiting(gi_ndaemon *d, uint32_t i)
{
    gi_asked_for *q = d->waiting[i].asked;

    memmove(&d->waiting[i], &d->waiting[i + 1],
            (--d->n_waiting - i) * sizeof(*d->waiting));
    return q;
}

/* Of each node one waits: if there is another, he has given up that one. */
static void release(gi_ndaemon *d, const char *node)
{
    for (uint32_t i = 0; i < d->n_waiting; i++) {
        const gi_msg_report *r = d->waiting[i].asked->request;

        if (strcmp(r->node, node) == 0) {
            answer_report(d, take_waiting(d, i));
            return;
        }
    }
}

static bool keep_waiting(gi_ndaemon *d, gi_asked_for *q, uint64_t until_ms)
{
    if (d->n_waiting == d->cap_waiting) {
        uint32_t cap = d->cap_waiting == 0 ? 16 : d->cap_waiting * 2;
        gi_nd_waiting *more = gi_realloc(d->waiting, cap * sizeof(*more));

        if (more == NULL)
            return false;
        d->waiting = more;
        d->cap_waiting = cap;
    }
    d->waiting[d->n_waiting++] = (gi_nd_waiting){ q, until_ms };
    return true;
}

static void on_report(gi_ndaemon *d, gi_asked_for *q, gi_when now)
{
    const gi_msg_report *r = q->request;
    gale_diag why = { "" };
    gale_err rv = gi_nimbus_report(d->nimbus, r, now, &why);

    if (rv != GALE_OK) {
        gi_log(GALE_LOG_WARN, GI_WHO, "a report of '%.64s' from %s: %s",
               r->node, q->from,
               why.text[0] == '\0' ? gale_err_text(rv) : why.text);
        gi_answer(d->answerer, q, rv, NULL,
                  why.text[0] == '\0' ? NULL : why.text, NULL);
        return;
    }
    release(d, r->node);
    if (r->urgent || gi_nimbus_news(d->nimbus, r) ||
        !keep_waiting(d, q,
                      now.ms + gi_nimbus_settled(d->nimbus)->report_wait_ms))
        answer_report(d, q);
}

void gi_nd_answer_waiting(gi_ndaemon *d, gi_when now)
{
    for (uint32_t i = 0; i < d->n_waiting;) {
        gi_asked_for *q = d->waiting[i].asked;

        if (now.ms >= d->waiting[i].until_ms ||
            gi_nimbus_news(d->nimbus, q->request) ||
            gi_answerer_gone(d->answerer, q))
            answer_report(d, take_waiting(d, i));
        else
            i++;
    }
}

/* -------------------------------------------------------------- programs --
 */

static gale_err blob_get(gi_ndaemon *d, gi_asked_for *q, gi_when now,
                         gi_msg_blob_piece *out, gale_diag *why)
{
    const gi_msg_blob_get *ask = q->request;
    size_t most =
        ask->most < GI_MSG_BLOB_PIECE ? (size_t)ask->most : GI_MSG_BLOB_PIECE;
    void *bytes = gi_pool_take(&q->pool, most, 1);
    size_t len = 0;
    gale_err rv;

    if (bytes == NULL)
        return GALE_ENOMEM;
    rv = gi_blobs_get(d->blobs, ask->hash, ask->offset, bytes, most, now.ms,
                      &out->total, &len, why);
    out->bytes = (gi_bytes){ bytes, (uint32_t)len };
    return rv;
}

static gale_err blob_put(gi_ndaemon *d, const gi_asked_for *q, gi_when now,
                         gi_blob_state *out, gale_diag *why)
{
    const gi_msg_blob_put *p = q->request;
    gale_err rv = gi_blobs_put(d->blobs, p->hash, p->total, p->offset,
                               p->bytes.at, p->bytes.n, now.ms, out, why);

    if (rv == GALE_EIO || rv == GALE_EFORMAT)
        gi_log(rv == GALE_EIO ? GALE_LOG_ERROR : GALE_LOG_WARN, GI_WHO,
               "a program from %s: %s", q->from, why->text);
    if (rv == GALE_OK && out->complete && p->bytes.n > 0)
        gi_log(GALE_LOG_INFO, GI_WHO, "has the program %s, from %s", p->hash,
               q->from);
    return rv;
}

/* --------------------------------------------------------------- the rest --
 */

static gale_err carry_out(gi_ndaemon *d, gi_asked_for *q, gi_when now,
                          reply *out, gale_diag *why)
{
    const gi_msg_blob *blob = q->request;
    gi_blob_state state = { 0 };
    gale_err rv;

    switch (q->verb) {
    case GI_ASK_BLOB_HAS:
        rv = gi_blobs_look(d->blobs, blob->hash, now.ms, &state, why);
        break;
    case GI_ASK_BLOB_PUT:
        rv = blob_put(d, q, now, &state, why);
        break;
    case GI_ASK_BLOB_GET:
        return blob_get(d, q, now, &out->blob_piece, why);
    case GI_ASK_LOG:
        snprintf(why->text, sizeof(why->text),
                 "logs are with the supervisor of the worker; ask there");
        return GALE_EINVAL;
    default:
        return gi_nimbus_ask(d->nimbus, q->verb, q->request, q->user, now,
                             &q->pool, out, why);
    }
    out->blob_size = (gi_msg_blob_size){ state.size, state.complete };
    return rv;
}

/* Who changes something stands in the log, also if he may not. */
static void note_change(const gi_asked_for *q, gale_err rv, const char *why)
{
    const gi_verb_info *verb = gi_verb_of(q->verb);

    if (verb == NULL ||
        (verb->who != GI_WHO_OWNER && q->verb != GI_ASK_SUBMIT))
        return;
    if (rv == GALE_OK)
        gi_log(GALE_LOG_INFO, GI_WHO, "%s by '%.64s' from %s", verb->name,
               q->user, q->from);
    else
        gi_log(GALE_LOG_WARN, GI_WHO, "%s by '%.64s' from %s refused: %s",
               verb->name, q->user, q->from,
               why[0] == '\0' ? gale_err_text(rv) : why);
}

static void on_request(gi_ndaemon *d, gi_asked_for *q, gi_when now)
{
    gale_diag why = { "" };
    reply out;
    gale_err rv;

    if (q->verb == GI_ASK_REPORT) {
        on_report(d, q, now);
        return;
    }
    memset(&out, 0, sizeof(out));
    rv = carry_out(d, q, now, &out, &why);
    note_change(q, rv, why.text);
    gi_answer(d->answerer, q, rv, &out, why.text[0] == '\0' ? NULL : why.text,
              NULL);
}

void gi_nd_serve(gi_ndaemon *d)
{
    uint32_t n = 0;
    gi_asked_for *q = NULL;

    while (n < A_TURN && gi_nimbus_broken(d->nimbus) == NULL &&
           (q = gi_answerer_take(d->answerer)) != NULL) {
        on_request(d, q, gi_nd_now());
        n++;
    }
    d->more = n == A_TURN;
}
