/* choose.h -- which task gets a row, by the groupings that choose one.
 *
 * Only send_plain.h includes this: it is a header so that the choice is in
 * line with the sending.
 */
#ifndef GI_WORKER_CHOOSE_H
#define GI_WORKER_CHOOSE_H

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "worker/task.h"

/* Equal values hash alike on every machine, so equal keys meet in one task.
 * Minus zero is zero, and all NaNs are one. */
static inline uint64_t hash_bytes(const gale_value *v, uint64_t seed)
{
    return XXH3_64bits_withSeed(v->as.p, v->len, seed ^ v->type);
}

static uint64_t hash_value(const gale_value *v, uint64_t seed)
{
    int64_t word = v->as.i;

    if (gi_type_has_bytes(v->type))
        return hash_bytes(v, seed);
    if (v->type == GALE_T_BOOL)
        word = v->as.b;
    else if (v->type == GALE_T_NIL)
        word = 0;
    else if (v->type == GALE_T_F64 && v->as.f == 0)
        word = 0;
    else if (v->type == GALE_T_F64 && v->as.f != v->as.f)
        word = INT64_C(0x7ff8000000000000);
    return XXH3_64bits_withSeed(&word, sizeof(word), seed ^ v->type);
}

static inline uint64_t hash_keys(const gi_edge *e, gale_row row)
{
    uint64_t h = 0;

    for (uint32_t i = 0; i < e->n_keys; i++)
        h = hash_value(&row.values[e->keys[i]], h);
    return h;
}

/* 0 .. n-1 from the high bits of a hash; the low ones are left to tables. */
static inline uint32_t spread(uint64_t hash, uint32_t n)
{
    return (uint32_t)(((hash >> 32) * n) >> 32);
}

static inline uint32_t pick_shuffle(gi_route *r)
{
    uint32_t i = r->next;

    r->next = i + 1 == r->n ? 0 : i + 1;
    return r->first + i;
}

/* In turn among those in this worker. */
static inline uint32_t pick_here(gi_route *r)
{
    uint32_t i = r->next % r->n_here;

    r->next = i + 1;
    return r->chosen[i];
}

/* Nasir et al., "The power of both choices", ICDE 2015: two candidates a key,
 * the one that this task used less. */
static uint32_t pick_partial(gi_route *r, gale_row row)
{
    uint64_t h = hash_keys(r->edge, row);
    uint32_t a = spread(h, r->n);
    uint32_t b = spread(gi_mix64(h), r->n);

    if (r->sent[b] < r->sent[a])
        a = b;
    r->sent[a]++;
    return r->first + a;
}

/* The one task that gets the row, by a grouping that chooses one. */
static __attribute__((noinline)) uint32_t
pick_other(gi_route *r, const gale_value *v, size_t n)
{
    gale_row row = { v, n };

    switch (r->how) {
    case GALE_GROUP_FIELDS:
        return r->first + spread(hash_keys(r->edge, row), r->n);
    case GALE_GROUP_PARTIAL_KEY:
        return pick_partial(r, row);
    case GALE_GROUP_GLOBAL:
        return r->first;
    case GALE_GROUP_LOCAL:
        return r->n_here > 0 ? pick_here(r) : pick_shuffle(r);
    default: /* NONE */
        return pick_shuffle(r);
    }
}

/* The same, with the two usual ones in place: shuffle, and one key. */
static inline uint32_t pick(gi_route *r, const gale_value *v, size_t n)
{
    if (r->how == GALE_GROUP_SHUFFLE)
        return pick_shuffle(r);
    if (r->how == GALE_GROUP_FIELDS && r->edge->n_keys == 1) {
        const gale_value *key = &v[r->edge->keys[0]];

        if (gi_type_has_bytes(key->type))
            return r->first + spread(hash_bytes(key, 0), r->n);
    }
    return pick_other(r, v, n);
}

#endif
