#include <criterion/criterion.h>

#include "base/crc32c.h"

#include <stdlib.h>
#include <string.h>

typedef uint32_t (*way)(uint32_t before, const void *p, size_t len);

static const way ways[] = { gi_crc32c, gi_crc32c_by_table,
                            gi_crc32c_by_hardware };

static size_t n_ways(void)
{
    return gi_crc32c_has_hardware() ? 3 : 2;
}

/* From RFC 3720, B.4, and the usual check. */
static const struct {
    unsigned char bytes[48];
    size_t len;
    uint32_t crc;
} vectors[] = {
    { "", 0, 0 },
    { "a", 1, 0xc1d04330 },
    { "123456789", 9, 0xe3069283 },
    { { 0 }, 32, 0x8a9136aa },
    { { 0x01, 0xc0, 0, 0, 0, 0, 0,    0, 0,    0, 0, 0,    0, 0, 0, 0,
        0x14, 0,    0, 0, 0, 0, 0x04, 0, 0,    0, 0, 0x14, 0, 0, 0, 0x18,
        0x28, 0,    0, 0, 0, 0, 0,    0, 0x02, 0, 0, 0,    0, 0, 0, 0 },
      48,
      0xd9963a56 },
};

Test(crc32c, every_way_gives_what_the_standard_says)
{
    unsigned char ones[32], up[32], down[32];

    memset(ones, 0xff, sizeof(ones));
    for (unsigned i = 0; i < 32; i++) {
        up[i] = (unsigned char)i;
        down[i] = (unsigned char)(31 - i);
    }
    for (size_t w = 0; w < n_ways(); w++) {
        for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
            cr_expect_eq(ways[w](0, vectors[i].bytes, vectors[i].len),
                         vectors[i].crc, "way %zu, vector %zu", w, i);
        cr_expect_eq(ways[w](0, ones, 32), 0x62a8ab43);
        cr_expect_eq(ways[w](0, up, 32), 0x46dd794e);
        cr_expect_eq(ways[w](0, down, 32), 0x113fdb5c);
    }
}

/* A bit at a time, as the polynomial says. */
static uint32_t slowly(uint32_t before, const unsigned char *p, size_t len)
{
    uint32_t c = ~before;

    for (size_t i = 0; i < len; i++) {
        c ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            c = c >> 1 ^ (c & 1 ? 0x82f63b78 : 0);
    }
    return ~c;
}

Test(crc32c, every_way_agrees_with_the_definition_at_every_length)
{
    enum { MOST = 10000 };
    unsigned char *all = malloc(MOST);

    for (size_t i = 0; i < MOST; i++)
        all[i] = (unsigned char)(i * i >> 3 ^ i);
    for (size_t len = 0; len < MOST; len += len < 200 ? 1 : 397) {
        unsigned char *p = malloc(len + 1); /* for ASan */
        memcpy(p, all + MOST - len, len);
        uint32_t want = slowly(77, p, len);

        for (size_t w = 0; w < n_ways(); w++)
            cr_expect_eq(ways[w](77, p, len), want, "way %zu, %zu bytes", w,
                         len);
        free(p);
    }
    free(all);
}

Test(crc32c, parts_one_after_the_other_are_as_good_as_the_whole)
{
    unsigned char p[7000];

    for (size_t i = 0; i < sizeof(p); i++)
        p[i] = (unsigned char)(i * 31);
    for (size_t w = 0; w < n_ways(); w++)
        for (size_t cut = 0; cut <= sizeof(p); cut += 219)
            cr_expect_eq(ways[w](ways[w](0, p, cut), p + cut, sizeof(p) - cut),
                         gi_crc32c_by_table(0, p, sizeof(p)));
}
