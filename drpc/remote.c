#include "drpc/remote.h"

#include <errno.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/mem.h"
#include "drpc/place.h"
#include "wire/ask.h"

enum {
    PORT = 3772,
    PLACES = 64,
    MOST_MS = 86400000, /* the caller looks at the clock himself */
};

/* A call, and between calls a connection that waits for the next one. */
struct gi_remote_call {
    gi_remote *r;
    gi_remote_call *next; /* idle */
    gi_asker *asker;
    bool told;
};

struct gi_remote {
    gi_secrets *secrets;
    bool open;
    char *urls[PLACES];
    uint32_t n;
    pthread_mutex_t lock;
    pthread_cond_t some; /* was told */
    gi_remote_call *idle;
};

/* --------------------------------------------------------- made, unmade -- */

static gale_err add_urls(gi_remote *r, const char *servers, gale_diag *why)
{
    bool tls = gi_secrets_tls(r->secrets);
    char url[GI_PLACE_URL];

    for (const char *at = servers; *at != '\0';) {
        size_t n = strcspn(at, ",");

        if (r->n == PLACES || !gi_place_url(url, at, n, PORT, tls)) {
            gi_diag_say(why, "'%.*s' is no place of a DRPC server", (int)n,
                        at);
            return GALE_EINVAL;
        }
        r->urls[r->n] = gi_strdup(url);
        if (r->urls[r->n] == NULL)
            return GALE_ENOMEM;
        r->n++;
        at += n + (at[n] == ',');
    }
    return GALE_OK;
}

static gale_err load(gi_remote *r, const gale_drpc_opts *o, gale_diag *why)
{
    gi_secrets_opts files = { .ca_file = o->ca_file,
                              .cert_file = o->cert_file,
                              .token_file = o->token_file };

    if (o->ca_file == NULL && o->cert_file == NULL && o->token_file == NULL)
        return GALE_OK;
    return gi_secrets_load(&r->secrets, &files, why);
}

static gale_err new_call(gi_remote *r, gi_remote_call **out, gale_diag *why)
{
    gi_remote_call *c = gi_alloc(sizeof(*c));
    gi_asker_opts o = { .urls = (const char *const *)r->urls,
                        .n_urls = r->n,
                        .secrets = r->secrets,
                        .hasty = true,
                        .open = r->open };
    gale_err rv;

    if (c == NULL)
        return GALE_ENOMEM;
    c->r = r;
    rv = gi_asker_create(&c->asker, &o, why);
    if (rv == GALE_OK)
        *out = c;
    else
        gi_free(c);
    return rv;
}

static void drop(gi_remote_call *c)
{
    gi_asker_destroy(c->asker);
    gi_free(c);
}

gale_err gi_remote_create(gi_remote **out, const gale_drpc_opts *o,
                          gale_diag *why)
{
    static const gale_drpc_opts usual = { .servers = NULL };
    gi_remote *r = gi_alloc(sizeof(*r));
    pthread_condattr_t attr;
    gale_err rv;

    if (r == NULL)
        return GALE_ENOMEM;
    if (o == NULL)
        o = &usual;
    pthread_mutex_init(&r->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&r->some, &attr);
    pthread_condattr_destroy(&attr);
    r->open = o->open;
    rv = load(r, o, why);
    if (rv == GALE_OK)
        rv = add_urls(r, o->servers == NULL ? "localhost" : o->servers, why);
    if (rv == GALE_OK) /* an address that must not be used is said at once */
        rv = new_call(r, &r->idle, why);
    if (rv == GALE_OK)
        *out = r;
    else
        gi_remote_destroy(r);
    return rv;
}

void gi_remote_destroy(gi_remote *r)
{
    if (r == NULL)
        return;
    while (r->idle != NULL) {
        gi_remote_call *c = r->idle;

        r->idle = c->next;
        drop(c);
    }
    for (uint32_t i = 0; i < r->n; i++)
        gi_free(r->urls[i]);
    gi_secrets_destroy(r->secrets);
    pthread_cond_destroy(&r->some);
    pthread_mutex_destroy(&r->lock);
    gi_free(r);
}

/* --------------------------------------------------------------- asking -- */

static void done(void *arg)
{
    gi_remote_call *c = arg;

    pthread_mutex_lock(&c->r->lock);
    c->told = true;
    pthread_cond_broadcast(&c->r->some);
    pthread_mutex_unlock(&c->r->lock);
}

gale_err gi_remote_begin(gi_remote *r, const char *function, gale_str args,
                         gi_remote_call **out, gale_diag *why)
{
    gi_msg_drpc_call m = { .function = function,
                           .args = { args.ptr, args.len } };
    gale_err rv = GALE_OK;
    gi_remote_call *c;

    pthread_mutex_lock(&r->lock);
    c = r->idle;
    if (c != NULL)
        r->idle = c->next;
    pthread_mutex_unlock(&r->lock);
    if (c == NULL)
        rv = new_call(r, &c, why);
    if (rv != GALE_OK)
        return rv;
    c->told = false;
    rv = gi_ask_begin(c->asker, GI_ASK_DRPC_CALL, &m, MOST_MS, done, c);
    if (rv == GALE_OK)
        *out = c;
    else
        drop(c);
    return rv;
}

static bool wait_for(gi_remote_call *c, uint32_t wait_ms)
{
    struct timespec end = gi_clock_in_ms(wait_ms);
    bool told;
    int rc = 0;

    pthread_mutex_lock(&c->r->lock);
    while (!c->told && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&c->r->some, &c->r->lock, &end);
    told = c->told;
    pthread_mutex_unlock(&c->r->lock);
    return told;
}

/* Its connection serves the next one. */
static void put_back(gi_remote_call *c)
{
    pthread_mutex_lock(&c->r->lock);
    c->next = c->r->idle;
    c->r->idle = c;
    pthread_mutex_unlock(&c->r->lock);
}

gale_err gi_remote_finish(gi_remote_call *c, uint32_t wait_ms, char **answer,
                          gale_diag *why)
{
    gi_pool pool = { 0 };
    gi_msg_drpc_answer got;
    gale_err rv;

    *answer = NULL;
    if (!wait_for(c, wait_ms)) {
        gi_diag_say(why, "no answer came in time");
        drop(c); /* the server sees that nobody waits */
        return GALE_ETIME;
    }
    rv = gi_asked(c->asker, &pool, &got, why);
    if (rv == GALE_OK) {
        *answer = gi_alloc(got.text.n + 1u);
        if (*answer == NULL)
            rv = GALE_ENOMEM;
        else if (got.text.n > 0)
            memcpy(*answer, got.text.at, got.text.n);
    }
    gi_pool_fini(&pool);
    put_back(c);
    return rv;
}
