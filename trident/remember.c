#include "trident/remember.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/testpoint.h"

enum { PATIENCE = 2000, NAP_MS = 5, HEAD = 10 };

static gale_err open_waiting(gi_remember *m, gale_diag *why)
{
    gale_err rv = m->store->open(&m->self, &m->where, why);

    for (int i = 0; rv == GALE_EBUSY && i < PATIENCE; i++) {
        gi_clock_nap_ms(NAP_MS);
        rv = m->store->open(&m->self, &m->where, why);
    }
    if (rv != GALE_OK)
        m->self = NULL;
    return rv;
}

gale_err gi_remember_open(gi_remember *m, const gale_store *store,
                          gale_task *task, const char *state, uint32_t index,
                          uint32_t count, gale_diag *why)
{
    *m = (gi_remember){ .store = store,
                        .where = { .topology = gale_task_topology(task),
                                   .state = state,
                                   .index = index,
                                   .count = count,
                                   .task = task } };
    return open_waiting(m, why);
}

static void clear(gi_remember *m)
{
    gi_pool_fini(&m->pool);
    m->changes = NULL;
    m->n = m->cap = 0;
}

void gi_remember_close(gi_remember *m)
{
    if (m->self != NULL)
        m->store->close(m->self);
    m->self = NULL;
    clear(m);
}

static gale_err be_open(gi_remember *m, gale_diag *why)
{
    return m->self != NULL ? GALE_OK : open_waiting(m, why);
}

/* The group, two bytes, then the name. */
static uint32_t key_of(char *key, size_t size, uint32_t group,
                       const char *name)
{
    key[0] = (char)(group >> 8);
    key[1] = (char)(group & 0xff);
    return 2 + (uint32_t)snprintf(key + 2, size - 2, "%s", name);
}

static gale_err get(gi_remember *m, uint32_t group, const char *name,
                    gale_str *value, gale_diag *why)
{
    char key[GALE_STATE_KEY_MOST];
    gale_str k = { key, key_of(key, sizeof(key), group, name) };
    gale_err rv = be_open(m, why);

    *value = (gale_str){ NULL, 0 };
    return rv != GALE_OK ? rv : m->store->get(m->self, &k, 1, value, why);
}

gale_err gi_remember_get(gi_remember *m, const char *name, gale_str *value,
                         gale_diag *why)
{
    return get(m, 0, name, value, why);
}

static bool copy(gi_remember *m, gale_str *s)
{
    char *to = gi_pool_take(&m->pool, s->len + 1u, 1);

    if (to == NULL)
        return false;
    memcpy(to, s->ptr, s->len);
    s->ptr = to;
    return true;
}

static bool more_room(gi_remember *m)
{
    uint32_t cap = m->cap == 0 ? 16 : 2 * m->cap;
    gale_change *c;

    if (m->n < m->cap)
        return true;
    c = gi_pool_take(&m->pool, cap, sizeof(*c));
    if (c == NULL)
        return false;
    if (m->n > 0)
        memcpy(c, m->changes, m->n * sizeof(*c));
    m->changes = c;
    m->cap = cap;
    return true;
}

/* A key comes once in a write: the last word counts. */
static bool note(gi_remember *m, uint32_t group, const char *name,
                 gale_str value)
{
    char key[GALE_STATE_KEY_MOST];
    gale_change c = { { key, key_of(key, sizeof(key), group, name) }, value };

    if (value.ptr != NULL && !copy(m, &c.value))
        return false;
    for (uint32_t i = 0; i < m->n; i++)
        if (m->changes[i].key.len == c.key.len &&
            memcmp(m->changes[i].key.ptr, key, c.key.len) == 0) {
            m->changes[i].value = c.value;
            return true;
        }
    if (!copy(m, &c.key) || !more_room(m))
        return false;
    m->changes[m->n++] = c;
    return true;
}

bool gi_remember_note(gi_remember *m, const char *name, gale_str value)
{
    return note(m, 0, name, value);
}

gale_err gi_remember_write(gi_remember *m, gale_diag *why)
{
    gale_err rv;

    if (m->n == 0)
        return GALE_OK;
    rv = be_open(m, why);
    if (rv == GALE_OK)
        rv = m->store->write(m->self, m->changes, m->n, why);
    clear(m);
    if (rv != GALE_OK && m->self != NULL) {
        m->store->close(m->self);
        m->self = NULL;
    }
    return rv;
}

/* ---------------------------------------------------------- partitions -- */

/* Its bits back to front: neighbours lie far apart, whatever `count` is. */
static uint32_t group_of(uint32_t p)
{
    uint32_t g = 0;

    for (uint32_t bit = 1; bit < GALE_STATE_GROUPS; bit *= 2)
        g = g * 2 + ((p & bit) != 0);
    return g;
}

uint32_t gi_remember_part(uint32_t p, uint32_t count)
{
    return gale_state_part(group_of(p), count);
}

static void name_of(char out[32], uint32_t p)
{
    snprintf(out, 32, "partition/%" PRIu32, p);
}

bool gi_remember_from(gi_remember *m, uint32_t p, uint64_t txid,
                      gale_str *from, gale_diag *why)
{
    char name[32];
    gale_str v;
    uint64_t last;
    uint32_t len;

    name_of(name, p);
    if (get(m, group_of(p), name, &v, why) != GALE_OK)
        return false;
    *from = (gale_str){ "", 0 };
    if (v.ptr == NULL)
        return true;
    len = v.len < HEAD ? 0 : gi_get_be16(v.ptr + 8);
    if (v.len < HEAD || len > v.len - HEAD) {
        gi_diag_say(why, "what is remembered of partition %u is no such thing",
                    p);
        return false;
    }
    last = gi_get_be64(v.ptr);
    if (last > txid) {
        gi_diag_say(why,
                    "partition %u is at transaction %" PRIu64
                    " already: somebody else works on this stream",
                    p, last);
        return false;
    }
    if (last == txid)
        GI_SEEN(FROM_AGAIN);
    *from = last == txid && !GI_BUG(FROM_UPTO)
                ? (gale_str){ v.ptr + HEAD, len }
                : (gale_str){ v.ptr + HEAD + len, v.len - HEAD - len };
    return true;
}

bool gi_remember_put(gi_remember *m, uint32_t p, uint64_t txid, gale_str from,
                     gale_str upto)
{
    unsigned char v[HEAD + 2 * 256];
    char name[32];

    gi_put_be64(v, txid);
    gi_put_be16(v + 8, (uint16_t)from.len);
    memcpy(v + HEAD, from.ptr, from.len);
    memcpy(v + HEAD + from.len, upto.ptr, upto.len);
    name_of(name, p);
    return note(m, group_of(p), name,
                (gale_str){ (const char *)v, HEAD + from.len + upto.len });
}

/* Under the first of the task's groups: nobody else has that. */
static uint32_t own_group(const gi_remember *m)
{
    uint32_t from, to;

    gale_state_range(m->where.index, m->where.count, &from, &to);
    return from;
}

bool gi_remember_attempt(gi_remember *m, uint64_t *attempt, gale_diag *why)
{
    gale_str v;

    if (get(m, own_group(m), "attempt", &v, why) != GALE_OK)
        return false;
    *attempt = v.ptr != NULL && v.len == 8 ? gi_get_be64(v.ptr) : 0;
    return true;
}

bool gi_remember_put_attempt(gi_remember *m, uint64_t attempt)
{
    char bytes[8];

    gi_put_be64(bytes, attempt);
    return note(m, own_group(m), "attempt", (gale_str){ bytes, 8 });
}
