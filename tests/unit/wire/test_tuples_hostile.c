/* Sections of tuples that nobody of ours wrote: each is refused, or is another
 * section just as sound. */
#include <criterion/criterion.h>

#include "base/bytes.h"
#include "rows.h"
#include "wire/tuples.h"

#include <stdlib.h>

static gi_plan *plan;
static gi_rules rules;

static void make_rules(void)
{
    plan = rows_plan();
    rules = gi_rules_of(plan);
}

static void drop_rules(void)
{
    gi_plan_destroy(plan);
}

TestSuite(wire_hostile, .init = make_rules, .fini = drop_rules);

/* From a block of just their size into one of just the room claimed, so that
 * ASan sees every step beyond either. */
static gi_refusal take(const void *bytes, size_t len)
{
    unsigned char *p = malloc(len + (len == 0));
    gi_tuples head;
    size_t consumed = 0;

    if (len > 0)
        memcpy(p, bytes, len);
    gi_refusal why = gi_tuples_peek(&rules, p, len, &head);
    if (why == GI_TAKEN) {
        cr_assert_leq(head.bytes, 16 * len + 16);
        gi_batch *b = rows_empty(99, head.bytes);

        b->used = b->n = b->at = 77;
        why = gi_tuples_read(&rules, &head, b, &consumed);
        if (why == GI_TAKEN) {
            cr_assert_leq(consumed, head.left);
            rows_check(b, plan);
        } else {
            cr_expect(b->to == 99 && b->used == 77 && b->n == 77 &&
                      b->at == 77 && consumed == 0);
        }
        gi_free(b);
    }
    free(p);
    return why;
}

typedef struct section {
    unsigned char *at;
    size_t len;
} section;

static section random_section(uint64_t seed, uint32_t n)
{
    gi_rng r = { seed };
    gi_batch *b = rows_random(&r, plan, n);
    section s = { malloc(gi_tuples_bound(b)), 0 };

    s.len = gi_tuples_write(b, s.at);
    gi_free(b);
    return s;
}

Test(wire_hostile, cut_at_every_length_it_is_refused)
{
    for (uint64_t seed = 1; seed <= 40; seed++) {
        section s = random_section(seed, 6);
        size_t step = s.len > 3000 ? s.len / 997 : 1;

        for (size_t len = 0; len < s.len; len += step)
            cr_expect_neq(take(s.at, len), GI_TAKEN, "seed %llu, %zu bytes",
                          (unsigned long long)seed, len);
        cr_expect_eq(take(s.at, s.len), GI_TAKEN);
        free(s.at);
    }
}

Test(wire_hostile, any_byte_may_become_any_other)
{
    size_t taken = 0, refused = 0;

    for (uint64_t seed = 1; seed <= 12; seed++) {
        section s = random_section(seed, 4);
        size_t step = s.len > 600 ? s.len / 199 : 1;

        for (size_t i = 0; i < s.len; i += i < 100 ? 1 : step)
            for (int by = 1; by < 256; by++) {
                s.at[i] ^= (unsigned char)by;
                if (take(s.at, s.len) == GI_TAKEN)
                    taken++;
                else
                    refused++;
                s.at[i] ^= (unsigned char)by;
            }
        free(s.at);
    }
    cr_expect(taken > 1000 && refused > 1000, "%zu taken, %zu refused", taken,
              refused);
}

/* ------------------------------------------------ each by its own name -- */

#define HEAD    "\x96\x01\x03\x00\xc2\x38" /* to task 3, 56 bytes */
#define ONE     "\x91"
#define WORD    "\x94\x00\x01\xc0\xa1w" /* of task 1, in no tree */
#define TAKE(s) take(s, sizeof(s) - 1)

