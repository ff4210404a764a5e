/* rows.h -- a topology with every kind of stream, and random batches of its
 * tuples; for the unit tests and fuzz targets of wire/. */
#ifndef TEST_WIRE_ROWS_H
#define TEST_WIRE_ROWS_H

#include <assert.h>

#include "base/mem.h"
#include "base/mix.h"
#include "gale/nested.h"
#include "gale/run.h"
#include "topology/batch.h"

static inline bool rows_next(void *self, gale_spout_ctx *ctx)
{
    (void)self;
    (void)ctx;
    return false;
}

static inline gale_verdict rows_execute(void *self, const gale_tuple *in,
                                        gale_bolt_ctx *ctx)
{
    (void)self;
    (void)in;
    (void)ctx;
    return GALE_ACK;
}

enum { ROWS_WIDE = 20 };

/* Tasks: 1, 2 source; 3 to 5 there; 6, 7 back; 8 sink.  The two in the middle
 * form a cycle.  Streams: 0 a word; 1 all scalars; 2 any; 3 nested; 4 wide. */
static inline gi_plan *rows_plan(void)
{
    static const gale_field wide[ROWS_WIDE + 1] = {
        { "a", GALE_T_I64 }, { "b", GALE_T_I64 }, { "c", GALE_T_I64 },
        { "d", GALE_T_I64 }, { "e", GALE_T_I64 }, { "f", GALE_T_I64 },
        { "g", GALE_T_STR }, { "h", GALE_T_STR }, { "i", GALE_T_STR },
        { "j", GALE_T_STR }, { "k", GALE_T_F64 }, { "l", GALE_T_F64 },
        { "m", GALE_T_F64 }, { "n", GALE_T_F64 }, { "o", GALE_T_ANY },
        { "p", GALE_T_ANY }, { "q", GALE_T_ANY }, { "r", GALE_T_ANY },
        { "s", GALE_T_I64 }, { "t", GALE_T_STR },
    };
    const gale_spout source = {
        .output = GALE_FIELDS(GALE_STR("word")),
        .streams = GALE_STREAMS(
            { "scalars",
              GALE_FIELDS(GALE_I64("i"), GALE_F64("f"), GALE_STR("s"),
                          GALE_BYTES("y"), GALE_BOOL("b")),
              false },
            { "any", GALE_FIELDS(GALE_ANY("x"), GALE_ANY("y"), GALE_ANY("z")),
              false },
            { "nested", GALE_FIELDS(GALE_LIST("l"), GALE_MAP("m")), false },
            { "wide", wide, false }),
        .next = rows_next,
    };
    const gale_bolt there = {
        .output = GALE_FIELDS(GALE_I64("hops")),
        .execute = rows_execute,
    };
    const gale_bolt back = {
        .output = GALE_FIELDS(GALE_STR("word")),
        .execute = rows_execute,
    };
    const gale_bolt sink = { .execute = rows_execute };
    const gale_component components[] = {
        {
            .id = "source",
            .spout = &source,
            .tasks = 2,
        },
        {
            .id = "there",
            .bolt = &there,
            .inputs = GALE_INPUTS(
                GALE_SHUFFLE("source"), GALE_SHUFFLE_OF("source", "scalars"),
                GALE_SHUFFLE_OF("source", "any"),
                GALE_SHUFFLE_OF("source", "nested"),
                GALE_SHUFFLE_OF("source", "wide"), GALE_SHUFFLE("back")),
            .tasks = 3,
        },
        {
            .id = "back",
            .bolt = &back,
            .inputs = GALE_INPUTS(GALE_SHUFFLE("there")),
            .tasks = 2,
        },
        {
            .id = "sink",
            .bolt = &sink,
            .inputs = GALE_INPUTS(GALE_SHUFFLE("there")),
        },
    };
    const gale_topology t = { .abi = GALE_ABI,
                              .name = "rows",
                              .components = GALE_COMPONENTS(components) };
    gale_diag why;
    gi_plan *p = NULL;
    gale_err e = gi_plan_of(&p, &t, NULL, NULL, &why);

    assert(e == GALE_OK && p->n_tasks == 8);
    return e == GALE_OK ? p : NULL;
}

/* ------------------------------------------------------- random choices -- */

