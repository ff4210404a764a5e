/* Any bytes as a payload.  A section of tuples that is taken is a batch whose
 * every pointer is within it, and it goes out and comes in again as it is; so
 * does a section of notes. */
#include "tests/unit/wire/rows.h"
#include "wire/notes.h"
#include "wire/tuples.h"

static gi_rules rules;

/* Exactly as much room as is claimed; NULL: refused. */
static gi_batch *take(const unsigned char *p, size_t len, size_t *whole)
{
    gi_tuples head;
    size_t consumed;

    if (gi_tuples_peek(&rules, p, len, &head) != GI_TAKEN)
        return NULL;
    assert(head.bytes <= 16 * len);
    gi_batch *b = gi_alloc(sizeof(*b) + head.bytes);
    if (b == NULL)
        return NULL;
    b->cap = head.bytes;
    if (gi_tuples_read(&rules, &head, b, &consumed) != GI_TAKEN) {
        assert(b->used == 0 && b->n == 0 && b->to == 0);
        gi_free(b);
        return NULL;
    }
    *whole = (size_t)(head.at - p) + consumed;
    assert(*whole <= len);
    rows_check(b, rules.plan);
    return b;
}

static size_t tuples(const unsigned char *p, size_t len)
{
    size_t whole = 0, again;
    gi_batch *b = take(p, len, &whole);
    unsigned char *room = b == NULL ? NULL : gi_alloc(gi_tuples_bound(b));

    if (room != NULL) {
        size_t n = gi_tuples_write(b, room);

        assert(n + GI_TUPLES_SLACK <= gi_tuples_bound(b));
        gi_batch *back = take(room, n, &again);
        assert(back != NULL && again == n && rows_same(b, back));
        gi_free(back);
    }
    gi_free(b);
    gi_free(room);
    return whole;
}

static size_t notes(const unsigned char *p, size_t len)
{
    gi_notes s, t;
    size_t whole, again;

    if (gi_notes_check(&rules, p, len, &s, &whole) != GI_TAKEN)
        return 0;
    gi_note *all = gi_calloc(s.n, sizeof(*all));
    unsigned char *room = gi_alloc(gi_notes_size(s.n));
    if (all != NULL && room != NULL) {
        for (uint32_t i = 0; i < s.n; i++) {
            all[i] = gi_notes_at(&s, i);
            assert(all[i].kind >= GI_NOTE_INIT && all[i].kind <= GI_NOTE_LOST);
            assert(gi_root_spout(all[i].root) < rules.n_spouts);
        }
        assert(gi_notes_write(all, s.n, room) == gi_notes_size(s.n));
        assert(gi_notes_check(&rules, room, gi_notes_size(s.n), &t, &again) ==
               GI_TAKEN);
        assert(t.n == s.n && again == gi_notes_size(s.n));
        assert(s.n == 0 ||
               memcmp(t.at, s.at, (size_t)s.n * GI_NOTES_EACH) == 0);
    }
    gi_free(all);
    gi_free(room);
    return whole;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    gi_section_kind kind;

    if (rules.plan == NULL)
        rules = gi_rules_of(rows_plan());
    while (gi_section_peek(data, len, &kind) == GI_TAKEN) {
        size_t n =
            kind == GI_SECTION_TUPLES ? tuples(data, len) : notes(data, len);

        if (n == 0)
            break;
        data += n;
        len -= n;
    }
    return 0;
}
