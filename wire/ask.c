#include "base/clock.h"
#include "wire/ask_inside.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/mem.h"
#include "wire/url.h"
#include "wire/whose.h"

/* ---------------------------------------------------- made and undone -- */

static bool shows_something(const gi_asker *a)
{
    return *gi_secrets_token(a->secrets) != '\0' ||
           *gi_secrets_secret(a->secrets) != '\0';
}

gale_err gi_ask_place_init(gi_ask_place *p, const gi_asker *a, const char *url,
                           gale_diag *why)
{
    gale_err e = GALE_OK;

    *p = (gi_ask_place){ .url = NULL };
    if (shows_something(a))
        e = gi_url_allowed(url, gi_secrets_tls(a->secrets), a->open, why);
    if (e == GALE_OK)
        e = gi_secrets_url(a->secrets, url, &p->url, why);
    return e;
}

static gale_err set_up(gi_asker *a, const gi_asker_opts *o, gale_diag *why)
{
    gale_err e = GALE_OK;

    a->places = gi_calloc((size_t)o->n_urls + 1, sizeof(*a->places));
    a->user = o->user == NULL ? gi_whose_name(geteuid()) : gi_strdup(o->user);
    a->topology = gi_strdup(o->topology == NULL ? "" : o->topology);
    if (a->places == NULL || a->user == NULL || a->topology == NULL)
        return GALE_ENOMEM;
    for (; e == GALE_OK && a->n < o->n_urls; a->n++)
        e = gi_ask_place_init(&a->places[a->n], a, o->urls[a->n], why);
    if (e == GALE_OK)
        e = gi_req_create(&a->req);
    return e;
}

gale_err gi_asker_create(gi_asker **out, const gi_asker_opts *o,
                         gale_diag *why)
{
    pthread_condattr_t attr;
    gi_asker *a;
    gale_err e;

    if (o->n_urls == 0) {
        gi_diag_say(why, "no address to ask at");
        return GALE_EINVAL;
    }
    a = gi_alloc(sizeof(*a));
    if (a == NULL) {
        gi_diag_say(why, "%s", gale_err_text(GALE_ENOMEM));
        return GALE_ENOMEM;
    }
    a->secrets = o->secrets;
    a->hasty = o->hasty;
    a->open = o->open;
    pthread_mutex_init(&a->mtx, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&a->cv, &attr);
    pthread_condattr_destroy(&attr);
    e = set_up(a, o, why);
    if (e != GALE_OK) {
        if (e == GALE_ENOMEM)
            gi_diag_say(why, "%s", gale_err_text(e));
        gi_asker_destroy(a);
        return e;
    }
    *out = a;
    return GALE_OK;
}

void gi_asker_destroy(gi_asker *a)
{
    if (a == NULL)
        return;
    gi_ask_end_thread(a);
    gi_ask_job_fini(&a->job);
    gi_req_destroy(a->req);
    for (uint32_t i = 0; a->places != NULL && i <= a->n; i++)
        gi_free(a->places[i].url);
    gi_free(a->places);
    gi_free(a->user);
    gi_free(a->topology);
    pthread_cond_destroy(&a->cv);
    pthread_mutex_destroy(&a->mtx);
    gi_free(a);
}

/* -------------------------------------------------- requests, replies -- */

gale_err gi_ask_job_init(gi_ask_job *j, const gi_asker *a, gi_verb_no verb,
                         const void *request, uint32_t wait_ms)
{
    gi_msg_head head = { .protocol = GI_MSG_PROTOCOL,
                         .verb = verb,
                         .token = gi_secrets_token(a->secrets),
                         .user = a->user,
                         .secret = gi_secrets_secret(a->secrets),
                         .topology = a->topology };

    *j = (gi_ask_job){ .verb = verb };
    j->due = gi_clock_ns() + (int64_t)wait_ms * 1000000;
    gi_msg_write(&j->request, GI_M_head, &head);
    gi_msg_write(&j->request, gi_verb_of(verb)->request, request);
    if (j->request.failed) {
        gi_ask_job_fini(j);
        return GALE_ENOMEM;
    }
    if (j->request.len > GI_MSG_MOST) {
        gi_ask_job_fini(j);
        return GALE_ELIMIT;
    }
    return GALE_OK;
}

void gi_ask_job_fini(gi_ask_job *j)
{
    gi_strbuf_fini(&j->request);
    gi_strbuf_fini(&j->reply);
}

static gale_err no_reply(gale_err e, gale_diag *why, const gale_diag *what)
{
    if (e == GALE_EFORMAT)
        gi_diag_say(why, "what came is no reply: %s", what->text);
    else
        gi_diag_say(why, "%s", gale_err_text(e));
    return e;
}

gale_err gi_ask_result(const gi_ask_job *j, gi_pool *pool, void *reply,
                       gale_diag *why)
{
    gi_msg_reply_head head;
    gale_diag what;
    size_t n;
    gale_err e;

    if (j->result != GALE_OK) {
        if (why != NULL)
            *why = j->why;
        return j->result;
    }
    e = gi_msg_read(GI_M_reply_head, j->reply.at, j->reply.len, pool, &head,
                    &n, &what);
    if (e == GALE_OK && head.error == 0)
        e = gi_msg_read(gi_verb_of(j->verb)->reply, j->reply.at + n,
                        j->reply.len - n, pool, reply, NULL, &what);
    if (e != GALE_OK)
        return no_reply(e, why, &what);
    if (head.error != 0)
        gi_diag_say(why, "%s", head.why);
    return head.error > INT32_MAX ? GALE_EFORMAT : (gale_err)head.error;
}

gale_err gi_ask(gi_asker *a, gi_verb_no verb, const void *request,
                uint32_t wait_ms, gi_pool *pool, void *reply, gale_diag *why)
{
    gi_ask_job j;
    gale_err e = gi_ask_job_init(&j, a, verb, request, wait_ms);

    if (e == GALE_ELIMIT)
        gi_diag_say(why, "a request of more than %d bytes", GI_MSG_MOST);
    else if (e != GALE_OK)
        gi_diag_say(why, "%s", gale_err_text(e));
    if (e != GALE_OK)
        return e;
    gi_ask_run(a, &j);
    e = gi_ask_result(&j, pool, reply, why);
    gi_ask_job_fini(&j);
    return e;
}
