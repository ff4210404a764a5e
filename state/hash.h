/* hash.h -- a number for the bytes of a stored key, for tables in memory.
 *
 * It is nowhere written down, so it may change at any time; what decides on
 * groups is gale_state_group. */
#ifndef GI_STATE_HASH_H
#define GI_STATE_HASH_H

#include "base/bytes.h"
#include "base/mix.h"
#include "gale/base.h"

static inline uint32_t gi_state_hash(gale_str key)
{
    const char *p = key.ptr;
    size_t n = key.len;
    uint64_t h = n * 0x9e3779b97f4a7c15u, word = 0;

    for (; n >= 8; p += 8, n -= 8) {
        h = (h ^ gi_get_le64(p)) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    if (n > 0)
        memcpy(&word, p, n);
    return (uint32_t)(gi_mix64(h ^ word) >> 32);
}

#endif
