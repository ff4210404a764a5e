/* port.h -- a daemon's port with a thread that answers as a test says. */
#ifndef TESTS_WIRE_PORT_H
#define TESTS_WIRE_PORT_H

#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "wire/answer.h"
#include "wire/ask.h"

/* What is done with a request. */
struct port;
typedef void (*port_answer)(struct port *p, gi_asked_for *q);

struct port {
    gi_answerer *a;
    char url[64];
    port_answer answer;
    const char *leader;
    gi_asked_for *kept;
    uint64_t taken, n; /* requests: begun with, and done with */

    pthread_t thread;
    pthread_mutex_t owner; /* whoever has it owns the answerer */
    pthread_mutex_t mtx;   /* guards the rest */
    pthread_cond_t cv;
    bool woken, over;
};

static inline int64_t port_now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline void port_wake(void *arg)
{
    struct port *p = arg;

    pthread_mutex_lock(&p->mtx);
    p->woken = true;
    pthread_cond_broadcast(&p->cv);
    pthread_mutex_unlock(&p->mtx);
}

/* INFO tells who asked, LOOK the row of the name that was asked for; what is
 * said to all else is empty. */
static inline void port_echo(struct port *p, gi_asked_for *q)
{
    static const char empty[512];
    const gi_msg_named *named = q->request;
    gi_msg_topology_row row = { .name = "" };
    gi_msg_topology_look look = { .n_row = 1, .row = &row };
    gi_msg_info info = { .id = q->user, .host = q->from };
    const void *reply = empty;

    if (q->verb == GI_ASK_LOOK) {
        row.name = named->name;
        reply = &look;
    } else if (q->verb == GI_ASK_INFO) {
        reply = &info;
    }
    gi_answer(p->a, q, GALE_OK, reply, NULL, p->leader);
}

static inline void port_keep(struct port *p, gi_asked_for *q)
{
    p->kept = q;
}

static inline void *port_serves(void *arg)
{
    struct port *p = arg;
    gi_asked_for *q;

    pthread_mutex_lock(&p->mtx);
    for (;;) {
        while (!p->woken && !p->over)
            pthread_cond_wait(&p->cv, &p->mtx);
        if (p->over)
            break;
        p->woken = false;
        pthread_mutex_unlock(&p->mtx);
        pthread_mutex_lock(&p->owner);
        while ((q = gi_answerer_take(p->a)) != NULL) {
            pthread_mutex_lock(&p->mtx);
            p->taken++; /* before he who asked can hear of it */
            pthread_mutex_unlock(&p->mtx);
            p->answer(p, q);
            pthread_mutex_lock(&p->mtx);
            p->n++;
            pthread_cond_broadcast(&p->cv);
            pthread_mutex_unlock(&p->mtx);
        }
        pthread_mutex_unlock(&p->owner);
        pthread_mutex_lock(&p->mtx);
    }
    pthread_mutex_unlock(&p->mtx);
    return NULL;
}

static inline uint64_t port_taken(struct port *p)
{
    uint64_t n;

    pthread_mutex_lock(&p->mtx);
    n = p->taken;
    pthread_mutex_unlock(&p->mtx);
    return n;
}

/* Wait until the answer of `n` requests has returned. */
static inline void port_wait(struct port *p, uint64_t n)
{
    pthread_mutex_lock(&p->mtx);
    while (p->n < n)
        pthread_cond_wait(&p->cv, &p->mtx);
    pthread_mutex_unlock(&p->mtx);
}

/* At `port`, 0: any.  NULL for `answer`: nobody takes. */
static inline gale_err port_open(struct port *p, uint16_t port,
                                 port_answer answer,
                                 const gi_answerer_opts *more)
{
    gi_answerer_opts o =
        more == NULL ? (gi_answerer_opts){ .url = NULL } : *more;
    char url[64];
    gale_diag why;
    gale_err e;

    snprintf(url, sizeof(url), "tcp://127.0.0.1:%u", port);
    *p = (struct port){ .answer = answer };
    pthread_mutex_init(&p->owner, NULL);
    pthread_mutex_init(&p->mtx, NULL);
    pthread_cond_init(&p->cv, NULL);
    o.url = o.url == NULL ? url : o.url;
    o.wake = port_wake;
    o.arg = p;
    e = gi_answerer_create(&p->a, &o, &why);
    if (e != GALE_OK) {
        fprintf(stderr, "%s\n", why.text);
        return e;
    }
    snprintf(p->url, sizeof(p->url), "tcp://127.0.0.1:%u",
             gi_answerer_port(p->a));
    if (answer != NULL)
        pthread_create(&p->thread, NULL, port_serves, p);
    return GALE_OK;
}

static inline void port_close(struct port *p)
{
    pthread_mutex_lock(&p->mtx);
    p->over = true;
    pthread_cond_broadcast(&p->cv);
    pthread_mutex_unlock(&p->mtx);
    if (p->answer != NULL)
        pthread_join(p->thread, NULL);
    gi_answerer_destroy(p->a);
    p->a = NULL;
}

/* LOOK for `name`; does the reply name it? */
static inline gale_err port_look(gi_asker *a, const char *name,
                                 uint32_t wait_ms, gale_diag *why)
{
    gi_msg_named named = { .name = name };
    gi_msg_topology_look look;
    gi_pool pool = { 0 };
    gale_err e = gi_ask(a, GI_ASK_LOOK, &named, wait_ms, &pool, &look, why);

    if (e == GALE_OK &&
        (look.n_row != 1 || strcmp(look.row[0].name, name) != 0))
        e = GALE_EUSER;
    gi_pool_fini(&pool);
    return e;
}

#endif
