/* choose.h -- which task gets a row, by the groupings that choose one.
 *
 * Only send_plain.h includes this: it is a header so that the choice is in
 * line with the sending.
 */
#ifndef GI_WORKER_CHOOSE_H
#define GI_WORKER_CHOOSE_H

#include "topology/hash.h"
#include "worker/task.h"

/* A task, and for what is grouped by fields the low half of the hash that
 * chose it, which travels with the tuple (gale_tuple_hash); else 0. */
typedef struct choice {
    uint32_t task, hash;
} choice;

/* 0 .. n-1 from the high bits of a hash; the low ones are left to tables. */
static inline uint32_t spread(uint64_t hash, uint32_t n)
{
    return (uint32_t)(((hash >> 32) * n) >> 32);
}

static inline uint32_t pick_shuffle(gi_route *r)
{
    uint32_t i = r->next;

    r->next = i + 1 == r->end ? r->begin : i + 1;
    return r->tasks[i];
}

static inline choice by_hash(const gi_route *r, uint64_t h)
{
    return (choice){ r->first + spread(h, r->n), (uint32_t)h };
}

/* Nasir et al., "The power of both choices", ICDE 2015: two candidates a key,
 * the one that this task used less. */
static choice pick_partial(gi_route *r, const gale_value *v)
{
    uint64_t h = gi_hash_keys(r->edge, v);
    uint32_t a = spread(h, r->n);
    uint32_t b = spread(gi_mix64(h), r->n);

    if (r->sent[b] < r->sent[a])
        a = b;
    r->sent[a]++;
    return (choice){ r->first + a, (uint32_t)h };
}

/* The one task that gets the row, by a grouping that chooses one. */
static __attribute__((noinline)) choice pick_other(gi_route *r,
                                                   const gale_value *v)
{
    switch (r->how) {
    case GALE_GROUP_FIELDS:
        return by_hash(r, gi_hash_keys(r->edge, v));
    case GALE_GROUP_PARTIAL_KEY:
        return pick_partial(r, v);
    case GALE_GROUP_GLOBAL:
        return (choice){ r->first, 0 };
    default: /* NONE, LOCAL */
        return (choice){ pick_shuffle(r), 0 };
    }
}

/* The same, with the usual ones in place: shuffle, and a key that has bytes.
 */
static inline choice pick(gi_route *r, const gale_value *v)
{
    if (r->how == GALE_GROUP_SHUFFLE)
        return (choice){ pick_shuffle(r), 0 };
    if (r->one_key) {
        const gale_value *key = &v[r->key];

        if (gi_type_has_bytes(key->type))
            return by_hash(r, gi_hash_bytes(key, 0));
    }
    return pick_other(r, v);
}

#endif
