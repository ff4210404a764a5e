/* Steps that do something with each row: each, map, where, peek, project,
 * first n; and what callbacks may call. */
#include "tests/unit/trident/steps.h"

#include <signal.h>

#include "base/mix.h"
#include "trident/values.h"

/* ------------------------------------------------------------ callbacks -- */

struct splitter {
    int prepared, calls;
};

static int cleaned;

static gale_err split_prepare(void *self, gale_task *task)
{
    struct splitter *s = self;

    cr_assert_not_null(task);
    cr_expect_eq(s->prepared, 0);
    s->prepared = 1;
    return GALE_OK;
}

/* Words of slot 0; "!" fails the batch. */
static void split_apply(void *self, gale_row in, gale_batch_ctx *ctx)
{
    gale_str s = gale_row_str(in, 0);
    struct splitter *me = self;

    cr_expect_eq(in.n, 1);
    cr_expect_eq(me->prepared, 1);
    me->calls++;
    for (uint32_t i = 0, from = 0; i <= s.len; i++) {
        if (i < s.len && s.ptr[i] != ' ')
            continue;
        if (gale_str_is((gale_str){ s.ptr + from, i - from }, "!"))
            gale_batch_fail(ctx, "line %d of batch %" PRIu64, me->calls,
                            gale_batch_txid(ctx));
        else if (i > from)
            gale_batch_emit(ctx, GALE_ROW(gale_val_str(
                                     (gale_str){ s.ptr + from, i - from })));
        from = i + 1;
    }
}

static void split_cleanup(void *self, gale_task *task)
{
    (void)self, (void)task;
    cleaned++;
}

static const gale_function split = {
    .state_size = sizeof(struct splitter),
    .output = GALE_FIELDS(GALE_STR("word")),
    .prepare = split_prepare,
    .apply = split_apply,
    .cleanup = split_cleanup,
};

static void two(world *w, gi_op first)
{
    *w = (world){ .n = 0 };
    add(w, first);
    add(w, (gi_op){ .kind = GI_OP_SEND });
    chain(w);
    start(w);
}

Test(op_rows, each_appends_what_is_emitted_to_the_row)
{
    world w;

    two(&w, (gi_op){ .kind = GI_OP_EACH,
                     .user = &split,
                     IN(1),
                     .n_row = 2,
                     .n_out = 3 });
    FEED(&w, I(1), S("a bb  c"));
    FEED(&w, I(2), S(""));
    FEED(&w, I(3), S("d"));
    cr_expect(finish(&w));
    cr_expect_str_eq(came(),
                     "1 a bb  c a\n1 a bb  c bb\n1 a bb  c c\n3 d d\n");
    stop(&w);
    cr_expect_eq(cleaned, 1);
}

Test(op_rows, map_passes_on_what_is_emitted_alone)
{
    world w;

    two(&w, (gi_op){ .kind = GI_OP_MAP,
                     .user = &split,
                     IN(1),
                     .n_row = 2,
                     .n_out = 1 });
    FEED(&w, I(1), S("a bb c"));
    cr_expect(finish(&w));
    cr_expect_str_eq(came(), "a\nbb\nc\n");
    stop(&w);
}

Test(op_rows, a_callback_can_fail_the_batch_and_the_first_reason_is_kept)
{
    world w;

    two(&w, (gi_op){ .kind = GI_OP_MAP,
                     .user = &split,
                     IN(0),
                     .n_row = 1,
                     .n_out = 1 });
    FEED(&w, S("a"));
    FEED(&w, S("b ! ! c"));
    FEED(&w, S("!"));
    cr_expect(!finish(&w));
    cr_expect_str_eq(w.why, "line 2 of batch 1");
    stop(&w);
}

static gale_err prepare_not(void *self, gale_task *task)
{
    (void)self, (void)task;
    return GALE_EIO;
}

Test(op_rows, who_is_not_prepared_is_not_cleaned_up)
{
    gale_function f = split;
    world w = { .n = 0 };
    gale_diag why = { "" };

    f.prepare = prepare_not;
    add(&w,
        (gi_op){
            .kind = GI_OP_MAP, .user = &f, IN(0), .n_row = 1, .n_out = 1 });
    cr_expect_eq(try_start(&w, &why), GALE_EIO);
    cr_expect_not_null(strstr(why.text, "prepare"));
    stop(&w);
    cr_expect_eq(cleaned, 0);
}

