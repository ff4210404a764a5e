#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/mem.h"
#include "nimbus/zookeeper/store_inside.h"

bool gi_zk_find(const gi_store_zk *s, const char *key, uint32_t *at)
{
    uint32_t low = 0, high = s->n;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        int c = strcmp(s->pairs[mid].key, key);

        if (c == 0) {
            *at = mid;
            return true;
        }
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    *at = low;
    return false;
}

gale_err gi_zk_reserve(gi_store_zk *s, uint32_t n)
{
    uint32_t cap = s->cap == 0 ? 16 : s->cap;
    gi_zk_pair *p;

    while (cap < s->n + n)
        cap *= 2;
    if (cap == s->cap)
        return GALE_OK;
    p = gi_realloc(s->pairs, cap * sizeof(*p));
    if (p == NULL)
        return GALE_ENOMEM;
    s->pairs = p;
    s->cap = cap;
    return GALE_OK;
}

void gi_zk_insert(gi_store_zk *s, uint32_t at, gi_zk_pair p)
{
    memmove(&s->pairs[at + 1], &s->pairs[at], (s->n - at) * sizeof(*s->pairs));
    s->pairs[at] = p;
    s->n++;
}

void gi_zk_remove(gi_store_zk *s, uint32_t at)
{
    gi_free(s->pairs[at].key);
    s->n--;
    memmove(&s->pairs[at], &s->pairs[at + 1], (s->n - at) * sizeof(*s->pairs));
}

void gi_zk_forget(gi_store_zk *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        gi_free(s->pairs[i].key);
    gi_free(s->pairs);
    s->pairs = NULL;
    s->n = s->cap = 0;
}

gi_store_sum gi_zk_sum_of(const char *key, const void *bytes, size_t len)
{
    gi_store_sum one = { 0 };

    gi_store_sum_add(&one, key, strlen(key), bytes, len);
    return one;
}

void gi_zk_sum_add(gi_store_sum *s, const gi_store_sum *one)
{
    s->n += one->n;
    for (int i = 0; i < 4; i++)
        s->part[i] += one->part[i];
}

void gi_zk_sum_take(gi_store_sum *s, const gi_store_sum *one)
{
    s->n -= one->n;
    for (int i = 0; i < 4; i++)
        s->part[i] -= one->part[i];
}

char *gi_zk_path_of(const gi_store_zk *s, gi_pool *pool, const char *key)
{
    char name[GI_ZK_NAME_MOST + 1], *path;
    size_t size;

    gi_zk_name_of(key, name);
    size = strlen(s->z->state) + strlen(name) + 2;
    path = gi_pool_take(pool, size, 1);
    if (path != NULL)
        snprintf(path, size, "%s/%s", s->z->state, name);
    return path;
}

char *gi_zk_path_of_piece(const gi_store_zk *s, gi_pool *pool, const char *id,
                          uint32_t k)
{
    size_t size = strlen(s->z->pieces) + strlen(id) + 16;
    char *path = gi_pool_take(pool, size, 1);

    if (path != NULL)
        snprintf(path, size, "%s/%s.%u", s->z->pieces, id, k);
    return path;
}

gale_err gi_zk_say(const gi_store_zk *s, int rc, gale_diag *why)
{
    gi_diag_say(why, "ZooKeeper, %s: %s", s->z->root,
                rc == ZSYSTEMERROR        ? "out of memory"
                : rc == ZOPERATIONTIMEOUT ? "there was no answer in time"
                : rc == ZSESSIONEXPIRED   ? "the session has ended"
                : rc == ZINVALIDSTATE     ? "the session has ended"
                                          : zerror(rc));
    return rc == ZSYSTEMERROR ? GALE_ENOMEM : GALE_EIO;
}

/* ----------------------------------------------------- calls that wait -- */

enum { NAP_MS = 10 };

/* What to do about an answer that never came: try again, but not in haste, as
 * the client says so before it says that the connection is gone. */
static void nap(uint64_t until_ms)
{
    if (gi_zk_now_ms() + NAP_MS < until_ms)
        gi_clock_nap_ms(NAP_MS);
}

static int no_connection(gi_leader_zk *z)
{
    bool ended;

    pthread_mutex_lock(&z->mtx);
    ended = z->ended;
    pthread_mutex_unlock(&z->mtx);
    return ended ? ZSESSIONEXPIRED : ZOPERATIONTIMEOUT;
}

static uint32_t which_was_refused(const gi_zk_call *c)
{
    for (uint32_t i = 0; i < c->n_results; i++)
        if (c->results[i].err != ZOK)
            return i;
    return UINT32_MAX;
}

int gi_zk_multi(gi_store_zk *s, const zoo_op_t *ops, uint32_t n,
                uint64_t until_ms, bool *again, uint32_t *refused)
{
    gi_leader_zk *z = s->z;

    *refused = UINT32_MAX;
    for (;;) {
        gi_zk_call *c;
        int rc;

        if (z->zh == NULL || !gi_zk_wait_connected(z, until_ms))
            return no_connection(z);
        c = gi_zk_call_make(z, GI_WANT_NOTHING, n);
        if (c == NULL)
            return ZSYSTEMERROR;
        rc = gi_zk_begin_multi(c, ops, n);
        if (rc != ZOK)
            gi_zk_call_free(c);
        if (rc == ZCONNECTIONLOSS && gi_zk_now_ms() + NAP_MS < until_ms) {
            nap(until_ms); /* we are told of it in a moment */
            continue;
        }
        if (rc != ZOK)
            return rc;
        if (!gi_zk_wait(c, until_ms))
            return ZOPERATIONTIMEOUT;
        rc = c->rc;
        if (rc == ZOK)
            gi_leader_proved(&z->l, c->begun_ms);
        else
            *refused = which_was_refused(c);
        gi_zk_call_free(c);
        if (!gi_zk_unknown(rc))
            return rc;
        *again = true;
        nap(until_ms);
    }
}

int gi_zk_fetch(gi_store_zk *s, const char *path, bool list, uint64_t until_ms,
                gi_zk_call **out)
{
    gi_leader_zk *z = s->z;

    for (;;) {
        gi_zk_call *c;
        int rc;

        if (z->zh == NULL || !gi_zk_wait_connected(z, until_ms))
            return no_connection(z);
        c = gi_zk_call_make(z, GI_WANT_NOTHING, 0);
        if (c == NULL)
            return ZSYSTEMERROR;
        rc = list ? gi_zk_begin_list(c, path, false)
                  : gi_zk_begin_get(c, path, false);
        if (rc == ZOK && !gi_zk_wait(c, until_ms))
            return ZOPERATIONTIMEOUT;
        if (rc == ZOK)
            rc = c->rc;
        if (rc == ZOK) {
            *out = c;
            return ZOK;
        }
        gi_zk_call_free(c);
        if (!gi_zk_unknown(rc))
            return rc;
        nap(until_ms);
    }
}
