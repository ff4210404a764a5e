/* tuples_read.c -- a section becomes a batch, if all of it is sound.
 *
 * One pass: a value is checked, then written to where it belongs, and neither
 * what is read nor what is written is ever beyond its bound.  The common forms
 * have a short way each; everything else goes through gi_msgpack_read.
 */
#include "base/bytes.h"
#include "wire/read.h"
#include "wire/tuples.h"

enum {
    NIL = 0xc0,
    NO = 0xc2,
    BIN_8 = 0xc4,
    F64 = 0xcb,
    U8 = 0xcc,
    U64 = 0xcf
};

enum {
    FORMS_OF_INT = 8, /* U8 to U64, then the signed ones */
    MOST_A_BYTE = 16, /* of memory that a byte makes: a nil, a value */
    SHORT = 32,       /* so many at once, where there are so many */
};

struct reading {
    const gi_rules *rules;
    gi_rest rest;
    uint32_t reader; /* component of the receiving task */
    bool inner;
    uint32_t stream_no;
    const gi_stream *stream; /* the last one; NULL: none yet */
    char *to, *end;          /* memory still to be filled */
};

gi_refusal gi_tuples_peek(const gi_rules *rules, const void *p, size_t len,
                          gi_tuples *out)
{
    gi_rest rest = { p, (const unsigned char *)p + len };
    gi_msgpack_head inner, list;
    uint64_t to, epoch, bytes;

    if (!gi_read_section(&rest, 6, GI_SECTION_TUPLES) ||
        !gi_read_number(&rest, INT64_MAX, &to) ||
        !gi_read_number(&rest, INT64_MAX, &epoch) ||
        !gi_read_head(&rest, GI_MSGPACK_BOOL, &inner) ||
        !gi_read_number(&rest, INT64_MAX, &bytes) ||
        !gi_read_head(&rest, GI_MSGPACK_LIST, &list))
        return GI_REFUSED_MSGPACK;
    if (to == 0 || to > rules->plan->n_tasks)
        return GI_REFUSED_TASK;
    if (epoch > UINT16_MAX)
        return GI_REFUSED_EPOCH;
    if (bytes > rules->most_bytes)
        return GI_REFUSED_LIMIT;
    if (list.n == 0 || bytes % 8 != 0 || bytes / sizeof(gale_tuple) < list.n ||
        bytes / MOST_A_BYTE > gi_rest_left(&rest))
        return GI_REFUSED_ROOM;
    *out = (gi_tuples){ .to = (uint32_t)to,
                        .epoch = (uint16_t)epoch,
                        .inner = inner.as.b,
                        .bytes = (uint32_t)bytes,
                        .n = list.n,
                        .at = rest.at,
                        .left = gi_rest_left(&rest) };
    return GI_TAKEN;
}

/* --------------------------------------------------------------- values -- */

/* Bytes at the reader's place become those of `v`. */
static inline bool take_bytes(struct reading *r, gale_type type, uint32_t n,
                              gale_value *v)
{
    if (n > (size_t)(r->end - r->to) || n > gi_rest_left(&r->rest))
        return false;
    if (n > 0)
        memcpy(r->to, r->rest.at, n);
    *v = gale_val_run(type, r->to, n);
    r->to += n;
    r->rest.at += n;
    return true;
}

/* All of a list or map, which is kept as msgpack. */
static gi_refusal take_nested(struct reading *r, gale_type type, gale_value *v)
{
    size_t n = gi_msgpack_skip(r->rest.at, gi_rest_left(&r->rest));

    if (n == 0 || n > UINT32_MAX)
        return GI_REFUSED_DEPTH;
    return take_bytes(r, type, (uint32_t)n, v) ? GI_TAKEN : GI_REFUSED_ROOM;
}

static gi_refusal take_scalar(struct reading *r, const gi_msgpack_head *h,
                              gale_value *v)
{
    r->rest.at += h->size;
    switch (h->kind) {
    case GI_MSGPACK_NIL:
        *v = gale_val_nil();
        return GI_TAKEN;
    case GI_MSGPACK_BOOL:
        *v = gale_val_bool(h->as.b);
        return GI_TAKEN;
    case GI_MSGPACK_INT:
        *v = gale_val_i64(h->as.i);
        return GI_TAKEN;
    case GI_MSGPACK_FLOAT:
        *v = gale_val_f64(h->as.f);
        return GI_TAKEN;
    case GI_MSGPACK_STR:
    case GI_MSGPACK_BIN:
        return take_bytes(
                   r, h->kind == GI_MSGPACK_STR ? GALE_T_STR : GALE_T_BYTES,
                   h->n, v)
                   ? GI_TAKEN
                   : GI_REFUSED_ROOM;
    default: /* an integer above INT64_MAX, an extension type */
        return GI_REFUSED_TYPE;
    }
}

