/* daemon_answer.c -- requests: each to whom it concerns, and the answer back.
 *
 * Some wait: a REPORT until there is news for its node, a MIRROR until there
 * is a program, a SUBMIT until its program would outlive us; and whatever
 * comes while nobody leads, until somebody does.
 */
#include <string.h>

#include "base/diag.h"
#include "base/log.h"
#include "base/mem.h"
#include "nimbus/daemon_inside.h"

enum {
    MIRROR_MS = 1000,
    SUBMIT_MS = 5000,
    NO_LEADER_MS = 3000,
};

/* ------------------------------------------------------------- reports -- */

/* Of each node one waits: if there is another, he has given up that one. */
static void release_others(gi_ndaemon *d, const gi_asked_for *q)
{
    const gi_msg_report *r = q->request;

    for (uint32_t i = 0; i < d->n_waiting; i++) {
        const gi_asked_for *other = d->waiting[i].asked;

        if (other != NULL && other != q && other->verb == GI_ASK_REPORT &&
            strcmp(((const gi_msg_report *)other->request)->node, r->node) ==
                0)
            d->waiting[i].until_ms = 0;
    }
}

/* Nimbus hears it; false: it was refused, and answered. */
static bool take_report(gi_ndaemon *d, gi_nd_waiting *w, gi_when now)
{
    const gi_msg_report *r = w->asked->request;
    gale_diag why = { "" };
    gale_err rv = gi_nimbus_report(d->nimbus, r, now, &why);

    w->taken = true;
    release_others(d, w->asked);
    if (rv == GALE_OK)
        return true;
    gi_log(GALE_LOG_WARN, GI_WHO, "a report of '%.64s' from %s: %s", r->node,
           w->asked->from, why.text[0] == '\0' ? gale_err_text(rv) : why.text);
    gi_answer(d->answerer, w->asked, rv, NULL,
              why.text[0] == '\0' ? NULL : why.text, NULL);
    return false;
}

static bool try_report(gi_ndaemon *d, gi_nd_waiting *w, gi_when now, bool last)
{
    gi_asked_for *q = w->asked;
    const gi_msg_report *r = q->request;
    gi_msg_orders orders;
    gale_err rv;

    if (!w->taken && !take_report(d, w, now))
        return true;
    if (!last && !r->urgent && !gi_nimbus_news(d->nimbus, r))
        return false;
    rv = gi_nimbus_orders(d->nimbus, r, &q->pool, &orders);
    gi_answer(d->answerer, q, rv, &orders, NULL, NULL);
    return true;
}

static bool try_mirror(gi_ndaemon *d, gi_nd_waiting *w, gi_when now, bool last)
{
    gi_asked_for *q = w->asked;
    gi_msg_mirrored out;
    gale_err rv;

    if (!w->taken)
        gi_nd_hear_standby(d, q->request, now);
    if (!last && !(w->taken ? w->n_whole != d->n_whole
                            : gi_nd_standby_lacks(d, q->request))) {
        w->taken = true;
        return false;
    }
    rv = gi_nd_list(d, &q->pool, &out);
    gi_answer(d->answerer, q, rv, &out, NULL, NULL);
    return true;
}

/* ------------------------------------------------------------ the rest -- */

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

static gale_err carry_out(gi_ndaemon *d, gi_asked_for *q, gi_when now,
                          gi_nd_reply *out, gale_diag *why)
{
    switch (q->verb) {
    case GI_ASK_BLOB_HAS:
    case GI_ASK_BLOB_PUT:
    case GI_ASK_BLOB_GET:
        return gi_nd_program(d, q, now, out, why);
    case GI_ASK_LOG:
        gi_diag_say(why,
                    "logs are with the supervisor of the worker; ask there");
        return GALE_EINVAL;
    default:
        return gi_nimbus_ask(d->nimbus, q->verb, q->request, q->user, now,
                             &q->pool, out, why);
    }
}

static void answer(gi_ndaemon *d, gi_asked_for *q, gi_when now)
{
    gale_diag why = { "" };
    gi_nd_reply out;
    gale_err rv;

    memset(&out, 0, sizeof(out));
    rv = carry_out(d, q, now, &out, &why);
    note_change(q, rv, why.text);
    gi_answer(d->answerer, q, rv, &out, why.text[0] == '\0' ? NULL : why.text,
              NULL);
}

