/* hub.c -- requests within a process: the desk behind a lock, callers who wait
 * and tasks that are woken. */
#include "drpc/hub.h"

#include <errno.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/mem.h"
#include "drpc/remote.h"

enum {
    QUEUE = 1024,
    ARGS_BYTES = 1 << 20,
    ALL_BYTES = 256 << 20,
    GIVES = 3,
    FOR_EVER_MS = 1 << 30, /* callers look at the clock themselves */
};

/* A task that takes requests. */
typedef struct gi_hub_taker {
    uint64_t session;
    gale_task *task;
    struct gi_hub_taker *next;
} gi_hub_taker;

struct gale_drpc {
    gi_remote *remote; /* NULL: what follows */
    pthread_mutex_t lock;
    pthread_cond_t told;
    gi_desk *desk;
    gi_hub_taker *takers;
    uint64_t sessions;
    bool ended;
};

struct gale_drpc_call {
    gi_remote_call *remote; /* NULL: what follows */
    gale_drpc *d;
    uint64_t id;
    bool told;
    gale_err rv;
    char *text;
};

/* -------------------------------------------------------- made, unmade -- */

/* Under the lock. */
static void tell(void *arg, void *caller, gale_err rv, gale_str text)
{
    gale_drpc *d = arg;
    gale_drpc_call *c = caller;

    c->text = gi_alloc(text.len + 1u);
    if (c->text != NULL && text.len > 0)
        memcpy(c->text, text.ptr, text.len);
    c->rv = c->text == NULL ? GALE_ENOMEM : rv;
    c->told = true;
    pthread_cond_broadcast(&d->told);
}

gale_err gale_drpc_create(gale_drpc **out)
{
    gale_drpc *d = gi_alloc(sizeof(*d));
    gi_desk_opts o = { .queue = QUEUE,
                       .most_bytes = ARGS_BYTES,
                       .all_bytes = ALL_BYTES,
                       .gives = GIVES,
                       .timeout_ms = FOR_EVER_MS,
                       .known_ms = FOR_EVER_MS,
                       .tell = tell,
                       .arg = d };
    pthread_condattr_t attr;

    if (d == NULL)
        return GALE_ENOMEM;
    d->desk = gi_desk_create(&o);
    if (d->desk == NULL) {
        gi_free(d);
        return GALE_ENOMEM;
    }
    pthread_mutex_init(&d->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&d->told, &attr);
    pthread_condattr_destroy(&attr);
    *out = d;
    return GALE_OK;
}

gale_err gale_drpc_connect(gale_drpc **out, const gale_drpc_opts *opts,
                           gale_diag *why)
{
    gale_drpc *d;
    gale_err rv = gale_drpc_create(&d);

    if (rv != GALE_OK)
        return rv;
    rv = gi_remote_create(&d->remote, opts, why);
    if (rv == GALE_OK)
        *out = d;
    else
        gale_drpc_destroy(d);
    return rv;
}

void gale_drpc_destroy(gale_drpc *d)
{
    if (d == NULL)
        return;
    gi_remote_destroy(d->remote);
    gi_desk_destroy(d->desk);
    while (d->takers != NULL) {
        gi_hub_taker *t = d->takers;

        d->takers = t->next;
        gi_free(t);
    }
    pthread_cond_destroy(&d->told);
    pthread_mutex_destroy(&d->lock);
    gi_free(d);
}

static void wake_all(gale_drpc *d)
{
    for (gi_hub_taker *t = d->takers; t != NULL; t = t->next)
        gale_task_wake(t->task);
}

void gale_drpc_end(gale_drpc *d)
{
    pthread_mutex_lock(&d->lock);
    d->ended = true;
    wake_all(d);
    pthread_mutex_unlock(&d->lock);
}

/* ------------------------------------------------------------- callers -- */

static gale_err ask(gale_drpc *d, const char *function, gale_str args,
                    gale_drpc_call *c, gale_diag *why)
{
    if (d->ended) {
        gi_diag_say(why,
                    "gale_drpc_end was called: nothing is answered any more");
        return GALE_ENOTFOUND;
    }
    return gi_desk_ask(d->desk, function, args, c, 0, 0, &c->id, why);
}

gale_err gale_drpc_begin(gale_drpc *d, const char *function, gale_str args,
                         gale_drpc_call **out, gale_diag *why)
{
    gale_drpc_call *c = gi_alloc(sizeof(*c));
    gale_err rv = GALE_OK;

    if (c == NULL) {
        rv = GALE_ENOMEM;
    } else if (d->remote != NULL) {
        c->d = d;
        rv = gi_remote_begin(d->remote, function, args, &c->remote, why);
    } else {
        c->d = d;
        pthread_mutex_lock(&d->lock);
        rv = ask(d, function, args, c, why);
        if (rv == GALE_OK)
            wake_all(d);
        pthread_mutex_unlock(&d->lock);
    }
    if (rv == GALE_OK)
        *out = c;
    else
        gi_free(c);
    if (rv == GALE_ENOMEM)
        gi_diag_say(why, "%s", gale_err_text(rv));
    return rv;
}

