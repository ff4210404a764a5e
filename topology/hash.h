/* hash.h -- the hash of keys, by which groupings divide rows: gale_hash.
 *
 * Equal values hash alike on every machine, so equal keys meet in one task.
 * Minus zero is zero, and all NaNs are one.  In line, for it is done for every
 * row that goes by key.
 */
#ifndef GI_TOPOLOGY_HASH_H
#define GI_TOPOLOGY_HASH_H

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/short.h"
#include "topology/batch.h"

static __attribute__((noinline)) uint64_t
gi_hash_other_bytes(const gale_value *v, uint64_t seed)
{
    if (v->len <= GI_SHORT)
        return gi_short_hash(gi_short_of(v->as.p, v->len), v->len, seed);
    return XXH3_64bits_withSeed(v->as.p, v->len, seed);
}

static inline uint64_t gi_hash_bytes(const gale_value *v, uint64_t seed)
{
    const char *p = v->as.p;

    seed ^= v->type;
    if (__builtin_expect(v->len - 1 < GI_SHORT && gi_short_may(p), 1))
        return gi_short_hash(gi_short_cut(p, v->len), v->len, seed);
    return gi_hash_other_bytes(v, seed);
}

static inline uint64_t gi_hash_value(const gale_value *v, uint64_t seed)
{
    gi_short word = { (uint64_t)v->as.i, 0 };

    if (gi_type_has_bytes(v->type))
        return gi_hash_bytes(v, seed);
    if (v->type == GALE_T_BOOL)
        word.lo = v->as.b;
    else if (v->type == GALE_T_NIL)
        word.lo = 0;
    else if (v->type == GALE_T_F64 && v->as.f == 0)
        word.lo = 0;
    else if (v->type == GALE_T_F64 && v->as.f != v->as.f)
        word.lo = UINT64_C(0x7ff8000000000000);
    return gi_short_hash(word, sizeof(word.lo), seed ^ v->type);
}

/* Of a key's values in the order of the edge's keys, those of `row`. */
static inline uint64_t gi_hash_keys(const gi_edge *e, const gale_value *row)
{
    uint64_t h = 0;

    for (uint32_t i = 0; i < e->n_keys; i++)
        h = gi_hash_value(&row[e->keys[i]], h);
    return h;
}

#endif
