/* define_window.c -- folds by window: which windows, of which rows, and what
 * comes of them. */
#include <inttypes.h>

#include "trident/graph.h"

static const char *unit(const gale_window *w)
{
    return w->by == GALE_WINDOW_ROWS ? "rows" : "ms";
}

static void check_length(gi_node *n, const gale_window *w)
{
    if (w->length < 1 || w->length > GI_WINDOW_MOST)
        gi_node_say(n,
                    "its windows have a length of %" PRId64
                    " %s (1 to %" PRId64 ")",
                    w->length, unit(w), GI_WINDOW_MOST);
    if (w->slide < 1)
        gi_node_say(n,
                    "its windows have a slide of %" PRId64
                    " %s (1 at least; windows one behind another have a slide "
                    "as long as themselves: GALE_TUMBLING_%s)",
                    w->slide, unit(w),
                    w->by == GALE_WINDOW_ROWS ? "ROWS"
                    : w->time == NULL         ? "MS"
                                              : "TIME");
    else if (w->length >= 1 && w->slide > w->length)
        gi_node_say(n,
                    "its windows have a slide of %" PRId64
                    " %s, longer than their length of %" PRId64
                    ", so some rows would be in none (a slide is at most the "
                    "length; gale_where drops rows)",
                    w->slide, unit(w), w->length);
}

static void check_span(gi_node *n, const gale_window *w, const char *what,
                       int64_t ms)
{
    if (ms == 0)
        return;
    if (w->time == NULL)
        gi_node_say(n,
                    "it has %s of %" PRId64
                    " ms, but its rows have no time of their own: name the "
                    "field (GALE_TUMBLING_TIME)",
                    what, ms);
    else if (ms < 0 || ms > GI_WINDOW_MOST)
        gi_node_say(n, "it has %s of %" PRId64 " ms (0 to %" PRId64 ")", what,
                    ms, GI_WINDOW_MOST);
}

/* The field that says when rows were. */
static void take_time(gi_node *n, const gale_window *w)
{
    const gale_name name[] = { w->time, NULL };
    const gale_field *f;
    size_t before = gi_node_mistakes(n);
    uint32_t *slot, many;

    if (w->time == NULL)
        return;
    if (w->by == GALE_WINDOW_ROWS) {
        gi_node_say(n,
                    "its windows are by rows, and '%s' would be a time "
                    "(GALE_TUMBLING_TIME for windows by time)",
                    gi_text_name(w->time).s);
        return;
    }
    n->window.clock.of_rows = true;
    slot = gi_node_slots_of(n, n->from, name, &many);
    if (slot == NULL || gi_node_mistakes(n) > before || n->from->unclear)
        return;
    n->window.time = slot[0];
    f = &n->from->out[slot[0]];
    if (f->type != GALE_T_I64)
        gi_node_say(n,
                    "'%s' is of type %s, and the time of a row is an i64, in "
                    "milliseconds",
                    gi_text_name(f->name).s,
                    gale_type_name((uint32_t)f->type));
}

static void take_window(gi_node *n, const gale_window *w)
{
    size_t before = gi_node_mistakes(n);

    if (w == NULL) {
        gi_node_say(n, "it has no window (GALE_TUMBLING_ROWS and the others)");
        return;
    }
    if ((uint32_t)w->by > GALE_WINDOW_TIME) {
        gi_node_say(n, "its windows are by %u, which is nothing (0 to %d)",
                    (unsigned)w->by, GALE_WINDOW_TIME);
        return;
    }
    check_length(n, w);
    check_span(n, w, "a lateness", w->lateness_ms);
    check_span(n, w, "an idle time", w->idle_ms);
    take_time(n, w);
    if (gi_node_mistakes(n) > before)
        return;
    n->window.w = gi_window_of(w->length, w->slide);
    n->window.by_rows = w->by == GALE_WINDOW_ROWS;
    n->window.clock.lateness = w->lateness_ms;
    n->window.clock.idle = w->idle_ms;
    n->window.n_keys = n->n_keys;
}

static const char *kind_word(gale_state_kind kind)
{
    return kind == GALE_STATE_TRANSACTIONAL ? "transactional"
                                            : "non-transactional";
}

/* The keys, where the window lies, and what the folds put out. */
static void put_out(gi_node *n, const gale_fold *folds)
{
    if (!gi_node_out(n, n->n_keys + 2 + gi_folds_out(folds)))
        return;
    for (uint32_t i = 0; i < n->n_keys && !n->from->unclear; i++)
        gi_node_out_add(n, n->from->out[n->keys[i]].name,
                        n->from->out[n->keys[i]].type);
    gi_node_out_add(n, "window_start", GALE_T_I64);
    gi_node_out_add(n, "window_end", GALE_T_I64);
    gi_node_folds(n, n->from, folds, false);
}

static gale_batches *window(gi_node *from, const char *call, const char *id,
                            const gale_window *w, const gale_fold *folds,
                            const gale_state_opts *opts)
{
    gi_node *n = gi_node_keep(from, GI_NODE_WINDOW, call, id, opts);
    size_t before;

    if (!gi_node_lives(n))
        return (gale_batches *)n;
    n->total = n->from->kind != GI_NODE_GROUP;
    if (!n->total) {
        n->keys = n->from->keys;
        n->n_keys = n->from->n_keys;
    }
    if (n->state.kind != GALE_STATE_OPAQUE)
        gi_node_say(n,
                    "its state is %s, and windows need an opaque one: a batch "
                    "that comes again is undone, and done anew",
                    kind_word(n->state.kind));
    if (n->total && n->state.tasks > 1)
        gi_node_say(n,
                    "it has %u tasks, and windows of a whole stream are kept "
                    "by one (gale_group_by first for windows by key)",
                    n->state.tasks);
    take_window(n, w);
    before = gi_node_mistakes(n);
    put_out(n, folds);
    n->unclear = n->unclear || gi_node_mistakes(n) > before;
    return (gale_batches *)n;
}

gale_batches *gale_window_aggregate(gale_batches *s, const char *id,
                                    const gale_window *w,
                                    const gale_fold *folds,
                                    const gale_state_opts *opts)
{
    return window((gi_node *)s, "gale_window_aggregate", id, w, folds, opts);
}

gale_batches *gale_group_window(gale_grouped *g, const char *id,
                                const gale_window *w, const gale_fold *folds,
                                const gale_state_opts *opts)
{
    return window((gi_node *)g, "gale_group_window", id, w, folds, opts);
}

gale_batches *gale_late_rows(gale_batches *windows)
{
    gi_node *of = (gi_node *)windows;
    gi_node *n = gi_node_add(of == NULL ? NULL : of->t, GI_NODE_LATE,
                             "gale_late_rows", of, NULL);

    if (!gi_node_lives(n) || !gi_node_lives(n->from))
        return (gale_batches *)n;
    if (n->from->kind != GI_NODE_WINDOW) {
        gi_node_say(n, "what it reads is not what comes of windows "
                       "(gale_window_aggregate, gale_group_window)");
        n->unclear = true;
    } else if (!n->from->unclear && n->from->window.w.length > 0 &&
               !n->from->window.clock.of_rows) {
        gi_node_say(n, "no row is late where windows go by %s",
                    n->from->window.by_rows ? "rows" : "the time of batches");
    }
    if (!n->unclear && gi_node_out(n, n->from->from->n_out))
        gi_node_out_all(n, n->from->from);
    return (gale_batches *)n;
}
