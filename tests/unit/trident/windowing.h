/* windowing.h -- a window step by hand, random streams for it, and a plain
 * loop over all rows that says what should come out. */
#ifndef TESTS_UNIT_TRIDENT_WINDOWING_H
#define TESTS_UNIT_TRIDENT_WINDOWING_H

#include <stdlib.h>

#include "base/mix.h"
#include "tests/unit/trident/steps.h"

enum { KEYS = 5, ROWS = 12, BATCHES = 30, ALL = ROWS * BATCHES };

typedef enum folds { COMBINED, FOLDED, REDUCED, GATHERED } folds;

/* ------------------------------------------------------------ the step -- */

static void zero(gale_value *out)
{
    out[0] = out[1] = gale_val_i64(0);
}

static void add_one(const gale_value *so_far, gale_row in, gale_value *out)
{
    out[0] = gale_val_i64(so_far[0].as.i + in.values[0].as.i);
    out[1] = gale_val_i64(so_far[1].as.i + 1);
}

static const gale_field both_out[] = { GALE_I64("sum"),
                                       GALE_I64("count"),
                                       { 0, GALE_T_ANY } };
static const gale_reducer reducer = { .output = both_out,
                                      .init = zero,
                                      .reduce = add_one };

typedef struct gathered {
    int64_t *sum; /* memory of its own */
    int64_t n;
} gathered;

static int alive;

static void gather_init(void *state, gale_batch_ctx *ctx)
{
    gathered *g = state;

    g->sum = calloc(1, sizeof(*g->sum));
    alive++;
    (void)ctx;
}

static void gather(void *state, gale_row in, gale_batch_ctx *ctx)
{
    gathered *g = state;

    *g->sum += in.values[0].as.i;
    g->n++;
    (void)ctx;
}

static void gather_complete(void *state, gale_batch_ctx *ctx)
{
    gathered *g = state;

    gale_batch_emit(ctx, GALE_ROW(gale_val_i64(*g->sum), gale_val_i64(g->n)));
}

static void gather_drop(void *state)
{
    free(((gathered *)state)->sum);
    alive--;
}

static const gale_aggregator aggregator = {
    .state_size = sizeof(gathered),
    .output = both_out,
    .init = gather_init,
    .aggregate = gather,
    .complete = gather_complete,
    .drop = gather_drop,
};

/* Rows: key, time, value.  Folded: pane (of times), key, sum, count, rows. */
static uint32_t slot_2[] = { 2 }, slot_3[] = { 3 }, slot_4[] = { 4 },
                slot_1[] = { 1 };
static gi_op_fold combiners[] = {
    { { .combiner = &gale_sum }, slot_2, 1, 1 },
    { { .combiner = &gale_count }, NULL, 0, 1 }
};
static gi_op_fold reducers[] = { { { .reducer = &reducer }, slot_2, 1, 2 } };
static gi_op_fold aggregators[] = {
    { { .aggregator = &aggregator }, slot_2, 1, 2 }
};
static gi_op_fold timed_merge[] = {
    { { .combiner = &gale_sum }, slot_2, 1, 1 },
    { { .combiner = &gale_count }, slot_3, 1, 1 },
    { { .combiner = &gale_count }, slot_4, 1, 1 },
};
static gi_op_fold merge[] = {
    { { .combiner = &gale_sum }, slot_1, 1, 1 },
    { { .combiner = &gale_count }, slot_2, 1, 1 },
    { { .combiner = &gale_count }, slot_3, 1, 1 },
};
static uint32_t first[] = { 0 }, first_two[] = { 0, 1 };

static const gale_store store = { .name = "fake" };

typedef struct spec {
    int64_t length, slide, lateness;
    bool by_rows, of_rows;
    folds folds;
} spec;

static gi_op op_of(const spec *c)
{
    gi_op op = {
        .kind = GI_OP_WINDOW,
        .id = "recent",
        .n_out = 5,
        .n_row = 3,
        .keys = first,
        .n_keys = 1,
        .folds = c->folds == REDUCED ? reducers : aggregators,
        .n_folds = 1,
        .state = { .store = &store },
        .window = { .w = gi_window_of(c->length, c->slide),
                    .by_rows = c->by_rows,
                    .folded = c->folds == FOLDED,
                    .clock = { .of_rows = c->of_rows,
                               .lateness = c->lateness },
                    .time = 1,
                    .n_keys = 1 },
    };

    if (c->folds == COMBINED) {
        op.folds = combiners;
        op.n_folds = 2;
    } else if (c->folds == FOLDED) {
        op.folds = c->of_rows ? timed_merge : merge;
        op.n_folds = 3;
        op.how = GI_FOLD_MERGE;
        op.keys = c->of_rows ? first_two : first;
        op.n_keys = c->of_rows ? 2 : 1;
        op.n_row = c->of_rows ? 5 : 4;
    }
    return op;
}

