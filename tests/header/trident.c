/* What a program writes with trident.h, compiled as C and as C++ (see check)
 * and never run; and what must not compile, one MISUSE each: the pointer types
 * say what may follow. */
#include "gale/trident.h"

#ifndef MISUSE
#define MISUSE 0
#endif

static void apply(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self;
    gale_batch_emit(ctx, GALE_ROW(gale_val_i64(gale_row_i64(in, 0))));
}

static void least_init(gale_row in, gale_value *out)
{
    *out = in.values[0];
}

static void least(const gale_value *a, const gale_value *b, gale_value *out)
{
    *out = a->as.i < b->as.i ? *a : *b;
}

extern const gale_batch_spout lines;
extern const gale_reducer last;
extern const gale_aggregator median;

// clang-format off
static const gale_function twice = { 0, GALE_FIELDS(GALE_I64("n")), NULL, apply, NULL };
static const gale_combiner smallest = { GALE_FIELDS(GALE_I64("least")), least_init, least, NULL };
// clang-format on

extern void define(gale_trident *t);

void define(gale_trident *t)
{
    gale_batches *s = gale_new_stream(t, "lines", &lines);
    gale_grouped *g;
    gale_kept *k;

    gale_trident_about(t, "A sentence.", NULL);
    gale_trident_remember(t, &gale_store_memory);
    s = gale_parallelism(gale_named(s, "in"), 2);
    s = gale_each(s, GALE_NAMES("a"), &twice);
    g = gale_group_by(s, GALE_NAMES("a", "b"));
    k = gale_persistent_aggregate(g, "counts", GALE_FOLD(GALE_COUNT("n")),
                                  NULL);
    s = gale_state_query(s, k, GALE_NAMES("a", "b"),
                         GALE_FIELDS(GALE_I64("m")));
    s = gale_merge(s, gale_new_values(k));
    gale_aggregate(s, GALE_FOLD(GALE_SUM("m", "sum"), GALE_MIN("m", "min"),
                                GALE_MAX("m", "max"),
                                GALE_COMBINE(&smallest, "m"),
                                GALE_REDUCE(&last, "m", "a"),
                                GALE_AGGREGATE(&median, "m")));

#if MISUSE == 1 /* a grouped stream is not a stream */
    gale_each(g, GALE_NAMES("a"), &twice);
#elif MISUSE == 2 /* a stream is not grouped */
    gale_group_aggregate(s, GALE_FOLD(GALE_COUNT("n")));
#elif MISUSE == 3
    gale_persistent_aggregate(s, "c", GALE_FOLD(GALE_COUNT("n")), NULL);
#elif MISUSE == 4 /* a stream is not a state */
    gale_state_query(s, s, GALE_NAMES("a"), GALE_FIELDS(GALE_I64("m")));
#elif MISUSE == 5 /* a state is not a stream */
    gale_merge(s, k);
#elif MISUSE == 6
    gale_new_values(g);
#elif MISUSE == 7 /* a function is not a filter */
    gale_where(s, GALE_NAMES("a"), &twice);
#elif MISUSE == 8 /* a reducer is not a combiner */
    gale_aggregate(s, GALE_FOLD(GALE_COMBINE(&last, "a")));
#endif
}
