#include "state/codec.h"

#include "base/diag.h"
#include "base/mem.h"
#include "base/msgpack.h"
#include "gale/nested.h"

enum { HEAD_MOST = 9 }; /* bytes of a number, or before contents */

void gi_bytes_fini(gi_bytes *b)
{
    gi_free(b->at);
    *b = (gi_bytes){ 0 };
}

char *gi_bytes_room(gi_bytes *b, size_t more)
{
    if (b->at == NULL || more > b->cap - b->len) {
        size_t cap = b->cap < 512 ? 1024 : b->cap * 2;
        char *at;

        if (cap - b->len < more)
            cap = b->len + more;
        at = gi_realloc(b->at, cap);
        if (at == NULL)
            return NULL;
        b->at = at;
        b->cap = cap;
    }
    return b->at + b->len;
}

void gi_values_fini(gi_values *v)
{
    gi_free(v->at);
    *v = (gi_values){ 0 };
}

/* -------------------------------------------------------------- writing -- */

static gale_value as_key(gale_value v)
{
    if (v.type != GALE_T_F64)
        return v;
    if (v.as.f == 0)
        return gale_val_f64(0);
    return v.as.f != v.as.f ? gale_val_f64(__builtin_nan("")) : v;
}

static gale_err refuse(gale_diag *why, size_t i, const char *what)
{
    gi_diag_say(why, "value %zu of the row %s", i, what);
    return GALE_EINVAL;
}

static gale_err too_long(gale_diag *why, bool key, size_t most)
{
    gi_diag_say(why, "a %s of more than %zu bytes; that is the most",
                key ? "key" : "value", most);
    return GALE_EINVAL;
}

static gale_err write_one(gi_bytes *b, gale_value v, size_t i, bool key,
                          gale_diag *why)
{
    gale_pack p;
    size_t n;

    if (v.type < GALE_T_NIL || v.type > GALE_T_MAP)
        return refuse(why, i, "has a type that does not exist");
    n = HEAD_MOST + (v.type >= GALE_T_STR ? v.len : 0);
    if (gi_bytes_room(b, n) == NULL)
        return GALE_ENOMEM;
    gale_pack_init(&p, b->at + b->len, n);
    gale_pack_any(&p, key ? as_key(v) : v);
    n = gale_pack_len(&p);
    if (n == 0)
        return refuse(why, i, "is no sound list or map");
    b->len += n;
    return GALE_OK;
}

gale_err gi_row_write(gi_bytes *b, gale_row row, bool key, size_t most,
                      gale_diag *why)
{
    size_t from = b->len;
    gale_err rv = GALE_OK;

    if (gi_bytes_room(b, 1) == NULL) /* also a row of none is somewhere */
        return GALE_ENOMEM;
    if (row.n > GI_STATE_ROW_MOST)
        rv = refuse(why, GI_STATE_ROW_MOST, "is one too many");
    for (size_t i = 0; rv == GALE_OK && i < row.n; i++) {
        if (row.values[i].type >= GALE_T_STR && row.values[i].len > most)
            rv = too_long(why, key, most);
        else
            rv = write_one(b, row.values[i], i, key, why);
        if (rv == GALE_OK && b->len - from > most)
            rv = too_long(why, key, most);
    }
    if (rv != GALE_OK)
        b->len = from;
    return rv;
}

/* -------------------------------------------------------------- reading -- */

/* The value as gale/value.h has it; false: no gale_value is like that. */
static bool value_of(const gi_msgpack_head *h, const char *at, size_t n,
                     gale_value *out)
{
    switch (h->kind) {
    case GI_MSGPACK_NIL:
        *out = gale_val_nil();
        return true;
    case GI_MSGPACK_BOOL:
        *out = gale_val_bool(h->as.b);
        return true;
    case GI_MSGPACK_INT:
        *out = gale_val_i64(h->as.i);
        return true;
    case GI_MSGPACK_FLOAT:
        *out = gale_val_f64(h->as.f);
        return true;
    case GI_MSGPACK_STR:
        *out = gale_val_run(GALE_T_STR, at + h->size, h->n);
        return true;
    case GI_MSGPACK_BIN:
        *out = gale_val_run(GALE_T_BYTES, at + h->size, h->n);
        return true;
    case GI_MSGPACK_LIST:
        *out = gale_val_run(GALE_T_LIST, at, (uint32_t)n);
        return true;
    case GI_MSGPACK_MAP:
        *out = gale_val_run(GALE_T_MAP, at, (uint32_t)n);
        return true;
    default:
        return false;
    }
}

/* Is its head the one that the writer would write? */
static bool shortest(const gi_msgpack_head *h, const char *at,
                     const gale_value *v)
{
    char head[HEAD_MOST];
    gale_pack p;

    if (v->type >= GALE_T_LIST)
        return true;
    if (v->type >= GALE_T_STR) {
        uint32_t least = v->type == GALE_T_STR && v->len < 32 ? 1
                         : v->len <= UINT8_MAX                ? 2
                         : v->len <= UINT16_MAX               ? 3
                                                              : 5;
        return h->size == least;
    }
    gale_pack_init(&p, head, sizeof(head));
    gale_pack_any(&p, *v);
    return gale_pack_len(&p) == h->size && memcmp(head, at, h->size) == 0;
}

static bool read_one(const char *at, size_t left, gale_value *out, size_t *n)
{
    gi_msgpack_head h;

    if (!gi_msgpack_read(at, left, &h))
        return false;
    *n = h.kind == GI_MSGPACK_LIST || h.kind == GI_MSGPACK_MAP
             ? gi_msgpack_skip(at, left)
         : h.kind == GI_MSGPACK_STR || h.kind == GI_MSGPACK_BIN
             ? (size_t)h.size + h.n
             : h.size;
    return *n > 0 && *n <= left && value_of(&h, at, *n, out) &&
           shortest(&h, at, out);
}

static bool reserve(gi_values *v)
{
    size_t cap = v->cap == 0 ? 64 : v->cap * 2;
    gale_value *at = gi_realloc(v->at, cap * sizeof(*at));

    if (at == NULL)
        return false;
    v->at = at;
    v->cap = cap;
    return true;
}

gale_err gi_row_read(gi_values *v, gale_str bytes)
{
    size_t from = v->len, n;

    if (v->cap == 0 && !reserve(v)) /* also a row of none is somewhere */
        return GALE_ENOMEM;
    for (size_t at = 0; at < bytes.len; at += n) {
        gale_err rv = v->len == v->cap && !reserve(v) ? GALE_ENOMEM : GALE_OK;

        if (rv == GALE_OK &&
            (v->len - from == GI_STATE_ROW_MOST ||
             !read_one(bytes.ptr + at, bytes.len - at, &v->at[v->len], &n)))
            rv = GALE_EFORMAT;
        if (rv != GALE_OK) {
            v->len = from;
            return rv;
        }
        v->len++;
    }
    return GALE_OK;
}
