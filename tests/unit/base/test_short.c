/* Short strings as numbers, wherever they lie, and the hash of them. */
#include "base/short.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mix.h"

/* -------------------------------------------------------------- reading -- */

static bool is(gi_short s, const char *p, uint32_t n)
{
    for (uint32_t i = 0; i < 16; i++) {
        uint64_t half = i < 8 ? s.lo : s.hi;
        unsigned char want = i < n ? (unsigned char)p[i] : 0;

        if ((unsigned char)(half >> 8 * (i % 8)) != want)
            return false;
    }
    return true;
}

Test(short, they_are_the_bytes_and_zeros_behind_them)
{
    char bytes[64];

    for (int i = 0; i < 64; i++)
        bytes[i] = (char)(0x81 + 5 * i);
    for (uint32_t at = 0; at < 32; at++)
        for (uint32_t n = 0; n <= 16; n++)
            cr_expect(is(gi_short_of(bytes + at, n), bytes + at, n),
                      "%u bytes from %u on", n, at);
    cr_expect(is(gi_short_of(NULL, 0), "", 0));
}

Test(short, under_a_watching_tool_they_are_the_same)
{
    char bytes[64];
    int was = gi_short_last;

    for (int i = 0; i < 64; i++)
        bytes[i] = (char)(0x81 + 5 * i);
    gi_short_last = -1;
    cr_expect_not(gi_short_may(bytes));
    for (uint32_t n = 0; n <= 16; n++)
        cr_expect(is(gi_short_of(bytes + 3, n), bytes + 3, n));
    gi_short_last = was;
}

Test(short, what_lies_in_other_pages_is_not_read)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *p = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    cr_assert_neq(p, MAP_FAILED);
    memset(p + page, 0xa5, page);
    cr_assert_eq(mprotect(p, page, PROT_NONE), 0);
    cr_assert_eq(mprotect(p + 2 * page, page, PROT_NONE), 0);
    for (uint32_t n = 1; n <= 16; n++)
        for (uint32_t from = n; from <= 20; from++) {
            const char *end = p + 2 * page;

            cr_expect(is(gi_short_of(p + page, n), p + page, n));
            cr_expect(is(gi_short_of(end - from, n), end - from, n));
        }
    munmap(p, 3 * page);
}

/* -------------------------------------------------------------- hashing -- */

static uint64_t hash(const char *p, uint32_t n)
{
    return gi_short_hash(gi_short_of(p, n), n, 5);
}

/* Processes of one cluster have to agree, so it is what it was. */
Test(short, a_hash_is_the_same_everywhere)
{
    cr_expect_eq(hash("", 0), UINT64_C(0x700e918b69a642ea));
    cr_expect_eq(hash("a", 1), UINT64_C(0x4829c85655389154));
    cr_expect_eq(hash("gale", 4), UINT64_C(0x043ce4b369ecb90e));
    cr_expect_eq(hash("0123456789abcdef", 16), UINT64_C(0x72c1a2b5a76a0ed6));
}

Test(short, zeros_at_the_end_count)
{
    static const char zeros[16];

    for (uint32_t n = 0; n < 16; n++)
        for (uint32_t m = n + 1; m <= 16; m++)
            cr_expect_neq(hash(zeros, n), hash(zeros, m));
}

/* Each bit that goes in changes each bit that comes out, half of the time. */
Test(short, one_bit_changes_half_of_them)
{
    enum { TRIALS = 2000 };
    gi_rng rng = { 11 };

    for (uint32_t n = 4; n <= 16; n += 3)
        for (uint32_t bit = 0; bit < 8 * n; bit++) {
            uint32_t flips[64] = { 0 };

            for (int i = 0; i < TRIALS; i++) {
                uint64_t bytes[2] = { gi_rng_next(&rng), gi_rng_next(&rng) };
                char *p = (char *)bytes;
                uint64_t h = hash(p, n);

                p[bit / 8] = (char)(p[bit / 8] ^ 1 << bit % 8);
                h ^= hash(p, n);
                for (int k = 0; k < 64; k++)
                    flips[k] += (uint32_t)(h >> k & 1);
            }
            for (int k = 0; k < 64; k++)
                cr_expect(abs((int)flips[k] - TRIALS / 2) < TRIALS / 14,
                          "bit %u of %u bytes: bit %d %u times", bit, n, k,
                          flips[k]);
        }
}

/* What keys look like. */
typedef gi_short (*keys)(uint32_t i, uint32_t *n);

static gi_short numbers(uint32_t i, uint32_t *n)
{
    gi_short s = { i, 0 };

    *n = 8;
    return s;
}

static gi_short named(uint32_t i, uint32_t *n)
{
    char text[24];

    *n = (uint32_t)snprintf(text, sizeof(text), "user-%u", i);
    return gi_short_of(text, *n);
}

static gi_short letters(uint32_t i, uint32_t *n)
{
    char text[8] = "";

    for (*n = 0; i > 0 || *n == 0; i /= 26)
        text[(*n)++] = (char)('a' + i % 26);
    return gi_short_of(text, *n);
}

/* Each differs from the next one, and most from 700 others, in one byte. */
static gi_short one_byte(uint32_t i, uint32_t *n)
{
    char text[] = "abcdefghijklmnop";

    text[3] = (char)i;
    text[11] = (char)(i >> 8);
    text[15] = (char)(i >> 16);
    *n = 16;
    return gi_short_of(text, *n);
}

static gi_short high_bits(uint32_t i, uint32_t *n)
{
    gi_short s = { (uint64_t)i << 44, 0 };

    *n = 8;
    return s;
}

/* Are keys spread over `places` as chance would?  By the high bits, as tasks
 * are, or by the low ones, as a reader's table is. */
static bool is_even(keys of, uint32_t places, bool high)
{
    enum { KEYS = 100000, MOST = 4096 };
    static uint32_t got[MOST];
    double want = (double)KEYS / places, chi = 0;

    memset(got, 0, sizeof(got));
    for (uint32_t i = 0; i < KEYS; i++) {
        uint32_t n;
        gi_short s = of(i, &n);
        uint64_t h = gi_short_hash(s, n, 5);

        got[high ? (h >> 32) * places >> 32 : h % places]++;
    }
    for (uint32_t i = 0; i < places; i++)
        chi += (got[i] - want) * (got[i] - want) / want;
    double over = chi - (places - 1); /* 5 deviations of chi, squared */
    return over < 0 || over * over < 25 * 2 * (places - 1);
}

Test(short, keys_are_spread_evenly)
{
    static const struct {
        const char *name;
        keys of;
    } kinds[] = { { "numbers", numbers },
                  { "names with numbers", named },
                  { "letters", letters },
                  { "one byte", one_byte },
                  { "high bits", high_bits } };
    static const uint32_t places[] = { 2, 3, 7, 16, 100, 1024, 4096 };

    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
        for (size_t p = 0; p < sizeof(places) / sizeof(places[0]); p++) {
            cr_expect(is_even(kinds[k].of, places[p], true),
                      "%s over %u tasks", kinds[k].name, places[p]);
            cr_expect(is_even(kinds[k].of, places[p], false),
                      "%s over %u places", kinds[k].name, places[p]);
        }
}