static void make(world *w, const spec *c)
{
    *w = (world){ .n = 0 };
    add(w, op_of(c));
    add(w, (gi_op){ .kind = GI_OP_SEND });
    chain(w);
    start(w);
}

/* ------------------------------------------------------------- a stream -- */

typedef struct row {
    int64_t key, at, v;
} row;

typedef struct batch {
    row rows[ROWS];
    int n;
    int64_t ms;
} batch;

static uint64_t seed;

static int64_t any(int64_t n)
{
    seed = gi_mix64(seed + 0x9e3779b97f4a7c15u);
    return (int64_t)(seed % (uint64_t)n);
}

static batch batch_at(int64_t now)
{
    batch b = { .n = (int)any(ROWS), .ms = now };

    for (int i = 0; i < b.n; i++)
        b.rows[i] = (row){ any(KEYS), now + any(20) - any(40), any(1000) };
    return b;
}

static void feed(world *w, const spec *c, const batch *b)
{
    const gi_window *win = &w->op[0].window.w;
    int64_t greatest = INT64_MIN;

    w->round.time_ms = b->ms;
    for (int i = 0; i < b->n; i++) {
        const row *r = &b->rows[i];

        if (c->folds != FOLDED)
            FEED(w, I(r->key), I(r->at), I(r->v));
        else if (c->of_rows)
            FEED(w, I(gi_window_pane(win, r->at)), I(r->key), I(r->v), I(1),
                 I(1));
        else
            FEED(w, I(r->key), I(r->v), I(1), I(1));
        greatest = r->at > greatest ? r->at : greatest;
    }
    if (c->of_rows && b->n > 0)
        feed_at(w, 0, 1, GALE_ROW(I(greatest)));
}

/* ---------------------------------------------------------- plain loop -- */

typedef struct plain {
    row rows[ALL];
    int n;
    int64_t mark, late; /* what ends there or before is closed */
} plain;

static bool within(const spec *c, int64_t k, int64_t at)
{
    return k * c->slide <= at && at < k * c->slide + c->length;
}

static void say(char *to, int64_t key, int64_t from, int64_t end, int64_t sum,
                int64_t count)
{
    if (count > 0)
        sprintf(to + strlen(to),
                "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64
                "\n",
                key, from, end, sum, count);
}

/* The first window behind all rows that came by now. */
static int64_t behind(const spec *c, const batch *b)
{
    return (b->ms + 200) / c->slide + 1;
}

static void plain_time(plain *p, const spec *c, const batch *b, char *to)
{
    int64_t before = p->mark;

    for (int i = 0; i < b->n; i++) {
        row r = b->rows[i];
        bool late = true;

        if (!c->of_rows)
            r.at = b->ms;
        for (int64_t k = -100; k < behind(c, b); k++)
            if (within(c, k, r.at) && k * c->slide + c->length > before)
                late = false;
        p->late += late;
        if (!late)
            p->rows[p->n++] = r;
        if (c->of_rows && r.at - c->lateness > p->mark)
            p->mark = r.at - c->lateness;
    }
    if (!c->of_rows)
        p->mark = b->ms;
    for (int64_t k = -100; k < behind(c, b); k++)
        for (int64_t key = 0; key < KEYS; key++) {
            int64_t end = k * c->slide + c->length, sum = 0, count = 0;

            if (end <= before || end > p->mark)
                continue;
            for (int i = 0; i < p->n; i++)
                if (p->rows[i].key == key && within(c, k, p->rows[i].at)) {
                    sum += p->rows[i].v;
                    count++;
                }
            say(to, key, k * c->slide, end, sum, count);
        }
}

static void plain_rows(plain *p, const spec *c, const batch *b, char *to)
{
    for (int i = 0; i < b->n; i++)
        p->rows[p->n++] = b->rows[i];
    for (int64_t key = 0; key < KEYS; key++) {
        int64_t had = 0, has = 0;

        for (int i = 0; i < p->n; i++) {
            has += p->rows[i].key == key;
            had += p->rows[i].key == key && i < p->n - b->n;
        }
        for (int64_t k = -100; k * c->slide + c->length <= has; k++) {
            int64_t end = k * c->slide + c->length, no = 0, sum = 0, count = 0;

            if (end <= had)
                continue;
            for (int i = 0; i < p->n; i++)
                if (p->rows[i].key == key && within(c, k, no++)) {
                    sum += p->rows[i].v;
                    count++;
                }
            say(to, key, k < 0 ? 0 : k * c->slide, end, sum, count);
        }
    }
}

#endif
