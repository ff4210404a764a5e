/* All connections to a daemon's port: who is let in, and who has to go. */
#include "base/clock.h"
#include "wire/caller_inside.h"

#include "base/mem.h"
#include "wire/req.h"

/* Of so many connections one address may have as many without giving way to
 * others; beyond, it is its own that have to go. */
enum { SHARE = 4 };

static bool same_host(const nng_sockaddr *a, const nng_sockaddr *b)
{
    if (a->s_family != b->s_family)
        return false;
    if (a->s_family == NNG_AF_INET)
        return a->s_in.sa_addr == b->s_in.sa_addr;
    return a->s_family == NNG_AF_INET6 &&
           memcmp(a->s_in6.sa_addr, b->s_in6.sa_addr,
                  sizeof(a->s_in6.sa_addr)) == 0;
}

/* The oldest that waits for no reply; `like` NULL: of any host. */
static gi_caller *idle_locked(gi_answerer *a, const gi_caller *like)
{
    gi_caller *oldest = NULL;

    for (gi_caller *c = a->callers; c != NULL; c = c->next) {
        if (c->n_asked == 0 && !c->down && !c->sent_away &&
            (like == NULL || same_host(&c->from, &like->from)))
            oldest = c;
    }
    return oldest;
}

static void make_room_locked(gi_answerer *a, const gi_caller *who)
{
    uint32_t alike = 0;
    gi_caller *goes = NULL;

    for (gi_caller *c = a->callers; c != NULL; c = c->next)
        alike += !c->sent_away && same_host(&c->from, &who->from);
    if (alike >= a->most_callers / SHARE)
        goes = idle_locked(a, who);
    if (goes == NULL)
        goes = idle_locked(a, NULL);
    if (goes == NULL)
        return;
    goes->sent_away = true;
    gi_stream_close(&goes->stream);
}

static void link_locked(gi_answerer *a, gi_caller *c)
{
    if (a->n_callers >= a->most_callers)
        make_room_locked(a, c);
    c->id = ++a->last_caller;
    c->next = a->callers;
    if (c->next != NULL)
        c->next->prev = c;
    a->callers = c;
    a->n_callers++;
}

static void unlink_locked(gi_answerer *a, gi_caller *c)
{
    if (c->prev == NULL)
        a->callers = c->next;
    else
        c->prev->next = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    a->n_callers--;
}

void gi_caller_let_in(gi_answerer *a, nng_stream *stream)
{
    gi_caller *c = gi_caller_create(a, stream);
    bool down;

    gi_callers_hurry(a);
    if (c == NULL)
        return;
    pthread_mutex_lock(&a->mtx);
    c->held = true;
    link_locked(a, c);
    pthread_mutex_unlock(&a->mtx);
    gi_caller_begin(c);
    pthread_mutex_lock(&a->mtx);
    c->held = false; /* from now on he can be freed at any time */
    down = c->down;
    a->some_down = a->some_down || down;
    pthread_mutex_unlock(&a->mtx);
    if (down && a->wake != NULL)
        a->wake(a->arg);
}

void gi_callers_hurry(gi_answerer *a)
{
    int64_t now = gi_clock_ns();

    pthread_mutex_lock(&a->mtx);
    for (gi_caller *c = a->callers; c != NULL; c = c->next) {
        if (c->due == 0 || now < c->due || c->sent_away)
            continue;
        c->sent_away = true;
        gi_stream_close(&c->stream);
    }
    pthread_mutex_unlock(&a->mtx);
}

int64_t gi_callers_due_locked(const gi_answerer *a)
{
    int64_t due = 0;

    for (const gi_caller *c = a->callers; c != NULL; c = c->next)
        if (c->due != 0 && !c->sent_away && !c->down &&
            (due == 0 || c->due < due))
            due = c->due;
    return due;
}

void gi_callers_reap(gi_answerer *a, bool all)
{
    gi_caller *list = NULL, *c, *next;

    pthread_mutex_lock(&a->mtx);
    for (c = a->some_down || all ? a->callers : NULL; c != NULL; c = next) {
        next = c->next;
        if ((!c->down || c->held) && !all)
            continue;
        unlink_locked(a, c);
        c->next = list;
        list = c;
    }
    a->some_down = false;
    pthread_mutex_unlock(&a->mtx);
    for (c = list; c != NULL; c = next) {
        next = c->next;
        gi_caller_destroy(c);
    }
}
