#include "wire/notes.h"

#include "base/bytes.h"
#include "wire/read.h"

enum {
    ROOT = 0,
    SUM = 8,
    KIND = 16,
    WHY = 17,
    COMP = 18,
    EPOCH = 20,
    ZERO = 22
};

enum { LIST_OF_TWO = 0x92, BIN_32 = 0xc6 };

size_t gi_notes_write(const gi_note *notes, uint32_t n, void *room)
{
    unsigned char *to = room;

    to[0] = LIST_OF_TWO;
    to[1] = GI_SECTION_NOTES;
    to[2] = BIN_32;
    gi_put_be32(to + 3, n * GI_NOTES_EACH);
    to += GI_NOTES_HEAD;
    for (uint32_t i = 0; i < n; i++, to += GI_NOTES_EACH) {
        gi_put_le64(to + ROOT, notes[i].root);
        gi_put_le64(to + SUM, notes[i].sum);
        to[KIND] = notes[i].kind;
        to[WHY] = notes[i].why;
        gi_put_le16(to + COMP, notes[i].comp);
        gi_put_le16(to + EPOCH, notes[i].epoch);
        gi_put_le16(to + ZERO, 0);
    }
    return gi_notes_size(n);
}

/* What is said of all trees of a spout has a root without generation. */
static gi_refusal judge(const gi_rules *rules, const gi_note *n, uint16_t zero)
{
    bool known = n->kind == GI_NOTE_LOST
                     ? gi_root_spout(n->root) < rules->n_spouts
                     : gi_root_possible(rules, n->root);

    if (n->kind < GI_NOTE_INIT || n->kind > GI_NOTE_LOST ||
        n->why > GI_WHY_OVERFLOW || zero != 0)
        return GI_REFUSED_NOTE;
    if (n->comp >= rules->plan->n_comps && n->comp != GI_NOBODY)
        return GI_REFUSED_NOTE;
    return known ? GI_TAKEN : GI_REFUSED_ROOT;
}

gi_refusal gi_notes_check(const gi_rules *rules, const void *p, size_t len,
                          gi_notes *out, size_t *consumed)
{
    gi_rest rest = { p, (const unsigned char *)p + len };
    gi_msgpack_head bin;

    if (!gi_read_section(&rest, 2, GI_SECTION_NOTES) ||
        !gi_read_head(&rest, GI_MSGPACK_BIN, &bin))
        return GI_REFUSED_MSGPACK;
    if (bin.n % GI_NOTES_EACH != 0)
        return GI_REFUSED_LENGTH;

    gi_notes s = { bin.n / GI_NOTES_EACH, rest.at };
    for (uint32_t i = 0; i < s.n; i++) {
        gi_note n = gi_notes_at(&s, i);
        gi_refusal r =
            judge(rules, &n, gi_get_le16(s.at + i * GI_NOTES_EACH + ZERO));

        if (r != GI_TAKEN)
            return r;
    }
    *out = s;
    *consumed = len - gi_rest_left(&rest) + bin.n;
    return GI_TAKEN;
}

gi_note gi_notes_at(const gi_notes *s, uint32_t i)
{
    const unsigned char *at = s->at + (size_t)i * GI_NOTES_EACH;

    return (gi_note){
        .root = gi_get_le64(at + ROOT),
        .sum = gi_get_le64(at + SUM),
        .kind = at[KIND],
        .why = at[WHY],
        .comp = gi_get_le16(at + COMP),
        .epoch = gi_get_le16(at + EPOCH),
    };
}
