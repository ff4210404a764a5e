/* What windows promise, on a virtual clock and with faults: what comes out of
 * them is what a plain loop over the same rows would have put out, each window
 * once, also after tasks died and with another number of tasks. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mix.h"
#include "gale/testing.h"
#include "gale/trident.h"

enum { TOTAL = 480, SIZE = 40, KEYS = 4, MOST = 700, OFF = 60 };
enum { JITTER = 300, MILLION = 1000000 };

/* When number n was: nearly in order.  The last one comes so late that it
 * closes all before it. */
static int64_t time_of(int64_t n)
{
    return n == TOTAL - 1
               ? 10 * MOST
               : 10 * n + (int64_t)(gi_mix64((uint64_t)n + 7) % JITTER);
}

/* ------------------------------------------------------------- sources -- */

static bool never;        /* the source does not end */
static long upto = TOTAL; /* or before it should */

static size_t plan(void *c, gale_str before, char *now, size_t room)
{
    long from = before.len == 0 ? 0 : strtol(before.ptr, NULL, 10) + SIZE;

    (void)c;
    return from >= upto ? 0 : (size_t)snprintf(now, room, "%ld", from) + 1;
}

static bool always(void *c, gale_task *task)
{
    (void)c;
    (void)task;
    return !never;
}

static bool emit_planned(void *self, gale_batch_part *p, gale_batch_ctx *ctx)
{
    long from = strtol(p->from.ptr, NULL, 10);

    (void)self;
    for (long i = from; i < from + SIZE; i++)
        if ((uint32_t)(i % p->partitions) == p->partition)
            gale_batch_emit(ctx, GALE_ROW(gale_val_i64(i)));
    return false;
}

static const gale_field number[] = { GALE_I64("n"), { 0, 0 } };

static const gale_batch_spout transactional = {
    .kind = GALE_SPOUT_TRANSACTIONAL,
    .output = number,
    .plan = plan,
    .ended = always,
    .emit = emit_planned,
};

/* Each attempt another batch. */
typedef struct opaque {
    gale_task *task;
} opaque;

enum { PARTITIONS = 3 };
static long emitted[64][PARTITIONS], reached[PARTITIONS];

static gale_err opaque_open(void *self, const void *arg, gale_task *task)
{
    (void)arg;
    ((opaque *)self)->task = task;
    return GALE_OK;
}

static uint32_t opaque_partitions(void *self, gale_task *task)
{
    (void)self;
    (void)task;
    return PARTITIONS;
}

static bool opaque_emit(void *self, gale_batch_part *p, gale_batch_ctx *ctx)
{
    opaque *o = self;
    long from = p->from.len == 0 ? (long)p->partition
                                 : strtol(p->from.ptr, NULL, 10),
         n = 5 + (long)(gale_task_random(o->task) % 20);

    for (; n > 0 && from < TOTAL; n--, from += PARTITIONS)
        gale_batch_emit(ctx, GALE_ROW(gale_val_i64(from)));
    p->upto_len =
        (uint32_t)snprintf(p->upto, sizeof(p->upto), "%ld", from) + 1;
    emitted[p->txid % 64][p->partition] = from;
    return false;
}

static void opaque_committed(void *self, uint64_t txid)
{
    (void)self;
    memcpy(reached, emitted[txid % 64], sizeof(reached));
}

static bool opaque_ended(void *c, gale_task *task)
{
    (void)c;
    (void)task;
    for (int i = 0; i < PARTITIONS; i++)
        if (reached[i] < TOTAL)
            return false;
    return true;
}

static bool opaque_ready(void *c, gale_task *task)
{
    return !opaque_ended(c, task);
}

static const gale_batch_spout changing = {
    .kind = GALE_SPOUT_OPAQUE,
    .output = number,
    .ready = opaque_ready,
    .ended = opaque_ended,
    .state_size = sizeof(opaque),
    .open = opaque_open,
    .partitions = opaque_partitions,
    .emit = opaque_emit,
    .committed = opaque_committed,
};

/* ------------------------------------------------------------- program -- */

