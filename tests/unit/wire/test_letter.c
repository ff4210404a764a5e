#include "ends.h"

#include "base/bytes.h"
#include "base/mix.h"
#include "wire/letter.h"

#include <stdlib.h>

/* A letter as a sealed frame, in a block of its own, so that ASan sees where
 * it ends. */
typedef struct block {
    unsigned char *at;
    size_t len;
} block;

static block frame_of(const gi_letter *l)
{
    uint32_t size = gi_letter_size(l);
    block b = { malloc(GI_FRAME_HEAD + size), GI_FRAME_HEAD + size };
    gi_frame f;

    gi_letter_write(l, b.at + GI_FRAME_HEAD, &f);
    cr_assert(f.raw == size && f.stored == size && f.flags == 0);
    gi_frame_seal(b.at, &f);
    return b;
}

static uint64_t room[GI_LETTER_OPEN_MOST];

static gi_refusal read_block(block b, gi_letter *out)
{
    gi_frame f;
    gi_refusal r = gi_frame_check(b.at, b.len, 0, &f);

    cr_assert_eq(r, GI_TAKEN, "%s", gi_refusal_text(r));
    return gi_letter_read(&f, room, GI_LETTER_OPEN_MOST, out);
}

static void expect_same_numbers(const uint64_t *a, const uint64_t *b,
                                uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        cr_assert_eq(a[i], b[i], "number %u", i);
}

static void expect_same(const gi_letter *a, const gi_letter *b)
{
    const gi_greeting *g = &a->greeting, *h = &b->greeting;

    cr_assert(a->kind == b->kind && a->from == b->from && a->to == b->to);
    cr_assert(a->seq == b->seq && a->ack == b->ack);
    cr_assert(a->n_done == b->n_done && g->n_open == h->n_open);
    expect_same_numbers(a->done, b->done, a->n_done);
    cr_assert(g->assignment == h->assignment && g->attempt == h->attempt);
    cr_assert(g->protocol == h->protocol && g->refused == h->refused);
    cr_assert(g->key == h->key && g->wanted == h->wanted);
    cr_assert_eq(g->received, h->received);
    expect_same_numbers(g->open, h->open, g->n_open);
}

/* ------------------------------------------------------ there and back -- */

/* `n` numbers above `*at`, ascending; *at becomes the last. */
static void climb(gi_rng *r, uint64_t *numbers, uint32_t n, uint64_t *at)
{
    for (uint32_t i = 0; i < n; i++)
        numbers[i] = *at += 1 + gi_rng_below(r, 1u << 20);
}

static gi_letter some_greeting(gi_rng *r, uint64_t *numbers)
{
    uint64_t at = gi_rng_next(r) >> (8 + gi_rng_below(r, 56));
    gi_letter l = { .kind = GI_FRAME_HELLO,
                    .from = 1 + gi_rng_below(r, UINT64_MAX),
                    .to = gi_rng_next(r),
                    .seq = gi_rng_next(r),
                    .ack = at };
    gi_greeting *g = &l.greeting;

    g->assignment = gi_rng_next(r);
    g->key = gi_rng_next(r);
    g->wanted = gi_rng_next(r);
    g->attempt = gi_rng_next(r);
    g->protocol = 1 + (uint32_t)gi_rng_below(r, UINT32_MAX);
    if (gi_rng_below(r, 4) == 0) {
        g->refused = 1 + (uint32_t)gi_rng_below(r, GI_LETTER_REFUSED_MOST);
        return l;
    }
    g->n_open = (uint32_t)gi_rng_below(r, 2) == 0
                    ? 0
                    : (uint32_t)gi_rng_below(r, GI_LETTER_OPEN_MOST + 1);
    g->open = numbers;
    climb(r, numbers, g->n_open, &at);
    if (g->n_open > 0) {
        l.ack = numbers[0] - 1;
        at += gi_rng_below(r, 3);
    }
    g->received = at;
    return l;
}

Test(letter, greetings_of_every_size_come_back_as_they_went)
{
    static uint64_t numbers[GI_LETTER_OPEN_MOST];

    for (uint64_t seed = 0; seed < 500; seed++) {
        gi_rng r = { seed };
        gi_letter l = some_greeting(&r, numbers), back;
        block b = frame_of(&l);

        cr_assert_eq(read_block(b, &back), GI_TAKEN, "seed %zu", (size_t)seed);
        expect_same(&l, &back);
        free(b.at);
    }
}

