/* model.h -- random definitions, and beside each of their streams the rows
 * that have to come in it, batch by batch, worked out in plain arrays. */
#ifndef TEST_TRIDENT_MODEL_H
#define TEST_TRIDENT_MODEL_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "base/mix.h"
#include "gale/testing.h"
#include "gale/trident.h"

enum {
    BATCHES = 4,
    EMPTY = 3,
    ROWS = 8,
    WIDE = 4,   /* fields of a row, at most */
    NAME = 24,  /* bytes of a field's */
    MOST = 200, /* rows of a batch, at most */
    STREAMS = 12,
    SOURCES = 2,
    STATES = 4, /* that may be asked */
};

/* What is nil in a row. */
#define NIL INT64_MIN

/* ------------------------------------------------------------ the source */

static size_t plan(void *c, gale_str before, char *now, size_t room)
{
    (void)room;
    now[0] = before.len == 0 ? '1' : (char)(before.ptr[0] + 1);
    *(bool *)c = now[0] > '0' + BATCHES;
    return *(bool *)c ? 0 : 1;
}

static bool ended(void *c, gale_task *task)
{
    (void)task;
    return *(bool *)c;
}

static bool emit(void *self, gale_batch_part *part, gale_batch_ctx *ctx)
{
    int64_t b = part->from.ptr[0] - '0';

    (void)self;
    for (uint32_t k = part->partition; b != EMPTY && k < ROWS;
         k += part->partitions)
        gale_batch_emit(ctx, GALE_ROW(gale_val_i64(b), gale_val_i64(k)));
    return false;
}

static const gale_field source_fields[] = { GALE_I64("b"),
                                            GALE_I64("k"),
                                            { NULL, GALE_T_ANY } };
static const gale_batch_spout planned = { .output = source_fields,
                                          .plan_size = sizeof(bool),
                                          .plan = plan,
                                          .ended = ended,
                                          .emit = emit };

/* The same from an opaque spout: each partition goes on from where it was.
 * Whether it is at its end is a question about what has counted, so batches
 * may come behind the last one that have nothing in them. */
typedef struct opaque {
    uint64_t counted;
} opaque;

static opaque opaques[SOURCES];

static gale_err opaque_plan_open(void *c, const void *arg, gale_task *task)
{
    (void)task;
    *(const opaque **)c = arg;
    return GALE_OK;
}

static bool opaque_ready(void *c, gale_task *task)
{
    (void)task;
    return (*(const opaque **)c)->counted < BATCHES;
}

static bool opaque_ended(void *c, gale_task *task)
{
    return !opaque_ready(c, task);
}

static bool opaque_emit(void *self, gale_batch_part *part, gale_batch_ctx *ctx)
{
    int64_t b = part->from.len == 0 ? 1 : part->from.ptr[0] - '0' + 1;

    (void)self;
    for (uint32_t k = part->partition; b != EMPTY && b <= BATCHES && k < ROWS;
         k += part->partitions)
        gale_batch_emit(ctx, GALE_ROW(gale_val_i64(b), gale_val_i64(k)));
    part->upto[0] = (char)('0' + (b < BATCHES ? b : BATCHES));
    part->upto_len = 1;
    return false;
}

/* Which one it is, `self` knows from its first call. */
static gale_err opaque_open(void *self, const void *arg, gale_task *task)
{
    (void)task;
    *(const opaque **)self = arg;
    return GALE_OK;
}

static void opaque_committed(void *self, uint64_t txid)
{
    opaque *o = &opaques[*(const opaque **)self - opaques];

    if (txid > o->counted)
        o->counted = txid;
}

static gale_batch_spout spouts[SOURCES];

static const gale_batch_spout *spout_of(uint32_t i, bool is_opaque)
{
    opaques[i].counted = 0;
    spouts[i] = planned;
    if (is_opaque)
        spouts[i] = (gale_batch_spout){ .kind = GALE_SPOUT_OPAQUE,
                                        .output = source_fields,
                                        .arg = &opaques[i],
                                        .plan_size = sizeof(void *),
                                        .plan_open = opaque_plan_open,
                                        .ready = opaque_ready,
                                        .ended = opaque_ended,
                                        .state_size = sizeof(void *),
                                        .open = opaque_open,
                                        .emit = opaque_emit,
                                        .committed = opaque_committed };
    return &spouts[i];
}

/* -------------------------------------------------------------- the model */

