/* Random definitions that run on the virtual clock, beside a model that works
 * out which rows have to come. */
#include "model_steps.h"

enum { PROGRAMS = 400 };

/* ------------------------------------------------------------- what came */

static int64_t came[MOST * BATCHES * 2][WIDE];
static size_t n_came;

static void note(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self;
    (void)ctx;
    cr_assert_lt(n_came, MOST * BATCHES * 2);
    memset(came[n_came], 0, sizeof(came[0]));
    for (size_t i = 0; i < in.n; i++)
        came[n_came][i] =
            in.values[i].type == GALE_T_NIL ? NIL : in.values[i].as.i;
    n_came++;
}

static const gale_function noting = { .apply = note };

static int by_value(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    for (int i = 0; i < WIDE; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

static void run(uint64_t seed)
{
    const gale_topology *topology;
    gale_test *test;
    gale_diag why = { "" };

    cr_assert_eq(gale_trident_build(t, &topology, &why), GALE_OK,
                 "seed %" PRIu64 ": %s", seed, why.text);
    cr_assert_eq(gale_test_create(&test, topology,
                                  &(const gale_test_opts){ .seed = seed },
                                  &why),
                 GALE_OK, "seed %" PRIu64 ": %s", seed, why.text);
    cr_assert_eq(gale_test_run(test, 60000, &why), GALE_OK,
                 "seed %" PRIu64 ": %s", seed, why.text);
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

static bool one_program(uint64_t seed)
{
    char name[32];
    static stream last;

    rng.at = gi_mix64(seed + 1);
    snprintf(name, sizeof(name), "random-%" PRIu64, seed);
    cr_assert_eq(gale_trident_create(&t, name), GALE_OK);
    gale_trident_remember(t, &gale_store_memory);
    n_streams = n_names = 0;
    n_came = 0;
    too_many = false;
    for (uint32_t i = 1 + below(2); i > 0; i--)
        step_source();
    for (uint32_t i = below(16); i > 0 && !too_many; i--)
        step();
    last = streams[n_streams - 1];
    if (!too_many) {
        gale_peek(last.s, NULL, &noting);
        run(seed);
        compare(&last, seed);
    }
    gale_trident_destroy(t);
    return !too_many;
}

Test(whole, random_programs_do_what_they_say)
{
    const char *only = getenv("GALE_SEED");
    uint32_t done = 0;

    for (uint64_t seed = 0; seed < PROGRAMS && only == NULL; seed++)
        done += one_program(seed);
    if (only != NULL)
        one_program(strtoull(only, NULL, 10));
    else
        cr_expect_gt(done, PROGRAMS / 2, "%u", done);
}
