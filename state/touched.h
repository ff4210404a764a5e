/* touched.h -- what a transaction has touched of a map so far, in memory: by
 * stored key, what was there before it and what is there now. */
#ifndef GI_STATE_TOUCHED_H
#define GI_STATE_TOUCHED_H

#include "gale/base.h"

typedef struct gi_held {
    gale_str key;
    gale_str before; /* the transaction; ptr NULL: nothing */
    gale_str now;
    uint32_t hash, slot;
    uint32_t room; /* bytes at now.ptr that are its own; 0: they are not */
    uint16_t group;
    uint8_t spare; /* bytes behind the key that are free: short values lie
                      there, so that all of it is in one place */
    bool loaded;   /* `before` is known */
    bool put;      /* `now` is what the transaction made of it */
    bool undone;   /* what the store has is of an earlier attempt */
} gi_held;

/* A zeroed one is empty.  What it points to stays until it is emptied. */
typedef struct gi_touched {
    gi_held *at;
    uint32_t n, cap;
    uint64_t *slots; /* hash, then 1 + index of a held; 0: free */
    uint32_t n_slots;
    struct gi_touched_block *block;
} gi_touched;

#define GI_TOUCHED_NONE UINT32_MAX

void gi_touched_fini(gi_touched *b);

/* Forget all of it; the memory is kept for the next. */
void gi_touched_clear(gi_touched *b);

/* The index of a key; GI_TOUCHED_NONE: it is not held. */
uint32_t gi_touched_find(const gi_touched *b, gale_str key, uint32_t hash);

/* Soon a key with this hash is looked for. */
static inline void gi_touched_expect(const gi_touched *b, uint32_t hash)
{
    if (b->n_slots > 0)
        __builtin_prefetch(&b->slots[hash & (b->n_slots - 1)]);
}

/* Soon a held is looked at: first itself, and, when that had time to come, its
 * key. */
static inline void gi_touched_near(const gi_touched *b, uint32_t id)
{
    __builtin_prefetch(&b->at[id]);
    __builtin_prefetch((const char *)(&b->at[id] + 1) - 1);
}

static inline void gi_touched_near_key(const gi_touched *b, uint32_t id)
{
    __builtin_prefetch(b->at[id].key.ptr);
}

/* The index of a key, which is held from now on if it was not: a copy of it.
 * GI_TOUCHED_NONE without memory. */
uint32_t gi_touched_at(gi_touched *b, gale_str key, uint32_t hash);

/* So many bytes that stay; NULL without memory. */
char *gi_touched_take(gi_touched *b, size_t n);

/* A copy of it that stays, in *out; of ptr NULL the same.  GALE_ENOMEM. */
gale_err gi_touched_copy(gi_touched *b, gale_str s, gale_str *out);

/* `before` and `now` become a copy of `value`.  GALE_ENOMEM. */
gale_err gi_touched_found(gi_touched *b, uint32_t id, gale_str value);

/* `now` becomes a copy of `value`.  GALE_ENOMEM. */
gale_err gi_touched_set(gi_touched *b, uint32_t id, gale_str value);

#endif
