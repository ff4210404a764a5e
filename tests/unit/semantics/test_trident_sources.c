/* Sources of one program that do not have something in every batch. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "gale/testing.h"
#include "gale/trident.h"

static const gale_field number[] = { GALE_I64("n"), { 0, 0 } };

/* One number a batch, as many as `arg` says. */
struct counter {
    int64_t most, at;
};

static gale_err open(void *c, const void *arg, gale_task *task)
{
    (void)task;
    ((struct counter *)c)->most = *(const int64_t *)arg;
    return GALE_OK;
}

static size_t plan(void *c, gale_str before, char *now, size_t room)
{
    struct counter *self = c;

    self->at = before.len == 0 ? 0 : strtol(before.ptr, NULL, 10);
    if (self->at >= self->most)
        return 0;
    return (size_t)snprintf(now, room, "%d", (int)++self->at) + 1;
}

static bool ended(void *c, gale_task *task)
{
    (void)task;
    return ((struct counter *)c)->at >= ((struct counter *)c)->most;
}

static bool emit(void *self, gale_batch_part *p, gale_batch_ctx *ctx)
{
    (void)self;
    gale_batch_emit(ctx,
                    GALE_ROW(gale_val_i64(strtol(p->from.ptr, NULL, 10))));
    return false;
}

static const int64_t few = 2, many = 20;

static const gale_batch_spout short_one = {
    .output = number,
    .arg = &few,
    .plan_size = sizeof(struct counter),
    .plan_open = open,
    .plan = plan,
    .ended = ended,
    .emit = emit,
};
static const gale_batch_spout long_one = {
    .output = number,
    .arg = &many,
    .plan_size = sizeof(struct counter),
    .plan_open = open,
    .plan = plan,
    .ended = ended,
    .emit = emit,
};

static gale_err add(void *arg, gale_row key, gale_row value)
{
    (void)key;
    *(int64_t *)arg += value.values[0].as.i;
    return GALE_OK;
}

static int64_t total(void)
{
    gale_store_where where = {
        .topology = "sources", .state = "total", .index = 0, .count = 1
    };
    gale_diag why = { "" };
    int64_t sum = 0;
    gale_map *m;

    cr_assert_eq(
        gale_map_open(&m, &gale_store_memory, &where, GALE_STATE_OPAQUE, &why),
        GALE_OK, "%s", why.text);
    cr_assert_eq(gale_map_scan(m, add, &sum, &why), GALE_OK);
    gale_map_close(m);
    return sum;
}

/* What it has given is on record, not what the last batch had of it. */
Test(trident_sources, one_that_has_ended_is_not_begun_anew)
{
    const gale_state_opts o = { .store = &gale_store_memory };
    const gale_test_opts opts = { .seed = 1, .no_rows = true };
    const gale_topology *topology;
    gale_diag why = { "" };
    gale_trident *t;
    gale_test *test;
    gale_err rv;

    cr_assert_eq(gale_trident_create(&t, "sources"), GALE_OK);
    gale_trident_remember(t, &gale_store_memory);
    gale_persistent_total(gale_merge(gale_new_stream(t, "short", &short_one),
                                     gale_new_stream(t, "long", &long_one)),
                          "total", GALE_FOLD(GALE_COUNT("count")), &o);
    cr_assert_eq(gale_trident_build(t, &topology, &why), GALE_OK, "%s",
                 why.text);
    cr_assert_eq(gale_test_create(&test, topology, &opts, &why), GALE_OK, "%s",
                 why.text);
    for (int i = 0; i < 40; i++) {
        gale_test_advance_ms(test, 7);
        rv = gale_test_kill(test, "long-batches", 0);
        cr_assert_eq(rv, GALE_OK, "%s", gale_err_name(rv));
    }
    cr_assert_eq(gale_test_run(test, 600000, &why), GALE_OK, "%s", why.text);
    gale_test_destroy(test);
    gale_trident_destroy(t);
    cr_expect_eq(total(), few + many, "%d", (int)total());
}
