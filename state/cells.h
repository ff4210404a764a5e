/* cells.h -- keys and values in memory, by hash.
 *
 * A cell knows what its key has (a value, or that there is none), or only that
 * the key was met and that somebody else has to be asked.  The cell of a key
 * stays where it is until it is replaced or swept away, also when the table
 * grows; so what was looked up may be used until then.
 */
#ifndef GI_STATE_CELLS_H
#define GI_STATE_CELLS_H

#include "gale/base.h"

typedef enum gi_cell_state {
    GI_CELL_UNKNOWN = 0,
    GI_CELL_NONE, /* there is no such key */
    GI_CELL_SOME,
} gi_cell_state;

typedef struct gi_cell {
    uint64_t dirty; /* whatever the owner counts by; 0: clean */
    uint32_t hash;
    uint32_t len, room; /* of the value */
    uint16_t key_len;
    uint8_t state; /* gi_cell_state */
    char bytes[];  /* the key, then the value */
} gi_cell;

static inline gale_str gi_cell_key(const gi_cell *c)
{
    return (gale_str){ c->bytes, c->key_len };
}

static inline gale_str gi_cell_value(const gi_cell *c)
{
    return (gale_str){ c->state == GI_CELL_SOME ? c->bytes + c->key_len : NULL,
                       c->state == GI_CELL_SOME ? c->len : 0 };
}

/* Of which the tree, or whoever else keeps it, has the same. */
static inline bool gi_cell_clean(const gi_cell *c)
{
    return c->dirty == 0 && c->state != GI_CELL_UNKNOWN;
}

static inline uint64_t gi_cell_size(const gi_cell *c)
{
    return sizeof(*c) + c->key_len + c->room;
}

/* A zeroed table is an empty one. */
typedef struct gi_cells {
    struct gi_slot {
        uint32_t hash;
        gi_cell *cell;
    } * slots;
    uint32_t n_slots; /* a power of two, or 0 */
    uint32_t n;       /* cells */
    uint64_t bytes;   /* of the cells */
} gi_cells;

void gi_cells_fini(gi_cells *t);

/* NULL: there is none. */
gi_cell *gi_cells_find(const gi_cells *t, gale_str key, uint32_t hash);

/* Soon a key with this hash is looked for: first where its slot is, and, when
 * that had time to come, where its cell is. */
static inline void gi_cells_expect(const gi_cells *t, uint32_t hash)
{
    if (t->n_slots > 0)
        __builtin_prefetch(&t->slots[hash & (t->n_slots - 1)]);
}

static inline void gi_cells_expect_cell(const gi_cells *t, uint32_t hash)
{
    if (t->n_slots > 0)
        __builtin_prefetch(t->slots[hash & (t->n_slots - 1)].cell);
}

/* The cell of the key, made if there is none (UNKNOWN then), with room for a
 * value of `room` bytes if it was made.  NULL without memory. */
gi_cell *gi_cells_at(gi_cells *t, gale_str key, uint32_t hash, uint32_t room);

/* Another cell for the key of `c`, with more room, beside the table: it takes
 * the place of `c`, which is freed, when it is put there.  NULL without
 * memory; gi_free undoes it. */
gi_cell *gi_cell_larger(const gi_cell *c, uint32_t room);
void gi_cells_put(gi_cells *t, gi_cell *larger);

/* What the key of the cell has from now on; it has room for it.  ptr NULL:
 * nothing. */
void gi_cell_set(gi_cell *c, gale_str value);

/* Without the cells that are clean and of which `state` is one of the bits of
 * `states` (1 << GI_CELL_NONE, ...). */
void gi_cells_sweep(gi_cells *t, unsigned states);

/* All cells with a value or known to have none, sorted by key, into *out,
 * which is to be gi_free'd; those only that begin with `prefix`. */
gale_err gi_cells_sorted(const gi_cells *t, gale_str prefix, gi_cell ***out,
                         size_t *n);

/* Sorts cells by key. */
void gi_cells_sort(gi_cell **cells, size_t n);

/* As memcmp, the shorter one first. */
static inline int gi_key_compare(gale_str a, gale_str b)
{
    int c = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);

    return c != 0 ? c : a.len < b.len ? -1 : a.len > b.len;
}

#endif
