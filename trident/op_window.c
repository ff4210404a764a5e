/* op_window.c -- a step that folds by window: made, fed, and finished. */
#include "trident/op_window.h"

#include "gale/task.h"

/* ------------------------------------------------------------- opening -- */

/* A key of each group, for what belongs to none: the least number there. */
static void find_marks(gi_windowing *w)
{
    uint32_t found = 0;

    for (int64_t i = 0; i < GALE_STATE_GROUPS; i++)
        w->marks[i] = -1;
    for (int64_t i = 0; found < GALE_STATE_GROUPS; i++) {
        gale_value v = gale_val_i64(i);
        int64_t *mark = &w->marks[gale_state_group(&v, 1)];

        found += *mark < 0;
        *mark = *mark < 0 ? i : *mark;
    }
}

/* What folds panes: the step itself where they hold rows; else one that merges
 * what combiners made of them. */
static gale_err open_out(gi_step *s)
{
    gi_windowing *w = s->self;
    uint32_t n = s->op->n_folds - w->o->folded, slot = 0;

    w->out_op = *s->op;
    w->out_step = *s;
    w->out_step.op = &w->out_op;
    if (w->combines) {
        w->merging = gi_calloc(n, sizeof(*w->merging));
        if (w->merging == NULL)
            return GALE_ENOMEM;
        for (uint32_t i = 0; i < n; i++) {
            w->merging[i] = s->op->folds[i];
            w->merging[i].in = w->slots + slot;
            w->merging[i].n_in = s->op->folds[i].n_out;
            slot += s->op->folds[i].n_out;
        }
        w->out_op.folds = w->merging;
        w->out_op.n_folds = n;
        w->out_op.how = GI_FOLD_MERGE;
    }
    if (gi_folds_open(&w->out, &w->out_step) != GALE_OK)
        return GALE_ENOMEM;
    w->out.n_keys = w->o->n_keys + 2;
    return GALE_OK;
}

static uint32_t folded_values(const gi_op *op)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < op->n_folds - op->window.folded; i++)
        n += op->folds[i].n_out;
    return n;
}

static bool take_room(gi_step *s)
{
    gi_windowing *w = s->self;
    uint32_t widest = s->op->n_row + s->op->n_out + w->width + 2;

    w->slots = gi_calloc(widest, sizeof(*w->slots));
    w->cells = gi_calloc(widest, sizeof(*w->cells));
    w->key = gi_calloc(w->o->n_keys + 2u, sizeof(*w->key));
    w->keys = gi_calloc(GI_WINDOW_CHUNK, sizeof(*w->keys));
    w->values = gi_calloc(GI_WINDOW_CHUNK, sizeof(*w->values));
    w->key_values = gi_calloc((size_t)GI_WINDOW_CHUNK * (w->o->n_keys + 3),
                              sizeof(*w->key_values));
    for (uint32_t i = 0; w->slots != NULL && i < widest; i++)
        w->slots[i] = i;
    return w->slots != NULL && w->cells != NULL && w->key != NULL &&
           w->keys != NULL && w->values != NULL && w->key_values != NULL;
}

static gale_err window_open(gi_step *s, gale_diag *why)
{
    gi_windowing *w = s->self;

    w->o = &s->op->window;
    w->seed = gi_step_seed(s);
    w->combines = true;
    for (uint32_t i = 0; i < s->op->n_folds; i++)
        w->combines = w->combines && s->op->folds[i].fold.combiner != NULL;
    w->width = w->combines ? folded_values(s->op) : s->op->n_row;
    if (!take_room(s) || gi_folds_open(&w->in, s) != GALE_OK ||
        open_out(s) != GALE_OK)
        return gi_step_no_memory(why);
    find_marks(w);
    w->late = gale_task_counter(s->task, "late");
    return gi_shared_open(s, why);
}

static void window_shut(gi_step *s)
{
    gi_windowing *w = s->self;

    gi_shared_close(s);
    gi_lines_fini(&w->lines);
    if (w->in.step != NULL)
        gi_folds_close(&w->in);
    if (w->out.step != NULL)
        gi_folds_close(&w->out);
    gi_free(w->merging);
    gi_free(w->slots);
    gi_free(w->cells);
    gi_free(w->key);
    gi_free(w->keys);
    gi_free(w->values);
    gi_free(w->key_values);
    *w = (gi_windowing){ .seed = 0 };
}

