#include "state/cells.h"

#include <stdlib.h>

#include "base/mem.h"

void gi_cells_fini(gi_cells *t)
{
    for (uint32_t i = 0; i < t->n_slots; i++)
        gi_free(t->slots[i].cell);
    gi_free(t->slots);
    *t = (gi_cells){ 0 };
}

/* The slot that has the key, or the free one where it belongs. */
static struct gi_slot *slot_of(const gi_cells *t, gale_str key, uint32_t hash)
{
    uint32_t mask = t->n_slots - 1;

    for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
        struct gi_slot *s = &t->slots[i];

        if (s->cell == NULL ||
            (s->hash == hash && s->cell->key_len == key.len &&
             memcmp(s->cell->bytes, key.ptr, key.len) == 0))
            return s;
    }
}

gi_cell *gi_cells_find(const gi_cells *t, gale_str key, uint32_t hash)
{
    return t->n_slots == 0 ? NULL : slot_of(t, key, hash)->cell;
}

static bool grow(gi_cells *t)
{
    uint32_t n = t->n_slots == 0 ? 16 : t->n_slots * 2;
    struct gi_slot *old = t->slots, *slots = gi_calloc(n, sizeof(*slots));
    uint32_t n_old = t->n_slots;

    if (slots == NULL)
        return false;
    t->slots = slots;
    t->n_slots = n;
    for (uint32_t i = 0; i < n_old; i++)
        if (old[i].cell != NULL) {
            uint32_t at = old[i].hash & (n - 1);

            while (slots[at].cell != NULL)
                at = (at + 1) & (n - 1);
            slots[at] = old[i];
        }
    gi_free(old);
    return true;
}

static gi_cell *make(gale_str key, uint32_t hash, uint32_t room)
{
    /* A little more, so that numbers that grow stay where they are, and what
     * is put under a key that was not there has room. */
    uint32_t more = room / 16 * 16 + 16;
    gi_cell *c = gi_realloc(NULL, sizeof(*c) + key.len + more);

    if (c == NULL)
        return NULL;
    *c = (gi_cell){ .hash = hash, .room = more, .key_len = (uint16_t)key.len };
    memcpy(c->bytes, key.ptr, key.len);
    return c;
}

gi_cell *gi_cells_at(gi_cells *t, gale_str key, uint32_t hash, uint32_t room)
{
    struct gi_slot *s;

    if (t->n >= t->n_slots / 4 * 3 && !grow(t))
        return NULL;
    s = slot_of(t, key, hash);
    if (s->cell == NULL) {
        gi_cell *c = make(key, hash, room);

        if (c == NULL)
            return NULL;
        *s = (struct gi_slot){ hash, c };
        t->n++;
        t->bytes += gi_cell_size(c);
    }
    return s->cell;
}

gi_cell *gi_cell_larger(const gi_cell *c, uint32_t room)
{
    return make(gi_cell_key(c), c->hash, room);
}

void gi_cells_put(gi_cells *t, gi_cell *larger)
{
    struct gi_slot *s = slot_of(t, gi_cell_key(larger), larger->hash);

    t->bytes += gi_cell_size(larger) - gi_cell_size(s->cell);
    gi_free(s->cell);
    s->cell = larger;
}

void gi_cell_set(gi_cell *c, gale_str value)
{
    c->state = value.ptr == NULL ? GI_CELL_NONE : GI_CELL_SOME;
    c->len = value.len;
    if (value.len > 0)
        memmove(c->bytes + c->key_len, value.ptr, value.len);
}

/* ------------------------------------------------------------- sweeping -- */

static bool stays(const gi_cell *c, unsigned states)
{
    return c->dirty != 0 || (states & 1u << c->state) == 0;
}

/* Those behind a cell that goes may have been pushed there by it: each is put
 * where it belongs, from the first free slot on, so that none is met twice. */
void gi_cells_sweep(gi_cells *t, unsigned states)
{
    uint32_t mask = t->n_slots - 1, first = 0;

    if (t->n_slots == 0)
        return;
    while (t->slots[first].cell != NULL)
        first++;
    for (uint32_t i = 1; i <= mask; i++) {
        struct gi_slot *s = &t->slots[(first + i) & mask], taken = *s;

        if (taken.cell == NULL)
            continue;
        s->cell = NULL;
        if (stays(taken.cell, states)) {
            *slot_of(t, gi_cell_key(taken.cell), taken.hash) = taken;
            continue;
        }
        t->n--;
        t->bytes -= gi_cell_size(taken.cell);
        gi_free(taken.cell);
    }
}

/* -------------------------------------------------------------- sorting -- */

static int by_key(const void *a, const void *b)
{
    const gi_cell *const *x = a, *const *y = b;

    return gi_key_compare(gi_cell_key(*x), gi_cell_key(*y));
}

void gi_cells_sort(gi_cell **cells, size_t n)
{
    if (n > 1)
        qsort(cells, n, sizeof(*cells), by_key);
}

static bool has(const gi_cell *c, gale_str prefix)
{
    return c != NULL && c->state != GI_CELL_UNKNOWN &&
           c->key_len >= prefix.len &&
           (prefix.len == 0 || memcmp(c->bytes, prefix.ptr, prefix.len) == 0);
}

gale_err gi_cells_sorted(const gi_cells *t, gale_str prefix, gi_cell ***out,
                         size_t *n)
{
    gi_cell **cells = gi_calloc(t->n, sizeof(gi_cell *));
    size_t found = 0;

    if (cells == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < t->n_slots; i++)
        if (has(t->slots[i].cell, prefix))
            cells[found++] = t->slots[i].cell;
    gi_cells_sort(cells, found);
    *out = cells;
    *n = found;
    return GALE_OK;
}
