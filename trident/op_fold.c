/* op_fold.c -- folds of a batch: all of it, and by key. */
#include "trident/direct.h"
#include "trident/fold_by.h"
#include "trident/op_inside.h"

/* ----------------------------------------------------------- all of it -- */

struct fold {
    gi_folds folds;
};

/* In the round: a group without a key. */
struct whole {
    bool begun;
    gale_value cells[];
};

static gale_err fold_open(gi_step *s, gale_diag *why)
{
    struct fold *f = s->self;

    if (gi_folds_open(&f->folds, s) != GALE_OK)
        return gi_step_no_memory(why);
    return GALE_OK;
}

static void fold_close(gi_step *s)
{
    gi_folds_close(&((struct fold *)s->self)->folds);
}

static struct whole *whole_of(gi_step *s, gi_round *r, gi_fold_group *g)
{
    struct fold *f = s->self;
    struct whole *w = gi_round_mine(
        s, r, sizeof(*w) + f->folds.n_cells * sizeof(gale_value));

    *g = (gi_fold_group){ .cells = w == NULL ? NULL : w->cells };
    return w;
}

static void fold_row(gi_step *s, gi_round *r, unsigned port, gale_row in)
{
    struct fold *f = s->self;
    gi_fold_group g;
    struct whole *w;

    (void)port;
    if (r->failed || (w = whole_of(s, r, &g)) == NULL)
        return;
    if (w->begun)
        gi_folds_next(&f->folds, r, g, in);
    else
        gi_folds_first(&f->folds, r, g, in);
    w->begun = true;
}

/* Is it for this task to put out a row, although none came? */
static bool speaks_of_nothing(const gi_step *s, const gi_round *r)
{
    if (s->op->how == GI_FOLD_PARTIAL)
        return false;
    if (s->op->at == GI_FOLD_AT_EACH || s->task == NULL)
        return true;
    return gale_task_index(s->task) ==
           (s->op->at == GI_FOLD_AT_FIRST
                ? 0
                : gi_batch_task(r->attempt, gale_task_count(s->task)));
}

static void fold_finish(gi_step *s, gi_round *r)
{
    struct fold *f = s->self;
    bool begun = r->mine[s->op->no] != NULL;
    gi_fold_group g;

    if (r->failed || (!begun && !speaks_of_nothing(s, r)) ||
        whole_of(s, r, &g) == NULL)
        return;
    if (begun || gi_folds_none(&f->folds, r, g))
        gi_folds_complete(&f->folds, r, g);
}

static void fold_drop(gi_step *s, gi_round *r)
{
    struct fold *f = s->self;
    struct whole *w = r->mine[s->op->no];

    if (w != NULL)
        gi_folds_drop(&f->folds, w->cells);
}

const gi_op_type gi_op_fold_all = {
    .size = sizeof(struct fold),
    .open = fold_open,
    .row = fold_row,
    .finish = fold_finish,
    .drop = fold_drop,
    .close = fold_close,
};

/* -------------------------------------------------------------- by key -- */

struct fold_by {
    gi_folds folds;
    uint64_t seed;
    uint32_t expect; /* as many groups as in the batch before */
};

static gale_err fold_by_open(gi_step *s, gale_diag *why)
{
    struct fold_by *f = s->self;

    f->seed = gi_step_seed(s);
    if (gi_folds_open(&f->folds, s) != GALE_OK)
        return gi_step_no_memory(why);
    return GALE_OK;
}

static void fold_by_close(gi_step *s)
{
    gi_folds_close(&((struct fold_by *)s->self)->folds);
}

static void fold_by_row(gi_step *s, gi_round *r, unsigned port, gale_row in)
{
    struct fold_by *f = s->self;
    gi_fold_by *b = r->mine[s->op->no];

    (void)port;
    if (r->failed)
        return;
    if (b == NULL)
        b = r->mine[s->op->no] =
            gi_fold_by_begin(&f->folds, r, f->expect, f->seed);
    if (b != NULL)
        gi_fold_by_row(b, &f->folds, r, in);
}

static void fold_by_finish(gi_step *s, gi_round *r)
{
    struct fold_by *f = s->self;
    gi_fold_by *b = r->mine[s->op->no];

    if (b == NULL)
        return;
    gi_fold_by_end(b, &f->folds, r);
    for (uint32_t i = 0; i < b->groups.n && !r->failed; i++)
        gi_folds_complete(&f->folds, r, gi_fold_by_group(b, i));
}

static void fold_by_drop(gi_step *s, gi_round *r)
{
    struct fold_by *f = s->self;
    const gi_fold_by *b = r->mine[s->op->no];

    if (b == NULL)
        return;
    f->expect = b->groups.n;
    for (uint32_t i = 0; f->folds.aggregates && i < b->groups.n; i++)
        gi_folds_drop(&f->folds, gi_fold_by_group(b, i).cells);
}

const gi_op_type gi_op_fold_by = {
    .size = sizeof(struct fold_by),
    .open = fold_by_open,
    .row = fold_by_row,
    .finish = fold_by_finish,
    .drop = fold_by_drop,
    .close = fold_by_close,
};
