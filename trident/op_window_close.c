/* op_window_close.c -- windows that have closed: folded, passed on, let go. */
#include "trident/op_window.h"

/* The first window from `k` on in which a line has anything; it is looked at
 * there from then on, for k only grows. */
static int64_t next_of(const gi_windowing *w, gi_line *l, int64_t k)
{
    int64_t first;

    while (l->at != NULL && gi_window_last(&w->o->w, l->at->no) < k)
        l->at = l->at->next;
    if (l->at == NULL)
        return INT64_MAX;
    first = gi_window_first(&w->o->w, l->at->no);
    return first > k ? first : k;
}

static void fold(gi_windowing *w, gi_round *r, gi_fold_group g, gale_row in,
                 bool *begun)
{
    if (*begun)
        gi_folds_next(&w->out, r, g, in);
    else
        gi_folds_first(&w->out, r, g, in);
    *begun = true;
}

static void fold_pane(gi_windowing *w, gi_round *r, gi_fold_group g,
                      const gi_pane *p, bool *begun)
{
    if (p->kept != NULL)
        fold(w, r, g, (gale_row){ p->kept, w->width }, begun);
    for (const gi_bunch *b = p->bunches; b != NULL && !r->failed; b = b->next)
        for (uint32_t i = 0; i < b->n_values && !r->failed; i += w->width)
            fold(w, r, g, (gale_row){ b->values + i, w->width }, begun);
}

/* Of a line, window k, where it is looked at. */
static void close_one(gi_windowing *w, gi_round *r, const gi_line *l,
                      int64_t k)
{
    gale_row key = gi_line_key(&w->lines, l);
    gi_fold_group g = { w->key, w->cells };
    int64_t begin = gi_window_begin(&w->o->w, k),
            upto = gi_window_upto(&w->o->w, k);
    bool begun = false;

    if (w->o->by_rows && begin < 0)
        begin = 0;
    if (key.n > 0)
        memcpy(w->key, key.values, key.n * sizeof(*w->key));
    w->key[key.n] = gale_val_i64(begin);
    w->key[key.n + 1] = gale_val_i64(gi_window_end(&w->o->w, k));
    memset(w->cells, 0, w->out.n_cells * sizeof(*w->cells));
    for (const gi_pane *p = l->at; p != NULL && p->no < upto && !r->failed;
         p = p->next)
        fold_pane(w, r, g, p, &begun);
    if (begun && !r->failed)
        gi_folds_complete(&w->out, r, g);
    gi_folds_drop(&w->out, w->cells);
}

static void close_by_rows(gi_windowing *w, gi_round *r)
{
    const gi_window *win = &w->o->w;

    for (gi_line *l = w->lines.lines; l != NULL && !r->failed; l = l->more) {
        int64_t k = gi_window_open_at(win, l->before),
                end = gi_window_open_at(win, l->n);

        l->at = l->first;
        for (; k < end && !r->failed; k++)
            if (next_of(w, l, k) == k)
                close_one(w, r, l, k);
    }
}

/* Window by window, in each line by line; windows in which nobody has anything
 * cost nothing. */
static void close_by_time(gi_windowing *w, gi_round *r, int64_t from)
{
    int64_t k = INT64_MAX, next;

    for (uint32_t i = 0; i < w->lines.keys.n; i++) {
        gi_line *l = gi_lines_get(&w->lines, i);

        l->at = l->first;
        next = next_of(w, l, from);
        k = next < k ? next : k;
    }
    for (; k < w->clock.open && !r->failed; k = next) {
        next = INT64_MAX;
        for (uint32_t i = 0; i < w->lines.keys.n && !r->failed; i++) {
            gi_line *l = gi_lines_get(&w->lines, i);
            int64_t then = next_of(w, l, k);

            if (then == k) {
                close_one(w, r, l, k);
                then = next_of(w, l, k + 1);
            }
            next = then < next ? then : next;
        }
    }
}

void gi_window_close(gi_step *s, gi_round *r, const gi_clock *was)
{
    gi_windowing *w = s->self;

    if (w->o->by_rows)
        close_by_rows(w, r);
    else if (w->clock.open != was->open)
        close_by_time(w, r, was->open);
}

void gi_window_cut(gi_step *s, gi_round *r, const gi_clock *was)
{
    gi_windowing *w = s->self;
    bool closed = !w->o->by_rows && w->clock.open != was->open;

    gi_lines_rest(&w->lines);
    if (w->o->by_rows)
        for (gi_line *l = w->lines.lines; l != NULL; l = l->more)
            gi_line_cut(l, gi_window_needs(w, l));
    for (uint32_t i = 0; closed && i < w->lines.keys.n; i++) {
        gi_line *l = gi_lines_get(&w->lines, i);

        gi_line_cut(l, gi_window_needs(w, l));
    }
    if (!gi_lines_sweep(&w->lines, closed))
        gi_round_fail(r, "out of memory");
}