gale_err gale_drpc_finish(gale_drpc_call *c, uint32_t wait_ms, char **answer,
                          gale_diag *why)
{
    gale_drpc *d = c->d;
    struct timespec end = gi_clock_in_ms(wait_ms);
    gale_err rv;
    int rc = 0;

    if (c->remote != NULL) {
        rv = gi_remote_finish(c->remote, wait_ms, answer, why);
        gi_free(c);
        return rv;
    }
    pthread_mutex_lock(&d->lock);
    while (!c->told && rc != ETIMEDOUT && wait_ms > 0)
        rc = pthread_cond_timedwait(&d->told, &d->lock, &end);
    if (!c->told)
        gi_desk_forget(d->desk, c->id);
    pthread_mutex_unlock(&d->lock);
    rv = c->told ? c->rv : GALE_ETIME;
    *answer = NULL;
    if (rv == GALE_OK) {
        *answer = c->text;
        c->text = NULL;
    } else if (why != NULL) {
        gi_diag_say(why, "%s",
                    rv == GALE_ETIME  ? "no answer came in time"
                    : c->text == NULL ? gale_err_text(rv)
                                      : c->text);
    }
    gi_free(c->text);
    gi_free(c);
    return rv;
}

gale_err gale_drpc_execute(gale_drpc *d, const char *function, gale_str args,
                           uint32_t wait_ms, char **answer, gale_diag *why)
{
    gale_drpc_call *c;
    gale_err rv = gale_drpc_begin(d, function, args, &c, why);

    *answer = NULL;
    return rv != GALE_OK ? rv : gale_drpc_finish(c, wait_ms, answer, why);
}

void gale_drpc_free(char *answer)
{
    gi_free(answer);
}

/* --------------------------------------------------------------- tasks -- */

/* By serving it for a moment. */
gale_err gi_hub_expect(gale_drpc *d, const char *function)
{
    gale_err rv;

    if (d->remote != NULL)
        return GALE_EINVAL;
    pthread_mutex_lock(&d->lock);
    rv = gi_desk_serve(d->desk, ++d->sessions, "", function, 0, NULL);
    if (rv == GALE_OK)
        gi_desk_leave(d->desk, d->sessions, 0);
    pthread_mutex_unlock(&d->lock);
    return rv;
}

/* A task that was killed has closed nothing. */
static void remove_taker(gale_drpc *d, uint64_t session, const gale_task *task)
{
    for (gi_hub_taker **at = &d->takers; *at != NULL;) {
        gi_hub_taker *t = *at;

        if (t->session != session && t->task != task) {
            at = &t->next;
            continue;
        }
        *at = t->next;
        gi_desk_leave(d->desk, t->session, 0);
        gi_free(t);
    }
}

gale_err gi_hub_open(uint64_t *session, gale_drpc *d, const char *function,
                     gale_task *task, gale_diag *why)
{
    gi_hub_taker *t = gi_alloc(sizeof(*t));
    gale_err rv;

    if (t == NULL)
        return GALE_ENOMEM;
    pthread_mutex_lock(&d->lock);
    remove_taker(d, 0, task);
    *t = (gi_hub_taker){ ++d->sessions, task, d->takers };
    rv = gi_desk_serve(d->desk, t->session, gale_task_topology(task), function,
                       0, why);
    if (rv == GALE_OK) {
        *session = t->session;
        d->takers = t;
        t = NULL;
    }
    pthread_mutex_unlock(&d->lock);
    gi_free(t);
    return rv;
}

void gi_hub_close(gale_drpc *d, uint64_t session)
{
    pthread_mutex_lock(&d->lock);
    remove_taker(d, session, NULL);
    pthread_mutex_unlock(&d->lock);
}

bool gi_hub_take(gale_drpc *d, uint64_t session, uint64_t *id, char **args,
                 uint32_t *len)
{
    gi_handed one;
    bool is;

    pthread_mutex_lock(&d->lock);
    is = gi_desk_take(d->desk, session, &one, 1, 0) == 1;
    if (is) {
        *id = one.id;
        *len = one.args.len;
        *args = gi_alloc(one.args.len + 1u);
        if (*args == NULL)
            gi_desk_fail(d->desk, one.id,
                         gale_cstr(gale_err_text(GALE_ENOMEM)));
        else if (one.args.len > 0)
            memcpy(*args, one.args.ptr, one.args.len);
        is = *args != NULL;
    }
    pthread_mutex_unlock(&d->lock);
    return is;
}

bool gi_hub_ended(gale_drpc *d)
{
    bool ended;

    pthread_mutex_lock(&d->lock);
    ended = d->ended && gi_desk_requests(d->desk) == 0;
    pthread_mutex_unlock(&d->lock);
    return ended;
}

void gi_hub_give_up(gale_drpc *d, const char *why)
{
    pthread_mutex_lock(&d->lock);
    d->ended = true;
    gi_desk_give_up(d->desk, why);
    pthread_mutex_unlock(&d->lock);
}

void gi_hub_answer(gale_drpc *d, uint64_t id, gale_str text)
{
    pthread_mutex_lock(&d->lock);
    gi_desk_answer(d->desk, id, text);
    pthread_mutex_unlock(&d->lock);
}

void gi_hub_fail(gale_drpc *d, uint64_t id, gale_str why)
{
    pthread_mutex_lock(&d->lock);
    gi_desk_fail(d->desk, id, why);
    pthread_mutex_unlock(&d->lock);
}

void gi_hub_note(gale_drpc *d, uint64_t id, gale_str why)
{
    pthread_mutex_lock(&d->lock);
    gi_desk_note(d->desk, id, why);
    pthread_mutex_unlock(&d->lock);
}

void gi_hub_done(gale_drpc *d, uint64_t id)
{
    pthread_mutex_lock(&d->lock);
    gi_desk_done(d->desk, id, 0);
    pthread_mutex_unlock(&d->lock);
}
