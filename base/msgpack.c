#include "base/msgpack.h"

/* A value's first byte says what it is and how many bytes follow that say
 * more: a number, or how long the contents are. */
struct form {
    uint8_t kind; /* a gi_msgpack_kind, or BROKEN */
    uint8_t more; /* bytes of the number or length */
    uint8_t how;
};

enum { BROKEN = 0xff };

enum how {
    PLAIN,    /* the first byte says it all */
    UNSIGNED, /* INT */
    SIGNED,   /* INT */
    LENGTH,   /* STR, BIN, EXT, LIST, MAP */
    FIXED,    /* EXT: `more` is the length itself */
};

/* 0xc0 to 0xdf; all other first bytes carry their number in themselves. */
static const struct form forms[32] = {
    { GI_MSGPACK_NIL, 0, PLAIN },    { BROKEN, 0, PLAIN },
    { GI_MSGPACK_BOOL, 0, PLAIN },   { GI_MSGPACK_BOOL, 0, PLAIN },
    { GI_MSGPACK_BIN, 1, LENGTH },   { GI_MSGPACK_BIN, 2, LENGTH },
    { GI_MSGPACK_BIN, 4, LENGTH },   { GI_MSGPACK_EXT, 1, LENGTH },
    { GI_MSGPACK_EXT, 2, LENGTH },   { GI_MSGPACK_EXT, 4, LENGTH },
    { GI_MSGPACK_FLOAT, 4, PLAIN },  { GI_MSGPACK_FLOAT, 8, PLAIN },
    { GI_MSGPACK_INT, 1, UNSIGNED }, { GI_MSGPACK_INT, 2, UNSIGNED },
    { GI_MSGPACK_INT, 4, UNSIGNED }, { GI_MSGPACK_INT, 8, UNSIGNED },
    { GI_MSGPACK_INT, 1, SIGNED },   { GI_MSGPACK_INT, 2, SIGNED },
    { GI_MSGPACK_INT, 4, SIGNED },   { GI_MSGPACK_INT, 8, SIGNED },
    { GI_MSGPACK_EXT, 1, FIXED },    { GI_MSGPACK_EXT, 2, FIXED },
    { GI_MSGPACK_EXT, 4, FIXED },    { GI_MSGPACK_EXT, 8, FIXED },
    { GI_MSGPACK_EXT, 16, FIXED },   { GI_MSGPACK_STR, 1, LENGTH },
    { GI_MSGPACK_STR, 2, LENGTH },   { GI_MSGPACK_STR, 4, LENGTH },
    { GI_MSGPACK_LIST, 2, LENGTH },  { GI_MSGPACK_LIST, 4, LENGTH },
    { GI_MSGPACK_MAP, 2, LENGTH },   { GI_MSGPACK_MAP, 4, LENGTH },
};

static uint64_t big_endian(const uint8_t *p, unsigned n)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < n; i++)
        v = v << 8 | p[i];
    return v;
}

static double as_float(uint64_t bits, unsigned n)
{
    uint32_t bits32 = (uint32_t)bits;
    float f;
    double d;

    if (n == 8) {
        memcpy(&d, &bits, sizeof(d));
        return d;
    }
    memcpy(&f, &bits32, sizeof(f));
    return (double)f;
}

/* Small numbers and short lengths, which are within the first byte. */
static bool read_short(uint8_t first, gi_msgpack_head *h)
{
    h->size = 1;
    if (first < 0x80 || first >= 0xe0) {
        h->kind = GI_MSGPACK_INT;
        h->as.i = (int8_t)first;
    } else if (first < 0x90) {
        h->kind = GI_MSGPACK_MAP;
        h->n = first & 0x0f;
    } else if (first < 0xa0) {
        h->kind = GI_MSGPACK_LIST;
        h->n = first & 0x0f;
    } else if (first < 0xc0) {
        h->kind = GI_MSGPACK_STR;
        h->n = first & 0x1f;
    } else {
        return false;
    }
    return true;
}

/* All others; `v` is the number after the first byte. */
static void read_long(uint8_t first, struct form f, uint64_t v,
                      gi_msgpack_head *h)
{
    h->kind = (gi_msgpack_kind)f.kind;
    h->size = 1u + f.more;
    switch (h->kind) {
    case GI_MSGPACK_BOOL:
        h->as.b = first == 0xc3;
        break;
    case GI_MSGPACK_FLOAT:
        h->as.f = as_float(v, f.more);
        break;
    case GI_MSGPACK_INT:
        if (f.how == UNSIGNED && v > INT64_MAX)
            h->kind = GI_MSGPACK_HUGE;
        else if (f.how == SIGNED && f.more < 8)
            h->as.i = (int64_t)(v ^ 1ull << (8 * f.more - 1)) -
                      (int64_t)(1ull << (8 * f.more - 1));
        else
            h->as.i = (int64_t)v;
        break;
    case GI_MSGPACK_EXT: /* one byte of type stands before the contents */
        h->n = f.how == FIXED ? f.more : (uint32_t)v;
        h->size = f.how == FIXED ? 2 : 2u + f.more;
        break;
    default:
        h->n = (uint32_t)v;
        break;
    }
}

bool gi_msgpack_read(const void *p, size_t len, gi_msgpack_head *out)
{
    const uint8_t *at = p;
    gi_msgpack_head h = { .kind = GI_MSGPACK_NIL };

    if (len == 0)
        return false;
    if (!read_short(at[0], &h)) {
        struct form f = forms[at[0] - 0xc0];
        unsigned more = f.how == FIXED ? 0 : f.more;
        if (f.kind == BROKEN || len - 1 < more)
            return false;
        read_long(at[0], f, big_endian(at + 1, more), &h);
    }

    /* A value takes a byte at least, a pair two. */
    uint64_t least = h.kind == GI_MSGPACK_MAP ? 2 * (uint64_t)h.n : h.n;
    if (len < h.size || len - h.size < least)
        return false;
    *out = h;
    return true;
}

/* due[d]: how many values are still to come at depth d.  Every step consumes
 * a byte or more, so the walk is no longer than the bytes are many. */
size_t gi_msgpack_skip(const void *p, size_t len)
{
    const uint8_t *at = p;
    uint64_t due[GI_MSGPACK_DEPTH + 1] = { 1 };
    unsigned depth = 0;
    size_t done = 0;
    gi_msgpack_head h;

    for (;;) {
        while (due[depth] == 0) {
            if (depth == 0)
                return done;
            depth--;
        }
        due[depth]--;
        if (!gi_msgpack_read(at + done, len - done, &h))
            return 0;
        done += h.size;
        if (h.kind == GI_MSGPACK_LIST || h.kind == GI_MSGPACK_MAP) {
            if (depth == GI_MSGPACK_DEPTH)
                return 0;
            due[++depth] = h.kind == GI_MSGPACK_MAP ? 2 * (uint64_t)h.n : h.n;
        } else {
            done += h.n;
        }
    }
}

static bool is_one(gi_msgpack_kind kind, const void *p, size_t len)
{
    gi_msgpack_head h;

    return gi_msgpack_read(p, len, &h) && h.kind == kind &&
           gi_msgpack_skip(p, len) == len;
}

bool gi_msgpack_is_list(const void *p, size_t len)
{
    return is_one(GI_MSGPACK_LIST, p, len);
}

bool gi_msgpack_is_map(const void *p, size_t len)
{
    return is_one(GI_MSGPACK_MAP, p, len);
}
