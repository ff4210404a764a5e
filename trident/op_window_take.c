/* op_window_take.c -- what a batch has, to the panes of its rows. */
#include "trident/op_window.h"

static bool no_memory(gi_round *r)
{
    gi_round_fail(r, "out of memory");
    return false;
}

/* The pane of these keys, touched; NULL: the round has failed. */
static gi_pane *pane_of(gi_windowing *w, gi_round *r, const gale_value *values,
                        const uint32_t *slots, int64_t no)
{
    gi_line *l = gi_line_at(&w->lines, values, slots);
    gi_pane *p = l == NULL ? NULL : gi_pane_at(l, no);

    if (p == NULL)
        no_memory(r);
    else
        gi_pane_touch(&w->lines, p);
    return p;
}

/* What came folded: of each key, or of each pane and key, one. */
static void take_folded(gi_step *s, gi_round *r, const gi_fold_by *b)
{
    gi_windowing *w = s->self;
    const gi_windows *o = w->o;
    int64_t here = gi_window_pane(&o->w, gi_time_cut(r->time_ms));

    for (uint32_t i = 0; i < b->groups.n && !r->failed; i++) {
        gi_fold_group g = gi_fold_by_group(b, i);
        int64_t no = o->clock.of_rows ? g.key[0].as.i : here;
        gi_pane *p;

        if (o->clock.of_rows && gi_clock_late(&w->clock, &o->w, no)) {
            gale_counter_add(w->late, g.cells[w->width].as.i);
            continue;
        }
        p = pane_of(w, r, g.key, w->slots + o->clock.of_rows, no);
        if (p != NULL)
            p->now = g.cells;
    }
}

/* It is the round's already. */
static void hang(gi_rows *rows, gi_round *r, gale_row row)
{
    gi_kept_row *k = gi_pool_piece(&r->pool, sizeof(*k));

    if (k == NULL) {
        no_memory(r);
        return;
    }
    k->row = row;
    if (rows->first == NULL)
        rows->first = k;
    else
        rows->last->next = k;
    rows->last = k;
    rows->n++;
}

/* A row, to a pane of which it is the first or a further one. */
static void put_row(gi_step *s, gi_round *r, gi_pane *p, gi_kept_row *k)
{
    gi_windowing *w = s->self;
    gi_fold_group g = { NULL, p->now };

    if (!w->combines) {
        hang(&p->rows, r, k->row);
        return;
    }
    if (p->now != NULL) {
        gi_folds_next(&w->in, r, g, k->row);
        return;
    }
    p->now = g.cells =
        gi_pool_piece(&r->pool, w->in.n_cells * sizeof(*g.cells));
    if (p->now == NULL)
        no_memory(r);
    else
        gi_folds_first(&w->in, r, g, k->row);
}

static void take_rows(gi_step *s, gi_round *r, const gi_rows *rows)
{
    gi_windowing *w = s->self;
    const gi_windows *o = w->o;

    for (gi_kept_row *k = rows->first; k != NULL && !r->failed; k = k->next) {
        const gale_value *v = k->row.values;
        int64_t at =
            gi_time_cut(o->clock.of_rows ? v[o->time].as.i : r->time_ms);
        gi_line *l;
        gi_pane *p;

        if (o->by_rows) {
            l = gi_line_at(&w->lines, v, s->op->keys);
            if (l == NULL) {
                no_memory(r);
                return;
            }
            gi_line_touch(&w->lines, l);
            at = l->n++;
        }
        at = gi_window_pane(&o->w, at);
        if (o->clock.of_rows && gi_clock_late(&w->clock, &o->w, at)) {
            gale_counter_add(w->late, 1);
            continue;
        }
        p = pane_of(w, r, v, s->op->keys, at);
        if (p != NULL)
            put_row(s, r, p, k);
    }
}

/* ------------------------------------------------------ into the panes -- */

/* What was there, and what came. */
static bool add_folded(gi_windowing *w, gi_round *r, gi_pane *p)
{
    gi_fold_group g = { NULL, w->cells };

    if (p->kept == NULL)
        return gi_pane_keep(p, p->now, w->width) || no_memory(r);
    memset(w->cells, 0, w->width * sizeof(*w->cells));
    gi_folds_first(&w->out, r, g, (gale_row){ p->kept, w->width });
    gi_folds_next(&w->out, r, g, (gale_row){ p->now, w->width });
    return !r->failed && (gi_pane_keep(p, w->cells, w->width) || no_memory(r));
}

/* At most so much in one bunch, so that it can be stored. */
enum { MOST_VALUES = 16384, MOST_BYTES = 1 << 20 };

static bool add_bunch(gi_windowing *w, gi_round *r, gi_pane *p,
                      gi_kept_row **k)
{
    size_t n = 0, bytes = 0, room = MOST_VALUES;
    gale_value *all;

    for (gi_kept_row *i = *k; i != NULL; i = i->next)
        n++;
    room = n * w->width < room ? n * w->width : room;
    room = room < w->width ? w->width : room;
    all = gi_pool_piece(&r->pool, room * sizeof(*all));
    if (all == NULL)
        return no_memory(r);
    for (n = 0; *k != NULL && n + w->width <= room && bytes < MOST_BYTES;
         *k = (*k)->next) {
        for (uint32_t i = 0; i < w->width; i++) {
            all[n++] = (*k)->row.values[i];
            bytes += all[n - 1].type >= GALE_T_STR ? all[n - 1].len : 0;
        }
    }
    return gi_pane_bunch(p, p->n_bunches, (gale_row){ all, n }) != NULL ||
           no_memory(r);
}

static bool into_panes(gi_windowing *w, gi_round *r)
{
    for (gi_pane *p = w->lines.panes; p != NULL && !r->failed; p = p->more) {
        gi_kept_row *k = p->rows.first;

        if (w->combines)
            add_folded(w, r, p);
        while (k != NULL && add_bunch(w, r, p, &k))
            ;
    }
    return !r->failed;
}

bool gi_window_take(gi_step *s, gi_round *r, const gi_window_came *came)
{
    if (came->folded != NULL)
        take_folded(s, r, came->folded);
    take_rows(s, r, &came->rows);
    return !r->failed && into_panes(s->self, r);
}
