/* Batches that go out and come in as they were. */
#include <criterion/criterion.h>

#include "rows.h"
#include "wire/tuples.h"

#include <msgpack.h>
#include <stdlib.h>

typedef struct section {
    unsigned char *at;
    size_t len;
} section;

/* In a block that ends where the section does. */
static section written(const gi_batch *b)
{
    size_t bound = gi_tuples_bound(b);
    unsigned char *room = malloc(bound);
    section s = { NULL, gi_tuples_write(b, room) };

    cr_assert_leq(s.len + GI_TUPLES_SLACK, bound);
    s.at = malloc(s.len);
    memcpy(s.at, room, s.len);
    free(room);
    return s;
}

static gi_batch *read_back(const gi_rules *rules, section s)
{
    gi_tuples head;
    size_t consumed = 0;
    gi_refusal why = gi_tuples_peek(rules, s.at, s.len, &head);

    cr_assert_eq(why, GI_TAKEN, "%s", gi_refusal_name(why));
    gi_batch *b = rows_empty(0, head.bytes);
    why = gi_tuples_read(rules, &head, b, &consumed);
    cr_assert_eq(why, GI_TAKEN, "%s", gi_refusal_name(why));
    cr_assert_eq(head.at + consumed, s.at + s.len);
    return b;
}

Test(wire_tuples, random_batches_come_in_as_they_went_out)
{
    gi_plan *p = rows_plan();
    gi_rules rules = gi_rules_of(p);

    for (uint64_t seed = 1; seed <= 3000; seed++) {
        gi_rng r = { seed };
        gi_batch *b = rows_random(&r, p, 1 + (uint32_t)gi_rng_below(&r, 40));
        section s = written(b);
        gi_batch *back = read_back(&rules, s);

        rows_check(back, p);
        cr_assert(rows_same(b, back), "seed %llu", (unsigned long long)seed);
        free(s.at);
        gi_free(b);
        gi_free(back);
    }
    gi_plan_destroy(p);
}

/* The one tuple of a batch with these values on stream `stream`. */
static void expect_bytes(const gi_plan *p, uint32_t stream, gale_row row,
                         const void *want, size_t len)
{
    gi_rules rules = gi_rules_of(p);
    gi_batch *b = rows_append(rows_empty(4, 0), 2, stream, row, NULL, 0);
    section s = written(b);
    gi_tuples head;

    cr_assert_eq(gi_tuples_peek(&rules, s.at, s.len, &head), GI_TAKEN);
    cr_expect(head.left == len && memcmp(head.at, want, len) == 0);
    cr_expect(head.to == 4 && head.n == 1 && head.bytes == b->used);
    free(s.at);
    gi_free(b);
}

Test(wire_tuples, a_tuple_is_the_msgpack_that_the_header_shows)
{
    gi_plan *p = rows_plan();

    expect_bytes(p, 0, GALE_ROW(gale_val_cstr("gale")),
                 "\x94\x00\x02\xc0\xa4gale", 9);
    expect_bytes(p, 1,
                 GALE_ROW(gale_val_i64(-129), gale_val_f64(1.5),
                          gale_val_cstr(""), gale_val_bytes("\xff", 1),
                          gale_val_bool(true)),
                 "\x98\x01\x02\xc0\xd1\xff\x7f"
                 "\xcb\x3f\xf8\0\0\0\0\0\0\xa0\xc4\x01\xff\xc3",
                 21);
    gi_plan_destroy(p);
}

Test(wire_tuples, any_msgpack_library_can_read_a_section)
{
    gi_plan *p = rows_plan();

    for (uint64_t seed = 1; seed <= 200; seed++) {
        gi_rng r = { seed };
        gi_batch *b = rows_random(&r, p, 8);
        section s = written(b);
        msgpack_unpacked u;
        size_t off = 0;

        msgpack_unpacked_init(&u);
        cr_assert_eq(msgpack_unpack_next(&u, (const char *)s.at, s.len, &off),
                     MSGPACK_UNPACK_SUCCESS);
        cr_assert_eq(off, s.len);
        cr_assert_eq(u.data.type, MSGPACK_OBJECT_ARRAY);
        cr_assert_eq(u.data.via.array.size, 6);
        cr_expect_eq(u.data.via.array.ptr[1].via.u64, b->to);
        cr_expect_eq(u.data.via.array.ptr[2].via.u64, b->epoch);
        cr_expect_eq(u.data.via.array.ptr[4].via.u64, b->used);
        cr_expect_eq(u.data.via.array.ptr[5].via.array.size, b->n);
        msgpack_unpacked_destroy(&u);
        free(s.at);
        gi_free(b);
    }
    gi_plan_destroy(p);
}

