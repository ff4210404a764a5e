#include <criterion/criterion.h>

#include "base/msgpack.h"

#include <msgpack.h>
#include <stdlib.h>

/* From a block of their own, so that ASan sees a read beyond the bytes. */
static size_t skip(const void *bytes, size_t len)
{
    char *p = malloc(len == 0 ? 1 : len);

    memcpy(p, bytes, len);
    size_t n = gi_msgpack_skip(p, len);
    free(p);
    return n;
}

static const struct {
    const char *bytes;
    size_t len;
} whole[] = {
#define BYTES(s)         \
    {                    \
        s, sizeof(s) - 1 \
    }
    BYTES("\x00"),
    BYTES("\x7f"),
    BYTES("\xe0"),
    BYTES("\xc0"),
    BYTES("\xc2"),
    BYTES("\xc3"),
    BYTES("\xa3"
          "abc"),
    BYTES("\xd9\x01"
          "a"),
    BYTES("\xda\x00\x01"
          "a"),
    BYTES("\xdb\x00\x00\x00\x01"
          "a"),
    BYTES("\xc4\x02\x00\x00"),
    BYTES("\xc5\x00\x01\x00"),
    BYTES("\xc6\x00\x00\x00\x00"),
    BYTES("\xca\x00\x00\x00\x00"),
    BYTES("\xcb\x00\x00\x00\x00\x00\x00\x00\x00"),
    BYTES("\xcc\xff"),
    BYTES("\xcd\xff\xff"),
    BYTES("\xce\xff\xff\xff\xff"),
    BYTES("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"),
    BYTES("\xd0\x80"),
    BYTES("\xd1\x80\x00"),
    BYTES("\xd2\x80\x00\x00\x00"),
    BYTES("\xd3\x80\x00\x00\x00\x00\x00\x00\x00"),
    BYTES("\xd4\x01\x00"),
    BYTES("\xd5\x01\x00\x00"),
    BYTES("\xd8\x01"
          "0123456789abcdef"),
    BYTES("\xc7\x03\x01"
          "abc"),
    BYTES("\xc8\x00\x00\x01"),
    BYTES("\xc9\x00\x00\x00\x01\x01"
          "a"),
    BYTES("\x90"),
    BYTES("\x80"),
    BYTES("\x92\x01\x91\x02"),
    BYTES("\x82\x01\x80\x02\x90"),
    BYTES("\xdc\x00\x02\x01\x02"),
    BYTES("\xdd\x00\x00\x00\x01\x01"),
    BYTES("\xde\x00\x01\x01\x02"),
    BYTES("\xdf\x00\x00\x00\x00"),
};

enum { N_WHOLE = sizeof(whole) / sizeof(whole[0]) };

Test(msgpack, every_form_is_as_long_as_it_is)
{
    for (size_t i = 0; i < N_WHOLE; i++) {
        char more[64] = { 0 };
        cr_assert_eq(skip(whole[i].bytes, whole[i].len), whole[i].len,
                     "the %zu-th", i);
        memcpy(more, whole[i].bytes, whole[i].len);
        cr_assert_eq(skip(more, sizeof(more)), whole[i].len, "the %zu-th", i);
    }
}

Test(msgpack, every_form_cut_short_is_refused)
{
    for (size_t i = 0; i < N_WHOLE; i++)
        for (size_t len = 0; len < whole[i].len; len++)
            cr_assert_eq(skip(whole[i].bytes, len), 0, "the %zu-th", i);
}

Test(msgpack, what_a_header_claims_is_not_believed)
{
    cr_assert_eq(skip("\xdd\xff\xff\xff\xff\x01", 6), 0);
    cr_assert_eq(skip("\xdf\xff\xff\xff\xff\x01\x01", 7), 0);
    cr_assert_eq(skip("\xdb\xff\xff\xff\xff"
                      "a",
                      6),
                 0);
    cr_assert_eq(skip("\xc9\xff\xff\xff\xff\x01", 6), 0);
}

Test(msgpack, the_byte_that_is_never_used_is_refused)
{
    cr_assert_eq(skip("\xc1\x00\x00", 3), 0);
    cr_assert_eq(skip("\x91\xc1", 2), 0);
}

Test(msgpack, thirty_two_levels_are_enough)
{
    char deep[64];

    memset(deep, 0x91, sizeof(deep));
    deep[32] = 0x01;
    cr_assert_eq(skip(deep, 33), 33);
    cr_assert(gi_msgpack_is_list(deep, 33));
    deep[32] = (char)0x91;
    deep[33] = 0x01;
    cr_assert_eq(skip(deep, 34), 0);
}

Test(msgpack, one_list_is_one_list_and_nothing_after_it)
{
    cr_assert(gi_msgpack_is_list("\x91\x01", 2));
    cr_assert_not(gi_msgpack_is_list("\x91\x01\x01", 3));
    cr_assert_not(gi_msgpack_is_list("\x91", 1));
    cr_assert_not(gi_msgpack_is_list("\x81\x01\x01", 3));
    cr_assert_not(gi_msgpack_is_list(NULL, 0));
    cr_assert(gi_msgpack_is_map("\x81\x01\x01", 3));
    cr_assert_not(gi_msgpack_is_map("\x91\x01", 2));
    cr_assert_not(gi_msgpack_is_map("\x81\x01", 2));
}

/* A byte that begins something as often as not; never the head of a list or
 * map with a length of 32 bits, for which msgpack-c allocates whatever it
 * claims. */
static char any_byte(unsigned *seed)
{
    int byte =
        rand_r(seed) % 2 == 0 ? 0x80 + rand_r(seed) % 0x60 : rand_r(seed) % 8;

    return (char)(byte == 0xdd || byte == 0xdf ? byte - 1 : byte);
}

Test(msgpack, agrees_with_msgpack_c_on_random_bytes)
{
    unsigned seed = 21, agreed = 0;

    for (int round = 0; round < 50000; round++) {
        char bytes[24];
        size_t off = 0, len = 1 + (size_t)rand_r(&seed) % sizeof(bytes);
        for (size_t i = 0; i < len; i++)
            bytes[i] = any_byte(&seed);
        msgpack_unpacked u;
        msgpack_unpacked_init(&u);
        msgpack_unpack_return rv = msgpack_unpack_next(&u, bytes, len, &off);
        bool theirs =
            rv == MSGPACK_UNPACK_SUCCESS || rv == MSGPACK_UNPACK_EXTRA_BYTES;
        msgpack_unpacked_destroy(&u);
        cr_assert_eq(skip(bytes, len), theirs ? off : 0);
        agreed += theirs;
    }
    cr_assert_gt(agreed, 1000);
}