static bool try_submit(gi_ndaemon *d, const gi_nd_waiting *w, gi_when now,
                       bool last)
{
    const gi_msg_submit *s = w->asked->request;

    if (!gi_nd_is_mirrored(d, s->program, now)) {
        if (!last)
            return false;
        gi_log(GALE_LOG_WARN, GI_WHO,
               "no other Nimbus has the program of '%.64s' yet", s->name);
    }
    answer(d, w->asked, now);
    return true;
}

static bool refer(gi_ndaemon *d, gi_asked_for *q, bool last)
{
    if (d->leader[0] != '\0')
        gi_answer(d->answerer, q, GALE_EIO, NULL,
                  "this Nimbus stands by; another leads", d->leader);
    else if (last)
        gi_answer(d->answerer, q, GALE_EIO, NULL,
                  "no Nimbus leads at the moment", GI_MSG_NOBODY);
    return last || d->leader[0] != '\0';
}

/* Answer it, if it can be answered now, or must (`last`). */
static bool attempt(gi_ndaemon *d, gi_nd_waiting *w, gi_when now, bool last)
{
    if (!d->leads || gi_nimbus_broken(d->nimbus) != NULL)
        return refer(d, w->asked, last);
    switch (w->asked->verb) {
    case GI_ASK_REPORT:
        return try_report(d, w, now, last);
    case GI_ASK_MIRROR:
        return try_mirror(d, w, now, last);
    case GI_ASK_SUBMIT:
        return try_submit(d, w, now, last);
    default:
        answer(d, w->asked, now);
        return true;
    }
}

/* ------------------------------------------------------------- waiting -- */

static uint64_t patience_ms(const gi_ndaemon *d, gi_verb_no verb)
{
    return !d->leads ? NO_LEADER_MS
           : verb == GI_ASK_REPORT
               ? gi_nimbus_settled(d->nimbus)->report_wait_ms
           : verb == GI_ASK_MIRROR ? MIRROR_MS
                                   : SUBMIT_MS;
}

static bool keep(gi_ndaemon *d, const gi_nd_waiting *w)
{
    if (d->n_waiting == d->cap_waiting) {
        uint32_t cap = d->cap_waiting == 0 ? 16 : d->cap_waiting * 2;
        gi_nd_waiting *more = gi_realloc(d->waiting, cap * sizeof(*more));

        if (more == NULL)
            return false;
        d->waiting = more;
        d->cap_waiting = cap;
    }
    d->waiting[d->n_waiting++] = *w;
    return true;
}

void gi_nd_answer_waiting(gi_ndaemon *d, gi_when now)
{
    uint32_t left = 0;

    for (uint32_t i = 0; i < d->n_waiting; i++) {
        gi_nd_waiting w = d->waiting[i];
        bool last =
            now.ms >= w.until_ms || gi_answerer_gone(d->answerer, w.asked);

        d->waiting[i].asked = NULL; /* while it may be gone */
        if (!attempt(d, &w, now, last))
            d->waiting[left++] = w;
    }
    d->n_waiting = left;
}

uint64_t gi_nd_waiting_due(const gi_ndaemon *d)
{
    uint64_t due = UINT64_MAX;

    for (uint32_t i = 0; i < d->n_waiting; i++)
        if (d->waiting[i].until_ms < due)
            due = d->waiting[i].until_ms;
    return due;
}

static void on_request(gi_ndaemon *d, gi_asked_for *q, gi_when now)
{
    gi_nd_waiting w = { .asked = q,
                        .until_ms = now.ms + patience_ms(d, q->verb),
                        .n_whole = d->n_whole };

    if (!attempt(d, &w, now, false) && !keep(d, &w))
        attempt(d, &w, now, true);
}

bool gi_nd_serve_one(gi_ndaemon *d, gi_when now)
{
    gi_asked_for *q = gi_answerer_take(d->answerer);

    if (q != NULL)
        on_request(d, q, now);
    return q != NULL;
}

void gi_nd_hear_anew(gi_ndaemon *d)
{
    for (uint32_t i = 0; i < d->n_waiting; i++)
        d->waiting[i].taken = false;
}
