/* map.c -- a part of a keyed state: opening it, asking it. */
#include "state/map.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/diag.h"
#include "base/mem.h"
#include "state/hash.h"

gale_err gi_map_say(const gale_map *m, gale_err e, gale_diag *why,
                    const char *format, ...)
{
    char text[sizeof(why->text) - 300];
    va_list ap;

    if (why == NULL)
        return e;
    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    gi_diag_say(why, "state '%.200s': %s", m->name, text);
    return e;
}

/* ---------------------------------------------------- opening, closing -- */

static gale_err take_fence(void *arg, gale_str key, gale_str value)
{
    gale_map *m = arg;
    uint32_t group = gi_stored_group(key);
    gi_fence f;

    if (key.len != GI_FENCE_KEY)
        return GALE_OK; /* a piece of undoing */
    if (group >= GALE_STATE_GROUPS || !gi_fence_read(&f, value))
        return GALE_EFORMAT;
    m->fences[group] = f;
    if (f.txid > m->last)
        m->last = f.txid;
    return GALE_OK;
}

static gale_err load_fences(gale_map *m, gale_diag *why)
{
    gale_err rv = GALE_OK;

    for (uint32_t g = m->from; rv == GALE_OK && g < m->to; g++) {
        char prefix[GI_FENCE_KEY];

        gi_fence_key(prefix, g);
        rv = m->store->scan(m->self, (gale_str){ prefix, sizeof(prefix) },
                            take_fence, m, why);
        if (rv == GALE_EFORMAT && why != NULL && why->text[0] == '\0')
            rv = gi_map_say(m, rv, why,
                            "what says which transaction group %u is at makes "
                            "no sense",
                            g);
    }
    return rv;
}

gale_err gale_map_open(gale_map **out, const gale_store *store,
                       const gale_store_where *where, gale_state_kind kind,
                       gale_diag *why)
{
    gale_map *m;
    gale_err rv;

    if (why != NULL)
        why->text[0] = '\0';
    rv = gi_stored_check_where(where, why);
    if (rv != GALE_OK)
        return rv;
    m = gi_alloc(sizeof(*m));
    if (m == NULL)
        return gi_stored_no_memory(why);
    m->store = store;
    m->kind = kind;
    m->aside = where->aside;
    gale_state_range(where->index, where->count, &m->from, &m->to);
    m->name = gi_strdup(where->state);
    rv = m->name == NULL ? gi_stored_no_memory(why)
                         : store->open(&m->self, where, why);
    if (rv == GALE_OK)
        rv = load_fences(m, why);
    if (rv != GALE_OK) {
        gale_map_close(m);
        return rv == GALE_ENOMEM ? gi_stored_no_memory(why) : rv;
    }
    *out = m;
    return GALE_OK;
}

void gale_map_close(gale_map *m)
{
    if (m == NULL)
        return;
    if (m->self != NULL)
        m->store->close(m->self);
    gi_touched_fini(&m->batch);
    gi_bytes_fini(&m->key_bytes);
    gi_bytes_fini(&m->row);
    gi_values_fini(&m->values);
    gi_free(m->items);
    gi_free(m->ask);
    gi_free(m->answers);
    gi_free(m->changes);
    gi_free(m->name);
    gi_free(m);
}

uint64_t gale_map_txid(const gale_map *m)
{
    return m->last;
}

/* -------------------------------------------------------------- scratch -- */

static bool room_for(gale_map *m, size_t n)
{
    void *items, *ask, *answers;

    if (n <= m->n_items)
        return true;
    items = gi_realloc(m->items, n * sizeof(*m->items));
    if (items != NULL)
        m->items = items;
    ask = gi_realloc(m->ask, n * sizeof(*m->ask));
    if (ask != NULL)
        m->ask = ask;
    answers = gi_realloc(m->answers, n * sizeof(*m->answers));
    if (answers != NULL)
        m->answers = answers;
    if (items == NULL || ask == NULL || answers == NULL)
        return false;
    m->n_items = n;
    return true;
}

static uint32_t group_of(const gale_map *m, gale_row key)
{
    if (m->aside == 0)
        return gale_state_group(key.values, key.n);
    return key.n <= m->aside
               ? gale_state_group(NULL, 0)
               : gale_state_group(key.values + m->aside, key.n - m->aside);
}

static gale_err write_key(gale_map *m, gale_row key, gale_diag *why)
{
    enum { MOST = GALE_STATE_KEY_MOST - GI_STORED_GROUP };
    uint32_t group = group_of(m, key);
    char *at = gi_bytes_room(&m->key_bytes, GI_STORED_GROUP);
    gale_err rv;

    if (at == NULL)
        return GALE_ENOMEM;
    gi_put_be16(at, (uint16_t)group);
    m->key_bytes.len += GI_STORED_GROUP;
    rv = gi_row_write(&m->key_bytes, key, true, MOST, why);
    if (rv == GALE_OK && (group < m->from || group >= m->to))
        rv = gi_map_say(m, GALE_EINVAL, why,
                        "a key of group %u; this part has the groups %u to "
                        "%u: rows have to go to the part that "
                        "gale_state_part names",
                        group, m->from, m->to - 1);
    return rv;
}

