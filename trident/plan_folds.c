/* plan_folds.c -- folds: as much as can be done where rows are is done there,
 * and the rest where all of a batch, or of a key, comes together. */
#include "trident/plan.h"

static const gi_way_to by_batch = { .send = GI_SEND_BATCH,
                                    .grouping = GALE_GROUP_DIRECT };

gi_op_fold *gi_folds_copy(gi_lowering *l, const gi_op_fold *folds, uint32_t n)
{
    gi_op_fold *copy = gi_keep(l, (size_t)n + 1, sizeof(*copy));

    for (uint32_t i = 0; copy != NULL && i < n; i++) {
        copy[i] = folds[i];
        copy[i].in = gi_slots(l, folds[i].in, folds[i].n_in);
        if (copy[i].in == NULL)
            return NULL;
    }
    return copy;
}

gi_op_fold *gi_folds_merge(gi_lowering *l, const gi_op_fold *folds, uint32_t n,
                           uint32_t n_keys)
{
    gi_op_fold *copy = gi_keep(l, (size_t)n + 1, sizeof(*copy));
    uint32_t slot = n_keys;

    for (uint32_t i = 0; copy != NULL && i < n; i++) {
        copy[i] = folds[i];
        copy[i].n_in = folds[i].n_out;
        copy[i].in = gi_keep(l, (size_t)folds[i].n_out + 1, sizeof(uint32_t));
        if (copy[i].in == NULL)
            return NULL;
        for (uint32_t k = 0; k < folds[i].n_out; k++)
            copy[i].in[k] = slot++;
    }
    return copy;
}

/* A fold of the node's, over rows that lie where it can be done. */
static gi_lop *fold(gi_lowering *l, const gi_node *n, gi_rows rows,
                    gi_fold_how how, const uint32_t *keys, gi_op_fold *folds)
{
    gi_op_kind kind = n->n_keys > 0 ? GI_OP_FOLD_BY : GI_OP_FOLD;
    gi_lop *op = gi_lop_behind(l, rows, kind, n, n->out, n->n_out);

    if (op == NULL || folds == NULL)
        return NULL;
    op->op.keys = gi_slots(l, keys, n->n_keys);
    op->op.n_keys = n->n_keys;
    op->op.folds = folds;
    op->op.n_folds = n->n_folds;
    op->op.how = how;
    if (rows.spread == GI_SPREAD_BATCH)
        op->op.at = GI_FOLD_AT_BATCH;
    else if (rows.spread == GI_SPREAD_FIRST)
        op->op.at = GI_FOLD_AT_FIRST;
    return op;
}

gi_rows gi_fold_partial(gi_lowering *l, const gi_node *n, gi_rows from)
{
    gi_op_fold *folds = gi_folds_copy(l, n->folds, n->n_folds);

    from.spread = GI_SPREAD_ANY;
    return gi_rows_of(fold(l, n, from, GI_FOLD_PARTIAL, n->keys, folds),
                      GI_SPREAD_ANY);
}

/* -------------------------------------------------------- without a key -- */

static bool in_one_place(gi_rows rows)
{
    return rows.spread == GI_SPREAD_BATCH || rows.spread == GI_SPREAD_FIRST;
}

static gi_rows whole(gi_lowering *l, const gi_node *n, gi_rows from)
{
    gi_op_fold *folds = gi_folds_copy(l, n->folds, n->n_folds);

    return gi_rows_of(fold(l, n, from, GI_FOLD_WHOLE, n->keys, folds),
                      from.spread);
}

static gi_rows fold_batch(gi_lowering *l, const gi_node *n, gi_rows from)
{
    gi_fold_how how = GI_FOLD_WHOLE;
    gi_op_fold *folds;
    gi_rows rows;

    if (in_one_place(from))
        return whole(l, n, from);
    if (gi_folds_combine(n->folds, n->n_folds)) {
        how = GI_FOLD_MERGE;
        rows = gi_fold_partial(l, n, from);
        folds = gi_folds_merge(l, n->folds, n->n_folds, 0);
    } else {
        folds = gi_folds_copy(l, n->folds, n->n_folds);
        rows = gi_narrow(l, from, n, NULL, 0, folds, n->n_folds);
    }
    rows = gi_rows_of(gi_enter(l, rows, gi_part_add(l), &by_batch, n),
                      GI_SPREAD_BATCH);
    return gi_rows_of(fold(l, n, rows, how, NULL, folds), GI_SPREAD_BATCH);
}