/* Numbers of all lengths, near the ends of each. */
static inline int64_t rows_number(gi_rng *r)
{
    uint64_t n =
        gi_rng_below(r, 2) == 0
            ? gi_rng_next(r) >> gi_rng_below(r, 64)
            : (UINT64_C(1) << gi_rng_below(r, 64)) - 1 + gi_rng_below(r, 3);

    return (int64_t)(gi_rng_below(r, 3) == 0 ? 0 - n : n);
}

static inline uint32_t rows_length(gi_rng *r)
{
    static const uint32_t ends[] = { 0,  1,   8,   31,    32,
                                     33, 255, 256, 65535, 65536 };

    if (gi_rng_below(r, 40) == 0)
        return ends[gi_rng_below(r, 10)];
    return (uint32_t)gi_rng_below(r, 40);
}

typedef struct rows_bytes {
    char at[70000];
    char nested[256];
} rows_bytes;

static inline gale_value rows_nested(gi_rng *r, rows_bytes *room, bool map)
{
    uint32_t n = (uint32_t)gi_rng_below(r, 20);
    gale_pack p;

    gale_pack_init(&p, room->nested, sizeof(room->nested));
    if (map)
        gale_pack_map(&p, n);
    else
        gale_pack_list(&p, n);
    for (uint32_t i = 0; i < n * (map ? 2 : 1); i++)
        if (gi_rng_below(r, 4) == 0)
            gale_pack_list(&p, 0);
        else
            gale_pack_i64(&p, rows_number(r) % 100000);
    gale_value v = gale_pack_value(&p);
    assert(v.len > 0);
    return v;
}

/* A nested one is good until the next is asked for. */
static inline gale_value rows_value(gi_rng *r, gale_type type,
                                    rows_bytes *room)
{
    uint64_t bits = gi_rng_next(r);
    uint32_t n = rows_length(r);
    double f;

    if (type == GALE_T_ANY)
        type = (gale_type)(1 + gi_rng_below(r, 8));
    switch (type) {
    case GALE_T_NIL:
        return gale_val_nil();
    case GALE_T_BOOL:
        return gale_val_bool(bits % 2 == 0);
    case GALE_T_I64:
        return gale_val_i64(rows_number(r));
    case GALE_T_F64:
        memcpy(&f, &bits, sizeof(f));
        return gale_val_f64(f);
    case GALE_T_LIST:
    case GALE_T_MAP:
        return rows_nested(r, room, type == GALE_T_MAP);
    default:
        memset(room->at, (int)(bits & 0xff), n);
        room->at[n / 2] = (char)(bits >> 8);
        room->at[n == 0 ? 0 : n - 1] = (char)(bits >> 16);
        return gale_val_run(type, room->at, n);
    }
}

/* -------------------------------------------------------------- batches -- */

/* Append a row; the batch grows, so it moves. */
static inline gi_batch *rows_append(gi_batch *b, uint32_t task,
                                    uint32_t stream, gale_row row,
                                    const gi_link *links, uint32_t n_links)
{
    uint32_t more = n_links == 0 ? 0 : n_links - 1;
    uint32_t need = (uint32_t)gi_tuple_need(row, more);
    const char *old = (const char *)b->bytes;
    uintptr_t was = (uintptr_t)old;

    if (b->cap - b->used < need) {
        uint32_t cap = b->cap * 2 + need;

        b = gi_realloc(b, sizeof(*b) + cap);
        assert(b != NULL);
        b->cap = cap;
        for (uint32_t at = 0; at < b->used; at += gi_batch_at(b, at)->size)
            for (uint32_t i = 0; i < gi_batch_at(b, at)->n; i++) {
                gale_value *v = &gi_batch_at(b, at)->values[i];

                if (gi_type_has_bytes(v->type))
                    v->as.p =
                        (const char *)b->bytes + ((uintptr_t)v->as.p - was);
            }
    }
    gale_tuple *t = gi_batch_at(b, b->used);
    t->size = need;
    t->stream = (uint16_t)stream;
    t->task = (uint16_t)task;
    gi_tuple_fill(t, row, more);
    t->link = n_links == 0 ? (gi_link){ 0, 0 } : links[0];
    if (more > 0)
        memcpy(gi_tuple_links(t), links + 1, more * sizeof(*links));
    b->used += need;
    b->n++;
    return b;
}

static inline gi_batch *rows_empty(uint32_t to, uint32_t cap)
{
    gi_batch *b = gi_alloc(sizeof(*b) + cap);

    assert(b != NULL);
    b->cap = cap;
    b->to = to;
    return b;
}

