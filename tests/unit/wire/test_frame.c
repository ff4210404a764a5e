#include <criterion/criterion.h>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/mix.h"
#include "wire/frame.h"

#include <stdlib.h>

typedef struct bytes {
    unsigned char *at;
    size_t len;
} bytes;

/* A sealed frame in a block of its own, so that ASan sees where it ends. */
static bytes frame_of(gi_frame f, const void *payload, uint32_t raw)
{
    bytes b = { malloc(GI_FRAME_HEAD + raw), GI_FRAME_HEAD + raw };

    if (raw > 0)
        memcpy(b.at + GI_FRAME_HEAD, payload, raw);
    f.raw = f.stored = raw;
    gi_frame_seal(b.at, &f);
    return b;
}

static const gi_frame some = {
    .kind = GI_FRAME_DATA,
    .from = 0x1122334455667788,
    .to = 0x99aabbccddeeff00,
    .seq = 0x0102030405060708,
    .ack = 0xfffefdfcfbfaf9f8,
};

static gi_refusal check(bytes b)
{
    gi_frame f;

    return gi_frame_check(b.at, b.len, 0, &f);
}

/* What a peer could do that has the checksum right. */
static void reseal(bytes b)
{
    uint32_t head = gi_crc32c(0, b.at, GI_FRAME_HEAD - 4);

    gi_put_le32(b.at + GI_FRAME_HEAD - 4,
                gi_crc32c(head, b.at + GI_FRAME_HEAD, b.len - GI_FRAME_HEAD));
}

Test(frame, what_was_sealed_is_read)
{
    bytes b = frame_of(some, "payload", 7);
    gi_frame f;

    cr_assert_eq(gi_frame_check(b.at, b.len, 7, &f), GI_TAKEN);
    cr_expect_eq(f.kind, GI_FRAME_DATA);
    cr_expect_eq(f.flags, 0);
    cr_expect_eq(f.from, some.from);
    cr_expect_eq(f.to, some.to);
    cr_expect_eq(f.seq, some.seq);
    cr_expect_eq(f.ack, some.ack);
    cr_expect(f.raw == 7 && f.stored == 7);
    cr_expect_eq(f.payload, b.at + GI_FRAME_HEAD);
    cr_expect_eq(memcmp(f.payload, "payload", 7), 0);
    free(b.at);
}

/* These bytes are the contract: whoever changes them changes the version. */
Test(frame, a_header_lies_as_its_header_file_says)
{
    static const char want[GI_FRAME_HEAD + 2] =
        "GALE\x01\x02\0\0"
        "\x88\x77\x66\x55\x44\x33\x22\x11"
        "\x00\xff\xee\xdd\xcc\xbb\xaa\x99"
        "\x08\x07\x06\x05\x04\x03\x02\x01"
        "\xf8\xf9\xfa\xfb\xfc\xfd\xfe\xff"
        "\x01\0\0\0\x01\0\0\0"
        "\x12\x4f\x3b\x97!";
    bytes b = frame_of(some, "!", 1);

    for (size_t i = 0; i < b.len; i++)
        cr_expect_eq(b.at[i], (unsigned char)want[i], "byte %zu is %02x", i,
                     b.at[i]);
    free(b.at);
}

Test(frame, every_flipped_bit_is_noticed)
{
    bytes b = frame_of(some, "The quick brown fox", 19);

    cr_assert_eq(check(b), GI_TAKEN);
    for (size_t i = 0; i < b.len; i++)
        for (int bit = 0; bit < 8; bit++) {
            b.at[i] ^= (unsigned char)(1 << bit);
            cr_expect_neq(check(b), GI_TAKEN, "byte %zu, bit %d", i, bit);
            b.at[i] ^= (unsigned char)(1 << bit);
        }
    free(b.at);
}