static gi_letter ack_of(const uint64_t *done, uint32_t n)
{
    return (gi_letter){ .kind = GI_FRAME_ACK,
                        .from = 10,
                        .to = 11,
                        .seq = 7,
                        .ack = 5,
                        .n_done = n,
                        .done = done };
}

Test(letter, acknowledgements_of_every_size_come_back_in_their_order)
{
    uint64_t done[GI_DONE_MOST];
    gi_rng r = { 3 };

    for (uint32_t n = 0; n <= GI_DONE_MOST; n++) {
        for (uint32_t i = 0; i < n; i++)
            done[i] = 6 + (gi_rng_next(&r) >> 1);
        gi_letter l = ack_of(done, n), back;
        block b = frame_of(&l);

        cr_assert_eq(b.len, GI_FRAME_HEAD + 8 * n);
        cr_assert_eq(read_block(b, &back), GI_TAKEN);
        expect_same(&l, &back);
        free(b.at);
    }
}

/* These bytes are the contract: whoever changes them changes the version. */
Test(letter, a_greeting_lies_as_its_header_file_says)
{
    static const char want[GI_LETTER_GREETING + 16] =
        "\x08\x07\x06\x05\x04\x03\x02\x01"
        "\x18\x17\x16\x15\x14\x13\x12\x11"
        "\x09\0\0\0\0\0\0\0"
        "\x28\x27\x26\x25\x24\x23\x22\x21"
        "\x38\x37\x36\x35\x34\x33\x32\x31"
        "\x02\0\0\0\0\0\0\0\x02\0\0\0"
        "\x03\0\0\0\0\0\0\0\x05\0\0\0\0\0\0";
    const uint64_t open[] = { 3, 5 };
    gi_letter l = { .kind = GI_FRAME_HELLO, .from = 1, .ack = 2 };

    l.greeting = (gi_greeting){ .assignment = 0x0102030405060708,
                                .attempt = 0x1112131415161718,
                                .received = 9,
                                .key = 0x2122232425262728,
                                .wanted = 0x3132333435363738,
                                .protocol = 2,
                                .n_open = 2,
                                .open = open };
    block b = frame_of(&l);
    cr_assert_eq(b.len, GI_FRAME_HEAD + sizeof(want));
    for (size_t i = 0; i < sizeof(want); i++)
        cr_expect_eq(b.at[GI_FRAME_HEAD + i], (unsigned char)want[i],
                     "byte %zu is %02x", i, b.at[GI_FRAME_HEAD + i]);
    free(b.at);
}

/* Whatever a channel says can be written, and is the same when read. */
static void pass_on(struct ends *e, int from)
{
    struct sent *s = &e->wire[from][0];
    gi_letter back;
    block b;

    s->letter.done = s->letter.greeting.open = s->numbers;
    if (s->letter.kind != GI_FRAME_DATA) {
        b = frame_of(&s->letter);
        cr_assert_eq(read_block(b, &back), GI_TAKEN, "%s",
                     gi_frame_kind_name(s->letter.kind));
        expect_same(&s->letter, &back);
        free(b.at);
    }
    ends_deliver(e, from);
}

static void pass_all(struct ends *e)
{
    while (e->n[A] + e->n[B] > 0)
        pass_on(e, e->n[A] > 0 ? A : B);
}

Test(letter, all_that_channels_say_in_a_life_can_be_written_and_read)
{
    struct ends *e = ends_begin();

    ends_dial(e);
    pass_all(e);
    for (int i = 0; i < 6; i++)
        ends_offer(e, A, GI_LANE_DATA);
    pass_all(e);
    ends_executed(e, B, 1);
    ends_executed(e, B, 4);
    ends_sleep(e, B, 2 * MS); /* an ACK with a list */
    pass_all(e);
    ends_executed(e, B, 3);
    ends_cut(e);
    ends_dial(e); /* greetings with open frames */
    pass_all(e);
    cr_assert(ends_view(e, A).open && ends_view(e, B).open);
    gi_channel_assign(e->c[A], 2, e->now);
    ends_pump(e, A);
    ends_cut(e);
    ends_dial(e); /* greetings that refuse */
    pass_all(e);
    cr_assert(e->closed[B] && e->said[B]);
    gi_channel_assign(e->c[B], 2, e->now);
    ends_cut(e);
    ends_dial(e);
    pass_all(e);
    const uint64_t left[] = { 2, 5, 6 };
    for (int i = 0; i < 3; i++)
        ends_executed(e, B, left[i]);
    for (int who = 0; who < 2; who++) {
        gi_channel_leave(e->c[who], e->now);
        ends_pump(e, who);
    }
    for (int i = 0; i < 10; i++) {
        pass_all(e);
        ends_wait(e, 10 * MS);
    }
    cr_assert(ends_view(e, A).over && ends_view(e, B).over);
    ends_end(e);
}

