/* memory.c -- gale_store_memory: states in the memory of this process.
 *
 * A state keeps all its groups (memory_house.h), so with another number of
 * parts each finds its keys.  Parts may be on several threads, and some only
 * read: a call holds the locks from the lowest to the highest of its keys, and
 * what is handed out is a copy. */
#include "state/memory.h"

#include "base/mem.h"
#include "state/codec.h"
#include "state/hash.h"
#include "state/memory_house.h"

typedef struct part {
    gi_house *h;
    uint32_t from, to; /* its groups */
    bool read_only;
    gi_bytes room; /* of what was handed out */
    /* Of the keys of a call: */
    uint32_t *hashes;
    gi_cell **cells;
    size_t most;
} part;

/* ---------------------------------------------------- opening, closing -- */

static gale_err memory_open(void **out, const gale_store_where *where,
                            gale_diag *why)
{
    gale_err rv = gi_stored_check_where(where, why);
    part *p;

    if (rv != GALE_OK)
        return rv;
    p = gi_alloc(sizeof(*p));
    if (p == NULL)
        return gi_stored_no_memory(why);
    p->read_only = where->read_only;
    gale_state_range(where->index, where->count, &p->from, &p->to);
    p->h = gi_house_enter(where);
    if (p->h == NULL) {
        gi_free(p);
        return gi_stored_no_memory(why);
    }
    *out = p;
    return GALE_OK;
}

static void memory_close(void *self)
{
    part *p = self;

    if (p == NULL)
        return;
    gi_house_leave(p->h);
    gi_bytes_fini(&p->room);
    gi_free(p->hashes);
    gi_free(p->cells);
    gi_free(p);
}

/* ------------------------------------------------------ keys of a call -- */

enum { AHEAD = 16, NEAR = 8 }; /* keys for which memory is asked early */

static gi_cells *table_of(part *p, gale_str key)
{
    return &p->h->groups[gi_stored_group(key)];
}

static bool room_for(part *p, size_t n)
{
    uint32_t *hashes;
    gi_cell **cells;

    if (n <= p->most)
        return true;
    hashes = gi_realloc(p->hashes, n * sizeof(*hashes));
    if (hashes != NULL)
        p->hashes = hashes;
    cells = gi_realloc(p->cells, n * sizeof(gi_cell *));
    if (cells != NULL)
        p->cells = cells;
    if (hashes == NULL || cells == NULL)
        return false;
    p->most = n;
    return true;
}

/* Soon the i-th key is looked for. */
static void expect_locked(part *p, gale_str key, size_t i)
{
    gi_cells_expect(table_of(p, key), p->hashes[i]);
}

static void expect_cell_locked(part *p, gale_str key, size_t i)
{
    gi_cells_expect_cell(table_of(p, key), p->hashes[i]);
}

/* -------------------------------------------------------------- reading -- */

static size_t find_values_locked(part *p, const gale_str *keys, size_t n,
                                 gale_str *values)
{
    size_t bytes = 1;

    for (size_t i = 0; i < n; i++) {
        const gi_cell *c;

        if (i + AHEAD < n)
            expect_locked(p, keys[i + AHEAD], i + AHEAD);
        if (i + NEAR < n)
            expect_cell_locked(p, keys[i + NEAR], i + NEAR);
        c = gi_cells_find(table_of(p, keys[i]), keys[i], p->hashes[i]);
        values[i] = c == NULL ? (gale_str){ NULL, 0 } : gi_cell_value(c);
        bytes += values[i].len;
    }
    return bytes;
}

/* Copies may move while there are more to come, so first they are numbers. */
static gale_err copy_locked(part *p, const gale_str *keys, size_t n,
                            gale_str *values)
{
    size_t bytes = find_values_locked(p, keys, n, values);
    char *at;

    p->room.len = 0;
    at = gi_bytes_room(&p->room, bytes);
    if (at == NULL)
        return GALE_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        if (values[i].ptr == NULL)
            continue;
        memcpy(at, values[i].ptr, values[i].len);
        values[i].ptr = at;
        at += values[i].len;
    }
    return GALE_OK;
}

static gale_err memory_get(void *self, const gale_str *keys, size_t n,
                           gale_str *values, gale_diag *why)
{
    part *p = self;
    gale_err rv = gi_stored_check_keys(keys, n, p->from, p->to, why);
    gi_span s = gi_span_none();

    if (rv != GALE_OK || n == 0)
        return rv;
    if (!room_for(p, n))
        return gi_stored_no_memory(why);
    for (size_t i = 0; i < n; i++) {
        gi_span_widen(&s, keys[i]);
        p->hashes[i] = gi_state_hash(keys[i]);
    }
    gi_house_lock(p->h, s);
    rv = copy_locked(p, keys, n, values);
    gi_house_unlock(p->h, s);
    return rv == GALE_ENOMEM ? gi_stored_no_memory(why) : rv;
}

