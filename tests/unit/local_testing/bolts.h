/* bolts.h -- small spouts and bolts that the tests of this folder share. */
#ifndef TESTS_LOCAL_TESTING_BOLTS_H
#define TESTS_LOCAL_TESTING_BOLTS_H

#include <criterion/criterion.h>

#include "gale/testing.h"

#define TEXT(s) gale_val_cstr(s)
#define I64(i)  gale_val_i64(i)

/* Asserts that a call succeeded, and says why if not. */
#define OK(call) cr_assert_eq(call, GALE_OK, "%s: %s", #call, why.text)

/* A spout that gives the numbers 1 .. its arg (an int64_t), one a call. */
struct numbers {
    int64_t last;
};

static inline bool numbers_next(void *self, gale_spout_ctx *ctx)
{
    struct numbers *s = self;
    const int64_t *most = gale_task_arg(gale_spout_task(ctx));

    if (s->last == *most)
        return false;
    s->last++;
    gale_spout_emit(ctx, (uint64_t)s->last, GALE_ROW(I64(s->last)));
    return true;
}

static const gale_spout numbers = {
    .state_size = sizeof(struct numbers),
    .output = GALE_FIELDS(GALE_I64("n")),
    .next = numbers_next,
};

/* A bolt that emits what it gets. */
static inline gale_verdict same_execute(void *self, const gale_tuple *in,
                                        gale_bolt_ctx *ctx)
{
    (void)self;
    gale_emit(ctx, gale_tuple_row(in));
    return GALE_ACK;
}

static const gale_bolt same = {
    .output = GALE_FIELDS(GALE_I64("n")),
    .execute = same_execute,
};

#endif
