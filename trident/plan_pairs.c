/* plan_pairs.c -- where two streams meet. */
#include "trident/plan.h"

/* A step that passes rows on as they are, under the node's names. */
static gi_lop *junction(gi_lowering *l, const gi_node *n, gi_lop *a, gi_lop *b)
{
    gi_lop *op = gi_lop_add(l, a->part, GI_OP_PROJECT, n, n->out, n->n_out);

    if (op == NULL)
        return NULL;
    gi_lop_link(l, a, op, 0);
    gi_lop_link(l, b, op, 0);
    op->op.in = gi_keep(l, (size_t)n->n_out + 1, sizeof(uint32_t));
    op->op.n_in = n->n_out;
    for (uint32_t i = 0; op->op.in != NULL && i < n->n_out; i++)
        op->op.in[i] = i;
    return op;
}

static bool same_spread(gi_rows a, gi_rows b)
{
    if (a.spread == GI_SPREAD_KEYS)
        return gi_rows_lie(b, a.keys, a.n_keys);
    return a.spread == b.spread && a.spread != GI_SPREAD_OWN;
}

gi_rows gi_lower_merge(gi_lowering *l, const gi_node *n, gi_rows a, gi_rows b)
{
    const gi_way_to way = { .send = GI_SEND_GROUPING,
                            .grouping = GALE_GROUP_LOCAL };
    gi_lpart *to;

    if (a.op == NULL || b.op == NULL)
        return (gi_rows){ 0 };
    if (a.op->part == b.op->part) {
        if (!same_spread(a, b))
            a.spread = GI_SPREAD_ANY;
        a.op = junction(l, n, a.op, b.op);
        return a;
    }
    /* Merging with what was merged needs no further stop. */
    to = a.op->part;
    if (to->meets && !gi_part_reaches(l, to, b.op->part))
        return gi_rows_of(junction(l, n, a.op, gi_enter(l, b, to, &way, n)),
                          GI_SPREAD_ANY);
    to = gi_part_add(l);
    if (to == NULL)
        return (gi_rows){ 0 };
    to->meets = true;
    a.op = gi_enter(l, a, to, &way, n);
    b.op = gi_enter(l, b, to, &way, n);
    if (a.op == NULL || b.op == NULL)
        return (gi_rows){ 0 };
    return gi_rows_of(junction(l, n, a.op, b.op), GI_SPREAD_ANY);
}

/* ------------------------------------------------------------- joining -- */

static gi_lop *bring(gi_lowering *l, const gi_node *n, gi_rows rows,
                     gi_lpart *to, const uint32_t *keys)
{
    const gi_way_to way = { .send = GI_SEND_KEYS,
                            .grouping = GALE_GROUP_DIRECT,
                            .keys = keys,
                            .n_keys = n->n_keys };

    if (rows.op->part == to)
        return rows.op;
    return gi_enter(l, rows, to, &way, n);
}

/* The part where they meet; NULL: a new one. */
static gi_lpart *meeting(gi_lowering *l, const gi_node *n, gi_rows a,
                         gi_rows b)
{
    bool a_lies = gi_rows_lie(a, n->keys, n->n_keys);
    bool b_lies = gi_rows_lie(b, n->right_keys, n->n_keys);
    gi_lpart *left = a.op->part, *right = b.op->part;

    if (left == right)
        return (a_lies && b_lies) ||
                       (a.spread == b.spread && (a.spread == GI_SPREAD_BATCH ||
                                                 a.spread == GI_SPREAD_FIRST))
                   ? left
                   : NULL;
    if (a_lies && !gi_part_reaches(l, left, right))
        return left;
    if (b_lies && !gi_part_reaches(l, right, left))
        return right;
    return NULL;
}

gi_rows gi_lower_join(gi_lowering *l, const gi_node *n, gi_rows a, gi_rows b)
{
    gi_lpart *to;
    gi_lop *op;
    gi_spread spread = a.spread;
    bool stay;

    if (a.op == NULL || b.op == NULL)
        return (gi_rows){ 0 };
    to = meeting(l, n, a, b);
    stay = to != NULL && a.op->part == b.op->part;
    if (to == NULL)
        to = gi_part_add(l);
    if (to == NULL)
        return (gi_rows){ 0 };
    a.op = bring(l, n, a, to, n->keys);
    b.op = bring(l, n, b, to, n->right_keys);
    op = gi_lop_add(l, to, GI_OP_JOIN, n, n->out, n->n_out);
    if (a.op == NULL || b.op == NULL || op == NULL)
        return (gi_rows){ 0 };
    gi_lop_link(l, a.op, op, 0);
    gi_lop_link(l, b.op, op, 1);
    op->op.keys = gi_slots(l, n->keys, n->n_keys);
    op->op.right_keys = gi_slots(l, n->right_keys, n->n_keys);
    op->op.n_keys = n->n_keys;
    op->op.join = n->join;
    if (stay && spread != GI_SPREAD_KEYS)
        return gi_rows_of(op, spread);
    return gi_rows_by(l, op, n->n_keys);
}