/* Any value, in whatever form. */
static __attribute__((noinline)) gi_refusal
take_any(struct reading *r, uint32_t want, gale_value *v)
{
    gi_msgpack_head h;
    gi_refusal why;

    if (!gi_msgpack_read(r->rest.at, gi_rest_left(&r->rest), &h))
        return GI_REFUSED_MSGPACK;
    if (h.kind == GI_MSGPACK_LIST || h.kind == GI_MSGPACK_MAP)
        why = take_nested(
            r, h.kind == GI_MSGPACK_LIST ? GALE_T_LIST : GALE_T_MAP, v);
    else
        why = take_scalar(r, &h, v);
    if (why == GI_TAKEN && want != GALE_T_ANY && v->type != want)
        return GI_REFUSED_TYPE;
    return why;
}

/* A string of up to 31 bytes, with SHORT bytes behind its head and as much
 * room; what is copied too much is overwritten. */
static inline bool take_short(struct reading *r, gale_value *v)
{
    uint32_t n = *r->rest.at ^ 0xa0u;

    if (n > 31 || gi_rest_left(&r->rest) <= SHORT || r->end - r->to < SHORT)
        return false;
    memcpy(r->to, r->rest.at + 1, SHORT);
    *v = gale_val_run(GALE_T_STR, r->to, n);
    r->to += n;
    r->rest.at += 1 + n;
    return true;
}

/* An int with at least eight bytes behind its first. */
static inline bool take_int(struct reading *r, gale_value *v)
{
    unsigned first = *r->rest.at, form = first - U8;

    if (first < 0x80 || first >= 0xe0) {
        *v = gale_val_i64((int8_t)first);
        r->rest.at++;
        return true;
    }
    if (form >= FORMS_OF_INT)
        return false;

    /* The number is the first so many of the eight bytes. */
    uint64_t bits = gi_get_be64(r->rest.at + 1);
    unsigned bytes = 1u << form % 4, away = 64 - 8 * bytes;

    if (first == U64 && bits > INT64_MAX)
        return false;
    *v = gale_val_i64(first <= U64 ? (int64_t)(bits >> away)
                                   : (int64_t)bits >> away);
    r->rest.at += 1 + bytes;
    return true;
}

static inline bool take_float(struct reading *r, gale_value *v)
{
    uint64_t bits = gi_get_be64(r->rest.at + 1);
    double f;

    if (*r->rest.at != F64)
        return false;
    memcpy(&f, &bits, sizeof(f));
    *v = gale_val_f64(f);
    r->rest.at += 9;
    return true;
}

/* The short ways; where none leads, take_any judges. */
static inline gi_refusal take_value(struct reading *r, uint32_t want,
                                    gale_value *v)
{
    bool taken = false;

    if (__builtin_expect(gi_rest_left(&r->rest) >= 9, 1)) {
        if (want == GALE_T_STR)
            taken = take_short(r, v);
        else if (want == GALE_T_I64)
            taken = take_int(r, v);
        else if (want == GALE_T_F64)
            taken = take_float(r, v);
    }
    return __builtin_expect(taken, 1) ? GI_TAKEN : take_any(r, want, v);
}

/* --------------------------------------------------------------- tuples -- */

/* Most numbers are a byte. */
static inline bool take_number(struct reading *r, uint64_t *out)
{
    if (__builtin_expect(r->rest.at < r->rest.end && *r->rest.at < 0x80, 1)) {
        *out = *r->rest.at++;
        return true;
    }
    return gi_read_number(&r->rest, UINT32_MAX, out);
}

/* A short list, most often. */
static inline bool take_list(struct reading *r, uint32_t *n)
{
    gi_msgpack_head h;

    if (__builtin_expect(
            r->rest.at < r->rest.end && (*r->rest.at & 0xf0) == 0x90, 1)) {
        *n = *r->rest.at++ & 0x0f;
        return true;
    }
    if (!gi_read_head(&r->rest, GI_MSGPACK_LIST, &h))
        return false;
    *n = h.n;
    return true;
}

/* Runs of tuples are of one stream. */
static __attribute__((noinline)) bool change_stream(struct reading *r,
                                                    uint64_t no)
{
    const gi_plan *p = r->rules->plan;

    if (no >= p->n_streams)
        return false;
    const gi_stream *s = &p->streams[no];
    for (uint32_t i = 0; i < s->n_edges; i++)
        if (s->edges[i].to == r->reader && s->edges[i].inner == r->inner) {
            r->stream = s;
            r->stream_no = (uint32_t)no;
            return true;
        }
    return false;
}

