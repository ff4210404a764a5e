/* op_call.c -- steps that call a function or filter of the user's with each
 * row: each, map, where, peek. */
#include <stdio.h>

#include "base/diag.h"
#include "trident/op_inside.h"

struct called {
    void *user; /* its block */
    bool prepared;
    gi_view view;
    const gale_field *output;
    uint32_t n_output;
};

/* What functions and filters have in common. */
static gale_err open_block(gi_step *s, size_t size,
                           gale_err (*prepare)(void *self, gale_task *task),
                           gale_diag *why)
{
    struct called *c = s->self;
    gale_err rv = gi_view_open(&c->view, s->op->in, s->op->n_in);

    if (rv == GALE_OK) {
        c->user = gi_alloc(size);
        rv = c->user == NULL ? GALE_ENOMEM : GALE_OK;
    }
    if (rv != GALE_OK)
        return gi_step_no_memory(why);
    gi_step_here = s;
    if (prepare != NULL)
        rv = prepare(c->user, s->task);
    c->prepared = rv == GALE_OK;
    if (rv != GALE_OK)
        gi_diag_say(why, "prepare says: %s", gale_err_text(rv));
    return rv;
}

/* Who was not prepared has nothing to clean up. */
static void close_block(gi_step *s,
                        void (*cleanup)(void *self, gale_task *task))
{
    struct called *c = s->self;

    gi_step_here = s;
    if (c->prepared && cleanup != NULL)
        cleanup(c->user, s->task);
    gi_free(c->user);
    gi_view_close(&c->view);
    *c = (struct called){ 0 };
}

/* ----------------------------------------------------------- functions -- */

static gale_err function_open(gi_step *s, gale_diag *why)
{
    const gale_function *f = s->op->user;
    struct called *c = s->self;

    c->output = f->output;
    c->n_output = gi_fields_count(f->output);
    return open_block(s, f->state_size, f->prepare, why);
}

static void function_close(gi_step *s)
{
    close_block(s, ((const gale_function *)s->op->user)->cleanup);
}

static void apply(gi_step *s, gi_round *r, gale_row in,
                  void (*emit)(gale_batch_ctx *ctx, gale_row row))
{
    const gale_function *f = s->op->user;
    struct called *c = s->self;
    gale_batch_ctx ctx = {
        .step = s,
        .round = r,
        .emit = emit,
        .output = c->output,
        .n_output = c->n_output,
    };

    gi_step_here = s;
    f->apply(c->user, gi_view_of(&c->view, in), &ctx);
}

/* The row itself is in front already. */
static void emit_behind(gale_batch_ctx *ctx, gale_row row)
{
    gi_step *s = ctx->step;

    if (row.n > 0)
        memcpy(s->scratch + s->op->n_row, row.values,
               row.n * sizeof(gale_value));
    gi_pass(s, ctx->round, (gale_row){ s->scratch, s->op->n_row + row.n });
    gi_step_here = s;
}

static void emit_alone(gale_batch_ctx *ctx, gale_row row)
{
    gi_pass(ctx->step, ctx->round, row);
    gi_step_here = ctx->step;
}

static void each_row(gi_step *s, gi_round *r, unsigned port, gale_row in)
{
    (void)port;
    if (s->op->n_row > 0)
        memcpy(s->scratch, in.values, s->op->n_row * sizeof(gale_value));
    apply(s, r, in, emit_behind);
}

static void map_row(gi_step *s, gi_round *r, unsigned port, gale_row in)
{
    (void)port;
    apply(s, r, in, emit_alone);
}

static void peek_row(gi_step *s, gi_round *r, unsigned port, gale_row in)
{
    (void)port;
    apply(s, r, in, NULL);
    gi_pass(s, r, in);
}

const gi_op_type gi_op_each = {
    .size = sizeof(struct called),
    .open = function_open,
    .row = each_row,
    .close = function_close,
};

const gi_op_type gi_op_map = {
    .size = sizeof(struct called),
    .open = function_open,
    .row = map_row,
    .close = function_close,
};

const gi_op_type gi_op_peek = {
    .size = sizeof(struct called),
    .open = function_open,
    .row = peek_row,
    .close = function_close,
};

/* ------------------------------------------------------------- filters -- */

static gale_err where_open(gi_step *s, gale_diag *why)
{
    const gale_filter *f = s->op->user;

    return open_block(s, f->state_size, f->prepare, why);
}

static void where_row(gi_step *s, gi_round *r, unsigned port, gale_row in)
{
    const gale_filter *f = s->op->user;
    struct called *c = s->self;
    gale_batch_ctx ctx = { .step = s, .round = r };

    (void)port;
    gi_step_here = s;
    if (f->keep(c->user, gi_view_of(&c->view, in), &ctx))
        gi_pass(s, r, in);
}

static void where_close(gi_step *s)
{
    close_block(s, ((const gale_filter *)s->op->user)->cleanup);
}

const gi_op_type gi_op_where = {
    .size = sizeof(struct called),
    .open = where_open,
    .row = where_row,
    .close = where_close,
};
