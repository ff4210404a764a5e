/* keyed.h -- rows by key, within a batch.
 *
 * A table of groups: each has a key, of so many values, and cells, which
 * belong to who asked for the table.  Groups are numbered in the order in
 * which their keys came, so what comes out of a table does not depend on
 * hashes.
 *
 * Two arrays: slots (half of them free), with a hash and a number; and the
 * groups themselves, in chunks of which each is as large as all before it, so
 * that no group ever moves.  A key is copied once.  Up to 16 bytes of each
 * value lie beside it as two words, and are compared as such.
 */
#ifndef GI_TRIDENT_KEYED_H
#define GI_TRIDENT_KEYED_H

#include <string.h>

#include "base/pool.h"
#include "gale/value.h"

enum {
    GI_KEYED_CHUNKS = 27,
    GI_KEYED_FIRST = 32,
    /* Up to so many bytes of a value lie in words beside it.  Where bytes and
     * words do not agree, none do. */
    GI_KEYED_SHORT = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 16 : 0,
};

/* A value of a key, made easy to compare. */
typedef struct gi_keyed_value {
    uint32_t type, len;
    uint64_t word[2];
    const char *p; /* len > 16: its bytes */
} gi_keyed_value;

typedef struct gi_keyed_slot {
    uint32_t hash;
    uint32_t group; /* and 1; 0: free */
} gi_keyed_slot;

typedef struct gi_keyed {
    gi_pool *pool; /* all of it */
    uint64_t seed;
    uint32_t n_keys;
    uint32_t key_at, word_at, stride; /* in a group, in bytes */
    uint32_t n;                       /* groups */
    uint32_t mask;                    /* slots, less 1 */
    gi_keyed_slot *slots;
    gi_keyed_value *asked; /* n_keys */
    char *chunks[GI_KEYED_CHUNKS];
} gi_keyed;

/* cells: bytes of a group's cells, a multiple of 8.  expect: how many groups
 * there will be, if somebody knows.  False without memory. */
bool gi_keyed_init(gi_keyed *t, gi_pool *pool, uint32_t n_keys, uint32_t cells,
                   uint32_t expect, uint64_t seed);

/* The cells of the group whose key is values[slots[0]], ...; zeroed if it is
 * new, and then *fresh is true.  NULL without memory. */
void *gi_keyed_at(gi_keyed *t, const gale_value *values, const uint32_t *slots,
                  bool *fresh);

/* The same in two steps, between which a key of short values may wait without
 * the row: values[slots[0]], ... as *key, of t->n_keys, and its hash; ... */
uint32_t gi_keyed_hash(const gi_keyed *t, gi_keyed_value *key,
                       const gale_value *values, const uint32_t *slots);
void *gi_keyed_find(gi_keyed *t, const gi_keyed_value *key, uint32_t hash,
                    bool *fresh);

/* Group `i` of t->n: its cells, which stay where they are. */
static inline void *gi_keyed_cells(const gi_keyed *t, uint32_t i)
{
    uint32_t x = i + GI_KEYED_FIRST;
    uint32_t chunk =
        (uint32_t)(__builtin_clz(GI_KEYED_FIRST) - __builtin_clz(x));

    return t->chunks[chunk] +
           (size_t)(x - ((uint32_t)GI_KEYED_FIRST << chunk)) * t->stride;
}

/* While it waits: bring its slot near; then, through that, its group, which is
 * likely the key's, but another one may have the same hash. */
static inline void gi_keyed_near_slot(const gi_keyed *t, uint32_t hash)
{
    __builtin_prefetch(&t->slots[hash & t->mask]);
}

/* The cells of the first group with this hash, which are brought near; NULL:
 * there is none. */
static inline void *gi_keyed_near(const gi_keyed *t, uint32_t hash)
{
    for (uint32_t at = hash & t->mask; t->slots[at].group != 0;
         at = (at + 1) & t->mask)
        if (t->slots[at].hash == hash) {
            char *cells = gi_keyed_cells(t, t->slots[at].group - 1);

            __builtin_prefetch(cells);
            __builtin_prefetch(cells + t->stride - 1);
            return cells;
        }
    return NULL;
}

/* The key of the group with these cells. */
static inline gale_row gi_keyed_key(const gi_keyed *t, const void *cells)
{
    return (gale_row){
        (const gale_value *)(const void *)((const char *)cells + t->key_at),
        t->n_keys,
    };
}

/* Is it that key? */
static inline bool gi_keyed_is(const gi_keyed *t, const void *cells,
                               const gi_keyed_value *key)
{
    const gale_value *v = gi_keyed_key(t, cells).values;
    const uint64_t *word =
        (const uint64_t *)(const void *)((const char *)cells + t->word_at);

    for (const gi_keyed_value *end = key + t->n_keys; key != end;
         key++, v++, word += 2) {
        if (v->type != key->type || v->len != key->len ||
            word[0] != key->word[0])
            return false;
        if (key->len > 8 &&
            (word[1] != key->word[1] ||
             (key->len > 16 &&
              memcmp(v->as.p + 16, key->p + 16, key->len - 16) != 0)))
            return false;
    }
    return true;
}

#endif