/* The pairs of a group, copied: key length, value length, key, value. */
static gale_err copy_group(part *p, uint32_t group, gale_str prefix)
{
    gi_cell **cells;
    size_t n;
    gale_err rv;

    p->room.len = 0;
    rv = gi_cells_sorted(&p->h->groups[group], prefix, &cells, &n);
    if (rv != GALE_OK)
        return rv;
    for (size_t i = 0; rv == GALE_OK && i < n; i++) {
        gale_str key = gi_cell_key(cells[i]), value = gi_cell_value(cells[i]);
        char *at = gi_bytes_room(&p->room, 8 + (size_t)key.len + value.len);

        if (value.ptr == NULL)
            continue;
        if (at == NULL) {
            rv = GALE_ENOMEM;
            break;
        }
        gi_put_le32(at, key.len);
        gi_put_le32(at + 4, value.len);
        memcpy(at + 8, key.ptr, key.len);
        memcpy(at + 8 + key.len, value.ptr, value.len);
        p->room.len += 8 + (size_t)key.len + value.len;
    }
    gi_free(cells);
    return rv;
}

/* The callback may read, so what it is shown lies apart. */
static gale_err scan_group(part *p, uint32_t group, gale_str prefix,
                           gale_store_pair pair, void *arg)
{
    gi_bytes copy;
    gale_err rv;

    gi_house_lock(p->h, (gi_span){ group, group });
    rv = copy_group(p, group, prefix);
    gi_house_unlock(p->h, (gi_span){ group, group });
    copy = p->room;
    p->room = (gi_bytes){ 0 };
    for (size_t at = 0; rv == GALE_OK && at < copy.len;) {
        gale_str key = { copy.at + at + 8, gi_get_le32(copy.at + at) };
        gale_str value = { key.ptr + key.len, gi_get_le32(copy.at + at + 4) };

        rv = pair(arg, key, value);
        at += 8 + (size_t)key.len + value.len;
    }
    gi_bytes_fini(&copy);
    return rv;
}

static gale_err memory_scan(void *self, gale_str prefix, gale_store_pair pair,
                            void *arg, gale_diag *why)
{
    part *p = self;
    gale_err rv = GALE_OK;

    for (uint32_t g = p->from; rv == GALE_OK && g < p->to; g++)
        if (gi_stored_group_may_have(g, prefix))
            rv = scan_group(p, g, prefix, pair, arg);
    return rv == GALE_ENOMEM ? gi_stored_no_memory(why) : rv;
}

/* -------------------------------------------------------------- writing -- */

/* A cell with room for the change; one that is too small is replaced at once,
 * with what it has.  NULL without memory. */
static gi_cell *cell_locked(part *p, const gale_change *c, uint32_t hash)
{
    gi_cells *t = table_of(p, c->key);
    gi_cell *cell = gi_cells_at(t, c->key, hash, c->value.len), *larger;

    if (cell == NULL || cell->room >= c->value.len)
        return cell;
    larger = gi_cell_larger(cell, c->value.len);
    if (larger == NULL)
        return NULL;
    gi_cell_set(larger, gi_cell_value(cell));
    larger->state = cell->state;
    gi_cells_put(t, larger);
    return larger;
}

/* One for each change, before any is made. */
static gale_err prepare_locked(part *p, const gale_change *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i + AHEAD < n)
            expect_locked(p, c[i + AHEAD].key, i + AHEAD);
        if (i + NEAR < n)
            expect_cell_locked(p, c[i + NEAR].key, i + NEAR);
        p->cells[i] = cell_locked(p, &c[i], p->hashes[i]);
        if (p->cells[i] == NULL)
            return GALE_ENOMEM;
    }
    return GALE_OK;
}

/* Cells of what is gone leave when they are many. */
static void tidy_locked(part *p, const gale_change *c, size_t n)
{
    enum { GONE = 1u << GI_CELL_NONE | 1u << GI_CELL_UNKNOWN };

    for (size_t i = 0; i < n; i++) {
        uint32_t group = gi_stored_group(c[i].key);

        if (c[i].value.ptr != NULL ||
            ++p->h->gone[group] < 16 + p->h->groups[group].n / 4)
            continue;
        gi_cells_sweep(&p->h->groups[group], GONE);
        p->h->gone[group] = 0;
    }
}

static gale_err write_locked(part *p, const gale_change *c, size_t n)
{
    gale_err rv = prepare_locked(p, c, n);

    if (rv != GALE_OK)
        return rv;
    for (size_t i = 0; i < n; i++) {
        if (i + NEAR < n)
            __builtin_prefetch(p->cells[i + NEAR], 1);
        gi_cell_set(p->cells[i], c[i].value);
    }
    tidy_locked(p, c, n);
    return GALE_OK;
}

static gale_err memory_write(void *self, const gale_change *c, size_t n,
                             gale_diag *why)
{
    part *p = self;
    gale_err rv =
        gi_stored_check_changes(c, n, p->from, p->to, p->read_only, why);
    gi_span s = gi_span_none();

    if (rv != GALE_OK || n == 0)
        return rv;
    if (!room_for(p, n))
        return gi_stored_no_memory(why);
    for (size_t i = 0; i < n; i++) {
        gi_span_widen(&s, c[i].key);
        p->hashes[i] = gi_state_hash(c[i].key);
    }
    gi_house_lock(p->h, s);
    rv = write_locked(p, c, n);
    gi_house_unlock(p->h, s);
    return rv == GALE_ENOMEM ? gi_stored_no_memory(why) : rv;
}

const gale_store gale_store_memory = {
    .name = "memory",
    .open = memory_open,
    .get = memory_get,
    .write = memory_write,
    .scan = memory_scan,
    .close = memory_close,
};