/* keep: is slot 0 smaller than slot 1? */
static bool smaller(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self, (void)ctx;
    return gale_row_i64(in, 0) < gale_row_i64(in, 1);
}

Test(op_rows, where_lets_a_row_pass_or_not)
{
    static const gale_filter f = { .keep = smaller };
    world w;

    two(&w, (gi_op){ .kind = GI_OP_WHERE,
                     .user = &f,
                     IN(2, 0),
                     .n_row = 3,
                     .n_out = 3 });
    FEED(&w, I(5), S("x"), I(4));
    FEED(&w, I(5), S("y"), I(6));
    FEED(&w, I(0), S("z"), I(-1));
    cr_expect(finish(&w));
    cr_expect_str_eq(came(), "5 x 4\n0 z -1\n");
    stop(&w);
}

static int64_t seen;

static void look(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self, (void)ctx;
    seen += gale_row_i64(in, 0);
}

Test(op_rows, peek_shows_a_row_and_passes_it_on)
{
    static const gale_function f = { .apply = look };
    world w;

    two(&w,
        (gi_op){
            .kind = GI_OP_PEEK, .user = &f, IN(1), .n_row = 2, .n_out = 2 });
    FEED(&w, S("a"), I(3));
    FEED(&w, S("b"), I(4));
    cr_expect(finish(&w));
    cr_expect_str_eq(came(), "a 3\nb 4\n");
    cr_expect_eq(seen, 7);
    stop(&w);
}

Test(op_rows, project_picks_and_orders_fields)
{
    world w;

    two(&w,
        (gi_op){ .kind = GI_OP_PROJECT, IN(2, 0), .n_row = 3, .n_out = 2 });
    FEED(&w, S("a"), I(3), gale_val_nil());
    FEED(&w, gale_val_bool(true), I(3), gale_val_f64(0.5));
    cr_expect(finish(&w));
    cr_expect_str_eq(came(), "nil a\n0.5 true\n");
    stop(&w);
}

Test(op_rows, entry_hands_rows_to_all_that_read_it)
{
    world w = { .n = 0 };

    add(&w, (gi_op){ .kind = GI_OP_ENTRY });
    add(&w, (gi_op){ .kind = GI_OP_PROJECT, IN(0), .n_out = 1 });
    add(&w, (gi_op){ .kind = GI_OP_SEND });
    link_to(&w, 0, 1, 0);
    link_to(&w, 0, 2, 0);
    link_to(&w, 1, 2, 0);
    start(&w);
    FEED(&w, I(1), I(2));
    cr_expect(finish(&w));
    cr_expect_str_eq(came(), "1\n1 2\n");
    stop(&w);
}

/* ------------------------------------------------------------ mistakes -- */

static void wrong_count(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self;
    gale_batch_emit(ctx, (gale_row){ in.values, 2 });
}

static void wrong_type(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self, (void)in;
    gale_batch_emit(ctx, GALE_ROW(I(1)));
}

static void no_list(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self, (void)in;
    gale_batch_emit(ctx, GALE_ROW(gale_val_list("\x92\x01", 2)));
}

static void beyond(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self, (void)ctx;
    gale_row_i64(in, 1);
}

static void as_number(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self, (void)ctx;
    gale_row_i64(in, 0);
}

static void run_wrong(gi_op_kind kind, const gale_field *output,
                      void (*apply)(void *, gale_row, gale_batch_ctx *))
{
    gale_function f = { .output = output, .apply = apply };
    world w;

    two(&w,
        (gi_op){ .kind = kind, .user = &f, IN(0), .n_row = 2, .n_out = 3 });
    FEED(&w, S("a"), S("b"));
}

#define ENDS(name, kind, output, apply)              \
    Test(op_mistakes, name, .signal = SIGABRT)       \
    {                                                \
        run_wrong(kind, GALE_FIELDS(output), apply); \
    }

ENDS(too_many_values_end_the_process, GI_OP_EACH, GALE_STR("a"), wrong_count)
ENDS(a_wrong_type_ends_the_process, GI_OP_EACH, GALE_STR("a"), wrong_type)
ENDS(a_list_that_is_none_ends_the_process, GI_OP_MAP, GALE_ANY("a"), no_list)
ENDS(a_slot_beyond_the_row_ends_the_process, GI_OP_MAP, GALE_ANY("a"), beyond)
ENDS(a_slot_of_another_type_ends_the_process, GI_OP_MAP, GALE_ANY("a"),
     as_number)
