/* map_commit.c -- from begin to commit: what makes a batch count once. */
#include "base/mem.h"
#include "base/testpoint.h"
#include "state/hash.h"
#include "state/map.h"

/* ---------------------------------------------------------- beginning -- */

static void end(gale_map *m)
{
    gi_touched_clear(&m->batch);
    memset(m->touched, 0, sizeof(m->touched));
    m->open = m->failed = false;
}

void gale_map_abandon(gale_map *m)
{
    end(m);
}

/* Who may begin?  Fences say who was there last. */
static gale_err check(const gale_map *m, uint64_t txid, uint64_t attempt,
                      gale_diag *why)
{
    if (m->broken)
        return gi_map_say(m, GALE_EIO, why,
                          "an earlier write failed; it has to be opened anew");
    if (txid == 0)
        return gi_map_say(m, GALE_EINVAL, why,
                          "transactions are counted from 1");
    if (m->kind == GALE_STATE_NON_TRANSACTIONAL)
        return GALE_OK;
    if (txid < m->last)
        return gi_map_say(m, GALE_EINVAL, why,
                          "transaction %llu comes after %llu was applied",
                          (unsigned long long)txid,
                          (unsigned long long)m->last);
    for (uint32_t g = m->from; g < m->to && m->kind == GALE_STATE_OPAQUE;
         g++) {
        const gi_fence *f = &m->fences[g];

        if (f->txid != txid)
            continue;
        if (f->kind != GALE_STATE_OPAQUE)
            return gi_map_say(m, GALE_EINVAL, why,
                              "transaction %llu was applied as a "
                              "transactional one and cannot be undone",
                              (unsigned long long)txid);
        if (attempt < f->attempt)
            return gi_map_say(m, GALE_EINVAL, why,
                              "attempt %llu of transaction %llu comes after "
                              "attempt %llu was applied",
                              (unsigned long long)attempt,
                              (unsigned long long)txid,
                              (unsigned long long)f->attempt);
    }
    return GALE_OK;
}

gale_err gale_map_begin(gale_map *m, uint64_t txid, uint64_t attempt,
                        gale_diag *why)
{
    gale_err rv = check(m, txid, attempt, why);

    if (rv != GALE_OK)
        return rv;
    end(m);
    m->txid = txid;
    m->attempt = attempt;
    if (m->kind == GALE_STATE_OPAQUE && txid == m->last && !GI_BUG(NO_UNDO))
        rv = gi_map_undo(m, why);
    if (rv != GALE_OK)
        end(m);
    m->open = rv == GALE_OK;
    return rv == GALE_ENOMEM ? gi_stored_no_memory(why) : rv;
}

/* ------------------------------------------------------------- undoing -- */

static gale_err put_back(gale_map *m, uint32_t group, gale_str row,
                         gale_str value)
{
    char bytes[GALE_STATE_KEY_MOST];
    gale_str key = { bytes, GI_STORED_GROUP + row.len };
    uint32_t id;
    gi_held *h;

    gi_put_be16(bytes, (uint16_t)group);
    if (row.len > 0)
        memcpy(bytes + GI_STORED_GROUP, row.ptr, row.len);
    id = gi_touched_at(&m->batch, key, gi_state_hash(key));
    if (id == GI_TOUCHED_NONE)
        return GALE_ENOMEM;
    h = &m->batch.at[id];
    GI_SEEN(UNDONE);
    h->loaded = h->put = h->undone = true;
    return gi_touched_found(&m->batch, id, value);
}

static gale_err undo_piece(gale_map *m, uint32_t group, uint32_t i,
                           gale_diag *why)
{
    char bytes[GI_UNDO_KEY];
    gale_str key = { bytes, sizeof(bytes) }, piece, row, value;
    gale_err rv;
    size_t at = 0;

    gi_undo_key(bytes, group, i);
    rv = m->store->get(m->self, &key, 1, &piece, why);
    if (rv != GALE_OK)
        return rv;
    while (piece.ptr != NULL && rv == GALE_OK &&
           gi_undo_next(piece, &at, &row, &value))
        rv = put_back(m, group, row, value);
    if (rv == GALE_OK && (piece.ptr == NULL || at < piece.len))
        return gi_map_say(m, GALE_EFORMAT, why,
                          "what transaction %llu did to group %u is not all "
                          "there",
                          (unsigned long long)m->txid, group);
    return rv;
}