gale_err gi_map_keys(gale_map *m, const gale_row *keys, size_t n,
                     gale_diag *why)
{
    gale_err rv = room_for(m, n) ? GALE_OK : GALE_ENOMEM;
    const char *at;

    m->key_bytes.len = 0;
    for (size_t i = 0; rv == GALE_OK && i < n; i++) {
        size_t before = m->key_bytes.len;

        rv = write_key(m, keys[i], why);
        m->items[i].key.len = (uint32_t)(m->key_bytes.len - before);
    }
    if (rv != GALE_OK)
        return rv == GALE_ENOMEM ? gi_stored_no_memory(why) : rv;
    at = m->key_bytes.at;
    for (size_t i = 0; i < n; i++) {
        struct gi_map_item *it = &m->items[i];

        it->key.ptr = at;
        at += it->key.len;
        it->hash = gi_state_hash(it->key);
    }
    return GALE_OK;
}

gale_err gi_map_ask(gale_map *m, size_t n, uint32_t wanted, gale_diag *why)
{
    size_t asked = 0, at = 0;
    gale_err rv;

    for (size_t i = 0; i < n; i++)
        if (m->items[i].id == wanted)
            m->ask[asked++] = m->items[i].key;
    if (asked == 0)
        return GALE_OK;
    rv = m->store->get(m->self, m->ask, asked, m->answers, why);
    for (size_t i = 0; rv == GALE_OK && i < n; i++)
        if (m->items[i].id == wanted)
            m->items[i].value = m->answers[at++];
    return rv;
}

gale_err gi_map_rows(gale_map *m, size_t n, gale_row *rows, gale_diag *why)
{
    const gale_value *at;

    m->values.len = 0;
    for (size_t i = 0; i < n; i++) {
        size_t before = m->values.len;
        gale_err rv = m->items[i].value.ptr == NULL
                          ? GALE_OK
                          : gi_row_read(&m->values, m->items[i].value);

        if (rv == GALE_ENOMEM)
            return gi_stored_no_memory(why);
        if (rv != GALE_OK)
            return gi_map_say(m, rv, why, "what is kept of a key is no row");
        rows[i].n = m->values.len - before;
    }
    at = m->values.at;
    for (size_t i = 0; i < n; i++) {
        rows[i].values = m->items[i].value.ptr == NULL ? NULL : at;
        at += rows[i].n;
    }
    return GALE_OK;
}

/* --------------------------------------------------------------- asking -- */

gale_err gale_map_get(gale_map *m, const gale_row *keys, size_t n,
                      gale_row *values, gale_diag *why)
{
    gale_err rv = gi_map_keys(m, keys, n, why);

    if (rv != GALE_OK)
        return rv;
    for (size_t i = 0; i < n; i++) {
        struct gi_map_item *it = &m->items[i];

        it->id = gi_touched_find(&m->batch, it->key, it->hash);
        if (it->id != GI_TOUCHED_NONE)
            it->value = m->batch.at[it->id].now;
    }
    rv = gi_map_ask(m, n, GI_TOUCHED_NONE, why);
    return rv == GALE_OK ? gi_map_rows(m, n, values, why) : rv;
}

typedef struct scanning {
    gale_map *m;
    gale_map_pair pair;
    void *arg;
    gi_values key, value;
    bool damaged;
} scanning;

static gale_err scan_one(void *arg, gale_str key, gale_str value)
{
    scanning *s = arg;
    gale_str row = { key.ptr + GI_STORED_GROUP, key.len - GI_STORED_GROUP };
    gale_err rv;

    if (gi_stored_is_fence(key))
        return GALE_OK;
    s->key.len = s->value.len = 0;
    rv = gi_row_read(&s->key, row);
    if (rv == GALE_OK)
        rv = gi_row_read(&s->value, value);
    s->damaged = rv == GALE_EFORMAT;
    return rv != GALE_OK ? rv
                         : s->pair(s->arg, (gale_row){ s->key.at, s->key.len },
                                   (gale_row){ s->value.at, s->value.len });
}

gale_err gale_map_scan(gale_map *m, gale_map_pair pair, void *arg,
                       gale_diag *why)
{
    scanning s = { .m = m, .pair = pair, .arg = arg };
    gale_err rv =
        m->store->scan(m->self, (gale_str){ "", 0 }, scan_one, &s, why);

    if (rv == GALE_ENOMEM)
        rv = gi_stored_no_memory(why);
    if (s.damaged)
        rv = gi_map_say(m, GALE_EFORMAT, why, "a pair in it is no two rows");
    gi_values_fini(&s.key);
    gi_values_fini(&s.value);
    return rv;
}