Test(frame, every_length_but_its_own_is_refused)
{
    bytes b = frame_of(some, "The quick brown fox", 19);

    for (size_t len = 0; len < b.len; len++) {
        bytes cut = { malloc(len + 1), len };
        memcpy(cut.at, b.at, len);
        cr_expect_eq(check(cut), GI_REFUSED_SHORT, "%zu bytes", len);
        free(cut.at);
    }
    bytes more = { calloc(1, b.len + 1), b.len + 1 };
    memcpy(more.at, b.at, b.len);
    cr_expect_eq(check(more), GI_REFUSED_LENGTH);
    free(more.at);
    free(b.at);
}

/* Byte `at` becomes `value`; the checksum is right all the same. */
static void expect_refused(size_t at, unsigned char value, gi_refusal want)
{
    bytes b = frame_of(some, "payload", 7);

    b.at[at] = value;
    reseal(b);
    cr_expect_eq(check(b), want, "byte %zu = %u: %s", at, value,
                 gi_refusal_name(check(b)));
    free(b.at);
}

Test(frame, each_mistake_is_refused_by_its_name)
{
    expect_refused(0, 'g', GI_REFUSED_MAGIC);
    expect_refused(4, 0, GI_REFUSED_VERSION);
    expect_refused(4, 2, GI_REFUSED_VERSION);
    expect_refused(5, 0, GI_REFUSED_KIND);
    expect_refused(5, 7, GI_REFUSED_KIND);
    expect_refused(5, GI_FRAME_PING, GI_REFUSED_LENGTH); /* has no payload */
    expect_refused(6, 2, GI_REFUSED_FLAGS);
    expect_refused(7, 1, GI_REFUSED_FLAGS);
    expect_refused(6, GI_FRAME_LZ4, GI_REFUSED_LENGTH); /* not smaller */
    expect_refused(40, 8, GI_REFUSED_LENGTH);
    expect_refused(43, 0xff, GI_REFUSED_LIMIT);
    expect_refused(44, 8, GI_REFUSED_LENGTH);
}

Test(frame, how_much_follows_a_header_is_known_before_it_is_there)
{
    bytes b = frame_of(some, "payload", 7);
    unsigned char *head = malloc(GI_FRAME_HEAD);
    uint32_t stored = 99;

    memcpy(head, b.at, GI_FRAME_HEAD);
    cr_expect_eq(gi_frame_peek(head, 6, &stored), GI_REFUSED_LIMIT);
    cr_expect_eq(stored, 99, "written in spite of it");
    cr_expect_eq(gi_frame_peek(head, 7, &stored), GI_TAKEN);
    cr_expect_eq(stored, 7);
    gi_put_le32(head + 40, UINT32_MAX);
    gi_put_le32(head + 44, UINT32_MAX);
    cr_expect_eq(gi_frame_peek(head, 0, &stored), GI_REFUSED_LIMIT);
    memset(head, 'x', GI_FRAME_HEAD);
    cr_expect_eq(gi_frame_peek(head, 0, &stored), GI_REFUSED_MAGIC);
    free(head);
    free(b.at);
}

Test(frame, the_limit_is_for_the_payload_as_it_will_be)
{
    bytes b = frame_of(some, "payload", 7);
    gi_frame f = { .kind = 99 };

    cr_expect_eq(gi_frame_check(b.at, b.len, 6, &f), GI_REFUSED_LIMIT);
    cr_expect_eq(f.kind, 99, "written in spite of it");
    cr_expect_eq(gi_frame_check(b.at, b.len, 7, &f), GI_TAKEN);
    free(b.at);
}

Test(frame, each_kind_has_a_name_and_goes_both_ways)
{
    for (uint8_t kind = GI_FRAME_HELLO; kind <= GI_FRAME_FIN; kind++) {
        gi_frame f = { .kind = kind };
        bytes b = frame_of(f, NULL, 0);

        cr_expect_eq(check(b), GI_TAKEN);
        cr_expect_str_neq(gi_frame_kind_name(kind), "?");
        free(b.at);
    }
    cr_expect_str_eq(gi_frame_kind_name(0), "?");
    cr_expect_str_eq(gi_frame_kind_name(GI_FRAME_FIN + 1), "?");
}

/* ---------------------------------------------------------- compression -- */

