/* tuples_write.c -- a batch becomes a section.
 *
 * Nothing written is longer than what it is written from (see the asserts), so
 * room is asked for once and never again looked at.  That, and numbers stored
 * eight bytes at a time whatever their length, makes it a few moves a value.
 */
#include "base/bytes.h"
#include "wire/tuples.h"

/* First byte of msgpack's forms. */
enum {
    LIST = 0x90, /* up to 15 */
    STR = 0xa0,  /* up to 31 */
    NIL = 0xc0,
    NO = 0xc2,
    BIN_8 = 0xc4,
    BIN_16 = 0xc5,
    BIN_32 = 0xc6,
    F64 = 0xcb,
    U8 = 0xcc,
    I8 = 0xd0,
    STR_8 = 0xd9,
    STR_16 = 0xda,
    STR_32 = 0xdb,
    LIST_16 = 0xdc,
    LIST_32 = 0xdd,
};

/* A tuple's list, stream, task and links take at most 3 + 3 + 5 + 5 bytes
 * besides 16 a link; a number 9 bytes, a string 5 besides its own. */
_Static_assert(3 + 3 + 5 + 5 + sizeof(gi_link) <= sizeof(gale_tuple),
               "not longer than in memory");
_Static_assert(1 + 1 + 5 + 3 + 1 + 5 + 5 <= GI_TUPLES_HEAD, "its head");
_Static_assert(9 <= sizeof(gale_value), "not longer than in memory");
_Static_assert(GI_MAX_FIELDS + 3 <= UINT16_MAX, "a list of 16 bits");

/* The number takes 0, 1, 2, 4 or 8 bytes behind the first; which, follows from
 * how many bits it has.  The store is of eight bytes always: what is too much
 * is overwritten by the next value. */
static inline unsigned char *put_int(unsigned char *to, int64_t v)
{
    uint64_t bits = (uint64_t)v;

    if (__builtin_expect(v >= -32 && v < 128, 1)) {
        *to = (unsigned char)v;
        return to + 1;
    }

    /* Of a negative number one bit more than it has must be kept: its sign.
     * Of widths 8, 16, 32, 64 the power is 0, 1, 2, 3. */
    uint64_t size = v < 0 ? ~bits << 1 | 1 : bits;
    unsigned last = 63 - (unsigned)__builtin_clzll(size);
    unsigned power = (last > 7) + (last > 15) + (last > 31);
    unsigned bytes = 1u << power;

    *to = (unsigned char)((v < 0 ? I8 : U8) + power);
    gi_put_be64(to + 1, bits << (64 - 8 * bytes));
    return to + 1 + bytes;
}

/* `form_8` is the first byte for a length of 8 bits; those for 16 and 32
 * follow it. */
static inline unsigned char *put_length(unsigned char *to, uint32_t n,
                                        unsigned form_8)
{
    if (n <= UINT8_MAX) {
        to[0] = (unsigned char)form_8;
        to[1] = (unsigned char)n;
        return to + 2;
    }
    if (n <= UINT16_MAX) {
        to[0] = (unsigned char)(form_8 + 1);
        gi_put_be16(to + 1, (uint16_t)n);
        return to + 3;
    }
    to[0] = (unsigned char)(form_8 + 2);
    gi_put_be32(to + 1, n);
    return to + 5;
}

/* Short ones are 32 bytes always, if the batch has so many: two moves, and no
 * question how long they are.  What is too much is overwritten. */
static inline unsigned char *put_bytes(unsigned char *to, const gale_value *v,
                                       const char *end)
{
    uint32_t n = v->len;

    if (__builtin_expect(n <= 32 && end - v->as.p >= 32, 1))
        memcpy(to, v->as.p, 32);
    else if (n > 0)
        memcpy(to, v->as.p, n);
    return to + n;
}

static inline unsigned char *put_value(unsigned char *to, const gale_value *v,
                                       const char *end)
{
    uint64_t bits;

    switch (v->type) {
    case GALE_T_BOOL:
        *to = v->as.b ? NO + 1 : NO;
        return to + 1;
    case GALE_T_I64:
        return put_int(to, v->as.i);
    case GALE_T_F64:
        memcpy(&bits, &v->as.f, sizeof(bits));
        *to = F64;
        gi_put_be64(to + 1, bits);
        return to + 9;
    case GALE_T_STR:
        if (v->len < 32)
            *to++ = (unsigned char)(STR | v->len);
        else
            to = put_length(to, v->len, STR_8);
        return put_bytes(to, v, end);
    case GALE_T_BYTES:
        to = put_length(to, v->len, BIN_8);
        return put_bytes(to, v, end);
    case GALE_T_LIST:
    case GALE_T_MAP:
        return put_bytes(to, v, end);
    default:
        *to = NIL;
        return to + 1;
    }
}

static inline unsigned char *put_link(unsigned char *to, const gi_link *l)
{
    gi_put_le64(to, l->root);
    gi_put_le64(to + 8, l->edge);
    return to + 16;
}

static inline unsigned char *put_links(unsigned char *to, const gale_tuple *t)
{
    if (t->link.root == 0) {
        *to = NIL;
        return to + 1;
    }
    uint32_t more = gi_tuple_more(t);
    to = put_length(to, (more + 1) * (uint32_t)sizeof(gi_link), BIN_8);
    to = put_link(to, &t->link);
    for (uint32_t i = 0; i < more; i++)
        to = put_link(to, &gi_tuple_links(t)[i]);
    return to;
}

static inline unsigned char *put_tuple(unsigned char *to, const gale_tuple *t,
                                       const char *bytes_end)
{
    unsigned n = 3u + t->n;

    if (n < 16) {
        *to++ = (unsigned char)(LIST | n);
    } else {
        *to = LIST_16;
        gi_put_be16(to + 1, (uint16_t)n);
        to += 3;
    }
    to = put_int(to, t->stream);
    to = put_int(to, t->task);
    to = put_links(to, t);
    for (const gale_value *v = t->values, *end = v + t->n; v < end; v++)
        to = put_value(to, v, bytes_end);
    return to;
}

size_t gi_tuples_write(const gi_batch *b, void *room)
{
    unsigned char *to = room;

    const char *end = (const char *)b->bytes + b->used;

    *to++ = LIST | 6;
    *to++ = GI_SECTION_TUPLES;
    to = put_int(to, b->to);
    to = put_int(to, b->epoch);
    *to++ = b->inner ? NO + 1 : NO;
    to = put_int(to, b->used);
    *to = LIST_32;
    gi_put_be32(to + 1, b->n);
    to += 5;
    for (uint32_t at = 0; at < b->used;) {
        const gale_tuple *t =
            (const gale_tuple *)(const void *)(b->bytes + at);

        to = put_tuple(to, t, end);
        at += t->size;
    }
    return (size_t)(to - (unsigned char *)room);
}
