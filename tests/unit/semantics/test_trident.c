/* What a Trident program promises, on a virtual clock and with faults: after
 * whatever happened, states have what a plain loop would have counted. */
enum { TOTAL = 600, SIZE = 40, KEYS = 7, TASKS = 2 };

#include "sources.h"

/* ------------------------------------------------------------- the run -- */

static void rest(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self;
    gale_batch_emit(ctx, GALE_ROW(gale_val_i64(gale_row_i64(in, 0) % KEYS)));
}

static const gale_field rest_out[] = { GALE_I64("rest"), { 0, 0 } };
static const gale_function rest_of = { .output = rest_out, .apply = rest };

typedef struct cell {
    const gale_batch_spout *spout;
    gale_state_kind kind;
} cell;

static gale_err add(void *arg, gale_row key, gale_row value)
{
    ((int64_t *)arg)[key.values[0].as.i] += value.values[0].as.i;
    return GALE_OK;
}

static void read_state(const char *name, gale_state_kind kind,
                       int64_t counts[KEYS])
{
    gale_diag why;

    memset(counts, 0, KEYS * sizeof(*counts));
    for (uint32_t i = 0; i < TASKS; i++) {
        gale_store_where where = {
            .topology = name, .state = "counts", .index = i, .count = TASKS
        };
        gale_map *m;

        cr_assert_eq(gale_map_open(&m, &gale_store_memory, &where, kind, &why),
                     GALE_OK, "%s", why.text);
        cr_assert_eq(gale_map_scan(m, add, counts, &why), GALE_OK);
        gale_map_close(m);
    }
}

static void define(gale_trident *t, const cell *c)
{
    gale_state_opts o = { .store = &gale_store_memory,
                          .kind = c->kind,
                          .tasks = TASKS };
    gale_batches *s =
        gale_parallelism(gale_new_stream(t, "numbers", c->spout), TASKS);

    gale_trident_remember(t, &gale_store_memory);
    gale_persistent_aggregate(
        gale_group_by(gale_each(s, GALE_NAMES("n"), &rest_of),
                      GALE_NAMES("rest")),
        "counts", GALE_FOLD(GALE_COUNT("count")), &o);
}

/* How many counts are wrong after a run with these faults. */
static int wrong(const cell *c, uint64_t seed, const char *faults)
{
    static int runs;
    char name[64];
    gale_trident *t;
    const gale_topology *topology;
    gale_diag why = { "" };
    gale_test *test;
    int64_t counts[KEYS];
    int n = 0;

    snprintf(name, sizeof(name), "numbers-%d-%d", (int)c->kind, ++runs);
    memset(reached, 0, sizeof(reached));
    cr_assert_eq(gale_trident_create(&t, name), GALE_OK);
    define(t, c);
    cr_assert_eq(gale_trident_build(t, &topology, &why), GALE_OK, "%s",
                 why.text);
    gale_test_opts opts = { .seed = seed, .faults = faults, .no_rows = true };

    cr_assert_eq(gale_test_create(&test, topology, &opts, &why), GALE_OK, "%s",
                 why.text);
    for (int i = 0; i < 300; i++) {
        gale_test_settle(test);
        gale_test_advance_ms(test, 1000);
    }
    gale_test_destroy(test);
    gale_trident_destroy(t);
    read_state(name, c->kind, counts);
    for (int i = 0; i < KEYS; i++)
        n += counts[i] != TOTAL / KEYS + (i < TOTAL % KEYS);
    return n;
}

static const char *const plans[] = {
    "",
    "drop=0.02,until=100s",
    "duplicate=0.02,until=100s",
    "reorder=0.05,until=100s",
    "fail=0.02,until=100s",
    "kill=counts:0.02,kill=numbers:0.02,until=100s",
    "kill=numbers-batches@20+50,until=100s",
    "drop=0.01,duplicate=0.01,kill=0.002,drop=__acker:0.01,until=100s",
};

static void right_whatever_happens(const cell *c)
{
    for (size_t p = 0; p < sizeof(plans) / sizeof(plans[0]); p++)
        for (uint64_t seed = 1; seed <= 12; seed++)
            cr_assert_eq(wrong(c, seed, plans[p]), 0, "seed %d, faults '%s'",
                         (int)seed, plans[p]);
}

Test(trident, transactional_spout_and_transactional_state_count_once)
{
    cell c = { &transactional, GALE_STATE_TRANSACTIONAL };

    right_whatever_happens(&c);
}

Test(trident, transactional_spout_and_opaque_state_count_once)
{
    cell c = { &transactional, GALE_STATE_OPAQUE };

    right_whatever_happens(&c);
}

Test(trident, opaque_spout_and_opaque_state_count_once)
{
    cell c = { &changing, GALE_STATE_OPAQUE };

    right_whatever_happens(&c);
}

/* Else the tests above could not tell. */
Test(trident, other_cells_promise_nothing_and_do_count_wrongly)
{
    static const cell cells[] = {
        { &transactional, GALE_STATE_NON_TRANSACTIONAL },
        { &changing, GALE_STATE_NON_TRANSACTIONAL },
        { &changing, GALE_STATE_TRANSACTIONAL },
    };

    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        int bad = 0;

        for (uint64_t seed = 1; seed <= 60 && bad == 0; seed++)
            bad = wrong(&cells[i], seed,
                        "kill=counts:0.05,fail=counts:0.1,until=100s");
        cr_assert_gt(bad, 0, "cell %d", (int)i);
    }
}
