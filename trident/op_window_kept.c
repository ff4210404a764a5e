/* op_window_kept.c -- open windows in the state: read when memory may differ
 * from it, written with each batch.
 *
 *     pane, 0, key...          what combiners made of a pane's rows
 *     pane, number, key...     rows of a pane, one behind another
 *     nil, nil, key...         how many rows the key had, of windows by rows
 *     nil, 0, mark             in each group: which windows they are, and the
 *                              clock
 *
 * The first two values do not count for the group of a key (`aside`), so all
 * of it goes with its key to another task if their number changes.  The clock
 * is the same in all tasks; who comes back with groups of several finds it in
 * any of them. */
#include <inttypes.h>
#include <stdio.h>

#include "base/diag.h"
#include "trident/op_window.h"

enum { ASIDE = GI_WINDOW_ASIDE, CLOCK_VALUES = 7 };

/* ------------------------------------------------------------- reading -- */

struct loading {
    gi_windowing *w;
    const gi_op *op;
    uint32_t marks; /* groups that know the clock */
    gale_diag *why;
};

static gale_err say(struct loading *in, const char *what)
{
    gi_diag_say(in->why, "%s", what);
    return GALE_EUSER;
}

/* By rows, by times of rows, or of batches? */
static int64_t kind_of(const gi_windows *o)
{
    return o->by_rows ? 0 : 1 + o->clock.of_rows;
}

static bool is_clock(gale_row value)
{
    bool well = value.n == CLOCK_VALUES;

    for (uint32_t i = 0; well && i < CLOCK_VALUES; i++)
        well = value.values[i].type == (i == 4 ? GALE_T_BOOL : GALE_T_I64);
    return well;
}

static gale_err load_clock(struct loading *in, gale_row value)
{
    gi_windowing *w = in->w;
    const gale_value *v = value.values;
    gi_clock c;

    if (!is_clock(value))
        return say(in, "what it has of time is no such thing");
    if (v[0].as.i != w->o->w.length || v[1].as.i != w->o->w.slide ||
        v[2].as.i != kind_of(w->o)) {
        gi_diag_say(in->why,
                    "it has windows of length %" PRId64 " and slide %" PRId64
                    " by %s; other windows need another id",
                    v[0].as.i, v[1].as.i,
                    v[2].as.i == 0   ? "rows"
                    : v[2].as.i == 1 ? "the time of batches"
                                     : "the time of rows");
        return GALE_EUSER;
    }
    c = (gi_clock){ v[3].as.i, v[4].as.b, v[5].as.i, v[6].as.i };
    if (in->marks++ == 0 || c.open > w->clock.open ||
        (c.open == w->clock.open && c.seen_ms > w->clock.seen_ms))
        w->clock = c;
    return GALE_OK;
}

static gale_err load_pane(struct loading *in, gi_line *l, gale_row key,
                          gale_row value)
{
    gi_windowing *w = in->w;
    gi_pane *p = gi_pane_at(l, key.values[0].as.i);
    gi_bunch *b;

    if (p == NULL)
        return GALE_ENOMEM;
    if (w->combines ? value.n != w->width : value.n % w->width != 0) {
        gi_diag_say(in->why,
                    "it has values of %zu fields, and now there are %u",
                    value.n, w->width);
        return GALE_EUSER;
    }
    p->stored = true;
    if (w->combines)
        return gi_pane_keep(p, value.values, w->width) ? GALE_OK : GALE_ENOMEM;
    b = gi_pane_bunch(p, key.values[1].as.i, value);
    if (b == NULL)
        return GALE_ENOMEM;
    b->stored = true;
    return GALE_OK;
}