enum { LARGE = 50000 };

static unsigned char *words(void)
{
    unsigned char *p = malloc(LARGE);

    for (size_t i = 0; i < LARGE; i++)
        p[i] = (unsigned char)"the cat sat on the mat "[i * i % 97 % 23];
    return p;
}

static bytes packed(const unsigned char *payload)
{
    bytes b = { malloc(GI_FRAME_HEAD + LARGE), 0 };
    gi_frame f = some;

    f.flags = GI_FRAME_LZ4;
    f.raw = LARGE;
    f.stored = gi_frame_pack(payload, LARGE, b.at + GI_FRAME_HEAD);
    cr_assert(f.stored > 0 && f.stored <= LARGE - LARGE / 8);
    gi_frame_seal(b.at, &f);
    b.len = GI_FRAME_HEAD + f.stored;
    b.at = realloc(b.at, b.len);
    return b;
}

Test(frame, what_was_packed_is_unpacked)
{
    unsigned char *payload = words(), *room = malloc(LARGE);
    bytes b = packed(payload);
    gi_frame f;

    cr_assert_eq(check(b), GI_TAKEN);
    cr_assert_eq(gi_frame_check(b.at, b.len, 0, &f), GI_TAKEN);
    cr_expect(f.raw == LARGE && f.stored == b.len - GI_FRAME_HEAD);
    cr_assert_eq(gi_frame_unpack(&f, room), GI_TAKEN);
    cr_expect_eq(memcmp(room, payload, LARGE), 0);
    cr_expect_eq(gi_frame_check(b.at, b.len, LARGE - 1, &f), GI_REFUSED_LIMIT);
    free(b.at);
    free(room);
    free(payload);
}

Test(frame, a_kind_that_has_no_payload_has_none_packed_either)
{
    unsigned char *payload = words();
    bytes b = packed(payload);

    b.at[5] = GI_FRAME_PONG;
    reseal(b);
    cr_expect_eq(check(b), GI_REFUSED_LENGTH);
    b.at[5] = GI_FRAME_HELLO;
    reseal(b);
    cr_expect_eq(check(b), GI_TAKEN);
    free(b.at);
    free(payload);
}

Test(frame, noise_is_not_worth_packing)
{
    gi_rng r = { 1 };
    uint64_t noise[500];
    char room[sizeof(noise)];

    for (size_t i = 0; i < 500; i++)
        noise[i] = gi_rng_next(&r);
    cr_expect_eq(gi_frame_pack(noise, sizeof(noise), room), 0);
    cr_expect_eq(gi_frame_pack(noise, 0, room), 0);
}

Test(frame, a_claim_that_lz4_cannot_make_good_costs_no_memory)
{
    unsigned char *payload = words();
    bytes b = packed(payload);
    uint32_t stored = (uint32_t)b.len - GI_FRAME_HEAD;
    gi_frame f;

    gi_put_le32(b.at + 40, stored * 256);
    reseal(b);
    cr_expect_eq(gi_frame_check(b.at, b.len, UINT32_MAX, &f),
                 GI_REFUSED_LENGTH);
    free(b.at);
    free(payload);
}

/* A peer that lies, checksum and all: into room of just the claimed size. */
Test(frame, a_block_that_is_damaged_or_of_another_size_is_refused_or_bounded)
{
    unsigned char *payload = words();
    bytes b = packed(payload);
    size_t refused = 0;

    for (size_t i = 40; i < b.len; i += i < 80 ? 1 : 61)
        for (int bit = 0; bit < 8; bit++) {
            gi_frame f;

            b.at[i] ^= (unsigned char)(1 << bit);
            reseal(b);
            if (gi_frame_check(b.at, b.len, 0, &f) != GI_TAKEN) {
                refused++;
            } else {
                unsigned char *room = malloc(f.raw);
                refused += gi_frame_unpack(&f, room) != GI_TAKEN;
                free(room);
            }
            b.at[i] ^= (unsigned char)(1 << bit);
        }
    cr_expect_gt(refused, 100);
    free(b.at);
    free(payload);
}