Test(wire_tuples, numbers_at_every_power_of_two_are_as_they_were)
{
    gi_plan *p = rows_plan();
    gi_rules rules = gi_rules_of(p);
    gi_batch *b = rows_empty(3, 0);

    for (unsigned bit = 0; bit < 64; bit++)
        for (int64_t by = -2; by <= 2; by++)
            for (int sign = 0; sign < 2; sign++) {
                uint64_t n = (UINT64_C(1) << bit) + (uint64_t)by;
                gale_value v = gale_val_i64((int64_t)(sign ? 0 - n : n));

                b = rows_append(b, 1, 2, GALE_ROW(v, v, v), NULL, 0);
            }
    section s = written(b);
    gi_batch *back = read_back(&rules, s);
    cr_expect(rows_same(b, back));
    free(s.at);
    gi_free(b);
    gi_free(back);
    gi_plan_destroy(p);
}

Test(wire_tuples, what_travels_along_a_cycle_stays_there)
{
    gi_plan *p = rows_plan();
    gi_rules rules = gi_rules_of(p);
    const gi_comp *there = gi_plan_comp(p, "there");
    const gi_comp *back = gi_plan_comp(p, "back");
    gi_batch *b =
        rows_append(rows_empty(back->first_task, 0), there->first_task,
                    there->first_stream, GALE_ROW(gale_val_i64(5)), NULL, 0);

    b->inner = true;
    section s = written(b);
    gi_batch *in = read_back(&rules, s);
    cr_expect(in->inner && rows_same(b, in));
    free(s.at);

    b->inner = false; /* no such edge */
    s = written(b);
    gi_tuples head;
    size_t consumed;
    cr_assert_eq(gi_tuples_peek(&rules, s.at, s.len, &head), GI_TAKEN);
    cr_expect_eq(gi_tuples_read(&rules, &head, in, &consumed),
                 GI_REFUSED_STREAM);
    cr_expect(in->inner && in->n == 1, "as it was");
    free(s.at);
    gi_free(b);
    gi_free(in);
    gi_plan_destroy(p);
}

/* A tuple larger than a batch has one of its own. */
Test(wire_tuples, a_tuple_of_megabytes_is_as_good_as_any)
{
    gi_plan *p = rows_plan();
    gi_rules rules = gi_rules_of(p);
    uint32_t len =
        rules.most_bytes - (uint32_t)(sizeof(gale_tuple) + sizeof(gale_value));
    char *text = malloc(len);

    for (uint32_t i = 0; i < len; i++)
        text[i] = (char)(i * 7 >> 3);
    gi_batch *b =
        rows_append(rows_empty(5, 0), 1, 0,
                    GALE_ROW(gale_val_run(GALE_T_STR, text, len)), NULL, 0);
    cr_assert_eq(b->used, rules.most_bytes);
    section s = written(b);
    gi_batch *back = read_back(&rules, s);
    cr_expect(rows_same(b, back));
    free(s.at);
    free(text);
    gi_free(b);
    gi_free(back);
    gi_plan_destroy(p);
}

Test(wire_tuples, sections_follow_one_another_in_a_payload)
{
    gi_plan *p = rows_plan();
    gi_rules rules = gi_rules_of(p);
    gi_rng r = { 3 };
    gi_batch *b[20];
    size_t bound = 0, len = 0;

    for (int i = 0; i < 20; i++) {
        b[i] = rows_random(&r, p, 10);
        bound += gi_tuples_bound(b[i]);
    }
    unsigned char *payload = malloc(bound);
    for (int i = 0; i < 20; i++)
        len += gi_tuples_write(b[i], payload + len);

    const unsigned char *at = payload;
    for (int i = 0; i < 20; i++) {
        size_t left = len - (size_t)(at - payload), consumed;
        gi_section_kind kind;
        gi_tuples head;

        cr_assert_eq(gi_section_peek(at, left, &kind), GI_TAKEN);
        cr_assert_eq(kind, GI_SECTION_TUPLES);
        cr_assert_eq(gi_tuples_peek(&rules, at, left, &head), GI_TAKEN);
        gi_batch *back = rows_empty(0, head.bytes);
        cr_assert_eq(gi_tuples_read(&rules, &head, back, &consumed), GI_TAKEN);
        cr_expect(rows_same(b[i], back));
        at = head.at + consumed;
        gi_free(back);
        gi_free(b[i]);
    }
    cr_expect_eq(at, payload + len);
    free(payload);
    gi_plan_destroy(p);
}
