/* Random definitions that run on the virtual clock, beside a model that works
 * out which rows have to come: all of them into a state, once, whatever goes
 * wrong on the way.
 *
 *     GALE_SEED=17 ...     that program only
 *     GALE_SEEDS=10000 ... so many */
#include "model_steps.h"

enum { PROGRAMS = 400 };

/* ------------------------------------------------------------- what came */

static int64_t came[MOST * BATCHES * 2][WIDE];
static size_t n_came;

/* A row, and how often it came. */
static gale_err take(void *arg, gale_row key, gale_row value)
{
    (void)arg;
    for (int64_t i = value.values[0].as.i; i > 0; i--) {
        cr_assert_lt(n_came, MOST * BATCHES * 2);
        memset(came[n_came], 0, sizeof(came[0]));
        for (size_t k = 0; k < key.n; k++)
            came[n_came][k] = number(&key.values[k]);
        n_came++;
    }
    return GALE_OK;
}

static void read_result(const char *name)
{
    const gale_store_where where = { .topology = name,
                                     .state = "result",
                                     .count = 1 };
    gale_diag why = { "" };
    gale_map *m;

    n_came = 0;
    cr_assert_eq(
        gale_map_open(&m, &gale_store_memory, &where, GALE_STATE_OPAQUE, &why),
        GALE_OK, "%s: %s", name, why.text);
    cr_assert_eq(gale_map_scan(m, take, NULL, &why), GALE_OK, "%s: %s", name,
                 why.text);
    gale_map_close(m);
}

static int by_value(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    for (int i = 0; i < WIDE; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

/* ---------------------------------------------------------------- a run */

/* Whatever goes wrong stops after a while, so that all comes to an end. */
static const char *any_faults(void)
{
    static const char *const plans[] = {
        "",
        "drop=0.02,until=20s",
        "duplicate=0.02,until=20s",
        "reorder=0.05,until=20s",
        "fail=0.02,until=20s",
        "kill=0.005,until=20s",
        "drop=0.01,duplicate=0.01,kill=0.002,drop=__acker:0.01,until=20s",
    };

    return plans[below(2) == 0 ? 0 : below(sizeof(plans) / sizeof(plans[0]))];
}

static void run(uint64_t seed)
{
    const gale_topology *topology;
    const gale_test_opts o = { .seed = seed,
                               .faults = any_faults(),
                               .no_rows = true };
    gale_test *test;
    gale_diag why = { "" };

    cr_assert_eq(gale_trident_build(t, &topology, &why), GALE_OK,
                 "seed %" PRIu64 ": %s", seed, why.text);
    cr_assert_eq(gale_test_create(&test, topology, &o, &why), GALE_OK,
                 "seed %" PRIu64 ": %s", seed, why.text);
    cr_assert_eq(gale_test_run(test, 600000, &why), GALE_OK,
                 "seed %" PRIu64 ", faults '%s': %s", seed, o.faults,
                 why.text);
    gale_test_destroy(test);
}

static void compare(const stream *s, uint64_t seed)
{
    static int64_t right[MOST * BATCHES][WIDE];
    size_t n = 0;

    for (int b = 0; b < BATCHES; b++)
        for (uint32_t i = 0; i < s->b[b].n; i++) {
            memset(right[n], 0, sizeof(right[n]));
            memcpy(right[n++], s->b[b].v[i], s->wide * sizeof(int64_t));
        }
    qsort(right, n, sizeof(right[0]), by_value);
    qsort(came, n_came, sizeof(came[0]), by_value);
    cr_assert_eq(n, n_came, "seed %" PRIu64 ": %zu rows, not %zu", seed,
                 n_came, n);
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(by_value(right[i], came[i]), 0,
                     "seed %" PRIu64 ": row %zu of %zu", seed, i, n);
}

/* All rows of it are keys of a state, which counts them. */
static void keep_rows(const stream *s)
{
    const gale_state_opts o = { .store = &gale_store_memory,
                                .tasks = 1 + below(4) };
    uint32_t slots[WIDE];

    for (uint32_t i = 0; i < s->wide; i++)
        slots[i] = i;
    gale_persistent_aggregate(gale_group_by(s->s, names(s, slots, s->wide)),
                              "result", GALE_FOLD(GALE_COUNT("times")), &o);
}

static bool one_program(uint64_t seed)
{
    char name[32];
    static stream last;

    rng.at = gi_mix64(seed + 1);
    snprintf(name, sizeof(name), "random-%" PRIu64, seed);
    cr_assert_eq(gale_trident_create(&t, name), GALE_OK);
    gale_trident_remember(t, &gale_store_memory);
    n_streams = n_names = n_sources = n_states = 0;
    too_many = has_opaque = false;
    for (uint32_t i = 1 + below(SOURCES); i > 0; i--)
        step_source();
    for (uint32_t i = below(20); i > 0 && !too_many; i--)
        step();
    last = streams[n_streams - 1];
    if (!too_many) {
        keep_rows(&last);
        run(seed);
        read_result(name);
        compare(&last, seed);
    }
    gale_trident_destroy(t);
    return !too_many;
}

Test(whole, random_programs_do_what_they_say)
{
    const char *only = getenv("GALE_SEED"), *many = getenv("GALE_SEEDS");
    uint64_t done = 0, n = many == NULL ? PROGRAMS : strtoull(many, NULL, 10);

    if (only != NULL) {
        one_program(strtoull(only, NULL, 10));
        return;
    }
    for (uint64_t seed = 0; seed < n; seed++)
        done += one_program(seed);
    cr_expect_gt(done, n / 2, "%" PRIu64 " of %" PRIu64, done, n);
}
