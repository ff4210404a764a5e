#include "state/view.h"

#include "base/clock.h"
#include "base/mem.h"
#include "state/hash.h"
#include "state/map.h"

/* For a commit to end, however long a look takes. */
enum { WAIT_MS = 2000, NAP_MS = 5 };

/* ------------------------------------------------------------- opening -- */

/* The kind of who wrote last. */
static gale_state_kind kind_of(const gale_map *m)
{
    for (uint32_t g = m->from; g < m->to; g++)
        if (m->fences[g].txid == m->last && m->last != 0)
            return m->fences[g].kind;
    return GALE_STATE_NON_TRANSACTIONAL;
}

/* Is it whole, or can it be made so?  `counts`: what counted before it was
 * opened.  A batch is committed when all parts have the one before it. */
static gale_err settle(gi_view *v, uint64_t counts, bool *done, gale_diag *why)
{
    gale_err rv;

    v->kind = kind_of(v->map);
    v->txid = v->map->last;
    *done = v->txid <= counts || v->kind == GALE_STATE_NON_TRANSACTIONAL;
    if (*done || v->kind != GALE_STATE_OPAQUE)
        return GALE_OK;
    rv = gale_map_begin(v->map, v->txid, UINT64_MAX, why);
    if (rv != GALE_OK)
        return rv;
    v->txid--;
    *done = v->undone = true;
    return GALE_OK;
}

/* UINT64_MAX: all, since nobody counts. */
static gale_err ask(gi_view_counts counts, void *arg, uint64_t *txid,
                    gale_diag *why)
{
    bool known = false;
    gale_err rv = counts(arg, &known, txid, why);

    if (!known)
        *txid = UINT64_MAX;
    return rv;
}

/* What counts becomes less only when somebody begins to count, and he does so
 * before his first batch: asked before and after, nobody is missed. */
static gale_err look(gi_view *v, const gale_store *store,
                     const gale_store_where *where, gi_view_counts counts,
                     void *arg, bool *done, gale_diag *why)
{
    uint64_t before = 0, after = 0;
    gale_err rv = ask(counts, arg, &before, why);

    if (rv == GALE_OK)
        rv = gale_map_open(&v->map, store, where, GALE_STATE_OPAQUE, why);
    if (rv == GALE_OK)
        rv = ask(counts, arg, &after, why);
    if (rv == GALE_OK)
        rv = settle(v, before, done, why);
    *done = *done && after >= before;
    return rv;
}

gale_err gi_view_open(gi_view *v, const gale_store *store,
                      const gale_store_where *where, gi_view_counts counts,
                      void *arg, gale_diag *why)
{
    int64_t until = gi_clock_ms() + WAIT_MS;
    bool done = false;
    gale_err rv;

    *v = (gi_view){ 0 };
    rv = look(v, store, where, counts, arg, &done, why);
    while (rv == GALE_OK && !done && gi_clock_ms() < until) {
        gi_view_fini(v);
        gi_clock_nap_ms(NAP_MS);
        rv = look(v, store, where, counts, arg, &done, why);
    }
    v->mixed = !done;
    if (rv != GALE_OK)
        gi_view_fini(v);
    return rv;
}

void gi_view_fini(gi_view *v)
{
    gale_map_close(v->map);
    *v = (gi_view){ 0 };
}

/* ------------------------------------------------------------- reading -- */

gale_err gi_view_get(gi_view *v, gale_row key, gale_row *value, gale_diag *why)
{
    return gale_map_get(v->map, &key, 1, value, why);
}

typedef struct scanning {
    gi_view *v;
    gale_map_pair pair;
    void *arg;
    gi_values key, value;
    bool *seen; /* of what is undone */
    bool damaged;
} scanning;

static gale_err tell(scanning *s, gale_str key, gale_str value)
{
    gale_str row = { key.ptr + GI_STORED_GROUP, key.len - GI_STORED_GROUP };
    gale_err rv;

    s->key.len = s->value.len = 0;
    rv = gi_row_read(&s->key, row);
    if (rv == GALE_OK)
        rv = gi_row_read(&s->value, value);
    s->damaged = rv == GALE_EFORMAT;
    return rv != GALE_OK ? rv
                         : s->pair(s->arg, (gale_row){ s->key.at, s->key.len },
                                   (gale_row){ s->value.at, s->value.len });
}

static gale_err take(void *arg, gale_str key, gale_str value)
{
    scanning *s = arg;
    const gi_touched *undone = &s->v->map->batch;
    uint32_t id;

    if (gi_stored_is_fence(key))
        return GALE_OK;
    id = s->seen == NULL ? GI_TOUCHED_NONE
                         : gi_touched_find(undone, key, gi_state_hash(key));
    if (id != GI_TOUCHED_NONE) {
        s->seen[id] = true;
        value = undone->at[id].now;
    }
    return value.ptr == NULL ? GALE_OK : tell(s, key, value);
}

/* What is there again since its removal was undone. */
static gale_err tell_unseen(scanning *s)
{
    const gi_touched *undone = &s->v->map->batch;
    gale_err rv = GALE_OK;

    for (uint32_t i = 0; rv == GALE_OK && i < undone->n; i++)
        if (!s->seen[i] && undone->at[i].now.ptr != NULL)
            rv = tell(s, undone->at[i].key, undone->at[i].now);
    return rv;
}

gale_err gi_view_scan(gi_view *v, gale_map_pair pair, void *arg,
                      gale_diag *why)
{
    scanning s = { .v = v, .pair = pair, .arg = arg };
    gale_err rv;

    if (v->undone) {
        s.seen = gi_calloc(v->map->batch.n + 1u, sizeof(*s.seen));
        if (s.seen == NULL)
            return gi_stored_no_memory(why);
    }
    rv = v->map->store->scan(v->map->self, (gale_str){ "", 0 }, take, &s, why);
    if (rv == GALE_OK && v->undone)
        rv = tell_unseen(&s);
    if (s.damaged)
        rv = gi_map_say(v->map, GALE_EFORMAT, why,
                        "a pair in it is no two rows");
    else if (rv == GALE_ENOMEM)
        rv = gi_stored_no_memory(why);
    gi_values_fini(&s.key);
    gi_values_fini(&s.value);
    gi_free(s.seen);
    return rv;
}
