#include "gale/nested.h"

#include "base/msgpack.h"

_Static_assert(GALE_NESTED_DEPTH == GI_MSGPACK_DEPTH, "one limit");

/* ------------------------------------------------------------- writing -- */

/* Every value that is written pays off one that was due; a list or map makes
 * new debts.  So one number tells whether the whole is complete, without a
 * stack: it is, when nothing is due. */

void gale_pack_init(gale_pack *p, void *buf, size_t cap)
{
    memset(p, 0, sizeof(*p));
    p->at = buf;
    p->cap =
        cap < UINT32_MAX ? cap : UINT32_MAX; /* a value's len is 32 bits */
    p->due = 1;
}

static void put(gale_pack *p, const void *bytes, size_t n)
{
    if (p->failed || n > p->cap - p->len) {
        p->failed = true;
        return;
    }
    if (n > 0)
        memcpy(p->at + p->len, bytes, n);
    p->len += n;
}

/* A value's first byte and `n` bytes of `v` after it, most significant
 * first. */
static void put_head(gale_pack *p, unsigned first, uint64_t v, unsigned n)
{
    uint8_t bytes[9] = { (uint8_t)first };

    if (p->due == 0) {
        p->failed = true; /* complete already: one too many */
        return;
    }
    p->due--;
    for (unsigned i = 0; i < n; i++)
        bytes[1 + i] = (uint8_t)(v >> 8 * (n - 1 - i));
    put(p, bytes, 1 + n);
}

void gale_pack_list(gale_pack *p, uint32_t n)
{
    if (n < 16)
        put_head(p, 0x90 | n, 0, 0);
    else if (n <= UINT16_MAX)
        put_head(p, 0xdc, n, 2);
    else
        put_head(p, 0xdd, n, 4);
    p->due += n;
}

void gale_pack_map(gale_pack *p, uint32_t n)
{
    if (n < 16)
        put_head(p, 0x80 | n, 0, 0);
    else if (n <= UINT16_MAX)
        put_head(p, 0xde, n, 2);
    else
        put_head(p, 0xdf, n, 4);
    p->due += 2 * (uint64_t)n;
}

void gale_pack_nil(gale_pack *p)
{
    put_head(p, 0xc0, 0, 0);
}

void gale_pack_bool(gale_pack *p, bool v)
{
    put_head(p, v ? 0xc3 : 0xc2, 0, 0);
}

/* The shortest form, as msgpack asks of writers. */
void gale_pack_i64(gale_pack *p, int64_t v)
{
    uint64_t bits = (uint64_t)v;

    if (v >= -32 && v < 128)
        put_head(p, (uint8_t)v, 0, 0);
    else if (v >= 0 && v <= UINT8_MAX)
        put_head(p, 0xcc, bits, 1);
    else if (v >= 0 && v <= UINT16_MAX)
        put_head(p, 0xcd, bits, 2);
    else if (v >= 0 && v <= UINT32_MAX)
        put_head(p, 0xce, bits, 4);
    else if (v >= 0)
        put_head(p, 0xcf, bits, 8);
    else if (v >= INT8_MIN)
        put_head(p, 0xd0, bits, 1);
    else if (v >= INT16_MIN)
        put_head(p, 0xd1, bits, 2);
    else if (v >= INT32_MIN)
        put_head(p, 0xd2, bits, 4);
    else
        put_head(p, 0xd3, bits, 8);
}

void gale_pack_f64(gale_pack *p, double v)
{
    uint64_t bits;

    memcpy(&bits, &v, sizeof(bits));
    put_head(p, 0xcb, bits, 8);
}

void gale_pack_str(gale_pack *p, gale_str s)
{
    if (s.len < 32)
        put_head(p, 0xa0 | s.len, 0, 0);
    else if (s.len <= UINT8_MAX)
        put_head(p, 0xd9, s.len, 1);
    else if (s.len <= UINT16_MAX)
        put_head(p, 0xda, s.len, 2);
    else
        put_head(p, 0xdb, s.len, 4);
    put(p, s.ptr, s.len);
}

void gale_pack_bytes(gale_pack *p, const void *bytes, uint32_t len)
{
    if (len <= UINT8_MAX)
        put_head(p, 0xc4, len, 1);
    else if (len <= UINT16_MAX)
        put_head(p, 0xc5, len, 2);
    else
        put_head(p, 0xc6, len, 4);
    put(p, bytes, len);
}

/* A list or map that is msgpack already. */
static void put_ready(gale_pack *p, gale_value v)
{
    bool sound = v.type == GALE_T_LIST ? gi_msgpack_is_list(v.as.p, v.len)
                                       : gi_msgpack_is_map(v.as.p, v.len);

    if (!sound || p->due == 0) {
        p->failed = true;
        return;
    }
    p->due--;
    put(p, v.as.p, v.len);
}

