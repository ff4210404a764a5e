/* plan_window.c -- folds by window: folded before they travel where they can
 * be, and beside them, to all tasks, how far in time each batch is. */
#include "trident/plan.h"

/* The greatest time; nobody else's fold, so that it costs little. */
static void time_init(gale_row in, gale_value *out)
{
    *out = in.values[0];
}

static void time_combine(const gale_value *a, const gale_value *b,
                         gale_value *out)
{
    *out = a->as.i < b->as.i ? *b : *a;
}

static const gale_field time_out[] = { GALE_I64("__time"),
                                       { NULL, GALE_T_ANY } };
static const gale_combiner greatest = { .output = time_out,
                                        .init = time_init,
                                        .combine = time_combine };

static const gi_way_to to_all = { .send = GI_SEND_GROUPING,
                                  .grouping = GALE_GROUP_ALL };

/* Does anybody read what is late? */
static bool shows_late(const gi_lowering *l, const gi_node *n)
{
    for (const gi_node *m = n->next; m != NULL; m = m->next)
        if (m->kind == GI_NODE_LATE && m->from == n && l->needed[m->no])
            return true;
    return false;
}

static bool folds_first(const gi_lowering *l, const gi_node *n)
{
    return !n->window.by_rows && gi_folds_combine(n->folds, n->n_folds) &&
           !shows_late(l, n);
}

/* ----------------------------------------------------------- as folded -- */

/* The node's folds, and one that counts rows. */
static gi_op_fold *counted(gi_lowering *l, const gi_node *n)
{
    gi_op_fold *all = gi_keep(l, (size_t)n->n_folds + 1, sizeof(*all));
    const gi_op_fold *some = gi_folds_copy(l, n->folds, n->n_folds);

    if (all == NULL || some == NULL)
        return NULL;
    for (uint32_t i = 0; i < n->n_folds; i++)
        all[i] = some[i];
    all[n->n_folds].fold.combiner = &gale_count;
    all[n->n_folds].in = gi_slots(l, NULL, 0);
    all[n->n_folds].n_out = 1;
    return all;
}

/* The pane, the keys, what combiners put out, how many rows. */
static uint32_t folded_fields(const gi_node *n, gale_field *out)
{
    uint32_t k = 0;

    if (n->window.clock.of_rows)
        out[k++] = (gale_field){ "__pane", GALE_T_I64 };
    for (uint32_t i = 0; i < n->n_out; i++)
        if (i < n->n_keys || i >= n->n_keys + 2)
            out[k++] = n->out[i];
    out[k++] = (gale_field){ "__rows", GALE_T_I64 };
    return k;
}

static gi_rows append_pane(gi_lowering *l, const gi_node *n, gi_rows from)
{
    uint32_t wide = from.op->op.n_out;
    gale_field *out = gi_scratch(l, (size_t)wide + 2, sizeof(*out));
    gi_lop *op;

    if (out == NULL)
        return (gi_rows){ 0 };
    for (uint32_t i = 0; i < wide; i++)
        out[i] = from.op->op.out[i];
    out[wide] = (gale_field){ "__pane", GALE_T_I64 };
    op = gi_lop_behind(l, from, GI_OP_PANE, n, out, wide + 1);
    if (op == NULL)
        return (gi_rows){ 0 };
    op->op.window = n->window;
    return gi_rows_of(op, GI_SPREAD_ANY);
}

/* Folded where it is, by pane (if rows have times) and key. */
static gi_lop *fold_here(gi_lowering *l, const gi_node *n, gi_rows from)
{
    bool paned = n->window.clock.of_rows;
    uint32_t wide = from.op->op.n_out, n_keys = n->n_keys + paned, n_out;
    uint32_t *keys = gi_keep(l, (size_t)n_keys + 1, sizeof(*keys));
    gale_field *out = gi_scratch(l, (size_t)n->n_out + 3, sizeof(*out));
    gi_lop *op;

    if (paned)
        from = append_pane(l, n, from);
    if (from.op == NULL || keys == NULL || out == NULL)
        return NULL;
    n_out = folded_fields(n, out);
    op = gi_lop_behind(l, from, n_keys > 0 ? GI_OP_FOLD_BY : GI_OP_FOLD, n,
                       out, n_out);
    if (op == NULL)
        return NULL;
    if (paned)
        keys[0] = wide;
    for (uint32_t i = 0; i < n->n_keys; i++)
        keys[paned + i] = n->keys[i];
    op->op.keys = keys;
    op->op.n_keys = n_keys;
    op->op.folds = counted(l, n);
    op->op.n_folds = n->n_folds + 1;
    op->op.how = GI_FOLD_PARTIAL;
    return op;
}

/* ---------------------------------------------------------- the window -- */

/* To the part that keeps them. */
static gi_lop *enter(gi_lowering *l, const gi_node *n, gi_rows rows,
                     gi_lpart *part, const uint32_t *keys)
{
    gi_way_to way = { .send = GI_SEND_KEYS,
                      .grouping = GALE_GROUP_DIRECT,
                      .keys = keys,
                      .n_keys = n->n_keys };

    if (n->total)
        way = (gi_way_to){ .send = GI_SEND_GROUPING,
                           .grouping = GALE_GROUP_GLOBAL };
    return gi_enter(l, rows, part, &way, n);
}