gi_rows gi_lower_first_n(gi_lowering *l, const gi_node *n, gi_rows from)
{
    gi_rows rows = from;

    for (int i = 0; i < 2; i++) {
        gi_lop *op =
            gi_lop_behind(l, rows, GI_OP_FIRST_N, n, n->out, n->n_out);

        if (op == NULL)
            return (gi_rows){ 0 };
        op->op.in = gi_slots(l, n->in, n->n_in);
        op->op.n_in = n->n_in;
        op->op.first_n = n->first_n;
        op->op.largest = n->largest;
        rows.op = op;
        if (in_one_place(rows))
            break;
        rows = gi_rows_of(gi_enter(l, rows, gi_part_add(l), &by_batch, n),
                          GI_SPREAD_BATCH);
    }
    return rows;
}

/* -------------------------------------------------------------- by key -- */

/* Where do the slots that rows lie by come among the keys?  False: not all of
 * them do, so one key's rows may lie in several tasks. */
static bool among(gi_rows from, const gi_node *n, uint32_t *at)
{
    if (from.spread != GI_SPREAD_KEYS)
        return false;
    for (uint32_t i = 0; i < from.n_keys; i++) {
        at[i] = 0;
        while (at[i] < n->n_keys && n->keys[at[i]] != from.keys[i])
            at[i]++;
        if (at[i] == n->n_keys)
            return false;
    }
    return true;
}

static gi_rows fold_group(gi_lowering *l, const gi_node *n, gi_rows from)
{
    gi_way_to way = { .send = GI_SEND_KEYS,
                      .grouping = GALE_GROUP_DIRECT,
                      .n_keys = n->n_keys };
    gi_fold_how how = GI_FOLD_WHOLE;
    uint32_t *at = gi_scratch(l, (size_t)from.n_keys + 1, sizeof(*at)), *keys;
    gi_op_fold *folds;
    gi_rows rows;

    if (at == NULL)
        return (gi_rows){ 0 };
    if (in_one_place(from))
        return whole(l, n, from);
    if (among(from, n, at)) {
        rows = whole(l, n, from);
        rows.keys = at;
        rows.n_keys = from.n_keys;
        return rows;
    }
    keys = gi_slots(l, n->keys, n->n_keys);
    if (keys == NULL)
        return (gi_rows){ 0 };
    if (gi_folds_combine(n->folds, n->n_folds)) {
        how = GI_FOLD_MERGE;
        rows = gi_fold_partial(l, n, from);
        folds = gi_folds_merge(l, n->folds, n->n_folds, n->n_keys);
        for (uint32_t i = 0; i < n->n_keys; i++)
            keys[i] = i;
    } else {
        folds = gi_folds_copy(l, n->folds, n->n_folds);
        rows = gi_narrow(l, from, n, keys, n->n_keys, folds, n->n_folds);
    }
    way.keys = keys;
    rows =
        gi_rows_of(gi_enter(l, rows, gi_part_add(l), &way, n), GI_SPREAD_KEYS);
    return gi_rows_by(l, fold(l, n, rows, how, keys, folds), n->n_keys);
}

gi_rows gi_lower_fold(gi_lowering *l, const gi_node *n, gi_rows from)
{
    gi_rows rows;

    if (n->over == GI_OVER_BATCH)
        return fold_batch(l, n, from);
    if (n->over == GI_OVER_GROUP)
        return fold_group(l, n, from);
    rows = from;
    rows.spread =
        from.spread == GI_SPREAD_KEYS ? GI_SPREAD_OWN : GI_SPREAD_ANY;
    return whole(l, n, rows);
}
