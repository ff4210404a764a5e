#include "trident/fold.h"

#include "base/mem.h"
#include "trident/fold_inside.h"

static void clear(gale_value *values, uint32_t n)
{
    if (n > 0)
        memset(values, 0, n * sizeof(*values));
}

static void combine(gi_folds *f, gi_fold_one *one, gi_round *r,
                    gale_value *cells, gale_row in)
{
    const gale_combiner *c = one->spec->fold.combiner;
    const gale_value *of_row = in.values;

    if (!one->merges) {
        clear(f->one, one->n_out);
        c->init(in, f->one);
        of_row = f->one;
    }
    clear(f->two, one->n_out);
    c->combine(cells, of_row, f->two);
    gi_fold_put(f, one, r, cells, f->two);
}

static void reduce(gi_folds *f, gi_fold_one *one, gi_round *r,
                   gale_value *cells, gale_row in)
{
    clear(f->two, one->n_out);
    one->spec->fold.reducer->reduce(cells, in, f->two);
    gi_fold_put(f, one, r, cells, f->two);
}

void gi_folds_next(gi_folds *f, gi_round *r, gi_fold_group g, gale_row in)
{
    gi_step_here = f->step;
    for (uint32_t i = 0; i < f->step->op->n_folds; i++) {
        gi_fold_one *one = &f->folds[i];
        gale_value *cells = &g.cells[one->cell];
        const gale_value *v;

        switch (one->way) {
        case GI_FOLD_COUNT:
            cells->as.i++;
            break;
        case GI_FOLD_SUM:
            v = &in.values[one->view.slots[0]];
            if (v->type == GALE_T_I64 && cells->type == GALE_T_I64)
                cells->as.i =
                    (int64_t)((uint64_t)cells->as.i + (uint64_t)v->as.i);
            else
                combine(f, one, r, cells, (gale_row){ v, 1 });
            break;
        case GI_FOLD_COMBINE:
            combine(f, one, r, cells, gi_view_of(&one->view, in));
            break;
        case GI_FOLD_REDUCE:
            reduce(f, one, r, cells, gi_view_of(&one->view, in));
            break;
        case GI_FOLD_AGGREGATE:
            gi_gather(f, one, r, g, GI_GATHER_ADD, gi_view_of(&one->view, in));
            break;
        }
    }
}

/* What a reducer or aggregator has before the first row. */
static void begin_one(gi_folds *f, gi_fold_one *one, gi_round *r,
                      gi_fold_group g)
{
    if (one->way == GI_FOLD_AGGREGATE) {
        gi_gather_begin(f, one, r, g);
        return;
    }
    clear(f->one, one->n_out);
    one->spec->fold.reducer->init(f->one);
    gi_fold_put(f, one, r, &g.cells[one->cell], f->one);
}

void gi_folds_first(gi_folds *f, gi_round *r, gi_fold_group g, gale_row in)
{
    gi_step_here = f->step;
    for (uint32_t i = 0; i < f->step->op->n_folds; i++) {
        gi_fold_one *one = &f->folds[i];
        gale_value *cells = &g.cells[one->cell];
        gale_row view = gi_view_of(&one->view, in);

        if (one->way == GI_FOLD_COUNT) {
            *cells = gale_val_i64(1);
        } else if (one->way <= GI_FOLD_COMBINE && one->merges) {
            gi_fold_put(f, one, r, cells, view.values);
        } else if (one->way <= GI_FOLD_COMBINE) {
            clear(f->one, one->n_out);
            one->spec->fold.combiner->init(view, f->one);
            gi_fold_put(f, one, r, cells, f->one);
        } else {
            begin_one(f, one, r, g);
            if (one->way == GI_FOLD_REDUCE)
                reduce(f, one, r, cells, view);
            else
                gi_gather(f, one, r, g, GI_GATHER_ADD, view);
        }
    }
}

bool gi_folds_none(gi_folds *f, gi_round *r, gi_fold_group g)
{
    bool all = true;

    gi_step_here = f->step;
    for (uint32_t i = 0; i < f->step->op->n_folds; i++) {
        gi_fold_one *one = &f->folds[i];

        if (one->way > GI_FOLD_COMBINE) {
            begin_one(f, one, r, g);
        } else if (one->spec->fold.combiner->zero == NULL) {
            all = false;
        } else {
            clear(f->one, one->n_out);
            one->spec->fold.combiner->zero(f->one);
            gi_fold_put(f, one, r, &g.cells[one->cell], f->one);
        }
    }
    return all;
}

/* ------------------------------------------------------------- opening -- */

static void describe(gi_fold_one *one)
{
    const gale_fold *fold = &one->spec->fold;

    if (fold->aggregator != NULL) {
        one->way = GI_FOLD_AGGREGATE;
        one->output = fold->aggregator->output;
    } else if (fold->reducer != NULL) {
        one->way = GI_FOLD_REDUCE;
        one->output = fold->reducer->output;
    } else {
        one->way = GI_FOLD_COMBINE;
        one->output = fold->combiner->output;
        if (fold->combiner == &gale_count)
            one->way = one->merges ? GI_FOLD_SUM : GI_FOLD_COUNT;
        else if (fold->combiner == &gale_sum && one->spec->n_in == 1)
            one->way = GI_FOLD_SUM;
    }
    one->n_out = gi_fields_count(one->output);
}

gale_err gi_folds_open(gi_folds *f, gi_step *s)
{
    uint32_t n = s->op->n_folds, widest = 1;

    *f = (gi_folds){ .step = s, .n_keys = s->op->n_keys, .numbers = true };
    f->folds = gi_calloc(n, sizeof(*f->folds));
    if (f->folds == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        gi_fold_one *one = &f->folds[i];

        one->spec = &s->op->folds[i];
        one->merges = s->op->how == GI_FOLD_MERGE;
        describe(one);
        one->cell = f->n_cells;
        f->n_cells += one->way == GI_FOLD_AGGREGATE ? 1 : one->n_out;
        f->numbers = f->numbers && one->way <= GI_FOLD_SUM;
        f->looks = f->looks || one->spec->n_in > 0;
        f->counts = n == 1 && one->way == GI_FOLD_COUNT;
        f->aggregates = f->aggregates || one->way == GI_FOLD_AGGREGATE;
        widest = one->n_out > widest ? one->n_out : widest;
        if (gi_view_open(&one->view, one->spec->in, one->spec->n_in) !=
            GALE_OK)
            return GALE_ENOMEM;
    }
    f->one = gi_calloc(widest, sizeof(*f->one));
    f->two = gi_calloc(widest, sizeof(*f->two));
    return f->one == NULL || f->two == NULL ? GALE_ENOMEM : GALE_OK;
}

void gi_folds_close(gi_folds *f)
{
    for (uint32_t i = 0; f->folds != NULL && i < f->step->op->n_folds; i++)
        gi_view_close(&f->folds[i].view);
    gi_free(f->folds);
    gi_free(f->one);
    gi_free(f->two);
    *f = (gi_folds){ .step = NULL };
}
