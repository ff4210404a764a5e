#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "nimbus/zookeeper/leader_inside.h"

/* Also while the machine sleeps, as sessions go on ending then. */
uint64_t gi_zk_now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_BOOTTIME, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

gi_zk_call *gi_zk_call_make(gi_leader_zk *z, gi_want what, uint32_t n)
{
    gi_zk_call *c = gi_alloc(sizeof(*c) + n * sizeof(c->results[0]));

    if (c == NULL)
        return NULL;
    c->z = z;
    c->what = what;
    c->session = z->session;
    c->n_results = n;
    return c;
}

static void drop_names(gi_zk_call *c)
{
    for (uint32_t i = 0; i < c->n_names; i++)
        gi_free(c->names[i]);
    gi_free(c->names);
    c->names = NULL;
    c->n_names = 0;
}

void gi_zk_call_free(gi_zk_call *c)
{
    if (c == NULL)
        return;
    drop_names(c);
    gi_free(c->bytes);
    gi_free(c);
}

bool gi_zk_unknown(int rc)
{
    return rc == ZCONNECTIONLOSS || rc == ZOPERATIONTIMEOUT ||
           rc == ZSESSIONMOVED || rc == ZCLOSING;
}

/* ----------------------------------------------------------- finishing -- */

/* On the client's thread. */

/* One answer has come; the call's if it was the last. */
static void finish(gi_zk_call *c, int rc)
{
    gi_leader_zk *z = c->z;
    bool wake = false;

    pthread_mutex_lock(&z->mtx);
    if (c->rc == ZOK)
        c->rc = rc;
    if (--c->parts > 0) {
        pthread_mutex_unlock(&z->mtx);
        return;
    }
    if (c->given_up) {
        gi_zk_call_free(c);
    } else if (c->what == GI_WANT_NOTHING) {
        pthread_cond_broadcast(&z->cv);
    } else {
        *z->done_end = c;
        z->done_end = &c->next;
        wake = true;
    }
    pthread_mutex_unlock(&z->mtx);
    if (wake && z->o.wake != NULL)
        z->o.wake(z->o.arg);
}

static void on_multi(int rc, const void *data)
{
    finish((gi_zk_call *)(uintptr_t)data, rc);
}

static void on_get(int rc, const char *value, int len, const struct Stat *stat,
                   const void *data)
{
    gi_zk_call *c = (gi_zk_call *)(uintptr_t)data;

    if (rc == ZOK) {
        size_t n = len > 0 ? (size_t)len : 0;

        c->version = stat->version;
        c->bytes = gi_alloc(n + 1);
        if (c->bytes == NULL)
            rc = ZSYSTEMERROR;
        else if (n > 0)
            memcpy(c->bytes, value, n);
        c->len = n;
    }
    finish(c, rc);
}

static void on_list(int rc, const struct String_vector *names,
                    const void *data)
{
    gi_zk_call *c = (gi_zk_call *)(uintptr_t)data;

    if (rc == ZOK && names != NULL && names->count > 0) {
        c->names = gi_calloc((size_t)names->count, sizeof(*c->names));
        for (int32_t i = 0; c->names != NULL && i < names->count; i++) {
            c->names[i] = gi_strdup(names->data[i]);
            if (c->names[i] == NULL)
                break;
            c->n_names++;
        }
        if (c->n_names < (uint32_t)names->count)
            rc = ZSYSTEMERROR;
    }
    finish(c, rc);
}

static void on_enter(int rc, const char *value, const void *data)
{
    (void)value;
    finish((gi_zk_call *)(uintptr_t)data, rc);
}

static void on_made(int rc, const char *value, const void *data)
{
    (void)rc; /* who needs it will see */
    (void)value;
    (void)data;
}

/* ----------------------------------------------------------- beginning -- */

static void starts(gi_zk_call *c, uint32_t parts)
{
    c->begun_ms = gi_zk_now_ms();
    c->parts = parts;
    c->rc = ZOK;
}

/* The client (3.8) frees a stale pointer when a session that has ended meets
 * more than one op: it fills in the first refused op and none behind it, but
 * clears up all.  A session only ends in a connection that is new, so with one
 * that stands there is no such thing. */
int gi_zk_begin_multi(gi_zk_call *c, const zoo_op_t *ops, uint32_t n)
{
    if (is_unrecoverable(c->z->zh))
        return ZINVALIDSTATE;
    if (zoo_state(c->z->zh) != ZOO_CONNECTED_STATE)
        return ZCONNECTIONLOSS;
    starts(c, 1);
    return zoo_amulti(c->z->zh, (int)n, ops, c->results, on_multi, c);
}

int gi_zk_begin_get(gi_zk_call *c, const char *path, bool watch)
{
    starts(c, 1);
    return zoo_aget(c->z->zh, path, watch, on_get, c);
}

int gi_zk_begin_list(gi_zk_call *c, const char *path, bool watch)
{
    starts(c, 1);
    return zoo_aget_children(c->z->zh, path, watch, on_list, c);
}

int gi_zk_begin_look(gi_zk_call *c, const char *get, const char *list)
{
    int rc;

    starts(c, 2);
    rc = zoo_aget(c->z->zh, get, 1, on_get, c);
    if (rc != ZOK)
        return rc;
    rc = zoo_aget_children(c->z->zh, list, 1, on_list, c);
    if (rc != ZOK)
        finish(c, rc); /* the other one is under way */
    return ZOK;
}

int gi_zk_begin_enter(gi_zk_call *c, const char *path, const char *bytes)
{
    starts(c, 1);
    return zoo_acreate(c->z->zh, path, bytes, (int)strlen(bytes),
                       &ZOO_OPEN_ACL_UNSAFE, ZOO_EPHEMERAL | ZOO_SEQUENCE,
                       on_enter, c);
}

void gi_zk_make(gi_leader_zk *z, const char *path)
{
    (void)zoo_acreate(z->zh, path, "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, on_made,
                      NULL);
}

/* ------------------------------------------------------------- waiting -- */

/* False: the time is over. */
static bool wait_locked(gi_leader_zk *z, uint64_t until_ms)
{
    uint64_t now = gi_zk_now_ms(), ms = until_ms > now ? until_ms - now : 0;
    struct timespec t;

    if (ms == 0)
        return false;
    t = gi_clock_in_ms((int64_t)ms);
    return pthread_cond_timedwait(&z->cv, &z->mtx, &t) != ETIMEDOUT;
}

bool gi_zk_wait(gi_zk_call *c, uint64_t until_ms)
{
    gi_leader_zk *z = c->z;
    bool came;

    pthread_mutex_lock(&z->mtx);
    while (c->parts > 0 && wait_locked(z, until_ms))
        ;
    came = c->parts == 0;
    if (!came)
        c->given_up = true;
    pthread_mutex_unlock(&z->mtx);
    return came;
}

bool gi_zk_wait_connected(gi_leader_zk *z, uint64_t until_ms)
{
    bool rv;

    pthread_mutex_lock(&z->mtx);
    while (!z->connected && !z->ended && wait_locked(z, until_ms))
        ;
    rv = z->connected && !z->ended;
    pthread_mutex_unlock(&z->mtx);
    return rv;
}
