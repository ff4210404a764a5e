/* windows.h -- programs with windows over numbers, what came out of them, and
 * what a plain loop would have put out. */
#ifndef TEST_SEMANTICS_WINDOWS_H
#define TEST_SEMANTICS_WINDOWS_H

#include "numbered.h"

/* ------------------------------------------------------------- program -- */

typedef enum folds { COMBINED, REDUCED, GATHERED } folds;

typedef struct spec {
    const char *what;
    const gale_batch_spout *spout;
    gale_window w;
    folds folds;
    bool global, shows_late;
    bool behind; /* a state, so they are committed after it */
    bool watched;
} spec;

static void about(void *self, gale_row in, gale_batch_ctx *ctx)
{
    int64_t n = gale_row_i64(in, 0);

    (void)self;
    gale_batch_emit(
        ctx, GALE_ROW(gale_val_i64(n % KEYS), gale_val_i64(time_of(n))));
}

static const gale_field about_out[] = { GALE_I64("rest"),
                                        GALE_I64("at"),
                                        { 0, 0 } };
static const gale_function about_of = { .output = about_out, .apply = about };

/* How many and their sum, in one number. */
static void fuse(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self;
    gale_batch_emit(ctx, GALE_ROW(gale_val_i64(MILLION * gale_row_i64(in, 0) +
                                               gale_row_i64(in, 1))));
}

static const gale_field fuse_out[] = { GALE_I64("both"), { 0, 0 } };
static const gale_function fuse_of = { .output = fuse_out, .apply = fuse };

static void zero(gale_value *out)
{
    out[0] = gale_val_i64(0);
    out[1] = gale_val_i64(0);
}

static void add_one(const gale_value *so_far, gale_row in, gale_value *out)
{
    out[0] = gale_val_i64(so_far[0].as.i + 1);
    out[1] = gale_val_i64(so_far[1].as.i + gale_row_i64(in, 0));
}

static const gale_field both_out[] = { GALE_I64("count"),
                                       GALE_I64("sum"),
                                       { 0, 0 } };
static const gale_reducer both = { .output = both_out,
                                   .init = zero,
                                   .reduce = add_one };

typedef struct sums {
    int64_t count, sum;
} sums;

static void gather(void *state, gale_row in, gale_batch_ctx *ctx)
{
    sums *s = state;

    (void)ctx;
    s->count++;
    s->sum += gale_row_i64(in, 0);
}

static void gathered(void *state, gale_batch_ctx *ctx)
{
    const sums *s = state;

    gale_batch_emit(ctx,
                    GALE_ROW(gale_val_i64(s->count), gale_val_i64(s->sum)));
}

static const gale_aggregator gathering = { .state_size = sizeof(sums),
                                           .output = both_out,
                                           .aggregate = gather,
                                           .complete = gathered };

/* What each attempt of a batch has closed of each key, as a sum. */
enum { TXIDS = 1024, ATTEMPTS = 16 };

static struct seen {
    uint64_t attempt;
    int64_t sum;
} seen[TXIDS][KEYS][ATTEMPTS];

static void watch(void *self, gale_row in, gale_batch_ctx *ctx)
{
    uint64_t txid = gale_batch_txid(ctx), attempt = gale_batch_attempt(ctx);
    struct seen *s = seen[txid % TXIDS][gale_row_i64(in, 0)];
    int i = 0;

    (void)self;
    while (i < ATTEMPTS && s[i].attempt != 0 && s[i].attempt != attempt)
        i++;
    if (i == ATTEMPTS)
        return;
    s[i].attempt = attempt;
    s[i].sum += (int64_t)(gi_mix64((uint64_t)gale_row_i64(in, 1)) % MILLION) *
                gale_row_i64(in, 2);
}

static const gale_function watcher = { .apply = watch };

static gale_batches *windows(gale_batches *s, const spec *c, uint32_t tasks)
{
    gale_state_opts o = { .store = &gale_store_memory, .tasks = tasks };
    const gale_fold *f =
        c->folds == COMBINED
            ? GALE_FOLD(GALE_COUNT("count"), GALE_SUM("n", "sum"))
        : c->folds == REDUCED ? GALE_FOLD(GALE_REDUCE(&both, "n"))
                              : GALE_FOLD(GALE_AGGREGATE(&gathering, "n"));

    if (!c->global)
        return gale_group_window(gale_group_by(s, GALE_NAMES("rest")), "open",
                                 &c->w, f, &o);
    o.tasks = 1;
    s = gale_window_aggregate(s, "open", &c->w, f, &o);
    return s;
}

