/* Ids for edges: the sums of a ledger are only as good as these.
 *
 * A tree is done when the exclusive-or of its outstanding edges is zero.  If
 * a handful of ids that are outstanding together cancelled by design, the
 * ledger would lie.  Ids come from consecutive counters, so consecutive ones
 * are what is tried. */
#include <criterion/criterion.h>

#include "base/mix.h"

enum { STARTS = 10000000, MOST = 6 };

typedef uint64_t (*id_fn)(uint64_t counter);

static uint64_t mixed(uint64_t counter)
{
    return gi_mix64(counter);
}

static uint64_t raw(uint64_t counter)
{
    return counter;
}

/* CRC-32C of the counter's 8 bytes, as fast hashes are often made of it. */
static uint64_t crc32c(uint64_t counter)
{
    static uint32_t table[256];
    uint32_t crc = ~0u;

    for (uint32_t i = 0; table[255] == 0 && i < 256; i++) {
        table[i] = i;
        for (int bit = 0; bit < 8; bit++)
            table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0x82f63b78u : 0);
    }
    for (int i = 0; i < 8; i++)
        crc = crc >> 8 ^ table[(crc ^ counter >> 8 * i) & 255];
    return ~crc;
}

/* xorshift: linear over the bits as well, though it looks random. */
static uint64_t xorshift(uint64_t counter)
{
    uint64_t x = counter + 1;

    x ^= x << 13;
    x ^= x >> 7;
    return x ^ x << 17;
}

/* How many runs of 2 to 6 consecutive ids, of so many starts, cancel? */
static uint64_t cancellations(id_fn id, uint64_t first, uint64_t starts)
{
    uint64_t last[MOST], n = 0;

    for (uint64_t i = 0; i < MOST; i++)
        last[i] = id(first + i);
    for (uint64_t i = 0; i < starts; i++) {
        uint64_t sum = last[i % MOST];

        for (uint64_t k = 1; k < MOST; k++) {
            sum ^= last[(i + k) % MOST];
            n += sum == 0;
        }
        last[i % MOST] = id(first + i + MOST);
    }
    return n;
}

Test(mix, consecutive_ids_do_not_cancel)
{
    cr_assert_eq(cancellations(mixed, 0, STARTS / 2), 0);
    cr_assert_eq(cancellations(mixed, 7ull << 48, STARTS / 2), 0);
}

/* A process sets its ids apart by a salt on the counter. */
Test(mix, salted_ids_do_not_cancel)
{
    gi_rng rng = { 1 };

    for (int i = 0; i < 20; i++) {
        uint64_t salt = gi_rng_next(&rng), sum[4] = { 0 };

        for (uint64_t n = 0; n < 100000; n++) {
            uint64_t id = gi_mix64(n ^ salt);

            for (int k = 3; k > 0; k--) /* xor of the last 2, 3, 4 ids */
                sum[k] = sum[k - 1] ^ id;
            sum[0] = id;
            for (int k = 1; n > 3 && k < 4; k++)
                cr_assert_neq(sum[k], 0);
        }
    }
}

Test(mix, counters_would_be_caught_cancelling)
{
    cr_assert_gt(cancellations(raw, 0, 100000), 1000);
}

Test(mix, crc32c_would_be_caught_cancelling)
{
    cr_assert_eq(crc32c(0), 0x8c28b28au);
    cr_assert_gt(cancellations(crc32c, 0, 100000), 1000);
}

Test(mix, xorshift_would_be_caught_cancelling)
{
    cr_assert_gt(cancellations(xorshift, 0, 100000), 1000);
}

/* x ^ x >> s is undone by doing it again further right; the multipliers are
 * odd, so Newton's iteration finds what undoes them. */
static uint64_t unshift(uint64_t y, int s)
{
    uint64_t x = y;

    for (int i = s; i < 64; i += s)
        x = y ^ x >> s;
    return x;
}

static uint64_t inverse(uint64_t odd)
{
    uint64_t x = odd;

    for (int i = 0; i < 6; i++)
        x *= 2 - odd * x;
    return x;
}

static uint64_t unmix(uint64_t y)
{
    y = unshift(y, 31) * inverse(0x94d049bb133111ebu);
    y = unshift(y, 27) * inverse(0xbf58476d1ce4e5b9u);
    return unshift(y, 30);
}

Test(mix, is_a_bijection)
{
    gi_rng rng = { 2 };

    for (uint64_t i = 0; i < 1000000; i++) {
        uint64_t x = gi_rng_next(&rng);

        cr_assert_eq(unmix(gi_mix64(x)), x);
        cr_assert_eq(unmix(gi_mix64(i)), i);
        cr_assert_eq(gi_mix64(unmix(i)), i);
    }
}

Test(mix, is_zero_for_zero_only)
{
    cr_assert_eq(gi_mix64(0), 0);
    cr_assert_eq(unmix(0), 0);
    for (uint64_t i = 1; i < 1000000; i++)
        cr_assert_neq(gi_mix64(i), 0);
}

Test(rng, numbers_below_a_bound_are_below_it_and_even)
{
    gi_rng rng = { 3 };
    int seen[10] = { 0 };

    for (int i = 0; i < 100000; i++)
        seen[gi_rng_below(&rng, 10)]++;
    for (int i = 0; i < 10; i++) {
        cr_assert_gt(seen[i], 9500);
        cr_assert_lt(seen[i], 10500);
    }
    for (int i = 0; i < 100; i++) {
        cr_assert_eq(gi_rng_below(&rng, 0), 0);
        cr_assert_eq(gi_rng_below(&rng, 1), 0);
    }
}

Test(rng, says_the_same_again_for_the_same_seed)
{
    gi_rng a = { 4 }, b = { 4 }, c = { 5 };
    int same = 0;

    for (int i = 0; i < 1000; i++) {
        uint64_t x = gi_rng_next(&a);
        cr_assert_eq(x, gi_rng_next(&b));
        same += x == gi_rng_next(&c);
    }
    cr_assert_eq(same, 0);
}