static gi_lop *window(gi_lowering *l, const gi_node *n, gi_lop *in,
                      const uint32_t *keys, gi_op_fold *folds, bool folded)
{
    gi_lop *op =
        gi_lop_state(l, n, gi_rows_of(in, GI_SPREAD_KEYS), GI_OP_WINDOW);
    bool paned = folded && n->window.clock.of_rows;

    if (op == NULL || folds == NULL)
        return NULL;
    op->op.window = n->window;
    op->op.window.folded = folded;
    op->op.keys = gi_slots(l, keys, n->n_keys + paned);
    op->op.n_keys = n->n_keys + paned;
    op->op.folds = folds;
    op->op.n_folds = n->n_folds + folded;
    op->op.how = folded ? GI_FOLD_MERGE : GI_FOLD_WHOLE;
    return op;
}

static gi_lop *as_folded(gi_lowering *l, const gi_node *n, gi_rows from,
                         gi_lpart *part)
{
    uint32_t paned = n->window.clock.of_rows, n_keys = n->n_keys + paned;
    uint32_t *keys = gi_scratch(l, (size_t)n_keys + 1, sizeof(*keys));
    gi_lop *op = fold_here(l, n, from);
    gi_op_fold *folds;

    if (op == NULL || keys == NULL || op->op.folds == NULL)
        return NULL;
    for (uint32_t i = 0; i < n_keys; i++)
        keys[i] = i;
    folds = gi_folds_merge(l, op->op.folds, n->n_folds + 1, n_keys);
    return window(
        l, n, enter(l, n, gi_rows_of(op, GI_SPREAD_ANY), part, keys + paned),
        keys, folds, true);
}

/* Rows themselves: all of them if they may be shown again, else what is looked
 * at. */
static gi_lop *as_rows(gi_lowering *l, const gi_node *n, gi_rows from,
                       gi_lpart *part)
{
    gi_op_fold *folds = gi_folds_copy(l, n->folds, n->n_folds);
    uint32_t *keys = gi_scratch(l, (size_t)n->n_keys + 2, sizeof(*keys));
    uint32_t timed = n->window.clock.of_rows;
    gi_lop *op;

    if (folds == NULL || keys == NULL)
        return NULL;
    for (uint32_t i = 0; i < n->n_keys; i++)
        keys[i] = n->keys[i];
    keys[n->n_keys] = n->window.time;
    if (!shows_late(l, n))
        from =
            gi_narrow(l, from, n, keys, n->n_keys + timed, folds, n->n_folds);
    op = window(l, n, enter(l, n, from, part, keys), keys, folds, false);
    if (op != NULL)
        op->op.window.time = keys[n->n_keys];
    return op;
}

/* How far in time the rows are, to all tasks: where that comes in. */
static gi_lop *send_time(gi_lowering *l, const gi_node *n, gi_rows from,
                         gi_lpart *part)
{
    gi_lop *op = gi_lop_behind(l, from, GI_OP_FOLD, n, time_out, 1);
    gi_op_fold *fold = gi_keep(l, 1, sizeof(*fold));

    if (op == NULL || fold == NULL)
        return NULL;
    *fold = (gi_op_fold){ .fold = { .combiner = &greatest },
                          .in = gi_slots(l, &n->window.time, 1),
                          .n_in = 1,
                          .n_out = 1 };
    op->op.folds = fold;
    op->op.n_folds = 1;
    op->op.how = GI_FOLD_PARTIAL;
    return gi_enter(l, gi_rows_of(op, GI_SPREAD_ANY), part, &to_all, n);
}

gi_rows gi_lower_window(gi_lowering *l, const gi_node *n, gi_rows from)
{
    gi_lpart *part = gi_part_add(l);
    gi_lop *op, *time = NULL;

    if (from.op == NULL || part == NULL)
        return (gi_rows){ 0 };
    gi_part_keep(part, n, from.op->part, n->total ? 1 : n->state.tasks);
    if (n->window.clock.of_rows)
        time = send_time(l, n, from, part);
    op = folds_first(l, n) ? as_folded(l, n, from, part)
                           : as_rows(l, n, from, part);
    if (op == NULL)
        return (gi_rows){ 0 };
    gi_lop_link(l, time, op, 1);
    return n->total ? gi_rows_of(op, GI_SPREAD_FIRST)
                    : gi_rows_by(l, op, n->n_keys);
}

gi_rows gi_lower_late(gi_lowering *l, const gi_node *n, gi_rows windows)
{
    const gi_node *of = n->from;
    gi_rows rows = { .spread = GI_SPREAD_FIRST };
    gi_lop *op;

    if (windows.op == NULL)
        return (gi_rows){ 0 };
    op = gi_lop_add(l, windows.op->part, GI_OP_LATE, n, n->out, n->n_out);
    if (op == NULL)
        return (gi_rows){ 0 };
    op->op.id = windows.op->op.id;
    gi_lop_link(l, windows.op, op, GI_PORT_LATE);
    op->op.n_row = n->n_out;
    rows.op = op;
    if (of->total)
        return rows;
    rows.spread = GI_SPREAD_KEYS;
    rows.keys = gi_slots(l, of->keys, of->n_keys);
    rows.n_keys = of->n_keys;
    return l->no_memory ? (gi_rows){ 0 } : rows;
}
