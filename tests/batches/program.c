/* program.c -- a scenario as a Trident program. */
#include "trident/program.h"
#include "batches.h"
#include "trident/graph.h"

/* --------------------------------------------------------------- steps -- */

static const gale_field row_out[] = { GALE_I64("key"),
                                      GALE_I64("amount"),
                                      { 0, 0 } };

static void rows_of(uint32_t source, gale_row in, gale_batch_ctx *ctx)
{
    int64_t rows[MAX_ROWS][2];
    uint32_t n = token_rows(source, (uint32_t)gale_row_i64(in, 0), rows);

    for (uint32_t i = 0; i < n; i++)
        gale_batch_emit(
            ctx, GALE_ROW(gale_val_i64(rows[i][0]), gale_val_i64(rows[i][1])));
}

static void left_rows(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self;
    rows_of(0, in, ctx);
}

static void right_rows(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self;
    rows_of(1, in, ctx);
}

static const gale_field right_out[] = { GALE_I64("key"),
                                        GALE_I64("other"),
                                        { 0, 0 } };

static const gale_function spread[MAX_SOURCES] = {
    { .output = row_out, .apply = left_rows },
    { .output = right_out, .apply = right_rows },
};

static void halve(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self;
    gale_batch_emit(ctx, GALE_ROW(gale_val_i64(gale_row_i64(in, 0) / 2)));
}

static const gale_function half = {
    .output = (const gale_field[]){ GALE_I64("half"), { 0, 0 } },
    .apply = halve,
};

static void multiply(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self;
    gale_batch_emit(ctx, GALE_ROW(gale_val_i64(gale_row_i64(in, 0)),
                                  gale_val_i64(gale_row_i64(in, 1) *
                                               gale_row_i64(in, 2))));
}

static const gale_function product = { .output = row_out, .apply = multiply };

static void sum_init(gale_value *out)
{
    *out = gale_val_i64(0);
}

static void sum_reduce(const gale_value *so_far, gale_row in, gale_value *out)
{
    *out = gale_val_i64(so_far->as.i + gale_row_i64(in, 0));
}

static const gale_reducer summing = {
    .output = (const gale_field[]){ GALE_I64("sum"), { 0, 0 } },
    .init = sum_init,
    .reduce = sum_reduce,
};

/* ------------------------------------------------------------- by hand -- */

static gale_err add(void *arg, size_t i, gale_row old, gale_row *now)
{
    gale_value *v = arg;

    (void)i;
    if (old.values != NULL)
        v->as.i += gale_row_i64(old, 0);
    *now = (gale_row){ v, 1 };
    return GALE_OK;
}

static gale_err by_hand(gale_map *map, const gale_row *in, size_t n,
                        gale_batch_ctx *ctx)
{
    gale_diag why = { "" };

    for (size_t i = 0; i < n; i++) {
        gale_row key = { in[i].values, 1 };
        gale_value amount = in[i].values[1];
        gale_err e = gale_map_update(map, &key, 1, add, &amount, NULL, &why);

        if (e != GALE_OK) {
            gale_batch_fail(ctx, "%.100s", why.text);
            return e;
        }
    }
    return GALE_OK;
}

static const gale_updater hand = { .update = by_hand };

/* ---------------------------------------------------------- definition -- */

static gale_batches *moved(gale_batches *s, uint32_t how)
{
    switch (how) {
    case 0:
        return gale_shuffle(s);
    case 1:
        return gale_local_or_shuffle(s);
    case 2:
        return gale_partition_by(s, GALE_NAMES("token"));
    case 3:
        return gale_batch_global(s);
    default:
        return s;
    }
}

static gale_batches *stream_of(gale_trident *t, const life *l, uint32_t no)
{
    gale_batches *s = gale_parallelism(
        gale_new_stream(t, source_names[no], source_table(no)), l->sources);

    s = moved(s, m.s->move);
    if (m.s->move < 4)
        s = gale_parallelism(s, l->middle);
    return gale_map_rows(s, GALE_NAMES("token"), &spread[no]);
}

static void define(gale_trident *t, const life *l)
{
    const gale_state_opts o = { .store = &watched_store,
                                .kind = m.s->state,
                                .tasks = l->states };
    gale_state_opts one = o;
    gale_batches *rows = stream_of(t, l, 0);
    gale_kept *main;

    one.tasks = 0;
    if (m.s->shape == SHAPE_JOIN)
        rows = gale_map_rows(
            gale_parallelism(gale_join(rows, GALE_NAMES("key"),
                                       stream_of(t, l, 1), GALE_NAMES("key"),
                                       GALE_JOIN_INNER),
                             l->middle),
            NULL, &product);
    main = gale_persistent_aggregate(
        gale_group_by(rows, GALE_NAMES("key")), "main",
        m.s->reduce ? GALE_FOLD(GALE_REDUCE(&summing, "amount"))
                    : GALE_FOLD(GALE_SUM("amount", "sum")),
        &o);
    if (m.s->has[STATE_TOTAL])
        gale_persistent_total(rows, "total",
                              GALE_FOLD(GALE_SUM("amount", "sum")), &one);
    if (m.s->has[STATE_CHAIN])
        gale_persistent_aggregate(
            gale_group_by(
                gale_each(gale_new_values(main), GALE_NAMES("key"), &half),
                GALE_NAMES("half")),
            "chain", GALE_FOLD(GALE_SUM("sum", "sums")), &o);
    if (m.s->has[STATE_ASKED])
        gale_persistent_aggregate(
            gale_group_by(gale_state_query(rows, main, GALE_NAMES("key"),
                                           GALE_FIELDS(GALE_ANY("then"))),
                          GALE_NAMES("key")),
            "asked", GALE_FOLD(GALE_COUNT("count")), &o);
    if (m.s->has[STATE_HAND])
        gale_partition_persist(gale_partition_by(rows, GALE_NAMES("key")),
                               "hand", GALE_NAMES("key", "amount"), &hand, &o);
}

/* What the program says of its states has to be what the table says. */
static void check_promises(void)
{
    const gi_program *p = m.t->program;

    for (uint32_t i = 0; i < p->n_promises; i++)
        for (int k = 0; k < N_STATES; k++)
            if (strcmp(p->promises[i].state, state_names[k]) == 0 &&
                p->promises[i].once != is_promised((state_no)k))
                wrong("promise", "'%s' is said to be %sexactly once",
                      state_names[k], p->promises[i].once ? "" : "not ");
}

const gale_topology *program_make(const life *l, gale_diag *why)
{
    const gale_topology *t = NULL;

    if (gale_trident_create(&m.t, "sim") != GALE_OK)
        return NULL;
    gale_trident_remember(m.t, &watched_store);
    define(m.t, l);
    if (gale_trident_build(m.t, &t, why) != GALE_OK)
        return NULL;
    m.coordinator = m.t->program->groups[0].name;
    check_promises();
    return t;
}