/* ---------------------------------------------------------------- rows -- */

static void window_row(gi_step *s, gi_round *r, unsigned port, gale_row in)
{
    gi_windowing *w = s->self;
    gi_window_came *came;

    if (r->failed || (came = gi_round_mine(s, r, sizeof(*came))) == NULL)
        return;
    if (port == 1) {
        int64_t at = gi_time_cut(in.values[0].as.i);

        came->greatest =
            came->any && came->greatest > at ? came->greatest : at;
        came->any = true;
        return;
    }
    if (!w->o->folded) {
        gi_rows_add(&came->rows, r, in);
        return;
    }
    if (came->folded == NULL)
        came->folded = gi_fold_by_begin(&w->in, r, w->expect, w->seed);
    if (came->folded != NULL)
        gi_fold_by_row(came->folded, &w->in, r, in);
}

/* -------------------------------------------------------------- finish -- */

static bool shows_late(const gi_op *op)
{
    for (uint32_t i = 0; i < op->n_next; i++)
        if (op->next[i].port == GI_PORT_LATE)
            return true;
    return false;
}

/* Rows that came too late, to who reads them. */
static void pass_late(gi_step *s, gi_round *r, const gi_window_came *came,
                      const gi_clock *was)
{
    const gi_windowing *w = s->self;

    for (gi_kept_row *k = came->rows.first; k != NULL && !r->failed;
         k = k->next) {
        int64_t at = gi_time_cut(k->row.values[w->o->time].as.i);

        if (!gi_clock_late(was, &w->o->w, gi_window_pane(&w->o->w, at)))
            continue;
        for (uint32_t i = 0; i < s->op->n_next; i++)
            if (s->op->next[i].port == GI_PORT_LATE)
                gi_pass(&s->all[s->op->next[i].op], r, k->row);
    }
}

static void window_finish(gi_step *s, gi_round *r)
{
    gi_windowing *w = s->self;
    gi_window_came none = { .any = false }, *came = r->mine[s->op->no];
    gale_map *map = gi_window_begin_map(s, r);
    gi_clock was;

    if (map == NULL)
        return;
    was = w->clock;
    w->good = false; /* until all is well */
    came = came == NULL ? &none : came;
    if (came->folded != NULL) {
        gi_fold_by_end(came->folded, &w->in, r);
        w->expect = came->folded->groups.n;
    }
    if (!r->failed && gi_window_take(s, r, came)) {
        if (!w->o->by_rows)
            gi_clock_batch(&w->clock, &w->o->w, &w->o->clock, came->any,
                           came->greatest, gi_time_cut(r->time_ms));
        gi_window_put(s, r, map);
    }
    if (r->failed) {
        gi_shared_abandon(s);
        return;
    }
    if (!gi_shared_commit(s, r))
        return;
    if (shows_late(s->op))
        pass_late(s, r, came, &was);
    gi_window_close(s, r, &was);
    if (!r->failed)
        gi_window_cut(s, r, &was);
    w->good = !r->failed;
}

const gi_op_type gi_op_window = {
    .size = sizeof(gi_windowing),
    .open = window_open,
    .row = window_row,
    .finish = window_finish,
    .close = window_shut,
};

/* --------------------------------------------------- before and behind -- */

static void pane_row(gi_step *s, gi_round *r, unsigned port, gale_row in)
{
    int64_t at = gi_time_cut(in.values[s->op->window.time].as.i);

    (void)port;
    memcpy(s->scratch, in.values, in.n * sizeof(*in.values));
    s->scratch[in.n] = gale_val_i64(gi_window_pane(&s->op->window.w, at));
    gi_pass(s, r, (gale_row){ s->scratch, in.n + 1 });
}

const gi_op_type gi_op_pane = {
    .row = pane_row,
};

/* Rows come to it by pass_late; what else a window passes on is not for it. */
static void late_row(gi_step *s, gi_round *r, unsigned port, gale_row in)
{
    (void)s;
    (void)r;
    (void)port;
    (void)in;
}

const gi_op_type gi_op_late = {
    .row = late_row,
};
