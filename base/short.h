/* short.h -- strings of up to 16 bytes, without asking how long they are.
 *
 * Words and keys are short and of any length.  To branch on the length is to
 * guess wrong every second time, which costs more than all else that is done
 * with them (4 ns of 5, for a copy).  So 16 bytes are read where a string
 * begins, and what lies behind its end is cut off or left to be overwritten.
 * They lie in one page, so they can be read whoever has the rest of them; near
 * the end of a page, and where a tool watches each byte, it is done with care
 * (few.h).
 */
#ifndef GI_BASE_SHORT_H
#define GI_BASE_SHORT_H

#include <stdbool.h>

#include "base/few.h"

enum { GI_SHORT = 16, GI_SHORT_PAGE = 4096 };

/* The bytes of a string of at most 16, zeros behind them: the first is the
 * lowest of lo, the ninth the lowest of hi. */
typedef struct gi_short {
    uint64_t lo, hi;
} gi_short;

extern const gi_short gi_short_masks[GI_SHORT + 1];

/* How far into a page 16 bytes may begin; -1 if a tool of valgrind's is
 * watching.  Set before main. */
enum { GI_SHORT_LAST = GI_SHORT_PAGE - GI_SHORT };
extern int gi_short_last;

/* May 16 bytes be read from here on, if one may? */
static inline bool gi_short_may(const char *p)
{
#ifdef GI_FEW_WATCHED
    (void)p;
    return false;
#else
    return (int)((uintptr_t)p % GI_SHORT_PAGE) <= gi_short_last;
#endif
}

/* The quick way: only if there are any, and gi_short_may(p). */
static inline gi_short gi_short_cut(const char *p, uint32_t n)
{
    gi_short s;

    __asm__("" : "+r"(p)); /* the compiler may know how long it is */
    memcpy(&s, p, sizeof(s));
    s.lo &= gi_short_masks[n].lo;
    s.hi &= gi_short_masks[n].hi;
    return s;
}

static inline gi_short gi_short_of(const char *p, uint32_t n)
{
    gi_short s;

    if (__builtin_expect(n > 0 && gi_short_may(p), 1))
        return gi_short_cut(p, n);
    s.lo = gi_few(p, n < 8 ? n : 8);
    s.hi = n > 8 ? gi_few(p + 8, n - 8) : 0;
    return s;
}

static inline uint64_t gi_short_fold(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    wide m = (wide)a * b;

    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* A hash of `n` bytes, the same everywhere: two products, each folded in half
 * (the idea is Wang Yi's, of wyhash).  Nothing in it is secret, so who wants
 * to can find strings that hash alike. */
static inline uint64_t gi_short_hash(gi_short s, uint32_t n, uint64_t seed)
{
    uint64_t h = gi_short_fold(s.lo ^ seed ^ 0x9e3779b97f4a7c15u,
                               s.hi ^ n ^ 0xe7037ed1a0b428dbu);

    return gi_short_fold(h ^ 0x8ebc6af09c88c6e3u, 0x589965cc75374cc3u);
}

#endif
