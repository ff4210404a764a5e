/* op_update.c -- a map that the user keeps up to date by hand.
 *
 * What the updater emits goes on when the batch has been committed.  A batch
 * without rows is begun and committed too (op_persist.c says why), but the
 * updater is not called for it. */
#include <stdio.h>

#include "trident/op_state.h"

struct update {
    gi_state_step state; /* first */
    gi_view view;
    const gale_field *output;
    uint32_t n_output;
};

static gale_err update_open(gi_step *s, gale_diag *why)
{
    const gale_updater *u = s->op->user;
    struct update *self = s->self;

    self->output = u->output;
    self->n_output = gi_fields_count(u->output);
    if (gi_view_open(&self->view, s->op->in, s->op->n_in) != GALE_OK)
        return gi_step_no_memory(why);
    return gi_shared_open(s, why);
}

static void update_close(gi_step *s)
{
    struct update *self = s->self;

    gi_shared_close(s);
    gi_view_close(&self->view);
}

static void update_row(gi_step *s, gi_round *r, unsigned port, gale_row in)
{
    const struct update *self = s->self;
    gi_rows *rows;

    (void)port;
    if (r->failed || (rows = gi_round_mine(s, r, sizeof(*rows))) == NULL)
        return;
    gi_rows_add(rows, r, gi_view_of(&self->view, in));
}

static void keep_emitted(gale_batch_ctx *ctx, gale_row row)
{
    if (ctx->step->op->n_next > 0 && !ctx->round->failed)
        gi_rows_add(ctx->mine, ctx->round, row);
}

/* The rows side by side, as updaters want them. */
static gale_row *side_by_side(gi_round *r, const gi_rows *rows)
{
    gale_row *all = gi_pool_take(&r->pool, rows->n, sizeof(*all));
    size_t i = 0;

    if (all == NULL) {
        gi_round_fail(r, "out of memory");
        return NULL;
    }
    for (gi_kept_row *k = rows->first; k != NULL; k = k->next)
        all[i++] = k->row;
    return all;
}

/* False: the round has failed. */
static bool call_updater(gi_step *s, gi_round *r, gale_map *map,
                         const gi_rows *rows, gi_rows *news)
{
    const gale_updater *u = s->op->user;
    const struct update *self = s->self;
    const gale_row *all = side_by_side(r, rows);
    gale_batch_ctx ctx = {
        .step = s,
        .round = r,
        .emit = self->n_output > 0 ? keep_emitted : NULL,
        .output = self->output,
        .n_output = self->n_output,
        .mine = news,
    };
    gale_diag why = { "" };
    gale_err e;

    if (all == NULL)
        return false;
    gi_step_here = s;
    e = u->update(map, all, rows->n, &ctx);
    if (e == GALE_OK)
        return !r->failed;
    snprintf(why.text, sizeof(why.text), "the updater says: %s",
             gale_err_text(e));
    gi_shared_failed(s, r, e, &why);
    return false;
}

static void update_finish(gi_step *s, gi_round *r)
{
    const gi_rows *rows = r->mine[s->op->no];
    gale_map *map = gi_shared_begin(s, r);
    gi_rows news = { NULL, NULL, 0 };

    if (map == NULL)
        return;
    if (rows != NULL && rows->n > 0 && !call_updater(s, r, map, rows, &news)) {
        gi_shared_abandon(s);
        return;
    }
    if (gi_shared_commit(s, r))
        gi_rows_pass(&news, s, r);
}

const gi_op_type gi_op_update = {
    .size = sizeof(struct update),
    .open = update_open,
    .row = update_row,
    .finish = update_finish,
    .close = update_close,
};