static gale_err load_pair(void *arg, gale_row key, gale_row value)
{
    struct loading *in = arg;
    gi_windowing *w = in->w;
    uint32_t a = key.n < ASIDE ? GALE_T_ANY : key.values[0].type,
             b = key.n < ASIDE ? GALE_T_ANY : key.values[1].type;
    bool pane = a == GALE_T_I64 && b == GALE_T_I64;
    gi_line *l;

    if (key.n == ASIDE + 1 && a == GALE_T_NIL && b == GALE_T_I64)
        return load_clock(in, value);
    if (!pane && (a != GALE_T_NIL || b != GALE_T_NIL))
        return say(in, "it was kept by another kind of step; windows need an "
                       "id of their own");
    if (key.n != ASIDE + w->o->n_keys)
        return say(in, "its keys are of another number of fields");
    l = gi_line_at(&w->lines, key.values + ASIDE, w->slots);
    if (l == NULL)
        return GALE_ENOMEM;
    if (pane)
        return load_pane(in, l, key, value);
    if (value.n != 1 || value.values[0].type != GALE_T_I64)
        return say(in, "how many rows a key had is no number");
    l->n = value.values[0].as.i;
    return GALE_OK;
}

static uint32_t groups_of(const gi_step *s, uint32_t *from)
{
    uint32_t to;

    gale_state_range(gale_task_index(s->task), gale_task_count(s->task), from,
                     &to);
    return to - *from;
}

static gale_err load(gi_step *s, gale_map *map, gale_diag *why)
{
    gi_windowing *w = s->self;
    struct loading in = { .w = w, .op = s->op, .why = why };
    uint32_t from;
    gale_err e;

    gi_lines_fini(&w->lines);
    w->clock = (gi_clock){ .open = GI_WINDOW_NONE };
    if (!gi_lines_init(&w->lines, w->o->n_keys, w->o->by_rows, w->seed))
        return GALE_ENOMEM;
    e = gale_map_scan(map, load_pair, &in, why);
    w->written = w->clock;
    w->marked = in.marks == groups_of(s, &from);
    w->good = e == GALE_OK;
    return e;
}

/* The batch was applied already, by another attempt: as if it had not been,
 * for good.  The pairs of a batch that is only begun cannot be read one by
 * one. */
static gale_err undo(gale_map *map, const gi_round *r, gale_diag *why)
{
    gale_err e = gale_map_begin(map, r->txid, r->attempt, why);

    return e != GALE_OK ? e : gale_map_commit(map, why);
}

gale_map *gi_window_begin_map(gi_step *s, gi_round *r)
{
    gi_windowing *w = s->self;
    gale_map *map = gi_shared_map(s, r);
    gale_diag why = { "" };
    gale_err e = GALE_OK;

    if (map == NULL) {
        w->good = false;
        return NULL;
    }
    if (gale_map_txid(map) == r->txid) {
        w->good = false;
        e = undo(map, r, &why);
    }
    if (e == GALE_OK && !w->good)
        e = load(s, map, &why);
    if (e == GALE_OK)
        return gi_shared_begin(s, r);
    gi_shared_failed(s, r, e, &why);
    return NULL;
}

/* ------------------------------------------------------------- writing -- */

struct putting {
    gi_step *step;
    gi_round *round;
    gale_map *map;
};

static void flush(struct putting *to)
{
    gi_windowing *w = to->step->self;
    gale_diag why = { "" };
    gale_err e;

    if (w->n == 0 || to->round->failed)
        return;
    e = gale_map_put(to->map, w->keys, w->values, w->n, &why);
    w->n = 0;
    if (e != GALE_OK)
        gi_shared_failed(to->step, to->round, e, &why);
}

/* `value` lasts until the flush; values NULL: removed. */
static void put(struct putting *to, gale_value a, gale_value b, gale_row key,
                gale_row value)
{
    gi_windowing *w = to->step->self;
    gale_value *at = w->key_values + (size_t)w->n * (w->o->n_keys + 3);

    at[0] = a;
    at[1] = b;
    if (key.n > 0)
        memcpy(at + ASIDE, key.values, key.n * sizeof(*at));
    w->keys[w->n] = (gale_row){ at, ASIDE + key.n };
    w->values[w->n++] = value;
    if (w->n == GI_WINDOW_CHUNK)
        flush(to);
}