static inline gi_refusal take_source(struct reading *r, gale_tuple *t)
{
    const gi_plan *p = r->rules->plan;
    uint64_t stream, task;

    if (!take_number(r, &stream) || !take_number(r, &task))
        return GI_REFUSED_MSGPACK;
    if (__builtin_expect(r->stream == NULL || stream != r->stream_no, 0) &&
        !change_stream(r, stream))
        return GI_REFUSED_STREAM;
    if (task - 1 >= p->n_tasks || p->task_comp[task] != r->stream->comp)
        return GI_REFUSED_TASK;
    t->n = (uint16_t)r->stream->n_fields;
    t->stream = (uint16_t)stream;
    t->task = (uint16_t)task;
    return GI_TAKEN;
}

/* How many links there are, and that there are bytes for them. */
static inline bool take_count(struct reading *r, uint32_t *n)
{
    gi_msgpack_head h;

    if (gi_rest_left(&r->rest) >= 2 + sizeof(gi_link) &&
        r->rest.at[0] == BIN_8 && r->rest.at[1] == sizeof(gi_link)) {
        r->rest.at += 2;
        *n = 1;
        return true;
    }
    if (gi_rest_left(&r->rest) > 0 && *r->rest.at == NIL) {
        r->rest.at++;
        *n = 0;
        return true;
    }
    if (!gi_read_head(&r->rest, GI_MSGPACK_BIN, &h) || h.n == 0 ||
        h.n % sizeof(gi_link) != 0)
        return false;
    *n = h.n / (uint32_t)sizeof(gi_link);
    return true;
}

static inline bool take_link(struct reading *r, gi_link *to)
{
    to->root = gi_get_le64(r->rest.at);
    to->edge = gi_get_le64(r->rest.at + 8);
    r->rest.at += sizeof(*to);
    return to->edge != GI_UNTOLD && gi_root_possible(r->rules, to->root);
}

/* Links and values have a place of known size; then come their bytes. */
static inline gi_refusal take_links(struct reading *r, gale_tuple *t)
{
    uint32_t n;

    if (!take_count(r, &n))
        return GI_REFUSED_MSGPACK;
    gi_tuple_set_more(t, n == 0 ? 0 : n - 1);
    uint32_t more = gi_tuple_more(t);
    size_t fixed = t->n * sizeof(gale_value) + more * sizeof(gi_link);
    if (fixed > (size_t)(r->end - r->to))
        return GI_REFUSED_ROOM;
    r->to += fixed;
    t->link = (gi_link){ 0, 0 };
    if (n > 0 && !take_link(r, &t->link))
        return GI_REFUSED_ROOT;
    for (uint32_t i = 0; i < more; i++)
        if (!take_link(r, &gi_tuple_links(t)[i]))
            return GI_REFUSED_ROOT;
    return GI_TAKEN;
}

static inline gi_refusal take_tuple(struct reading *r)
{
    gale_tuple *t = (gale_tuple *)(void *)r->to;
    uint32_t n;
    gi_refusal why;

    if ((size_t)(r->end - r->to) < sizeof(*t))
        return GI_REFUSED_ROOM;
    r->to += sizeof(*t);
    if (!take_list(r, &n))
        return GI_REFUSED_MSGPACK;
    if ((why = take_source(r, t)) != GI_TAKEN)
        return why;
    if (n != 3u + t->n)
        return GI_REFUSED_FIELDS;
    if ((why = take_links(r, t)) != GI_TAKEN)
        return why;

    const gale_field *field = r->stream->fields;
    for (gale_value *v = t->values, *end = v + t->n; v < end; v++, field++)
        if ((why = take_value(r, (uint32_t)field->type, v)) != GI_TAKEN)
            return why;

    /* Room is a multiple of 8, and so is where a tuple begins. */
    size_t size = (size_t)(r->to - (char *)t + 7) & ~(size_t)7;
    t->size = (uint32_t)size;
    r->to = (char *)t + size;
    return GI_TAKEN;
}

gi_refusal gi_tuples_read(const gi_rules *rules, const gi_tuples *s,
                          gi_batch *b, size_t *consumed)
{
    struct reading r = {
        .rules = rules,
        .rest = { s->at, s->at + s->left },
        .reader = rules->plan->task_comp[s->to],
        .inner = s->inner,
        .to = (char *)b->bytes,
        .end = (char *)b->bytes + s->bytes,
    };

    for (uint32_t i = 0; i < s->n; i++) {
        gi_refusal why = take_tuple(&r);

        if (__builtin_expect(why != GI_TAKEN, 0))
            return why;
    }
    if (r.to != r.end)
        return GI_REFUSED_ROOM;
    b->to = s->to;
    b->epoch = s->epoch;
    b->inner = s->inner;
    b->used = s->bytes;
    b->n = s->n;
    b->at = 0;
    *consumed = s->left - gi_rest_left(&r.rest);
    return GI_TAKEN;
}