typedef enum folds { COMBINED, REDUCED, GATHERED } folds;

typedef struct spec {
    const char *what;
    const gale_batch_spout *spout;
    gale_window w;
    folds folds;
    bool global, shows_late;
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
    gale_batches *closed = windows(s, c, tasks);

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

/* ---------------------------------------------------------- what came out --
 */

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

/* ----------------------------------------------------------------- tests --
 */

static const char *const plans[] = {
    "",
    "drop=0.02,until=100s",
    "duplicate=0.02,reorder=0.05,until=100s",
    "fail=0.02,until=100s",
    "kill=open:0.02,kill=numbers:0.02,kill=closed:0.02,until=100s",
    "kill=numbers-batches@20+50,until=100s",
    "drop=0.01,duplicate=0.01,kill=0.002,drop=__acker:0.01,until=100s",
};
enum { PLANS = sizeof(plans) / sizeof(plans[0]) };

static void right_whatever_happens(const spec *c, int seeds)
{
    table right, got;

    if (c->w.by == GALE_WINDOW_ROWS)
        by_rows(c, &right);
    else
        by_time(c, &right);
    for (size_t p = 0; p < PLANS; p++)
        for (int seed = 1; seed <= seeds; seed++) {
            const char *name = fresh();

            run(name, c, 2, (uint64_t)seed, plans[p], 200);
            came(name, c, 2, &got);
            expect_same(&right, &got, c->what, (uint64_t)seed, plans[p]);
        }
}

#define BY_TIME(length, slide, late)                         \
    {                                                        \
        GALE_WINDOW_TIME, (length), (slide), "at", (late), 0 \
    }
#define BY_ROWS(length, slide)                          \
    {                                                   \
        GALE_WINDOW_ROWS, (length), (slide), NULL, 0, 0 \
    }

Test(trident_windows, by_the_time_of_rows_each_window_comes_once,
     .timeout = 120)
{
    static const spec specs[] = {
        { "tumbling", &transactional, BY_TIME(200, 200, 100), 0, 0, 0 },
        { "sliding", &transactional, BY_TIME(600, 200, 300), 0, 0, 0 },
        { "no pane fits", &transactional, BY_TIME(250, 100, 50), 0, 0, 0 },
        { "global", &transactional, BY_TIME(300, 100, 100), 0, true, 0 },
    };

    for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++)
        right_whatever_happens(&specs[i], 4);
}

Test(trident_windows, rows_are_kept_where_folds_need_them, .timeout = 120)
{
    static const spec specs[] = {
        { "reduced", &transactional, BY_TIME(200, 200, 100), REDUCED, 0, 0 },
        { "gathered", &transactional, BY_TIME(600, 200, 50), GATHERED, 0, 0 },
        { "global", &transactional, BY_TIME(300, 100, 0), REDUCED, true, 0 },
    };

    for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++)
        right_whatever_happens(&specs[i], 4);
}

Test(trident_windows, rows_that_are_late_come_once_where_they_are_read,
     .timeout = 120)
{
    static const spec specs[] = {
        { "combined", &transactional, BY_TIME(50, 50, 0), 0, 0, true },
        { "reduced", &transactional, BY_TIME(60, 20, 10), REDUCED, 0, true },
        { "global", &transactional, BY_TIME(40, 20, 0), 0, true, true },
    };
    table right;

    for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
        by_time(&specs[i], &right);
        cr_assert_gt(right.late, 10);
        right_whatever_happens(&specs[i], 4);
    }
}

Test(trident_windows, by_rows_each_window_has_as_many_as_it_should,
     .timeout = 120)
{
    static const spec specs[] = {
        { "tumbling", &transactional, BY_ROWS(7, 7), 0, 0, 0 },
        { "sliding", &transactional, BY_ROWS(10, 3), 0, 0, 0 },
        { "global", &transactional, BY_ROWS(50, 20), GATHERED, true, 0 },
        { "opaque", &changing, BY_ROWS(6, 2), REDUCED, 0, 0 },
        { "opaque, combined", &changing, BY_ROWS(5, 5), 0, 0, 0 },
    };

    for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++)
        right_whatever_happens(&specs[i], 3);
}