/* Also in groups to which the transaction will do nothing this time. */
gale_err gi_map_undo(gale_map *m, gale_diag *why)
{
    gale_err rv = GALE_OK;

    for (uint32_t g = m->from; g < m->to; g++) {
        if (m->fences[g].txid != m->txid)
            continue;
        m->touched[g] = true;
        for (uint32_t i = 0; rv == GALE_OK && i < m->fences[g].pieces; i++)
            rv = undo_piece(m, g, i, why);
    }
    return rv;
}

/* ---------------------------------------------------------- committing -- */

static gale_err change(gale_map *m, gale_str key, gale_str value)
{
    if (m->n_changes == m->most_changes) {
        size_t most = m->most_changes == 0 ? 256 : m->most_changes * 2;
        gale_change *at = gi_realloc(m->changes, most * sizeof(*at));

        if (at == NULL)
            return GALE_ENOMEM;
        m->changes = at;
        m->most_changes = most;
    }
    m->changes[m->n_changes++] = (gale_change){ key, value };
    return GALE_OK;
}

static bool same(gale_str a, gale_str b)
{
    return (a.ptr == NULL) == (b.ptr == NULL) && a.len == b.len &&
           (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* The piece in m->row is whole. */
static gale_err end_piece(gale_map *m, gi_fence *f, uint32_t group)
{
    gale_str piece = { m->row.at, (uint32_t)m->row.len }, key = { NULL, 0 };
    char *at = gi_touched_take(&m->batch, GI_UNDO_KEY);

    if (at == NULL || gi_touched_copy(&m->batch, piece, &piece) != GALE_OK)
        return GALE_ENOMEM;
    gi_undo_key(at, group, f->pieces++);
    key = (gale_str){ at, GI_UNDO_KEY };
    m->row.len = 0;
    return change(m, key, piece);
}

static gale_err remember(gale_map *m, gi_fence *f, const gi_held *h)
{
    gale_str row = { h->key.ptr + GI_STORED_GROUP,
                     h->key.len - GI_STORED_GROUP };
    size_t n = GI_UNDO_HEAD + (size_t)row.len + h->before.len;
    gale_err rv = GALE_OK;

    if (m->row.len > 0 && m->row.len + n > GI_UNDO_PIECE)
        rv = end_piece(m, f, h->group);
    return rv == GALE_OK ? gi_undo_add(&m->row, row, h->before) : rv;
}

static gale_err change_one(gale_map *m, gi_fence *f, const gi_held *h)
{
    bool differs = !h->loaded || !same(h->before, h->now);
    gale_err rv = GALE_OK;

    if (differs && m->kind == GALE_STATE_OPAQUE)
        rv = remember(m, f, h);
    if (h->undone && !differs)
        GI_SEEN(UNDONE_ALONE);
    if (rv == GALE_OK && (differs || (h->undone && !GI_BUG(UNDO_TOUCHED))))
        rv = change(m, h->key, h->now);
    return rv;
}

/* The fence itself, or that there is none any more; and away with pieces of
 * an earlier one that no new one takes the place of. */
static gale_err change_fence(gale_map *m, const gi_fence *f, uint32_t group)
{
    enum { BOTH = GI_FENCE_KEY + GI_FENCE_BYTES };
    const gi_fence *old = &m->fences[group];
    char *at = gi_touched_take(&m->batch, BOTH);
    gale_str value = { NULL, 0 };
    gale_err rv;

    if (at == NULL)
        return GALE_ENOMEM;
    gi_fence_key(at, group);
    if (f->txid != 0) {
        gi_fence_write(at + GI_FENCE_KEY, f);
        value = (gale_str){ at + GI_FENCE_KEY, GI_FENCE_BYTES };
    }
    rv = f->txid == 0 && old->txid == 0
             ? GALE_OK
             : change(m, (gale_str){ at, GI_FENCE_KEY }, value);
    for (uint32_t i = f->pieces; rv == GALE_OK && i < old->pieces; i++) {
        at = gi_touched_take(&m->batch, GI_UNDO_KEY);
        if (at == NULL)
            return GALE_ENOMEM;
        gi_undo_key(at, group, i);
        rv = change(m, (gale_str){ at, GI_UNDO_KEY }, (gale_str){ NULL, 0 });
    }
    return rv;
}

static gale_err change_group(gale_map *m, gi_fence *f, uint32_t group,
                             const uint32_t *ids, uint32_t n)
{
    enum { AHEAD = 16, NEAR = 8 };
    gale_err rv = GALE_OK;

    *f = (gi_fence){ 0 };
    if (m->kind != GALE_STATE_NON_TRANSACTIONAL)
        *f = (gi_fence){ .txid = m->txid,
                         .attempt = m->attempt,
                         .kind = m->kind };
    m->row.len = 0;
    for (uint32_t i = 0; rv == GALE_OK && i < n; i++) {
        if (i + AHEAD < n)
            gi_touched_near(&m->batch, ids[i + AHEAD]);
        if (i + NEAR < n)
            gi_touched_near_key(&m->batch, ids[i + NEAR]);
        rv = change_one(m, f, &m->batch.at[ids[i]]);
    }
    if (rv == GALE_OK && m->row.len > 0)
        rv = end_piece(m, f, group);
    return rv == GALE_OK ? change_fence(m, f, group) : rv;
}

/* What is held, by group: those of group g are ids[start[g]..start[g + 1]). */
static uint32_t *by_group(gale_map *m, uint32_t *start)
{
    uint32_t at[GALE_STATE_GROUPS];
    uint32_t *ids = gi_calloc(m->batch.n, sizeof(*ids));

    memset(start, 0, (GALE_STATE_GROUPS + 1) * sizeof(*start));
    for (uint32_t i = 0; i < m->batch.n; i++)
        start[m->batch.at[i].group + 1]++;
    for (int g = 0; g < GALE_STATE_GROUPS; g++) {
        at[g] = start[g];
        start[g + 1] += start[g];
    }
    for (uint32_t i = 0; ids != NULL && i < m->batch.n; i++)
        ids[at[m->batch.at[i].group]++] = i;
    return ids;
}

static gale_err write_changes(gale_map *m, gale_diag *why)
{
    size_t first = GI_BUG(HALF_WRITES) ? m->n_changes / 2 : 0;
    gale_err rv = GALE_OK;

    if (first > 0)
        rv = m->store->write(m->self, m->changes, first, why);
    if (rv == GALE_OK)
        rv = m->store->write(m->self, m->changes + first, m->n_changes - first,
                             why);
    if (rv != GALE_OK)
        GI_SEEN(WRITE_FAILED);
    return rv;
}

static gale_err write_all(gale_map *m, gi_fence *fences, gale_diag *why)
{
    uint32_t start[GALE_STATE_GROUPS + 1];
    uint32_t *ids = by_group(m, start);
    gale_err rv = ids == NULL ? GALE_ENOMEM : GALE_OK;

    m->n_changes = 0;
    for (uint32_t g = m->from; rv == GALE_OK && g < m->to; g++)
        if (m->touched[g])
            rv = change_group(m, &fences[g], g, ids + start[g],
                              start[g + 1] - start[g]);
    gi_free(ids);
    if (rv != GALE_OK || m->n_changes == 0)
        return rv == GALE_ENOMEM ? gi_stored_no_memory(why) : rv;
    rv = write_changes(m, why);
    m->broken = rv != GALE_OK && rv != GALE_ENOMEM;
    return rv;
}

gale_err gale_map_commit(gale_map *m, gale_diag *why)
{
    gi_fence fences[GALE_STATE_GROUPS];
    gale_err rv;

    if (!m->open)
        return gi_map_say(m, GALE_EINVAL, why, "no batch was begun");
    if (m->failed)
        return gi_map_say(m, GALE_EINVAL, why,
                          "a call in this batch failed; it can only be "
                          "abandoned");
    if (m->broken)
        return gi_map_say(m, GALE_EIO, why,
                          "an earlier write failed; it has to be opened anew");
    rv = write_all(m, fences, why);
    if (rv != GALE_OK)
        return rv;
    for (uint32_t g = m->from; g < m->to; g++)
        if (m->touched[g]) {
            m->fences[g] = fences[g];
            if (fences[g].txid > m->last)
                m->last = fences[g].txid;
        }
    end(m);
    return GALE_OK;
}