/* `n` tuples of random streams of the source, for task 3, 4 or 5. */
static inline gi_batch *rows_random(gi_rng *r, const gi_plan *p, uint32_t n)
{
    static rows_bytes rooms[ROWS_WIDE];
    gi_batch *b = rows_empty(3 + (uint32_t)gi_rng_below(r, 3), 0);
    uint32_t stream = (uint32_t)gi_rng_below(r, 5);

    b->epoch = (uint16_t)gi_rng_next(r);
    for (uint32_t k = 0; k < n; k++) {
        gale_value values[ROWS_WIDE];
        gi_link links[40];
        uint32_t n_links = (uint32_t)gi_rng_below(r, 3);

        if (gi_rng_below(r, 4) == 0)
            stream = (uint32_t)gi_rng_below(r, 5);
        if (gi_rng_below(r, 20) == 0)
            n_links = (uint32_t)gi_rng_below(r, 40);
        for (uint32_t i = 0; i < n_links; i++)
            links[i] = (gi_link){ (gi_rng_next(r) >> 12 | 1u << 24) +
                                      (gi_rng_below(r, 2) << 52),
                                  gi_rng_next(r) };
        const gi_stream *s = &p->streams[stream];
        for (uint32_t i = 0; i < s->n_fields; i++)
            values[i] = rows_value(r, s->fields[i].type, &rooms[i]);
        b = rows_append(b, 1 + (uint32_t)gi_rng_below(r, 2), stream,
                        (gale_row){ values, s->n_fields }, links, n_links);
    }
    return b;
}

static inline bool rows_same_value(const gale_value *x, const gale_value *y)
{
    if (x->type != y->type || x->len != y->len)
        return false;
    if (gi_type_has_bytes(x->type))
        return x->len == 0 || memcmp(x->as.p, y->as.p, x->len) == 0;
    if (x->type == GALE_T_BOOL)
        return x->as.b == y->as.b;
    return x->type == GALE_T_NIL || x->as.i == y->as.i;
}

static inline bool rows_same_tuple(const gale_tuple *x, const gale_tuple *y)
{
    if (x->size != y->size || x->n != y->n || x->stream != y->stream ||
        x->task != y->task || gi_tuple_more(x) != gi_tuple_more(y) ||
        memcmp(&x->link, &y->link, sizeof(x->link)) != 0 ||
        memcmp(gi_tuple_links(x), gi_tuple_links(y),
               gi_tuple_more(x) * sizeof(gi_link)) != 0)
        return false;
    for (uint32_t i = 0; i < x->n; i++)
        if (!rows_same_value(&x->values[i], &y->values[i]))
            return false;
    return true;
}

/* All that travels; floats bit for bit. */
static inline bool rows_same(gi_batch *x, gi_batch *y)
{
    if (x->to != y->to || x->epoch != y->epoch || x->inner != y->inner ||
        x->n != y->n || x->used != y->used)
        return false;
    for (uint32_t at = 0; at < x->used; at += gi_batch_at(x, at)->size)
        if (!rows_same_tuple(gi_batch_at(x, at), gi_batch_at(y, at)))
            return false;
    return true;
}

/* Do all pointers of `b` point within it, where they should?  What a reader
 * must be able to rely on. */
static inline void rows_check(gi_batch *b, const gi_plan *p)
{
    uint32_t n = 0, at = 0;

    while (at < b->used) {
        const gale_tuple *t = gi_batch_at(b, at);
        const char *end = (const char *)t + t->size;

        assert(b->used - at >= sizeof(*t) && t->size % 8 == 0 &&
               t->size >= sizeof(*t) && t->size <= b->used - at);
        assert(t->stream < p->n_streams &&
               t->n == p->streams[t->stream].n_fields && t->task >= 1 &&
               t->task <= p->n_tasks);
        const char *bytes =
            (const char *)(gi_tuple_links(t) + gi_tuple_more(t));
        assert(bytes <= end && (gi_tuple_more(t) == 0 || t->link.root != 0));
        for (uint32_t i = 0; i < t->n; i++) {
            const gale_value *v = &t->values[i];

            assert(v->type >= GALE_T_NIL && v->type <= GALE_T_MAP);
            if (!gi_type_has_bytes(v->type))
                continue;
            assert(v->as.p == bytes && v->len <= (size_t)(end - bytes));
            bytes += v->len;
        }
        at += t->size;
        n++;
    }
    assert(n == b->n && at == b->used);
}

#endif
