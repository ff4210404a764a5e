/* kept.h -- a program that counts numbers by what they leave when divided by
 * KEYS, in memory, for tests of spouts of batches; and which transaction each
 * number came in. */
#ifndef TESTS_UNIT_SEMANTICS_KEPT_H
#define TESTS_UNIT_SEMANTICS_KEPT_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "gale/testing.h"
#include "gale/trident.h"

enum { KEYS = 7, TASKS = 2, SEEN_MOST = 4000 };

static const gale_field number_field[] = { GALE_I64("n"), { 0, GALE_T_ANY } };

/* ---------------------------------------------- what is done with rows -- */

typedef struct sight {
    int64_t n;
    uint64_t txid, attempt;
} sight;

static sight seen[SEEN_MOST];
static size_t n_seen;
static uint64_t fail_below; /* attempts below this one fail */

static inline void see(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self;
    if (n_seen < SEEN_MOST)
        seen[n_seen++] = (sight){ gale_row_i64(in, 0), gale_batch_txid(ctx),
                                  gale_batch_attempt(ctx) };
    if (gale_batch_attempt(ctx) < fail_below)
        gale_batch_fail(ctx, "the test wants it");
}

static const gale_function seeing = { .apply = see };

static inline void rest(void *self, gale_row in, gale_batch_ctx *ctx)
{
    (void)self;
    gale_batch_emit(ctx, GALE_ROW(gale_val_i64(gale_row_i64(in, 0) % KEYS)));
}

static const gale_field rest_field[] = { GALE_I64("rest"), { 0, GALE_T_ANY } };
static const gale_function rest_of = { .output = rest_field, .apply = rest };

/* "1: 0 1 2; 2: 3": the numbers of each transaction, as they were seen. */
static inline const char *sights(void)
{
    static char text[4096];
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < n_seen && used < sizeof(text) - 64; i++) {
        bool same = i > 0 && seen[i].attempt == seen[i - 1].attempt &&
                    seen[i].txid == seen[i - 1].txid;

        if (!same)
            used += (size_t)snprintf(text + used, sizeof(text) - used,
                                     "%s%d:", i == 0 ? "" : "; ",
                                     (int)seen[i].txid);
        used += (size_t)snprintf(text + used, sizeof(text) - used, " %d",
                                 (int)seen[i].n);
    }
    return text;
}

/* --------------------------------------------------------- the program -- */

typedef struct program {
    char name[64];
    gale_trident *t;
    gale_test *test;
    gale_state_kind kind;
} program;

/* A name of its own, so that nothing is remembered under it. */
static inline void program_new(program *p, const char *what)
{
    static int runs;

    *p = (program){ .kind = GALE_STATE_OPAQUE };
    snprintf(p->name, sizeof(p->name), "%s-%d", what, ++runs);
    n_seen = 0;
    fail_below = 0;
}

static inline gale_err program_try(program *p, const gale_batch_spout *spout,
                                   uint32_t tasks, uint64_t seed,
                                   const char *faults, gale_diag *why)
{
    gale_state_opts o = { .store = &gale_store_memory,
                          .kind = p->kind,
                          .tasks = TASKS };
    const gale_topology *topology;
    gale_batches *s;

    cr_assert_eq(gale_trident_create(&p->t, p->name), GALE_OK);
    gale_trident_remember(p->t, &gale_store_memory);
    s = gale_parallelism(gale_new_stream(p->t, "numbers", spout), tasks);
    s = gale_each(gale_peek(s, NULL, &seeing), GALE_NAMES("n"), &rest_of);
    gale_persistent_aggregate(gale_group_by(s, GALE_NAMES("rest")), "counts",
                              GALE_FOLD(GALE_COUNT("count")), &o);
    cr_assert_eq(gale_trident_build(p->t, &topology, why), GALE_OK, "%s",
                 why->text);
    gale_test_opts opts = { .seed = seed, .faults = faults, .no_rows = true };

    return gale_test_create(&p->test, topology, &opts, why);
}

static inline void program_start(program *p, const gale_batch_spout *spout,
                                 uint32_t tasks, uint64_t seed,
                                 const char *faults)
{
    gale_diag why = { "" };

    cr_assert_eq(program_try(p, spout, tasks, seed, faults, &why), GALE_OK,
                 "%s", why.text);
}

static inline void program_go(program *p, int seconds)
{
    for (int i = 0; i < seconds; i++) {
        gale_test_settle(p->test);
        gale_test_advance_ms(p->test, 1000);
    }
}

static inline void program_end(program *p)
{
    gale_test_destroy(p->test);
    gale_trident_destroy(p->t);
}

static inline gale_err add_count(void *arg, gale_row key, gale_row value)
{
    ((int64_t *)arg)[key.values[0].as.i] += value.values[0].as.i;
    return GALE_OK;
}

static inline void read_counts(const program *p, int64_t counts[KEYS])
{
    gale_diag why;

    memset(counts, 0, KEYS * sizeof(*counts));
    for (uint32_t i = 0; i < TASKS; i++) {
        gale_store_where where = {
            .topology = p->name, .state = "counts", .index = i, .count = TASKS
        };
        gale_map *m;

        cr_assert_eq(
            gale_map_open(&m, &gale_store_memory, &where, p->kind, &why),
            GALE_OK, "%s", why.text);
        cr_assert_eq(gale_map_scan(m, add_count, counts, &why), GALE_OK);
        gale_map_close(m);
    }
}

static inline int64_t count_of_all(const program *p)
{
    int64_t counts[KEYS], sum = 0;

    read_counts(p, counts);
    for (int i = 0; i < KEYS; i++)
        sum += counts[i];
    return sum;
}

/* How many counts are not those of the numbers 0 ... total - 1, once each. */
static inline int wrong_counts(const program *p, int total)
{
    int64_t counts[KEYS];
    int n = 0;

    read_counts(p, counts);
    for (int i = 0; i < KEYS; i++)
        n += counts[i] != total / KEYS + (i < total % KEYS);
    return n;
}

static const char *const fault_plans[] = {
    "",
    "drop=0.02,until=60s",
    "duplicate=0.02,until=60s",
    "reorder=0.05,until=60s",
    "fail=0.02,until=60s",
    "kill=counts:0.02,kill=numbers:0.02,until=60s",
    "kill=numbers-batches@20+50,until=60s",
    "drop=0.01,duplicate=0.01,kill=0.002,drop=__acker:0.01,until=60s",
};
enum { FAULT_PLANS = sizeof(fault_plans) / sizeof(fault_plans[0]) };

#endif
