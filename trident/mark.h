/* mark.h -- what each row between parts carries in front: the low bits of its
 * attempt, and a number of its own among the rows that its task sends in it.
 */
#ifndef GI_TRIDENT_MARK_H
#define GI_TRIDENT_MARK_H

#include <stdint.h>

enum { GI_MARK_BITS = 36 };

/* The bits of an attempt that fit. */
#define GI_MARK_ATTEMPTS ((UINT64_C(1) << (64 - GI_MARK_BITS)) - 1)

static inline uint64_t gi_mark(uint64_t attempt, uint64_t n)
{
    return attempt << GI_MARK_BITS | (n & ((UINT64_C(1) << GI_MARK_BITS) - 1));
}

#endif