static void put_pane(struct putting *to, gi_pane *p)
{
    gi_windowing *w = to->step->self;
    gale_row key = gi_line_key(&w->lines, p->line);
    gale_value no = gale_val_i64(p->no);

    if (p->no < gi_window_needs(w, p->line))
        return;
    if (p->kept != NULL)
        put(to, no, gale_val_i64(0), key, (gale_row){ p->kept, w->width });
    for (gi_bunch *b = p->bunches; b != NULL && !to->round->failed;
         b = b->next) {
        if (!b->stored)
            put(to, no, gale_val_i64(b->no), key,
                (gale_row){ b->values, b->n_values });
        b->stored = true;
    }
    p->stored = true;
}

/* Panes that no open window needs. */
static void remove_panes(struct putting *to, const gi_line *l)
{
    static const gale_row gone = { NULL, 0 };
    gi_windowing *w = to->step->self;
    gale_row key = gi_line_key(&w->lines, l);
    int64_t needs = gi_window_needs(w, l);

    for (const gi_pane *p = l->first; p != NULL && p->no < needs;
         p = p->next) {
        gale_value no = gale_val_i64(p->no);

        if (!p->stored || to->round->failed)
            continue;
        if (w->combines)
            put(to, no, gale_val_i64(0), key, gone);
        for (const gi_bunch *b = p->bunches; b != NULL; b = b->next)
            if (b->stored)
                put(to, no, gale_val_i64(b->no), key, gone);
    }
}

static void put_counts(struct putting *to)
{
    gi_windowing *w = to->step->self;

    for (gi_line *l = w->lines.lines; l != NULL; l = l->more) {
        gale_value *n = gi_pool_piece(&to->round->pool, sizeof(*n));

        if (n == NULL) {
            gi_round_fail(to->round, "out of memory");
            return;
        }
        *n = gale_val_i64(l->n);
        put(to, gale_val_nil(), gale_val_nil(), gi_line_key(&w->lines, l),
            (gale_row){ n, 1 });
    }
}

static bool same_clock(const gi_clock *a, const gi_clock *b)
{
    return a->open == b->open && a->seen == b->seen &&
           a->greatest == b->greatest && a->seen_ms == b->seen_ms;
}

/* Where rows have no time, what was closed matters to open panes only.  In
 * memory there are panes that were `open` before this batch. */
static bool must_put_clock(const gi_windowing *w, bool open)
{
    if (w->marked && same_clock(&w->clock, &w->written))
        return false;
    return open || w->lines.lines != NULL || w->o->clock.of_rows;
}

static void put_clock(struct putting *to)
{
    gi_windowing *w = to->step->self;
    const gi_clock *c = &w->clock;
    gale_value v[CLOCK_VALUES] = {
        gale_val_i64(w->o->w.length), gale_val_i64(w->o->w.slide),
        gale_val_i64(kind_of(w->o)),  gale_val_i64(c->open),
        gale_val_bool(c->seen),       gale_val_i64(c->greatest),
        gale_val_i64(c->seen_ms),
    };
    gale_value marks[GALE_STATE_GROUPS];
    uint32_t from, n = groups_of(to->step, &from);

    for (uint32_t i = 0; i < n && !to->round->failed; i++) {
        gale_value *at = &marks[i];

        *at = gale_val_i64(w->marks[from + i]);
        put(to, gale_val_nil(), gale_val_i64(0), (gale_row){ at, 1 },
            (gale_row){ v, CLOCK_VALUES });
    }
    flush(to);
    w->marked = true;
    w->written = *c;
}

bool gi_window_put(gi_step *s, gi_round *r, gale_map *map)
{
    gi_windowing *w = s->self;
    struct putting to = { s, r, map };
    bool open = false;

    w->n = 0;
    for (gi_pane *p = w->lines.panes; p != NULL && !r->failed; p = p->more)
        put_pane(&to, p);
    if (w->o->by_rows) {
        for (gi_line *l = w->lines.lines; l != NULL && !r->failed; l = l->more)
            remove_panes(&to, l);
        put_counts(&to);
    } else if (w->clock.open != w->written.open) {
        for (uint32_t i = 0; i < w->lines.keys.n && !r->failed; i++) {
            const gi_line *l = gi_lines_get(&w->lines, i);

            open = open || l->first != NULL;
            remove_panes(&to, l);
        }
    }
    if (must_put_clock(w, open))
        put_clock(&to);
    flush(&to);
    return !r->failed;
}