void gale_pack_any(gale_pack *p, gale_value v)
{
    gale_str s = { v.as.p, v.len };

    switch (v.type) {
    case GALE_T_NIL:
        gale_pack_nil(p);
        break;
    case GALE_T_BOOL:
        gale_pack_bool(p, v.as.b);
        break;
    case GALE_T_I64:
        gale_pack_i64(p, v.as.i);
        break;
    case GALE_T_F64:
        gale_pack_f64(p, v.as.f);
        break;
    case GALE_T_STR:
        gale_pack_str(p, s);
        break;
    case GALE_T_BYTES:
        gale_pack_bytes(p, v.as.p, v.len);
        break;
    case GALE_T_LIST:
    case GALE_T_MAP:
        put_ready(p, v);
        break;
    default:
        p->failed = true;
        break;
    }
}

size_t gale_pack_len(const gale_pack *p)
{
    return p->failed || p->due > 0 ? 0 : p->len;
}

gale_value gale_pack_value(const gale_pack *p)
{
    uint32_t len = (uint32_t)gale_pack_len(p);
    gi_msgpack_head h;

    if (len > 0 && gi_msgpack_read(p->at, len, &h)) {
        if (h.kind == GI_MSGPACK_LIST)
            return gale_val_list(p->at, len);
        if (h.kind == GI_MSGPACK_MAP)
            return gale_val_map(p->at, len);
    }
    return gale_val_list(NULL, 0);
}

/* ------------------------------------------------------------- reading -- */

gale_unpack gale_unpack_bytes(const void *p, size_t len)
{
    gale_unpack u = { .failed = true };
    gi_msgpack_head h;

    if (!gi_msgpack_read(p, len, &h) ||
        (h.kind != GI_MSGPACK_LIST && h.kind != GI_MSGPACK_MAP))
        return u;
    u.at = (const char *)p + h.size;
    u.left = len - h.size;
    u.map = h.kind == GI_MSGPACK_MAP;
    u.count = h.n;
    u.due = u.map ? 2 * (uint64_t)h.n : h.n;
    u.failed = u.due == 0 && u.left > 0;
    return u;
}

gale_unpack gale_unpack_of(gale_value v)
{
    bool nested = v.type == GALE_T_LIST || v.type == GALE_T_MAP;
    gale_unpack u = gale_unpack_bytes(v.as.p, nested ? v.len : 0);

    /* What calls itself a list is no map, whatever its bytes say. */
    return u.map == (v.type == GALE_T_MAP) ? u : gale_unpack_bytes(NULL, 0);
}

uint32_t gale_unpack_count(const gale_unpack *u)
{
    return u->count;
}

bool gale_unpack_is_map(const gale_unpack *u)
{
    return u->map;
}

/* The value that begins with `h` at `p`, of which there are `left` bytes;
 * returns its length, 0 if it cannot be had. */
static size_t value_at(const char *p, size_t left, const gi_msgpack_head *h,
                       gale_value *out)
{
    size_t whole = h->size + (size_t)h->n;

    switch (h->kind) {
    case GI_MSGPACK_NIL:
        *out = gale_val_nil();
        return whole;
    case GI_MSGPACK_BOOL:
        *out = gale_val_bool(h->as.b);
        return whole;
    case GI_MSGPACK_INT:
        *out = gale_val_i64(h->as.i);
        return whole;
    case GI_MSGPACK_FLOAT:
        *out = gale_val_f64(h->as.f);
        return whole;
    case GI_MSGPACK_STR:
        *out = gale_val_run(GALE_T_STR, p + h->size, h->n);
        return whole;
    case GI_MSGPACK_BIN:
        *out = gale_val_bytes(p + h->size, h->n);
        return whole;
    case GI_MSGPACK_LIST:
    case GI_MSGPACK_MAP:
        whole = gi_msgpack_skip(p, left);
        if (whole > UINT32_MAX)
            return 0;
        *out = h->kind == GI_MSGPACK_LIST ? gale_val_list(p, (uint32_t)whole)
                                          : gale_val_map(p, (uint32_t)whole);
        return whole;
    case GI_MSGPACK_HUGE:
    case GI_MSGPACK_EXT:
        break;
    }
    return 0;
}

bool gale_unpack_next(gale_unpack *u, gale_value *out)
{
    gi_msgpack_head h;
    gale_value v;

    if (u->failed || u->due == 0)
        return false;
    size_t n = gi_msgpack_read(u->at, u->left, &h)
                   ? value_at(u->at, u->left, &h, &v)
                   : 0;
    if (n == 0 || (u->due == 1 && n < u->left)) {
        u->failed = true;
        return false;
    }
    u->at += n;
    u->left -= n;
    u->due--;
    *out = v;
    return true;
}

bool gale_unpack_failed(const gale_unpack *u)
{
    return u->failed;
}
