#include "trident/keyed.h"

#include "base/few.h"
#include "base/mix.h"
#include "trident/values.h"

/* -------------------------------------------------------------- keys -- */

static inline void key_of(gi_keyed_value *key, const gale_value *v)
{
    key->type = v->type;
    key->word[1] = 0;
    key->p = v->as.p;
    if (!gi_value_has_bytes(v)) {
        key->len = 0;
        key->word[0] = gi_value_bits(v);
        return;
    }
    key->len = v->len;
    if (v->len <= 8) {
        key->word[0] = gi_few(v->as.p, v->len);
    } else {
        key->word[0] = gi_few(v->as.p, 8);
        key->word[1] = gi_few(v->as.p + 8, v->len < 16 ? v->len - 8 : 8);
    }
}

/* What lies behind its first eight bytes. */
static __attribute__((noinline)) uint64_t hash_rest(uint64_t h,
                                                    const gi_keyed_value *key)
{
    h = gi_mix64(h ^ key->word[1]);
    for (uint32_t i = 16; i < key->len; i += 8)
        h = gi_mix64(h ^
                     gi_few(key->p + i, key->len - i < 8 ? key->len - i : 8));
    return h;
}

static inline uint64_t hash_key(uint64_t h, const gi_keyed_value *key)
{
    h += (uint64_t)key->type << 60 | (uint64_t)key->len << 28;
    h = gi_mix64(h ^ key->word[0]);
    return key->len <= 8 ? h : hash_rest(h, key);
}

/* ------------------------------------------------------------- groups -- */

static inline uint64_t *words_of(const gi_keyed *t, void *cells)
{
    return (uint64_t *)(void *)((char *)cells + t->word_at);
}

static inline gale_value *values_of(const gi_keyed *t, void *cells)
{
    return (gale_value *)(void *)((char *)cells + t->key_at);
}

/* A value as callbacks will see it.  The bytes of a short one are its words,
 * where the first byte is the lowest. */
static bool copy_value(gi_keyed *t, gale_value *v, const gi_keyed_value *key,
                       const uint64_t *word)
{
    *v = (gale_value){ key->type, key->len, { false } };
    if (key->type == GALE_T_BOOL) {
        *v = gale_val_bool(key->word[0] != 0);
    } else if (key->type < GALE_T_STR) {
        v->as.i = (int64_t)key->word[0];
    } else if (key->len <= GI_KEYED_SHORT) {
        v->as.p = (const char *)word;
    } else {
        char *bytes = gi_pool_piece(t->pool, key->len);

        if (bytes == NULL)
            return false;
        memcpy(bytes, key->p, key->len);
        v->as.p = bytes;
    }
    return true;
}

/* The key that was asked for, into a new group. */
static bool copy_key(gi_keyed *t, void *cells, const gi_keyed_value *key)
{
    gale_value *v = values_of(t, cells);
    uint64_t *word = words_of(t, cells);

    for (uint32_t k = 0; k < t->n_keys; k++) {
        word[2 * k] = key[k].word[0];
        word[2 * k + 1] = key[k].word[1];
        if (!copy_value(t, &v[k], &key[k], &word[2 * k]))
            return false;
    }
    return true;
}

static bool grow(gi_keyed *t)
{
    uint64_t n = 2 * ((uint64_t)t->mask + 1);
    uint32_t mask = (uint32_t)(n - 1);
    gi_keyed_slot *slots =
        n > UINT32_MAX ? NULL : gi_pool_take(t->pool, n, sizeof(*slots));

    if (slots == NULL)
        return false;
    for (uint64_t i = 0; i <= t->mask; i++) {
        uint32_t to = t->slots[i].hash & mask;

        if (t->slots[i].group == 0)
            continue;
        while (slots[to].group != 0)
            to = (to + 1) & mask;
        slots[to] = t->slots[i];
    }
    t->slots = slots;
    t->mask = mask;
    return true;
}

static void *new_group(gi_keyed *t, const gi_keyed_value *key)
{
    uint32_t x = t->n + GI_KEYED_FIRST;
    int chunk = __builtin_clz(GI_KEYED_FIRST) - __builtin_clz(x);
    void *cells;

    if (chunk >= GI_KEYED_CHUNKS)
        return NULL;
    if (t->chunks[chunk] == NULL)
        t->chunks[chunk] =
            gi_pool_take(t->pool, (size_t)GI_KEYED_FIRST << chunk, t->stride);
    if (t->chunks[chunk] == NULL)
        return NULL;
    cells = gi_keyed_cells(t, t->n);
    return copy_key(t, cells, key) ? cells : NULL;
}

static __attribute__((noinline)) void *
add(gi_keyed *t, const gi_keyed_value *key, uint32_t hash)
{
    uint32_t at;
    void *cells;

    if (t->n > t->mask / 2 && !grow(t))
        return NULL;
    cells = new_group(t, key);
    if (cells == NULL)
        return NULL;
    for (at = hash & t->mask; t->slots[at].group != 0;)
        at = (at + 1) & t->mask;
    t->slots[at] = (gi_keyed_slot){ hash, ++t->n };
    return cells;
}

/* -------------------------------------------------------------- calls -- */

bool gi_keyed_init(gi_keyed *t, gi_pool *pool, uint32_t n_keys, uint32_t cells,
                   uint32_t expect, uint64_t seed)
{
    uint64_t n = 2 * GI_KEYED_FIRST;

    while (n < 2 * (uint64_t)expect)
        n *= 2;
    *t = (gi_keyed){ .pool = pool, .seed = seed, .n_keys = n_keys };
    t->key_at = cells;
    t->word_at = cells + n_keys * (uint32_t)sizeof(gale_value);
    t->stride = t->word_at + n_keys * 16;
    t->mask = (uint32_t)(n - 1);
    t->slots = gi_pool_take(pool, n, sizeof(*t->slots));
    t->asked = gi_pool_piece(pool, n_keys * sizeof(*t->asked));
    return t->slots != NULL && t->asked != NULL;
}

static __attribute__((noinline)) uint32_t
hash_several(const gi_keyed *t, gi_keyed_value *key, const gale_value *values,
             const uint32_t *slots)
{
    uint64_t h = t->seed;

    for (uint32_t k = 0; k < t->n_keys; k++) {
        key_of(&key[k], &values[slots[k]]);
        h = hash_key(h, &key[k]);
    }
    return (uint32_t)h;
}

uint32_t gi_keyed_hash(const gi_keyed *t, gi_keyed_value *key,
                       const gale_value *values, const uint32_t *slots)
{
    if (t->n_keys != 1)
        return hash_several(t, key, values, slots);
    key_of(key, &values[*slots]);
    return (uint32_t)hash_key(t->seed, key);
}

void *gi_keyed_find(gi_keyed *t, const gi_keyed_value *key, uint32_t hash,
                    bool *fresh)
{
    for (uint32_t at = hash & t->mask; t->slots[at].group != 0;
         at = (at + 1) & t->mask) {
        if (t->slots[at].hash == hash) {
            void *cells = gi_keyed_cells(t, t->slots[at].group - 1);

            if (gi_keyed_is(t, cells, key)) {
                *fresh = false;
                return cells;
            }
        }
    }
    *fresh = true;
    return add(t, key, hash);
}

void *gi_keyed_at(gi_keyed *t, const gale_value *values, const uint32_t *slots,
                  bool *fresh)
{
    uint32_t hash = gi_keyed_hash(t, t->asked, values, slots);

    return gi_keyed_find(t, t->asked, hash, fresh);
}