static int64_t all_of(const table *t)
{
    int64_t all = 0;

    for (int key = 0; key < KEYS; key++)
        for (int k = 0; k < MOST; k++)
            all += t->at[key][k];
    return all / MILLION;
}

/* What an opaque source has in a batch changes, and with it what is late; but
 * each row is in one window, or late. */
Test(trident_windows, nothing_is_lost_of_batches_that_change, .timeout = 120)
{
    static const spec c = { "opaque", &changing, BY_TIME(100, 100, 400),
                            0,        0,         true };

    for (size_t p = 0; p < PLANS; p++)
        for (int seed = 1; seed <= 6; seed++) {
            const char *name = fresh();
            table got;

            run(name, &c, 2, (uint64_t)seed, plans[p], 200);
            came(name, &c, 2, &got);
            cr_assert_eq(all_of(&got) + got.late, TOTAL - 1,
                         "seed %d, faults '%s'", seed, plans[p]);
        }
}

/* Rows without a time: whatever batch they are in, and however often it is
 * done again, they are in the windows of one moment; and the clock closes
 * those when nothing comes any more. */
Test(trident_windows, by_the_clock_each_row_is_in_its_windows_once,
     .timeout = 120)
{
    static const struct {
        int64_t length, slide;
        folds folds;
    } cases[] = { { 5000, 5000, COMBINED },
                  { 6000, 2000, COMBINED },
                  { 6000, 2000, GATHERED } };

    never = true;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (size_t p = 0; p < PLANS; p++) {
            spec c = { "clock",
                       &transactional,
                       { GALE_WINDOW_TIME, cases[i].length, cases[i].slide,
                         NULL, 0, 0 },
                       cases[i].folds,
                       false,
                       false };
            const char *name = fresh();
            int64_t count;
            table got = { .c = &c };
            gale_diag why;

            run(name, &c, 2, p + 1, plans[p], 200);
            for (uint32_t part = 0; part < 2; part++) {
                gale_store_where where = { .topology = name,
                                           .state = "closed",
                                           .index = part,
                                           .count = 2 };
                gale_map *m;

                cr_assert_eq(
                    gale_map_open(&m, &gale_store_memory, &where, 0, &why),
                    GALE_OK);
                cr_assert_eq(gale_map_scan(m, read_late, &got, &why), GALE_OK);
                gale_map_close(m);
            }
            count = got.late / MILLION;
            cr_assert_eq(count, TOTAL * (cases[i].length / cases[i].slide),
                         "length %d, faults '%s': %d", (int)cases[i].length,
                         plans[p], (int)count);
        }
    never = false;
}

/* Stopped in the middle, again and again, each time with other tasks. */
Test(trident_windows, they_go_on_with_another_number_of_tasks, .timeout = 120)
{
    static const spec specs[] = {
        { "sliding", &transactional, BY_TIME(600, 200, 300), 0, 0, 0 },
        { "gathered", &transactional, BY_TIME(200, 200, 50), GATHERED, 0, 0 },
        { "rows", &transactional, BY_ROWS(10, 3), 0, 0, 0 },
    };
    static const uint32_t tasks[] = { 2, 5, 1, 3, 4, 3 };
    enum { TIMES = sizeof(tasks) / sizeof(tasks[0]) };

    for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++)
        for (uint64_t seed = 1; seed <= 6; seed++) {
            const char *name = fresh();
            table right, got;

            if (specs[i].w.by == GALE_WINDOW_ROWS)
                by_rows(&specs[i], &right);
            else
                by_time(&specs[i], &right);
            for (size_t n = 0; n < TIMES; n++) {
                upto = (long)(n + 1) * TOTAL / TIMES;
                run(name, &specs[i], tasks[n], seed, "kill=0.02", 100);
            }
            came(name, &specs[i], tasks[TIMES - 1], &got);
            expect_same(&right, &got, specs[i].what, seed, "other tasks");
        }
}