#define EXPECT(s, want) \
    cr_expect_eq(TAKE(s), GI_REFUSED_##want, "%s", gi_refusal_name(TAKE(s)))

Test(wire_hostile, a_wrong_head_is_refused_by_name)
{
    cr_assert_eq(TAKE(HEAD ONE WORD), GI_TAKEN);
    EXPECT("\x95\x01\x03\x00\xc2\x38" ONE WORD, MSGPACK);
    EXPECT("\x96\x02\x03\x00\xc2\x38" ONE WORD, MSGPACK); /* notes */
    EXPECT("\x96\x01\x00\x00\xc2\x38" ONE WORD, TASK);
    EXPECT("\x96\x01\x09\x00\xc2\x38" ONE WORD, TASK); /* there are eight */
    EXPECT("\x96\x01\x03\xce\x00\x01\x00\x00\xc2\x38" ONE WORD, EPOCH);
    EXPECT("\x96\x01\x03\xff\xc2\x38" ONE WORD, MSGPACK); /* epoch -1 */
    EXPECT("\x96\x01\x03\x00\x00\x38" ONE WORD, MSGPACK); /* inner 0 */
    EXPECT("\x96\x01\x03\x00\xc3\x38" ONE WORD, STREAM);  /* no cycle here */
    EXPECT("\x96\x01\x01\x00\xc2\x38" ONE WORD, STREAM);  /* a spout */
    EXPECT("\x96\x01\x03\x00\xc2\x37" ONE WORD, ROOM);
    EXPECT("\x96\x01\x03\x00\xc2\x40" ONE WORD, ROOM); /* 64: too much */
    EXPECT("\x96\x01\x03\x00\xc2\x30" ONE WORD, ROOM); /* 48: too little */
    EXPECT("\x96\x01\x03\x00\xc2\x28" ONE WORD, ROOM);
    EXPECT(HEAD "\x90", ROOM);      /* no tuples */
    EXPECT(HEAD "\x92" WORD, ROOM); /* two take more */
    EXPECT("\x96\x01\x03\x00\xc2\xce\x7f\xff\xff\xf8" ONE WORD, LIMIT);
    EXPECT("\x96\x01\x03\x00\xc2\xcd\x10\x00" ONE WORD, ROOM); /* 4096 */
    EXPECT("\x96\x01\x03\x00\xc2\x38\xdd\x7f\xff\xff\xff" WORD, MSGPACK);
}

Test(wire_hostile, a_wrong_tuple_is_refused_by_name)
{
    EXPECT(HEAD ONE "\x93\x00\x01\xc0\xa1w", FIELDS);
    EXPECT(HEAD ONE "\x95\x00\x01\xc0\xa1w\xa1w", FIELDS);
    EXPECT(HEAD ONE "\x84\x00\x01\xc0\xa1wwwwww", MSGPACK);
    EXPECT(HEAD ONE "\x94\x63\x01\xc0\xa1w", STREAM);
    EXPECT(HEAD ONE "\x94\xff\x01\xc0\xa1w", MSGPACK);
    EXPECT(HEAD ONE "\x94\x00\x00\xc0\xa1w", TASK);
    EXPECT(HEAD ONE "\x94\x00\x09\xc0\xa1w", TASK);
    EXPECT(HEAD ONE "\x94\x00\x03\xc0\xa1w", TASK); /* does not emit it */
    EXPECT(HEAD ONE "\x94\x00\x01\xc2\xa1w", MSGPACK);
    EXPECT(HEAD ONE "\x94\x00\x01\xc4\x00\xa1w", MSGPACK); /* no link */
    EXPECT(HEAD ONE "\x94\x00\x01\xc4\x0f"
                    "0123456789abcde\xa1w",
           MSGPACK);
    EXPECT(HEAD ONE "\x94\x00\x01\xc4\x10"
                    "0123456789abcdef\xa1w",
           ROOT);
    EXPECT(HEAD ONE "\x94\x00\x01\xc4\x10"
                    "\0\0\0\1\0\0\0\0" /* a root that may be ... */
                    "\0\0\0\0\0\0\0\0\xa1w",
           ROOT); /* ... and no edge: an untold tuple */
    cr_expect_eq(TAKE(HEAD ONE "\x94\x00\x01\xc4\x10"
                               "\0\0\0\1\0\0\0\0"
                               "\1\0\0\0\0\0\0\0\xa1w"),
                 GI_TAKEN);
    EXPECT(HEAD ONE "\x94\x00\x01\xc0\x01", TYPE);
    EXPECT(HEAD ONE "\x94\x00\x01\xc0\xc4\x01w", TYPE);
    EXPECT(HEAD ONE "\x94\x00\x01\xc0\xd4\x01w", TYPE);
    EXPECT(HEAD ONE "\x94\x00\x01\xc0\xc1", MSGPACK);
    EXPECT(HEAD ONE "\x94\x00\x01\xc0\xa9wwwwwwwww", ROOM); /* nine bytes */
    EXPECT(HEAD ONE "\x94\x00\x01\xc0\xdb\xff\xff\xff\xff", MSGPACK);
}

/* msgpack's other forms, such as other writers may choose, are as good. */
Test(wire_hostile, any_form_of_a_number_or_string_will_do)
{
    cr_expect_eq(TAKE(HEAD ONE "\xdc\x00\x04\xcc\x00\xcd\x00\x01\xc0\xa1w"),
                 GI_TAKEN);
    cr_expect_eq(TAKE(HEAD "\xdc\x00\x01" WORD), GI_TAKEN);
    cr_expect_eq(TAKE(HEAD ONE "\x94\x00\x01\xc0\xdb\x00\x00\x00\x01w"),
                 GI_TAKEN);
    /* float 32 */
    cr_expect_eq(TAKE("\x96\x01\x03\x00\xc2\x70" ONE
                      "\x98\x01\x01\xc0\x05\xca\x3f\xc0\x00\x00\xa0\xc4\x00"
                      "\xc3"),
                 GI_TAKEN);
    /* an integer above INT64_MAX, short way and long */
    EXPECT("\x96\x01\x03\x00\xc2\x70" ONE
           "\x98\x01\x01\xc0\xcf\xff\0\0\0\0\0\0\0\xca\x3f\xc0\x00\x00\xa0"
           "\xc4\x00\xc3",
           TYPE);
}

/* A list of lists, `depth` deep, as a value. */
static gi_refusal take_deep(unsigned depth)
{
    unsigned char p[200] = "\x96\x01\x03\x00\xc2\xcc\x00\x91"
                           "\x95\x03\x01\xc0";
    size_t len = 12;
    size_t bytes =
        (sizeof(gale_tuple) + 2 * sizeof(gale_value) + depth + 1 + 7) &
        ~(size_t)7;

    p[6] = (unsigned char)bytes;
    memset(p + len, 0x91, depth);
    p[len + depth - 1] = 0x90;
    len += depth;
    p[len++] = 0x80;
    return take(p, len);
}

Test(wire_hostile, lists_nest_as_deep_as_an_emit_allows_and_no_deeper)
{
    cr_expect_eq(take_deep(1), GI_TAKEN);
    cr_expect_eq(take_deep(GALE_NESTED_DEPTH), GI_TAKEN);
    cr_expect_eq(take_deep(GALE_NESTED_DEPTH + 1), GI_REFUSED_DEPTH);
}

Test(wire_hostile, more_than_the_largest_tuple_is_refused_before_memory)
{
    gi_tuples head;
    unsigned char p[64] = "\x96\x01\x03\x00\xc2\xce";

    gi_put_be32(p + 6, rules.most_bytes + 8);
    memcpy(p + 10, ONE WORD, 7);
    cr_expect_eq(gi_tuples_peek(&rules, p, sizeof(p), &head),
                 GI_REFUSED_LIMIT);
    gi_put_be32(p + 6, rules.most_bytes);
    cr_expect_eq(gi_tuples_peek(&rules, p, sizeof(p), &head), GI_REFUSED_ROOM);
}
