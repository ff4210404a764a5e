/* gale_local_run from a program of one's own: how it ends. */
#include <criterion/criterion.h>
#include <string.h>

#include "gale/gale.h"

enum where { NOWHERE, OPEN, NEXT, EXECUTE, CLEANUP };

struct plot {
    enum where fatal;
    bool refuses; /* open does, after an error of its own */
    uint64_t rows;
};

static gale_err count_open(void *self, gale_spout_ctx *ctx)
{
    gale_task *t = gale_spout_task(ctx);
    const struct plot *plot = gale_task_arg(t);

    (void)self;
    if (plot->fatal == OPEN)
        gale_task_fatal(t, "no %s", "source");
    if (plot->refuses) {
        gale_task_error(t, "cannot open %s", "the sea");
        return GALE_EIO;
    }
    return GALE_OK;
}

static bool count_next(void *self, gale_spout_ctx *ctx)
{
    gale_task *t = gale_spout_task(ctx);
    const struct plot *plot = gale_task_arg(t);
    uint64_t *n = self;

    if (*n == plot->rows)
        return false;
    if (plot->fatal == NEXT && *n == plot->rows / 2)
        gale_task_fatal(t, "the source is gone");
    gale_spout_emit(ctx, *n, GALE_ROW(gale_val_i64((int64_t)*n)));
    ++*n;
    return true;
}

static gale_verdict sink_execute(void *self, const gale_tuple *in,
                                 gale_bolt_ctx *ctx)
{
    gale_task *t = gale_bolt_task(ctx);
    const struct plot *plot = gale_task_arg(t);

    (void)self;
    if (plot->fatal == EXECUTE && gale_tuple_i64(in, 0) == 3)
        gale_task_fatal(t, "the disk is full");
    return plot->fatal == EXECUTE ? GALE_FAIL : GALE_ACK;
}

static void sink_cleanup(void *self, gale_bolt_ctx *ctx)
{
    gale_task *t = gale_bolt_task(ctx);
    const struct plot *plot = gale_task_arg(t);

    (void)self;
    if (plot->fatal == CLEANUP)
        gale_task_fatal(t, "could not write");
}

static const gale_spout count = {
    .state_size = sizeof(uint64_t),
    .output = GALE_FIELDS(GALE_I64("n")),
    .open = count_open,
    .next = count_next,
};
static const gale_bolt sink = {
    .execute = sink_execute,
    .cleanup = sink_cleanup,
};

static gale_err run(struct plot plot, gale_run_result *out, gale_diag *why)
{
    const gale_component components[] = {
        { .id = "count", .spout = &count, .arg = &plot },
        { .id = "sink",
          .bolt = &sink,
          .inputs = GALE_INPUTS(GALE_SHUFFLE("count")),
          .arg = &plot },
    };
    const gale_topology t = {
        .abi = GALE_ABI,
        .name = "run",
        .components = GALE_COMPONENTS(components),
    };

    return gale_local_run(&t, NULL, out, why);
}

Test(run, ends_when_every_tree_is_complete)
{
    gale_run_result r;
    gale_diag why;

    cr_assert_eq(run((struct plot){ .rows = 1000 }, &r, &why), GALE_OK);
    cr_expect_eq(r.acked, 1000);
    cr_expect_eq(r.roots, 1000);
    cr_expect_eq(r.executed, 1000);
    cr_expect_eq(r.pending, 0);
    cr_expect_str_eq(why.text, "");
}

Test(run, needs_no_place_for_its_result_or_its_words)
{
    cr_assert_eq(run((struct plot){ .rows = 1 }, NULL, NULL), GALE_OK);
    cr_assert_eq(run((struct plot){ .fatal = NEXT }, NULL, NULL), GALE_OK);
    cr_assert_eq(run((struct plot){ .fatal = NEXT, .rows = 2 }, NULL, NULL),
                 GALE_EUSER);
}

Test(run, a_task_that_cannot_go_on_ends_it_with_its_words)
{
    const struct {
        struct plot plot;
        const char *words;
    } cases[] = {
        { { .fatal = OPEN, .rows = 5 }, "'count/0': no source" },
        { { .fatal = NEXT, .rows = 9 }, "'count/0': the source is gone" },
        { { .fatal = EXECUTE, .rows = 9 }, "'sink/0': the disk is full" },
        { { .fatal = CLEANUP, .rows = 9 }, "'sink/0': could not write" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gale_run_result r;
        gale_diag why;

        cr_expect_eq(run(cases[i].plot, &r, &why), GALE_EUSER, "%zu", i);
        cr_expect_str_eq(why.text, cases[i].words);
    }
}

Test(run, an_open_that_refuses_is_quoted)
{
    gale_diag why;

    cr_assert_eq(run((struct plot){ .refuses = true }, NULL, &why),
                 GALE_EUSER);
    cr_expect_str_eq(why.text,
                     "'count/0' could not open: cannot open the sea");
}