/* ----------------------------------------------------- what is refused -- */

static const uint64_t open_of_good[] = { 3, 5, 6 };

static gi_letter good(void)
{
    gi_letter l = {
        .kind = GI_FRAME_HELLO, .from = 10, .to = 11, .seq = 4, .ack = 2
    };

    l.greeting = (gi_greeting){ .assignment = 1,
                                .attempt = 2,
                                .received = 7,
                                .protocol = 1,
                                .n_open = 3,
                                .open = open_of_good };
    return l;
}

static gi_refusal read_payload(const gi_letter *l, const void *payload,
                               uint32_t len, gi_letter *out)
{
    gi_frame f = { .kind = (uint8_t)l->kind,
                   .from = l->from,
                   .to = l->to,
                   .seq = l->seq,
                   .ack = l->ack,
                   .raw = len,
                   .stored = len,
                   .payload = payload };

    return gi_letter_read(&f, room, GI_LETTER_OPEN_MOST, out);
}

Test(letter, a_greeting_that_is_cut_anywhere_is_refused)
{
    gi_letter l = good(), out = { .seq = 99 };
    block b = frame_of(&l);
    uint32_t size = gi_letter_size(&l);

    for (uint32_t len = 0; len < size; len++) {
        unsigned char *cut = malloc(len + 1);

        memcpy(cut, b.at + GI_FRAME_HEAD, len);
        cr_expect_eq(read_payload(&l, cut, len, &out),
                     len < GI_LETTER_GREETING ? GI_REFUSED_SHORT
                                              : GI_REFUSED_LENGTH,
                     "%u bytes", len);
        free(cut);
    }
    cr_expect_eq(out.seq, 99, "written in spite of it");
    free(b.at);
}

Test(letter, an_acknowledgement_that_is_cut_is_refused_or_a_shorter_one)
{
    const uint64_t done[] = { 9, 7, 8 };
    gi_letter l = ack_of(done, 3), out;
    block b = frame_of(&l);

    for (uint32_t len = 0; len < 24; len++) {
        gi_refusal r = read_payload(&l, b.at + GI_FRAME_HEAD, len, &out);

        cr_expect_eq(r, len % 8 == 0 ? GI_TAKEN : GI_REFUSED_LENGTH);
        cr_expect(r != GI_TAKEN || out.n_done == len / 8);
    }
    free(b.at);
}

/* Every byte gets every other value.  What is not refused can be written, and
 * says just that: no byte is without a meaning. */
static void spoil(const gi_letter *l, size_t *taken, size_t *refused)
{
    block b = frame_of(l);
    uint32_t size = gi_letter_size(l);
    unsigned char *p = b.at + GI_FRAME_HEAD;
    gi_letter out;

    for (uint32_t i = 0; i < size; i++) {
        for (int flip = 1; flip < 256; flip++) {
            p[i] ^= (unsigned char)flip;
            if (read_payload(l, p, size, &out) == GI_TAKEN) {
                block again = frame_of(&out);

                cr_assert_eq(again.len, b.len);
                cr_assert_eq(memcmp(again.at + GI_FRAME_HEAD, p, size), 0);
                free(again.at);
                ++*taken;
            } else {
                ++*refused;
            }
            p[i] ^= (unsigned char)flip;
        }
    }
    free(b.at);
}

Test(letter, whichever_byte_is_wrong_it_is_refused_or_it_is_another_letter)
{
    const uint64_t done[] = { 9, 7, 8 };
    gi_letter hello = good(), ack = ack_of(done, 3);
    size_t taken = 0, refused = 0;

    spoil(&hello, &taken, &refused);
    cr_expect(taken > 16 * 255 && refused > 20 * 255);
    taken = refused = 0;
    spoil(&ack, &taken, &refused);
    cr_expect_eq(refused, 3 * 6); /* each of the three as 0 to 5 */
}

