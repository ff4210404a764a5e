/* cut.c -- the tokenizer of words.h: a bit a byte, then where bits change. */
#include "bench/words.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define HAVE_AVX2 1
#else
#define HAVE_AVX2 0
#endif

/* Write down where the runs of ones in `bits`, the letters of the block at
 * `at`, begin and end. */
static inline uint32_t *changes(uint64_t bits, bool *in_word, uint32_t at,
                                uint32_t *cuts)
{
    uint64_t change = bits ^ (bits << 1 | *in_word);

    *in_word = bits >> 63;
    while (change != 0) {
        *cuts++ = at + (uint32_t)__builtin_ctzll(change);
        change &= change - 1;
    }
    return cuts;
}

/* What lies behind the end of the text is no letter. */
static inline uint64_t before(uint64_t bits, size_t n)
{
    return n >= 64 ? bits : bits & (((uint64_t)1 << n) - 1);
}

/* Eight bytes at a time: a letter's low seven bits, made small, are from
 * 0x61 to 0x7a, and its high bit is not set.  The high bits of the result are
 * gathered by one multiplication. */
static inline uint64_t letters8(const char *p)
{
    const uint64_t each = 0x0101010101010101u, high = each << 7;
    uint64_t x, seven;

    memcpy(&x, p, 8);
    seven = (x | each * 0x20) & ~high;
    uint64_t from_a = seven + each * (0x80 - 'a');
    uint64_t past_z = seven + each * (0x80 - 'z' - 1);
    uint64_t letter = from_a & ~past_z & ~x & high;
    return ((letter >> 7) * 0x0102040810204080u) >> 56;
}

static size_t cut_plain(const char *text, size_t from, size_t end,
                        bool *in_word, uint32_t *cuts)
{
    uint32_t *first = cuts;

    for (size_t at = from; at < end; at += 64) {
        uint64_t bits = 0;

        for (unsigned i = 0; i < 8; i++)
            bits |= letters8(text + at + 8 * i) << (8 * i);
        cuts = changes(before(bits, end - at), in_word, (uint32_t)at, cuts);
    }
    return (size_t)(cuts - first);
}

#if HAVE_AVX2
__attribute__((target("avx2"))) static inline uint32_t letters32(const char *p)
{
    __m256i x = _mm256_loadu_si256((const void *)p);
    __m256i small = _mm256_or_si256(x, _mm256_set1_epi8(0x20));
    __m256i from_a = _mm256_cmpgt_epi8(small, _mm256_set1_epi8('a' - 1));
    __m256i past_z = _mm256_cmpgt_epi8(small, _mm256_set1_epi8('z'));

    return (uint32_t)_mm256_movemask_epi8(_mm256_andnot_si256(past_z, from_a));
}

__attribute__((target("avx2,bmi,bmi2"))) static size_t
cut_avx2(const char *text, size_t from, size_t end, bool *in_word,
         uint32_t *cuts)
{
    uint32_t *first = cuts;

    for (size_t at = from; at < end; at += 64) {
        uint64_t bits =
            letters32(text + at) | (uint64_t)letters32(text + at + 32) << 32;

        cuts = changes(before(bits, end - at), in_word, (uint32_t)at, cuts);
    }
    return (size_t)(cuts - first);
}
#endif

size_t words_cut(const char *text, size_t from, size_t end, bool *in_word,
                 uint32_t *cuts)
{
#if HAVE_AVX2
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"))
        return cut_avx2(text, from, end, in_word, cuts);
#endif
    return cut_plain(text, from, end, in_word, cuts);
}

/* One bit makes capitals small.  It makes no letter of what was none, so it is
 * set in every byte. */
void words_lower(char *to, const char *from, size_t len)
{
    const uint64_t small = 0x2020202020202020u;

    for (; len >= 8; len -= 8, to += 8, from += 8) {
        uint64_t x;

        memcpy(&x, from, 8);
        x |= small;
        memcpy(to, &x, 8);
    }
    for (size_t i = 0; i < len; i++)
        to[i] = (char)(from[i] | 0x20);
}