static void define(gale_trident *t, const spec *c, uint32_t tasks)
{
    gale_state_opts o = { .store = &gale_store_memory, .tasks = tasks };
    gale_state_opts one = { .store = &gale_store_memory };
    gale_batches *s = gale_each(
        gale_parallelism(gale_new_stream(t, "numbers", c->spout), tasks),
        GALE_NAMES("n"), &about_of);
    gale_batches *closed;

    if (c->behind)
        s = gale_new_values(gale_persistent_aggregate(
            gale_group_by(s, GALE_NAMES("n", "rest", "at")), "seen",
            GALE_FOLD(GALE_COUNT("seen")), &o));
    closed = windows(s, c, tasks);
    if (c->watched)
        closed = gale_peek(closed, GALE_NAMES("rest", "window_end", "count"),
                           &watcher);

    gale_trident_remember(t, &gale_store_memory);
    if (c->shows_late)
        gale_persistent_total(gale_late_rows(closed), "late",
                              GALE_FOLD(GALE_COUNT("late")), &one);
    closed = gale_each(closed, GALE_NAMES("count", "sum"), &fuse_of);
    if (c->global)
        gale_persistent_aggregate(
            gale_group_by(closed, GALE_NAMES("window_end")), "closed",
            GALE_FOLD(GALE_SUM("both", "v")), &o);
    else
        gale_persistent_aggregate(
            gale_group_by(closed, GALE_NAMES("rest", "window_end")), "closed",
            GALE_FOLD(GALE_SUM("both", "v")), &o);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* ------------------------------------------------------- what came out -- */

/* [key][window + OFF]: a million times how many, and their sum. */
typedef struct table {
    int64_t at[KEYS][MOST];
    int64_t late;
    const spec *c;
} table;

static int64_t *cell(table *t, int64_t key, int64_t end)
{
    int64_t k = (end - t->c->w.length) / t->c->w.slide + OFF;

    cr_assert_eq((end - t->c->w.length) % t->c->w.slide, 0);
    cr_assert(k >= 0 && k < MOST, "window that ends at %d", (int)end);
    return &t->at[key][k];
}

static gale_err read_closed(void *arg, gale_row key, gale_row value)
{
    table *t = arg;
    bool global = t->c->global;

    *cell(t, global ? 0 : key.values[0].as.i, key.values[!global].as.i) +=
        value.values[0].as.i;
    return GALE_OK;
}

static gale_err read_late(void *arg, gale_row key, gale_row value)
{
    (void)key;
    ((table *)arg)->late += value.values[0].as.i;
    return GALE_OK;
}

/* Nothing is kept of what no open window needs. */
static gale_err check_open(void *arg, gale_row key, gale_row value)
{
    const spec *c = ((table *)arg)->c;
    int64_t mark = time_of(TOTAL - 1) - c->w.lateness_ms, pane = c->w.slide;

    (void)value;
    while (c->w.length % pane != 0 || c->w.slide % pane != 0)
        pane--;
    if (key.values[0].type == GALE_T_I64)
        cr_assert_gt(floor_div(key.values[0].as.i * pane, c->w.slide) *
                             c->w.slide +
                         c->w.length,
                     mark);
    return GALE_OK;
}

static void read_state(const char *name, const char *state, uint32_t tasks,
                       gale_map_pair pair, table *to)
{
    gale_diag why;

    for (uint32_t i = 0; i < tasks; i++) {
        gale_store_where where = {
            .topology = name, .state = state, .index = i, .count = tasks
        };
        gale_map *m;

        cr_assert_eq(gale_map_open(&m, &gale_store_memory, &where, 0, &why),
                     GALE_OK, "%s", why.text);
        cr_assert_eq(gale_map_scan(m, pair, to, &why), GALE_OK);
        gale_map_close(m);
    }
}

static void run(const char *name, const spec *c, uint32_t tasks, uint64_t seed,
                const char *faults, int seconds)
{
    gale_trident *t;
    const gale_topology *topology;
    gale_diag why = { "" };
    gale_test *test;
    gale_test_opts opts = { .seed = seed, .faults = faults, .no_rows = true };

    cr_assert_eq(gale_trident_create(&t, name), GALE_OK);
    define(t, c, tasks);
    cr_assert_eq(gale_trident_build(t, &topology, &why), GALE_OK, "%s",
                 why.text);
    cr_assert_eq(gale_test_create(&test, topology, &opts, &why), GALE_OK, "%s",
                 why.text);
    for (int i = 0; i < seconds; i++) {
        gale_test_settle(test);
        gale_test_advance_ms(test, 1000);
    }
    gale_test_destroy(test);
    gale_trident_destroy(t);
}

static const char *fresh(void)
{
    static char name[64];
    static int runs;

    snprintf(name, sizeof(name), "windows-%d", ++runs);
    memset(reached, 0, sizeof(reached));
    return name;
}

static void came(const char *name, const spec *c, uint32_t tasks, table *to)
{
    memset(to, 0, sizeof(*to));
    to->c = c;
    read_state(name, "closed", tasks, read_closed, to);
    if (c->shows_late)
        read_state(name, "late", 1, read_late, to);
    if (c->w.by == GALE_WINDOW_TIME && c->spout == &transactional)
        read_state(name, "open", c->global ? 1 : tasks, check_open, to);
}

/* ------------------------------------------------------------ reference -- */

/* Windows by the times of rows: batch by batch, as the source plans them. */
static void by_time(const spec *c, table *right)
{
    const gale_window *w = &c->w;
    int64_t mark = INT64_MIN, greatest = INT64_MIN;
    table open;

    memset(&open, 0, sizeof(open));
    memset(right, 0, sizeof(*right));
    open.c = right->c = c;
    for (int64_t b = 0; b < TOTAL; b += SIZE) {
        for (int64_t n = b; n < b + SIZE; n++) {
            int64_t at = time_of(n), k = floor_div(at, w->slide);
            bool in = false;

            greatest = at > greatest ? at : greatest;
            for (; k * w->slide + w->length > at; k--)
                if (k * w->slide + w->length > mark) {
                    *cell(&open, c->global ? 0 : n % KEYS,
                          k * w->slide + w->length) += MILLION + n;
                    in = true;
                }
            right->late += !in;
        }
        mark = greatest - w->lateness_ms;
        for (int64_t k = -OFF; k < MOST - OFF; k++)
            for (int64_t key = 0; key < KEYS; key++)
                if (k * w->slide + w->length <= mark)
                    right->at[key][k + OFF] = open.at[key][k + OFF];
    }
}

/* Windows by rows: how many each has; which rows they are depends on what
 * overtook what. */
static void by_rows(const spec *c, table *right)
{
    const gale_window *w = &c->w;
    int64_t each = c->global ? TOTAL : TOTAL / KEYS;

    memset(right, 0, sizeof(*right));
    right->c = c;
    for (int64_t key = 0; key < (c->global ? 1 : KEYS); key++)
        for (int64_t k = -OFF; k < MOST - OFF; k++) {
            int64_t from = k * w->slide, end = from + w->length;

            if (end > 0 && end <= each)
                right->at[key][k + OFF] =
                    MILLION * (end - (from < 0 ? 0 : from));
        }
}

static void expect_same(const table *right, const table *got, const char *what,
                        uint64_t seed, const char *faults)
{
    bool rows = right->c->w.by == GALE_WINDOW_ROWS;

    for (int key = 0; key < KEYS; key++)
        for (int k = 0; k < MOST; k++) {
            int64_t a = right->at[key][k], b = got->at[key][k];

            if (rows)
                b -= b % MILLION;
            cr_assert_eq(a, b,
                         "%s, seed %d, faults '%s': key %d, window %d has "
                         "%lld, not %lld",
                         what, (int)seed, faults, key, k - OFF, (long long)b,
                         (long long)a);
        }
    if (right->c->shows_late)
        cr_assert_eq(right->late, got->late, "%s, seed %d, faults '%s': late",
                     what, (int)seed, faults);
}

#endif
