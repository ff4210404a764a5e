/* fold_gather.c -- aggregators, and what several folds come to. */
#include "trident/fold_inside.h"

struct emitting {
    gi_folds *f;
    gi_fold_one *one;
    struct gi_gathered *gathered;
    const gale_value *key;
};

/* The one fold there is: its row goes on behind the key. */
static void pass_emitted(gale_batch_ctx *ctx, gale_row row)
{
    struct emitting *e = ctx->mine;
    gi_step *s = ctx->step;
    size_t n = e->f->n_keys;

    if (n > 0)
        memcpy(s->scratch, e->key, n * sizeof(gale_value));
    if (row.n > 0)
        memcpy(s->scratch + n, row.values, row.n * sizeof(gale_value));
    gi_pass(s, ctx->round, (gale_row){ s->scratch, n + row.n });
    gi_step_here = s;
}

static void keep_emitted(gale_batch_ctx *ctx, gale_row row)
{
    struct gi_gathered *g = ((struct emitting *)ctx->mine)->gathered;
    gi_round *r = ctx->round;
    struct gi_fold_row *kept = gi_pool_piece(&r->pool, sizeof(*kept));

    if (kept == NULL) {
        gi_round_fail(r, "out of memory");
        return;
    }
    kept->row = gi_round_keep(r, row);
    if (kept->row.values == NULL)
        return;
    *g->end = kept;
    g->end = &kept->next;
}

void gi_gather(gi_folds *f, gi_fold_one *one, gi_round *r, gi_fold_group group,
               gi_gather_call what, gale_row in)
{
    const gale_aggregator *a = one->spec->fold.aggregator;
    struct gi_gathered *g = gi_gathered_of(&group.cells[one->cell]);
    struct emitting e = { f, one, g, group.key };
    gale_batch_ctx ctx = {
        .step = f->step,
        .round = r,
        .emit = f->step->op->n_folds == 1 ? pass_emitted : keep_emitted,
        .output = one->output,
        .n_output = one->n_out,
        .mine = &e,
    };

    if (g == NULL)
        return; /* the round has failed */
    gi_step_here = f->step;
    if (what == GI_GATHER_BEGIN && a->init != NULL)
        a->init(g->state, &ctx);
    else if (what == GI_GATHER_ADD)
        a->aggregate(g->state, in, &ctx);
    else if (what == GI_GATHER_COMPLETE && a->complete != NULL)
        a->complete(g->state, &ctx);
}

void gi_gather_begin(gi_folds *f, gi_fold_one *one, gi_round *r,
                     gi_fold_group group)
{
    const size_t align = _Alignof(max_align_t);
    size_t size = one->spec->fold.aggregator->state_size;
    struct gi_gathered *g =
        size > SIZE_MAX / 2
            ? NULL
            : gi_pool_piece(&r->pool, sizeof(*g) + align + size);

    if (g == NULL) {
        gi_round_fail(r, "out of memory");
        return;
    }
    g->end = &g->first;
    g->state = (void *)(((uintptr_t)(g + 1) + align - 1) & ~(align - 1));
    group.cells[one->cell].as.p = (const char *)g;
    gi_gather(f, one, r, group, GI_GATHER_BEGIN, (gale_row){ NULL, 0 });
}

void gi_folds_drop(gi_folds *f, gale_value *cells)
{
    gi_step_here = f->step;
    for (uint32_t i = 0; f->aggregates && i < f->step->op->n_folds; i++) {
        const gi_fold_one *one = &f->folds[i];
        struct gi_gathered *g;

        if (one->way != GI_FOLD_AGGREGATE)
            continue;
        g = gi_gathered_of(&cells[one->cell]);
        if (g != NULL && one->spec->fold.aggregator->drop != NULL)
            one->spec->fold.aggregator->drop(g->state);
        cells[one->cell].as.p = NULL;
    }
}

/* ------------------------------------------------------ what came of it -- */

/* The cells, or the row that it is at, behind those of the others. */
static uint32_t append(const gi_fold_one *one, const gale_value *cells,
                       gale_value *out)
{
    const gale_value *from = one->way == GI_FOLD_AGGREGATE
                                 ? one->at->row.values
                                 : &cells[one->cell];

    if (one->n_out > 0)
        memcpy(out, from, one->n_out * sizeof(*out));
    return one->n_out;
}

/* The aggregators' next rows, as the digits of a number; false after the
 * last. */
static bool next_rows(gi_folds *f, const gale_value *cells)
{
    for (uint32_t i = f->step->op->n_folds; i-- > 0;) {
        gi_fold_one *one = &f->folds[i];

        if (one->way != GI_FOLD_AGGREGATE)
            continue;
        one->at = one->at->next;
        if (one->at != NULL)
            return true;
        one->at = gi_gathered_of(&cells[one->cell])->first;
    }
    return false;
}

/* False if one of the aggregators emitted nothing. */
static bool first_rows(gi_folds *f, const gale_value *cells)
{
    for (uint32_t i = 0; i < f->step->op->n_folds; i++) {
        gi_fold_one *one = &f->folds[i];

        if (one->way != GI_FOLD_AGGREGATE)
            continue;
        one->at = gi_gathered_of(&cells[one->cell])->first;
        if (one->at == NULL)
            return false;
    }
    return true;
}

static void pass_rows(gi_folds *f, gi_round *r, gi_fold_group g)
{
    gi_step *s = f->step;
    uint32_t n = f->n_keys;

    do {
        uint32_t at = n;

        if (n > 0)
            memcpy(s->scratch, g.key, n * sizeof(gale_value));
        for (uint32_t i = 0; i < s->op->n_folds; i++)
            at += append(&f->folds[i], g.cells, s->scratch + at);
        gi_pass(s, r, (gale_row){ s->scratch, at });
    } while (!r->failed && next_rows(f, g.cells));
}

void gi_folds_complete(gi_folds *f, gi_round *r, gi_fold_group g)
{
    for (uint32_t i = 0; !r->failed && i < f->step->op->n_folds; i++) {
        gi_fold_one *one = &f->folds[i];

        if (one->way == GI_FOLD_AGGREGATE)
            gi_gather(f, one, r, g, GI_GATHER_COMPLETE, (gale_row){ NULL, 0 });
        else
            gi_fields_check(f->step, one->output, one->n_out,
                            (gale_row){ &g.cells[one->cell], one->n_out });
    }
    if (r->failed || (f->aggregates && f->step->op->n_folds == 1))
        return;
    if (first_rows(f, g.cells))
        pass_rows(f, r, g);
}