typedef struct batch {
    int64_t v[MOST][WIDE];
    uint32_t n;
} batch;

typedef struct stream {
    gale_batches *s;
    uint32_t family; /* streams that meet are of one: see meet() */
    uint32_t wide;
    char names[WIDE][NAME];
    batch b[BATCHES];
} stream;

static gi_rng rng;
static gale_trident *t;
static stream streams[STREAMS];
static uint32_t n_streams, n_names, n_sources;
static uint32_t families[SOURCES]; /* by source */
static bool too_many;              /* rows: this program is given up */
static bool has_opaque;            /* sources: see step_fold */

static uint32_t below(uint32_t n)
{
    return (uint32_t)gi_rng_below(&rng, n);
}

static void put(batch *b, const int64_t *v)
{
    if (b->n == MOST) {
        too_many = true;
        return;
    }
    memcpy(b->v[b->n++], v, sizeof(b->v[0]));
}

static stream *any(void)
{
    return &streams[below(n_streams)];
}

/* A new stream of so many fields. */
static stream made(gale_batches *s, uint32_t wide)
{
    stream to = { .s = s, .wide = wide };

    if (below(2) == 0)
        gale_parallelism(s, 1 + below(5));
    return to;
}

/* In place of an old one if there is no room. */
static void keep(const stream *s)
{
    if (n_streams < STREAMS)
        streams[n_streams++] = *s;
    else
        streams[below(STREAMS)] = *s;
}

static const gale_name *names(const stream *s, const uint32_t *slots,
                              uint32_t n)
{
    static gale_name list[4][WIDE + 1]; /* for several in one call */
    static int which;
    gale_name *to = list[which++ % 4];

    for (uint32_t i = 0; i < n; i++)
        to[i] = s->names[slots[i]];
    to[n] = NULL;
    return to;
}

/* -------------------------------------------------------------- callbacks */

static void times_three(void *self, gale_row in, gale_batch_ctx *ctx)
{
    const gale_value *v = &in.values[0];

    (void)self;
    gale_batch_emit(ctx, GALE_ROW(gale_val_i64(
                             v->type == GALE_T_NIL ? -1 : v->as.i * 3 + 1)));
}

static void as_it_is(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self;
    gale_batch_emit(ctx, in);
}

static bool is_even(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self;
    (void)ctx;
    return in.values[0].type != GALE_T_NIL && in.values[0].as.i % 2 == 0;
}

static const gale_filter even = { .keep = is_even };

static void see(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self;
    (void)in;
    (void)ctx;
}

static const gale_function seeing = { .apply = see };

static void none(gale_value *out)
{
    *out = gale_val_i64(0);
}

static void plus(const gale_value *so_far, gale_row in, gale_value *out)
{
    int64_t v = in.values[0].type == GALE_T_NIL ? 0 : in.values[0].as.i;

    *out = gale_val_i64(so_far->as.i + v);
}

static const gale_field sum_field[] = { GALE_I64("sum"), { NULL, 0 } };
static const gale_reducer summing = { sum_field, none, plus };

/* Both are of one family, and all that is of theirs: in `where`, which is seen
 * by somebody, since what is not is left out. */
static void meet(const stream *a, const stream *b, gale_batches *where)
{
    uint32_t from = families[b->family], to = families[a->family];

    gale_peek(where, NULL, &seeing);
    for (uint32_t i = 0; i < n_sources; i++)
        if (families[i] == from)
            families[i] = to;
}

/* Functions whose fields have names of their own. */
static gale_function functions[512];
static gale_field fields[512][WIDE + 1];
static char texts[512][WIDE][NAME];

static const gale_function *function(stream *to, uint32_t first, uint32_t n,
                                     void (*apply)(void *, gale_row,
                                                   gale_batch_ctx *))
{
    uint32_t no = n_names++ % 512;

    for (uint32_t i = 0; i < n; i++) {
        snprintf(texts[no][i], sizeof(texts[no][i]), "f%u_%u", n_names, i);
        snprintf(to->names[first + i], sizeof(to->names[0]), "%s",
                 texts[no][i]);
        fields[no][i] = (gale_field){ texts[no][i], GALE_T_ANY };
    }
    fields[no][n] = (gale_field){ NULL, GALE_T_ANY };
    functions[no] = (gale_function){ .output = fields[no], .apply = apply };
    return &functions[no];
}

#endif
