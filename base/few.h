/* few.h -- a few bytes as one number, without asking how many there are.
 *
 * Keys are short and of any length, so to branch on it is to guess wrong every
 * second time, which costs more than all else that is done with them.  So the
 * words of memory are read in which the first and the last byte lie, aligned,
 * and what is not asked for is cut off.  Such a word lies in one page with the
 * byte, so it can be read, whoever has the rest of it; but tools that watch
 * each byte do not like it, and where they watch, it is done byte by byte.
 */
#ifndef GI_BASE_FEW_H
#define GI_BASE_FEW_H

#include <stdint.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define GI_FEW_WATCHED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#define GI_FEW_WATCHED 1
#endif

/* `n` bytes, at most 8, as a number: the first lowest, zeros behind the
 * last. */
static inline uint64_t gi_few(const char *p, uint32_t n)
{
#ifdef GI_FEW_WATCHED
    uint64_t word = 0;

    for (uint32_t i = 0; i < n; i++)
        word |= (uint64_t)(unsigned char)p[i] << 8 * i;
    return word;
#else
    typedef uint64_t __attribute__((may_alias)) any;
    uintptr_t first = (uintptr_t)p;
    uint32_t bits = 8 * (first & 7);
    uint64_t low, high;

    if (n == 0)
        return 0;
    low = *(const any *)(first & ~(uintptr_t)7);
    high = *(const any *)((first + n - 1) & ~(uintptr_t)7);
    return (low >> bits | high << 1 << (63 - bits)) &
           UINT64_MAX >> (64 - 8 * n);
#endif
}

#endif
