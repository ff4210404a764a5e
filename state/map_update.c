/* map_update.c -- what a transaction makes of the values of keys. */
#include "base/mem.h"
#include "base/testpoint.h"
#include "state/map.h"

#define SKIPPED GI_TOUCHED_NONE

/* Has the group seen this transaction, with the same tuples in it? */
static bool seen(const gale_map *m, gale_str key)
{
    return m->kind == GALE_STATE_TRANSACTIONAL &&
           m->fences[gi_stored_group(key)].txid == m->txid &&
           !GI_BUG(NO_FENCE);
}

static gale_err hold(gale_map *m, size_t n)
{
    enum { AHEAD = 16 };

    for (size_t i = 0; i < n; i++) {
        struct gi_map_item *it = &m->items[i];

        if (i + AHEAD < n)
            gi_touched_expect(&m->batch, m->items[i + AHEAD].hash);
        if (seen(m, it->key)) {
            it->id = SKIPPED;
            GI_SEEN(SKIPPED);
            continue;
        }
        it->id = gi_touched_at(&m->batch, it->key, it->hash);
        if (it->id == GI_TOUCHED_NONE)
            return GALE_ENOMEM;
    }
    return GALE_OK;
}

/* Ask the store for what is held from `had` on, and keep a copy. */
static gale_err load(gale_map *m, uint32_t had, gale_diag *why)
{
    uint32_t n = m->batch.n - had;
    gale_err rv;

    for (uint32_t i = 0; i < n; i++)
        m->ask[i] = m->batch.at[had + i].key;
    rv = n == 0 ? GALE_OK : m->store->get(m->self, m->ask, n, m->answers, why);
    for (uint32_t i = 0; rv == GALE_OK && i < n; i++) {
        rv = gi_touched_found(&m->batch, had + i, m->answers[i]);
        m->batch.at[had + i].loaded = true;
    }
    return rv;
}

/* One key: from what is there to what shall be. */
static gale_err update_one(gale_map *m, size_t i, gale_map_update_fn update,
                           void *arg, gale_diag *why)
{
    uint32_t id = m->items[i].id;
    gale_str was = m->batch.at[id].now, is = { NULL, 0 };
    gale_row old = { NULL, 0 }, now;
    gale_err rv = GALE_OK;

    m->values.len = 0;
    if (was.ptr != NULL) {
        rv = gi_row_read(&m->values, was);
        if (rv == GALE_EFORMAT)
            return gi_map_say(m, rv, why, "what is kept of a key is no row");
        old = (gale_row){ m->values.at, m->values.len };
    }
    now = old;
    if (rv == GALE_OK)
        rv = update(arg, i, old, &now);
    if (rv != GALE_OK)
        return rv;
    if (now.values != NULL) {
        m->row.len = 0;
        rv = gi_row_write(&m->row, now, false, GALE_STATE_VALUE_MOST, why);
        if (rv != GALE_OK)
            return rv;
        is = (gale_str){ m->row.at, (uint32_t)m->row.len };
    }
    rv = gi_touched_set(&m->batch, id, is);
    m->batch.at[id].put = true;
    m->touched[m->batch.at[id].group] = true;
    return rv;
}

/* What is there now, of the skipped as of the others. */
static gale_err tell(gale_map *m, size_t n, gale_row *now, gale_diag *why)
{
    gale_err rv = gi_map_ask(m, n, SKIPPED, why);

    if (rv != GALE_OK)
        return rv;
    for (size_t i = 0; i < n; i++)
        if (m->items[i].id != SKIPPED)
            m->items[i].value = m->batch.at[m->items[i].id].now;
    return gi_map_rows(m, n, now, why);
}

static gale_err update_all(gale_map *m, const gale_row *keys, size_t n,
                           gale_map_update_fn update, void *arg, bool loads,
                           gale_row *now, gale_diag *why)
{
    uint32_t had = m->batch.n;
    gale_err rv = gi_map_keys(m, keys, n, why);

    if (rv != GALE_OK)
        return rv;
    rv = hold(m, n);
    if (rv == GALE_OK && loads)
        rv = load(m, had, why);
    for (size_t i = 0; rv == GALE_OK && i < n; i++)
        if (m->items[i].id != SKIPPED)
            rv = update_one(m, i, update, arg, why);
    if (rv == GALE_OK && now != NULL)
        rv = tell(m, n, now, why);
    return rv == GALE_ENOMEM ? gi_stored_no_memory(why) : rv;
}

static gale_err in_batch(gale_map *m, const gale_row *keys, size_t n,
                         gale_map_update_fn update, void *arg, bool loads,
                         gale_row *now, gale_diag *why)
{
    gale_err rv;

    if (!m->open)
        return gi_map_say(m, GALE_EINVAL, why,
                          "nothing can be put outside a batch: "
                          "gale_map_begin comes first");
    if (m->failed)
        return gi_map_say(m, GALE_EINVAL, why,
                          "an earlier call in this batch failed; it can only "
                          "be abandoned");
    rv = update_all(m, keys, n, update, arg, loads, now, why);
    m->failed = rv != GALE_OK;
    return rv;
}

gale_err gale_map_update(gale_map *m, const gale_row *keys, size_t n,
                         gale_map_update_fn update, void *arg, gale_row *now,
                         gale_diag *why)
{
    return in_batch(m, keys, n, update, arg, true, now, why);
}

static gale_err replace(void *arg, size_t i, gale_row old, gale_row *now)
{
    const gale_row *values = arg;

    (void)old;
    *now = values[i];
    return GALE_OK;
}

/* What was there matters only where it may have to be put back. */
gale_err gale_map_put(gale_map *m, const gale_row *keys,
                      const gale_row *values, size_t n, gale_diag *why)
{
    return in_batch(m, keys, n, replace, (void *)(uintptr_t)values,
                    m->kind == GALE_STATE_OPAQUE, NULL, why);
}
