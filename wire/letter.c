#include "wire/letter.h"

#include <assert.h>

#include "base/bytes.h"

/* Where things are in the payload of a HELLO. */
enum {
    ASSIGNMENT = 0,
    ATTEMPT = 8,
    RECEIVED = 16,
    KEY = 24,
    WANTED = 32,
    PROTOCOL = 40,
    REFUSED = 44,
    N_OPEN = 48,
};

_Static_assert(N_OPEN + 4 == GI_LETTER_GREETING, "the numbers come behind");

/* ------------------------------------------------------------- judging -- */

/* Whoever refuses says nothing of frames. */
static bool judge_greeting(const gi_letter *l)
{
    const gi_greeting *g = &l->greeting;
    uint64_t before = 0;

    if (g->protocol == 0 || g->refused > GI_LETTER_REFUSED_MOST)
        return false;
    if (g->refused != 0)
        return g->received == 0 && g->n_open == 0;
    for (uint32_t i = 0; i < g->n_open; i++) {
        if (g->open[i] <= before)
            return false;
        before = g->open[i];
    }
    return before <= g->received &&
           l->ack == (g->n_open == 0 ? g->received : g->open[0] - 1);
}

/* Are its numbers such as a link has?  One list for both ends. */
static bool judge(const gi_letter *l)
{
    bool numbered = l->kind == GI_FRAME_DATA || l->kind == GI_FRAME_FIN;

    if (l->from == 0 || (numbered && l->seq == 0))
        return false;
    if (l->kind == GI_FRAME_HELLO)
        return judge_greeting(l);
    if (l->to == 0)
        return false;
    for (uint32_t i = 0; i < l->n_done; i++) {
        if (l->done[i] <= l->ack)
            return false;
    }
    return true;
}

/* ------------------------------------------------------------- writing -- */

uint32_t gi_letter_size(const gi_letter *l)
{
    if (l->kind == GI_FRAME_HELLO)
        return GI_LETTER_GREETING + 8 * l->greeting.n_open;
    return l->kind == GI_FRAME_ACK ? 8 * l->n_done : 0;
}

static void put_numbers(unsigned char *to, const uint64_t *numbers, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        gi_put_le64(to + 8 * (size_t)i, numbers[i]);
}

static void put_greeting(unsigned char *to, const gi_greeting *g)
{
    gi_put_le64(to + ASSIGNMENT, g->assignment);
    gi_put_le64(to + ATTEMPT, g->attempt);
    gi_put_le64(to + RECEIVED, g->received);
    gi_put_le64(to + KEY, g->key);
    gi_put_le64(to + WANTED, g->wanted);
    gi_put_le32(to + PROTOCOL, g->protocol);
    gi_put_le32(to + REFUSED, g->refused);
    gi_put_le32(to + N_OPEN, g->n_open);
    put_numbers(to + GI_LETTER_GREETING, g->open, g->n_open);
}

void gi_letter_write(const gi_letter *l, void *room, gi_frame *out)
{
    uint32_t size = gi_letter_size(l);

    assert(judge(l) && size <= GI_LETTER_PAYLOAD_MOST);
    assert(l->kind != GI_FRAME_ACK || l->n_done <= GI_DONE_MOST);
    if (l->kind == GI_FRAME_HELLO)
        put_greeting(room, &l->greeting);
    else if (l->kind == GI_FRAME_ACK)
        put_numbers(room, l->done, l->n_done);
    *out = (gi_frame){ .kind = (uint8_t)l->kind,
                       .from = l->from,
                       .to = l->to,
                       .seq = l->seq,
                       .ack = l->ack,
                       .raw = size,
                       .stored = size };
}

/* ------------------------------------------------------------- reading -- */

static void get_numbers(const unsigned char *from, uint64_t *room, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        room[i] = gi_get_le64(from + 8 * (size_t)i);
}

static gi_refusal get_greeting(const gi_frame *f, uint64_t *room,
                               uint32_t most, gi_greeting *out)
{
    const unsigned char *at = f->payload;
    uint32_t n;

    if (f->stored < GI_LETTER_GREETING)
        return GI_REFUSED_SHORT;
    n = gi_get_le32(at + N_OPEN);
    if (n > most || n > GI_LETTER_OPEN_MOST)
        return GI_REFUSED_LIMIT;
    if (f->stored != GI_LETTER_GREETING + 8 * n)
        return GI_REFUSED_LENGTH;
    get_numbers(at + GI_LETTER_GREETING, room, n);
    *out = (gi_greeting){ .assignment = gi_get_le64(at + ASSIGNMENT),
                          .attempt = gi_get_le64(at + ATTEMPT),
                          .key = gi_get_le64(at + KEY),
                          .wanted = gi_get_le64(at + WANTED),
                          .protocol = gi_get_le32(at + PROTOCOL),
                          .refused = gi_get_le32(at + REFUSED),
                          .received = gi_get_le64(at + RECEIVED),
                          .n_open = n,
                          .open = room };
    return GI_TAKEN;
}

static gi_refusal get_done(const gi_frame *f, uint64_t *room, uint32_t most,
                           gi_letter *out)
{
    uint32_t n = f->stored / 8;

    if (f->stored % 8 != 0)
        return GI_REFUSED_LENGTH;
    if (n > most || n > GI_DONE_MOST)
        return GI_REFUSED_LIMIT;
    get_numbers(f->payload, room, n);
    out->n_done = n;
    out->done = room;
    return GI_TAKEN;
}

gi_refusal gi_letter_read(const gi_frame *f, uint64_t *room, uint32_t most,
                          gi_letter *out)
{
    gi_letter l = { .kind = (gi_frame_kind)f->kind,
                    .from = f->from,
                    .to = f->to,
                    .seq = f->seq,
                    .ack = f->ack };
    gi_refusal r = GI_TAKEN;

    if (l.kind == GI_FRAME_DATA)
        l.bytes = f->raw;
    else if (f->flags != 0)
        return GI_REFUSED_FLAGS;
    else if (l.kind == GI_FRAME_HELLO)
        r = get_greeting(f, room, most, &l.greeting);
    else if (l.kind == GI_FRAME_ACK)
        r = get_done(f, room, most, &l);
    if (r != GI_TAKEN)
        return r;
    if (!judge(&l))
        return GI_REFUSED_NUMBERS;
    *out = l;
    return GI_TAKEN;
}
