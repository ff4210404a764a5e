#include <criterion/criterion.h>

#include "rows.h"
#include "wire/notes.h"

#include <stdlib.h>

static gi_rules rules;

static void make_rules(void)
{
    rules = gi_rules_of(rows_plan());
}

static void drop_rules(void)
{
    gi_plan *p = (gi_plan *)(uintptr_t)rules.plan;

    gi_plan_destroy(p);
}

TestSuite(wire_notes, .init = make_rules, .fini = drop_rules);

static gi_note random_note(gi_rng *r)
{
    gi_note n = {
        .root = gi_root((uint32_t)gi_rng_below(r, 2),
                        (uint32_t)gi_rng_below(r, GI_ROOT_SLOTS),
                        1 + (uint32_t)gi_rng_below(r, GI_ROOT_GEN_MASK)),
        .sum = gi_rng_next(r),
        .kind = (uint8_t)(GI_NOTE_INIT + gi_rng_below(r, GI_NOTE_LOST)),
        .why = (uint8_t)gi_rng_below(r, GI_WHY_OVERFLOW + 1),
        .comp = (uint16_t)gi_rng_below(r, 5),
        .epoch = (uint16_t)gi_rng_next(r),
    };

    if (n.comp == 4)
        n.comp = GI_NOBODY;
    return n;
}

/* In a block of just their size. */
static unsigned char *written(const gi_note *notes, uint32_t n)
{
    unsigned char *p = malloc(gi_notes_size(n));

    cr_assert_eq(gi_notes_write(notes, n, p), gi_notes_size(n));
    return p;
}

static gi_refusal check(const void *p, size_t len)
{
    gi_notes s;
    size_t consumed;

    return gi_notes_check(&rules, p, len, &s, &consumed);
}

Test(wire_notes, random_notes_come_in_as_they_went_out)
{
    gi_rng r = { 5 };

    for (uint32_t n = 0; n < 300; n++) {
        gi_note notes[300] = { 0 };
        gi_notes s;
        size_t consumed;

        for (uint32_t i = 0; i < n; i++)
            notes[i] = random_note(&r);
        unsigned char *p = written(notes, n);
        gi_refusal why =
            gi_notes_check(&rules, p, gi_notes_size(n), &s, &consumed);
        cr_assert_eq(why, GI_TAKEN, "%s", gi_refusal_name(why));
        cr_expect_eq(consumed, gi_notes_size(n));
        cr_assert_eq(s.n, n);
        for (uint32_t i = 0; i < n; i++) {
            gi_note back = gi_notes_at(&s, i);
            cr_expect_eq(memcmp(&back, &notes[i], sizeof(back)), 0);
        }
        free(p);
    }
}

/* These bytes are the contract. */
Test(wire_notes, a_note_lies_as_the_header_says)
{
    gi_note n = { .root = gi_root(1, 2, 3),
                  .sum = 0x1122334455667788,
                  .kind = GI_NOTE_FAIL,
                  .why = GI_WHY_LOST,
                  .comp = 2,
                  .epoch = 0x1234 };
    static const char want[] = "\x92\x02\xc6\0\0\0\x18"
                               "\x02\0\0\x03\0\0\x10\0"
                               "\x88\x77\x66\x55\x44\x33\x22\x11"
                               "\x03\x03\x02\0\x34\x12\0";
    unsigned char *p = written(&n, 1);

    cr_assert_eq(sizeof(want), gi_notes_size(1));
    cr_expect_eq(memcmp(p, want, sizeof(want)), 0);
    free(p);
}

static void expect_refused(gi_note n, gi_refusal want)
{
    unsigned char *p = written(&n, 1);

    cr_expect_eq(check(p, gi_notes_size(1)), want, "%s",
                 gi_refusal_name(check(p, gi_notes_size(1))));
    free(p);
}

