/* plan_steps.c -- steps that work on rows where they are, and those that send
 * them elsewhere because somebody said so. */
#include "trident/plan.h"

static gi_op_kind kind_of(gi_node_kind kind)
{
    switch (kind) {
    case GI_NODE_EACH:
        return GI_OP_EACH;
    case GI_NODE_WHERE:
        return GI_OP_WHERE;
    case GI_NODE_MAP:
        return GI_OP_MAP;
    case GI_NODE_PEEK:
        return GI_OP_PEEK;
    default:
        return GI_OP_PROJECT;
    }
}

/* Where rows lie when only the fields `in` of them are left. */
static gi_rows left(gi_lowering *l, gi_rows was, gi_lop *op,
                    const uint32_t *in, uint32_t n_in)
{
    gi_rows rows = { .op = op, .spread = was.spread, .n_keys = was.n_keys };

    if (was.spread != GI_SPREAD_KEYS)
        return rows;
    rows.keys = gi_scratch(l, (size_t)was.n_keys + 1, sizeof(*rows.keys));
    for (uint32_t i = 0; rows.keys != NULL && i < was.n_keys; i++) {
        uint32_t at = 0;

        while (at < n_in && in[at] != was.keys[i])
            at++;
        if (at == n_in)
            return gi_rows_of(op, GI_SPREAD_OWN);
        rows.keys[i] = at;
    }
    return rows.keys == NULL ? (gi_rows){ 0 } : rows;
}

gi_rows gi_lower_step(gi_lowering *l, const gi_node *n, gi_rows from)
{
    gi_lop *op = gi_lop_behind(l, from, kind_of(n->kind), n, n->out, n->n_out);

    if (op == NULL)
        return (gi_rows){ 0 };
    op->op.user = n->user;
    op->op.in = gi_slots(l, n->in, n->n_in);
    op->op.n_in = n->n_in;
    if (n->kind == GI_NODE_PROJECT)
        return left(l, from, op, n->in, n->n_in);
    if (n->kind == GI_NODE_MAP && from.spread == GI_SPREAD_KEYS)
        return gi_rows_of(op, GI_SPREAD_OWN);
    from.op = op;
    return from;
}

/* ----------------------------------------------------------- elsewhere -- */

static gi_way_to way_of(const gi_node *n)
{
    gi_way_to way = { .send = GI_SEND_GROUPING };

    switch (n->route) {
    case GI_ROUTE_SHUFFLE:
        way.grouping = GALE_GROUP_SHUFFLE;
        break;
    case GI_ROUTE_LOCAL:
        way.grouping = GALE_GROUP_LOCAL;
        break;
    case GI_ROUTE_FIRST:
        way.grouping = GALE_GROUP_GLOBAL;
        break;
    case GI_ROUTE_ALL:
        way.grouping = GALE_GROUP_ALL;
        break;
    case GI_ROUTE_KEYS:
        way.send = GI_SEND_KEYS;
        way.keys = n->keys;
        way.n_keys = n->n_keys;
        break;
    case GI_ROUTE_BATCH:
        way.send = GI_SEND_BATCH;
        break;
    case GI_ROUTE_CHOOSER:
        way.send = GI_SEND_CHOOSER;
        way.chooser = n->user;
        break;
    }
    if (way.send != GI_SEND_GROUPING)
        way.grouping = GALE_GROUP_DIRECT;
    return way;
}

static gi_rows spread_of(gi_lowering *l, const gi_node *n, gi_lop *op)
{
    gi_rows rows = gi_rows_of(op, GI_SPREAD_ANY);

    switch (n->route) {
    case GI_ROUTE_FIRST:
        rows.spread = GI_SPREAD_FIRST;
        break;
    case GI_ROUTE_BATCH:
        rows.spread = GI_SPREAD_BATCH;
        break;
    case GI_ROUTE_CHOOSER:
        rows.spread = GI_SPREAD_OWN;
        break;
    case GI_ROUTE_KEYS:
        rows.spread = GI_SPREAD_KEYS;
        rows.keys = gi_slots(l, n->keys, n->n_keys);
        rows.n_keys = n->n_keys;
        break;
    case GI_ROUTE_SHUFFLE:
    case GI_ROUTE_LOCAL:
    case GI_ROUTE_ALL:
        break;
    }
    return l->no_memory ? (gi_rows){ 0 } : rows;
}

gi_rows gi_lower_route(gi_lowering *l, const gi_node *n, gi_rows from)
{
    gi_way_to way = way_of(n);
    gi_lop *op;

    if (n->route == GI_ROUTE_KEYS && gi_rows_lie(from, n->keys, n->n_keys))
        return from;
    if ((n->route == GI_ROUTE_BATCH && from.spread == GI_SPREAD_BATCH) ||
        (n->route == GI_ROUTE_FIRST && from.spread == GI_SPREAD_FIRST))
        return from;
    op = gi_enter(l, from, gi_part_add(l), &way, n);
    return op == NULL ? (gi_rows){ 0 } : spread_of(l, n, op);
}
