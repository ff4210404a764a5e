/* folds.h -- folds of every kind, and a step that does them. */
#ifndef TESTS_UNIT_TRIDENT_FOLDS_H
#define TESTS_UNIT_TRIDENT_FOLDS_H

#include "tests/unit/trident/steps.h"

/* Text with what came put behind; its bytes lie in a buffer that the next call
 * writes again. */
static char buffer[1 << 16];

static void join_init(gale_row in, gale_value *out)
{
    *out = in.values[0];
}

static void join_combine(const gale_value *a, const gale_value *b,
                         gale_value *out)
{
    cr_assert_lt(a->len + b->len, sizeof(buffer));
    if (a->len > 0)
        memmove(buffer, a->as.p, a->len);
    if (b->len > 0)
        memcpy(buffer + a->len, b->as.p, b->len);
    *out = gale_val_run(GALE_T_STR, buffer, a->len + b->len);
}

static void join_zero(gale_value *out)
{
    *out = gale_val_cstr("none");
}

static const gale_combiner joined = {
    .output = GALE_FIELDS(GALE_STR("text")),
    .init = join_init,
    .combine = join_combine,
    .zero = join_zero,
};

/* Two fields: the smaller and the larger text, which may change places. */
static void ends_init(gale_row in, gale_value *out)
{
    out[0] = out[1] = in.values[0];
}

static int order(const gale_value *a, const gale_value *b)
{
    uint32_t n = a->len < b->len ? a->len : b->len;
    int o = n == 0 ? 0 : memcmp(a->as.p, b->as.p, n);

    return o != 0 ? o : (int)a->len - (int)b->len;
}

/* The larger first, then the smaller in turns: each points into the other's
 * place. */
static void turned_combine(const gale_value *a, const gale_value *b,
                           gale_value *out)
{
    const gale_value *least = order(&a[0], &a[1]) < 0 ? &a[0] : &a[1];
    const gale_value *most = least == &a[0] ? &a[1] : &a[0];

    if (order(&b[0], least) < 0)
        least = &b[0];
    if (order(&b[0], most) > 0)
        most = &b[0];
    out[0] = a[0].as.p == least->as.p ? *most : *least;
    out[1] = a[0].as.p == least->as.p ? *least : *most;
}

static const gale_combiner turned = {
    .output = GALE_FIELDS(GALE_STR("one"), GALE_STR("other")),
    .init = ends_init,
    .combine = turned_combine,
};

/* How often the row was unlike the one before it. */
static void changes_init(gale_value *out)
{
    out[0] = gale_val_i64(0);
    out[1] = gale_val_cstr("");
}

static void changes_reduce(const gale_value *so_far, gale_row in,
                           gale_value *out)
{
    gale_str now = gale_row_str(in, 0);
    bool same =
        now.len == so_far[1].len &&
        (now.len == 0 || memcmp(now.ptr, so_far[1].as.p, now.len) == 0);

    out[0] = gale_val_i64(so_far[0].as.i + !same);
    out[1] = in.values[0];
}

static const gale_reducer changes = {
    .output = GALE_FIELDS(GALE_I64("changes"), GALE_STR("last")),
    .init = changes_init,
    .reduce = changes_reduce,
};

/* Every other row, and at the end how many there were. */
struct odd {
    char *mine;
    int64_t n;
};

static int open_states;

static void odd_init(void *state, gale_batch_ctx *ctx)
{
    struct odd *o = state;

    (void)ctx;
    cr_assert_null(o->mine);
    o->mine = malloc(10);
    open_states++;
}

static void odd_aggregate(void *state, gale_row in, gale_batch_ctx *ctx)
{
    struct odd *o = state;

    if (o->n++ % 2 == 0)
        gale_batch_emit(ctx, GALE_ROW(in.values[0]));
}

static void odd_complete(void *state, gale_batch_ctx *ctx)
{
    gale_batch_emit(ctx, GALE_ROW(I(((struct odd *)state)->n)));
}

static void odd_drop(void *state)
{
    open_states--;
    free(((struct odd *)state)->mine);
}

static const gale_aggregator odd = {
    .state_size = sizeof(struct odd),
    .output = GALE_FIELDS(GALE_ANY("odd")),
    .init = odd_init,
    .aggregate = odd_aggregate,
    .complete = odd_complete,
    .drop = odd_drop,
};

#define COUNTED                                 \
    {                                           \
        { .combiner = &gale_count }, NULL, 0, 1 \
    }
#define SUMMED(slot)                                \
    {                                               \
        { .combiner = &gale_sum }, FOLD_IN(slot), 1 \
    }
#define SMALLEST(slot)                              \
    {                                               \
        { .combiner = &gale_min }, FOLD_IN(slot), 1 \
    }
#define LARGEST(slot)                               \
    {                                               \
        { .combiner = &gale_max }, FOLD_IN(slot), 1 \
    }
#define JOINED(slot)                              \
    {                                             \
        { .combiner = &joined }, FOLD_IN(slot), 1 \
    }
#define FOLDS(...)                          \
    .folds = (gi_op_fold[]){ __VA_ARGS__ }, \
    .n_folds = sizeof((gi_op_fold[]){ __VA_ARGS__ }) / sizeof(gi_op_fold)

static inline void folding(world *w, gi_op fold)
{
    *w = (world){ .n = 0 };
    add(w, fold);
    add(w, (gi_op){ .kind = GI_OP_SEND });
    chain(w);
    start(w);
}

#endif
