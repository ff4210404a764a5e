/* mix.h -- 64-bit numbers that look random and never cancel by design.
 *
 * gi_mix64 is a bijection (the finaliser of splitmix64: Steele, Lea, Flood,
 * "Fast splittable pseudorandom number generators", 2014; constants by David
 * Stafford).  Fed with a counter it gives ids that are all different, zero
 * only for zero, and without the linear relations by which counters, CRCs and
 * plain xorshift cancel under exclusive-or.
 */
#ifndef GI_BASE_MIX_H
#define GI_BASE_MIX_H

#include <stdint.h>

static inline uint64_t gi_mix64(uint64_t x)
{
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9u;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* A small generator for jitter, shuffles and the like; never for secrets. */
typedef struct gi_rng {
    uint64_t at;
} gi_rng;

static inline uint64_t gi_rng_next(gi_rng *r)
{
    return gi_mix64(r->at += 0x9e3779b97f4a7c15u);
}

/* Evenly from 0 .. n-1 (bias below n / 2^64); 0 for n == 0. */
static inline uint64_t gi_rng_below(gi_rng *r, uint64_t n)
{
    __extension__ typedef unsigned __int128 wide;

    return (uint64_t)(((wide)gi_rng_next(r) * n) >> 64);
}

#endif
