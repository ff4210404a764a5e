/* memory.c -- gale_store_memory: states in the memory of this process.
 *
 * A state is found by its name and its topology's.  It keeps all its groups,
 * whoever opens how many parts of it; so with another number of parts each
 * finds its keys.  Parts may be on several threads, and some only read: one
 * lock a state, and what is handed out is a copy. */
#include "state/memory.h"

#include <pthread.h>
#include <stdio.h>

#include "base/mem.h"
#include "state/cells.h"
#include "state/codec.h"
#include "state/hash.h"
#include "state/stored.h"

typedef struct house {
    struct house *next;
    char *topology, *state;
    unsigned users; /* guarded by `registry` */
    pthread_mutex_t mtx;
    /* guarded by mtx: */
    gi_cells groups[GALE_STATE_GROUPS];
    uint32_t gone[GALE_STATE_GROUPS]; /* removed since the last sweep */
} house;

typedef struct part {
    house *h;
    uint32_t from, to; /* its groups */
    bool read_only;
    gi_bytes room; /* of what was handed out */
} part;

static pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;
static house *houses; /* guarded by registry */

static void free_house(house *h)
{
    for (int i = 0; i < GALE_STATE_GROUPS; i++)
        gi_cells_fini(&h->groups[i]);
    pthread_mutex_destroy(&h->mtx);
    gi_free(h->topology);
    gi_free(h->state);
    gi_free(h);
}

void gi_store_memory_forget(void)
{
    house **at = &houses;

    pthread_mutex_lock(&registry);
    while (*at != NULL) {
        house *h = *at;

        if (h->users > 0) {
            at = &h->next;
            continue;
        }
        *at = h->next;
        free_house(h);
    }
    pthread_mutex_unlock(&registry);
}

/* ------------------------------------------------------ opening, closing --
 */

static house *find_locked(const gale_store_where *w)
{
    house *h = houses;

    while (h != NULL && (strcmp(h->topology, w->topology) != 0 ||
                         strcmp(h->state, w->state) != 0))
        h = h->next;
    if (h != NULL)
        return h;
    h = gi_alloc(sizeof(*h));
    if (h == NULL)
        return NULL;
    pthread_mutex_init(&h->mtx, NULL);
    h->topology = gi_strdup(w->topology);
    h->state = gi_strdup(w->state);
    if (h->topology == NULL || h->state == NULL) {
        free_house(h);
        return NULL;
    }
    h->next = houses;
    houses = h;
    return h;
}

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
    pthread_mutex_lock(&registry);
    p->h = find_locked(where);
    if (p->h != NULL)
        p->h->users++;
    pthread_mutex_unlock(&registry);
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
    pthread_mutex_lock(&registry);
    p->h->users--;
    pthread_mutex_unlock(&registry);
    gi_bytes_fini(&p->room);
    gi_free(p);
}

/* -------------------------------------------------------------- reading -- */

static gi_cells *table_of(part *p, gale_str key)
{
    return &p->h->groups[gi_stored_group(key)];
}

static gale_str value_locked(part *p, gale_str key)
{
    const gi_cell *c =
        gi_cells_find(table_of(p, key), key, gi_state_hash(key));

    return c == NULL ? (gale_str){ NULL, 0 } : gi_cell_value(c);
}

/* Copies may move while there are more to come, so first they are numbers. */
static gale_err copy_locked(part *p, const gale_str *keys, size_t n,
                            gale_str *values)
{
    size_t bytes = 1;
    char *at;

    for (size_t i = 0; i < n; i++) {
        values[i] = value_locked(p, keys[i]);
        bytes += values[i].len;
    }
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

    if (rv != GALE_OK)
        return rv;
    pthread_mutex_lock(&p->h->mtx);
    rv = copy_locked(p, keys, n, values);
    pthread_mutex_unlock(&p->h->mtx);
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

    pthread_mutex_lock(&p->h->mtx);
    rv = copy_group(p, group, prefix);
    pthread_mutex_unlock(&p->h->mtx);
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

/* A cell with room for each change, before any is made; those that are too
 * small are replaced at once, with what they have. */
static gale_err prepare_locked(part *p, const gale_change *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        gi_cells *t = table_of(p, c[i].key);
        gi_cell *cell =
            gi_cells_at(t, c[i].key, gi_state_hash(c[i].key), c[i].value.len);
        gi_cell *larger;

        if (cell == NULL)
            return GALE_ENOMEM;
        if (cell->room >= c[i].value.len)
            continue;
        larger = gi_cell_larger(cell, c[i].value.len);
        if (larger == NULL)
            return GALE_ENOMEM;
        gi_cell_set(larger, gi_cell_value(cell));
        larger->state = cell->state;
        gi_cells_put(t, larger);
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

static gale_err memory_write(void *self, const gale_change *c, size_t n,
                             gale_diag *why)
{
    part *p = self;
    gale_err rv =
        gi_stored_check_changes(c, n, p->from, p->to, p->read_only, why);

    if (rv != GALE_OK)
        return rv;
    pthread_mutex_lock(&p->h->mtx);
    rv = prepare_locked(p, c, n);
    for (size_t i = 0; rv == GALE_OK && i < n; i++)
        gi_cell_set(gi_cells_find(table_of(p, c[i].key), c[i].key,
                                  gi_state_hash(c[i].key)),
                    c[i].value);
    if (rv == GALE_OK)
        tidy_locked(p, c, n);
    pthread_mutex_unlock(&p->h->mtx);
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