/* The good greeting, with the number of `bytes` bytes at `at` made `value`. */
static gi_refusal with(size_t at, unsigned bytes, uint64_t value)
{
    gi_letter l = good(), out;
    block b = frame_of(&l);

    if (bytes == 8)
        gi_put_le64(b.at + GI_FRAME_HEAD + at, value);
    else
        gi_put_le32(b.at + GI_FRAME_HEAD + at, (uint32_t)value);
    gi_refusal r =
        read_payload(&l, b.at + GI_FRAME_HEAD, gi_letter_size(&l), &out);
    free(b.at);
    return r;
}

Test(letter, each_mistake_of_a_greeting_is_refused_by_its_name)
{
    cr_expect_eq(with(16, 8, 7), GI_TAKEN);
    cr_expect_eq(with(16, 8, 6), GI_TAKEN);
    cr_expect_eq(with(16, 8, 5), GI_REFUSED_NUMBERS); /* 6 came over */
    cr_expect_eq(with(40, 4, 0), GI_REFUSED_NUMBERS); /* no protocol */
    cr_expect_eq(with(44, 4, 1), GI_REFUSED_NUMBERS); /* refuses, and tells */
    cr_expect_eq(with(48, 4, 2), GI_REFUSED_LENGTH);
    cr_expect_eq(with(48, 4, 4), GI_REFUSED_LENGTH);
    cr_expect_eq(with(48, 4, GI_LETTER_OPEN_MOST + 1), GI_REFUSED_LIMIT);
    cr_expect_eq(with(48, 4, 0x20000003), GI_REFUSED_LIMIT); /* * 8 wraps */
    cr_expect_eq(with(52, 8, 4), GI_REFUSED_NUMBERS); /* 3 is executed? */
    cr_expect_eq(with(60, 8, 3), GI_REFUSED_NUMBERS); /* twice */
    cr_expect_eq(with(68, 8, 4), GI_REFUSED_NUMBERS); /* back again */
}

/* The header of a frame of this kind, all else good. */
static gi_refusal head(gi_frame_kind kind, uint64_t from, uint64_t to,
                       uint64_t seq)
{
    gi_letter l = { .kind = kind, .from = from, .to = to, .seq = seq }, out;

    return read_payload(&l, "", 0, &out);
}

Test(letter, a_header_has_to_make_sense_as_well)
{
    cr_expect_eq(head(GI_FRAME_DATA, 1, 2, 3), GI_TAKEN);
    cr_expect_eq(head(GI_FRAME_DATA, 1, 2, 0), GI_REFUSED_NUMBERS);
    cr_expect_eq(head(GI_FRAME_FIN, 1, 2, 0), GI_REFUSED_NUMBERS);
    cr_expect_eq(head(GI_FRAME_PING, 1, 2, 0), GI_TAKEN);
    cr_expect_eq(head(GI_FRAME_PING, 0, 2, 0), GI_REFUSED_NUMBERS);
    cr_expect_eq(head(GI_FRAME_PING, 1, 0, 0), GI_REFUSED_NUMBERS);
}

Test(letter, what_the_header_says_is_executed_is_not_said_again)
{
    const uint64_t twice = 5, above = 6;
    gi_letter l = ack_of(NULL, 0), out;

    cr_expect_eq(read_payload(&l, &above, 8, &out), GI_TAKEN);
    cr_expect_eq(read_payload(&l, &twice, 8, &out), GI_REFUSED_NUMBERS);
}

Test(letter, more_numbers_than_there_is_room_for_are_refused)
{
    unsigned char payload[8 * (GI_DONE_MOST + 1)];
    gi_letter hello = good(), ack = ack_of(NULL, 0), out;
    block b = frame_of(&hello);
    gi_frame f;

    memset(payload, 1, sizeof(payload));
    cr_expect_eq(read_payload(&ack, payload, sizeof(payload), &out),
                 GI_REFUSED_LIMIT);
    cr_assert_eq(gi_frame_check(b.at, b.len, 0, &f), GI_TAKEN);
    cr_expect_eq(gi_letter_read(&f, room, 2, &out), GI_REFUSED_LIMIT);
    cr_expect_eq(gi_letter_read(&f, room, 3, &out), GI_TAKEN);
    f.flags = GI_FRAME_LZ4;
    cr_expect_eq(gi_letter_read(&f, room, 3, &out), GI_REFUSED_FLAGS);
    free(b.at);
}