ENDS(who_peeks_may_not_emit, GI_OP_PEEK, GALE_STR("a"), wrong_count)

/* ------------------------------------------------------------- first n -- */

static int order_of(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return x[0] != y[0] ? (x[0] > y[0]) - (x[0] < y[0])
                        : (x[1] > y[1]) - (x[1] < y[1]);
}

/* Rows (number, "row"); the model sorts all of them. */
static void try_first(gi_rng *rng, bool largest)
{
    int64_t rows[300][2], sign = largest ? -1 : 1;
    uint32_t n = (uint32_t)gi_rng_below(rng, 300);
    uint32_t want = 1 + (uint32_t)gi_rng_below(rng, 40);
    char text[64], *expect = gi_alloc(1 << 16);
    world w;

    two(&w, (gi_op){ .kind = GI_OP_FIRST_N,
                     IN(1),
                     .n_row = 2,
                     .n_out = 2,
                     .first_n = want,
                     .largest = largest });
    for (uint32_t i = 0; i < n; i++) {
        rows[i][0] = sign * (int64_t)gi_rng_below(rng, 50);
        rows[i][1] = i;
        snprintf(text, sizeof(text), "row-%u", i);
        FEED(&w, S(text), I(sign * rows[i][0]));
    }
    cr_assert(finish(&w));
    qsort(rows, n, sizeof(rows[0]), order_of);
    for (uint32_t i = 0; i < n && i < want; i++) {
        snprintf(text, sizeof(text), "row-%" PRId64 " %" PRId64 "\n",
                 rows[i][1], sign * rows[i][0]);
        strcat(expect, text);
    }
    cr_assert_str_eq(came(), expect);
    gi_free(expect);
    stop(&w);
}

Test(op_first_n, is_what_sorting_all_rows_gives)
{
    gi_rng rng = { 7 };

    for (int i = 0; i < 60; i++)
        try_first(&rng, i % 2 == 0);
}

Test(op_first_n, without_a_field_whichever_come_first)
{
    world w;

    two(&w, (gi_op){
                .kind = GI_OP_FIRST_N, .n_row = 1, .n_out = 1, .first_n = 2 });
    for (int round = 0; round < 2; round++) {
        FEED(&w, S("c"));
        FEED(&w, S("b"));
        FEED(&w, S("a"));
        cr_expect(finish(&w));
        cr_expect_str_eq(came(), "c\nb\n");
    }
    stop(&w);
}

static bool play_rows(void)
{
    gi_op ops[] = {
        { .kind = GI_OP_EACH, .user = &split, IN(1), .n_row = 2, .n_out = 3 },
        { .kind = GI_OP_FIRST_N,
          IN(2),
          .n_row = 3,
          .n_out = 3,
          .first_n = 20 },
        { .kind = GI_OP_PROJECT, IN(2, 0), .n_row = 3, .n_out = 2 },
        { .kind = GI_OP_SEND },
    };
    world w = { .n = 0 };
    bool well;

    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
        add(&w, ops[i]);
    chain(&w);
    well = try_start(&w, NULL) == GALE_OK;
    if (well) {
        for (int i = 30; i > 0; i--)
            FEED(&w, I(i), S("delta beta gamma alpha"));
        well = finish(&w);
        cr_expect(well || strcmp(w.why, "out of memory") == 0);
    }
    stop(&w);
    return well;
}

Test(op_rows, a_batch_without_memory_fails_and_nothing_else)
{
    fail_each_allocation(play_rows);
}

Test(op_rows, values_have_one_order)
{
    const gale_value in_order[] = {
        gale_val_nil(),
        gale_val_bool(false),
        gale_val_bool(true),
        I(INT64_MIN),
        I(-1),
        I(7),
        gale_val_f64(-0.5),
        gale_val_f64(0),
        gale_val_f64(1e300),
        gale_val_f64(__builtin_nan("")),
        S(""),
        S("a"),
        S("aa"),
        S("b"),
        S("\xff"),
        gale_val_bytes("a", 1),
    };
    const int n = sizeof(in_order) / sizeof(in_order[0]);

    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++) {
            int o = gi_value_order(&in_order[i], &in_order[k]);

            cr_expect_eq((o > 0) - (o < 0), (i > k) - (i < k), "%d %d", i, k);
            cr_expect_eq(gi_value_same(&in_order[i], &in_order[k]), i == k);
        }
}