Test(wire_notes, each_mistake_is_refused_by_its_name)
{
    const gi_note good = { .root = gi_root(1, 0, 1),
                           .kind = GI_NOTE_ACK,
                           .comp = 3 };
    gi_note n = good;

    expect_refused(n, GI_TAKEN);
    n.kind = 0;
    expect_refused(n, GI_REFUSED_NOTE);
    n.kind = GI_NOTE_LOST + 1;
    expect_refused(n, GI_REFUSED_NOTE);
    n = good;
    n.why = GI_WHY_OVERFLOW + 1;
    expect_refused(n, GI_REFUSED_NOTE);
    n = good;
    n.comp = 4; /* there are four */
    expect_refused(n, GI_REFUSED_NOTE);
    n.comp = GI_NOBODY;
    expect_refused(n, GI_TAKEN);
    n = good;
    n.root = gi_root(2, 0, 1); /* two spout tasks */
    expect_refused(n, GI_REFUSED_ROOT);
    n.root = gi_root(1, 0, 0);
    expect_refused(n, GI_REFUSED_ROOT);
    n.kind = GI_NOTE_LOST; /* of all that spout's trees */
    expect_refused(n, GI_TAKEN);
}

Test(wire_notes, a_section_that_is_cut_short_is_refused_at_every_length)
{
    gi_rng r = { 9 };
    gi_note notes[5];

    for (int i = 0; i < 5; i++)
        notes[i] = random_note(&r);
    unsigned char *whole = written(notes, 5);
    for (size_t len = 0; len < gi_notes_size(5); len++) {
        unsigned char *p = malloc(len + 1);
        memcpy(p, whole, len);
        cr_expect_eq(check(p, len), GI_REFUSED_MSGPACK, "%zu", len);
        free(p);
    }
    whole[6]++; /* not a whole number of notes */
    unsigned char *more = calloc(1, gi_notes_size(5) + 1);
    memcpy(more, whole, gi_notes_size(5));
    cr_expect_eq(check(more, gi_notes_size(5) + 1), GI_REFUSED_LENGTH);
    free(more);
    free(whole);
}

Test(wire_notes, every_byte_changed_gives_a_refusal_or_notes_that_can_be)
{
    gi_rng r = { 11 };
    gi_note notes[4];
    size_t len = gi_notes_size(4), refused = 0;

    for (int i = 0; i < 4; i++)
        notes[i] = random_note(&r);
    unsigned char *p = written(notes, 4);
    for (size_t i = 0; i < len; i++)
        for (int by = 1; by < 256; by++) {
            gi_notes s = { 0 };
            size_t consumed;

            p[i] ^= (unsigned char)by;
            if (gi_notes_check(&rules, p, len, &s, &consumed) != GI_TAKEN) {
                refused++;
                cr_expect_eq(s.n, 0);
            }
            for (uint32_t k = 0; k < s.n; k++) {
                gi_note n = gi_notes_at(&s, k);

                cr_expect(n.kind >= GI_NOTE_INIT && n.kind <= GI_NOTE_LOST);
                cr_expect(n.why <= GI_WHY_OVERFLOW);
                cr_expect(n.comp < 4 || n.comp == GI_NOBODY);
                cr_expect_lt(gi_root_spout(n.root), 2);
            }
            p[i] ^= (unsigned char)by;
        }
    cr_expect_gt(refused, 100);
    free(p);
}

Test(wire_notes, a_section_of_the_other_kind_is_told_by_its_first_bytes)
{
    gi_section_kind kind;

    cr_assert_eq(gi_section_peek("\x92\x02\xc6", 3, &kind), GI_TAKEN);
    cr_expect_eq(kind, GI_SECTION_NOTES);
    cr_assert_eq(gi_section_peek("\x96\x01\0\0\0\0\0", 7, &kind), GI_TAKEN);
    cr_expect_eq(kind, GI_SECTION_TUPLES);
    cr_expect_eq(gi_section_peek("", 0, &kind), GI_REFUSED_SHORT);
    cr_expect_eq(gi_section_peek("\x92\x04\xc6", 3, &kind), GI_REFUSED_KIND);
    cr_expect_eq(gi_section_peek("\x92\xa1x", 3, &kind), GI_REFUSED_MSGPACK);
    cr_expect_eq(gi_section_peek("\x81\x01\x01", 3, &kind),
                 GI_REFUSED_MSGPACK);
    cr_expect_eq(gi_section_peek("\x92\x02", 2, &kind), GI_REFUSED_MSGPACK);
}
