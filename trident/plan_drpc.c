/* plan_drpc.c -- what is returned has to be in one place; and a stream of
 * requests has a group to itself. */
#include <string.h>

#include "trident/plan.h"

static const gi_way_to by_batch = { .send = GI_SEND_BATCH,
                                    .grouping = GALE_GROUP_DIRECT };

gi_rows gi_lower_return(gi_lowering *l, const gi_node *n, gi_rows from)
{
    uint32_t *in = gi_slots(l, n->in, n->n_in);
    gi_op_fold none = { .n_in = 0 };
    gi_rows rows = from;
    gi_lop *op;

    if (in == NULL)
        return (gi_rows){ 0 };
    if (rows.spread != GI_SPREAD_BATCH && rows.spread != GI_SPREAD_FIRST) {
        rows = gi_narrow(l, from, n, in, n->n_in, &none, 0);
        rows = gi_rows_of(gi_enter(l, rows, gi_part_add(l), &by_batch, n),
                          GI_SPREAD_BATCH);
    }
    op = gi_lop_behind(l, rows, GI_OP_RETURN, n, n->out, n->n_out);
    if (op == NULL)
        return (gi_rows){ 0 };
    op->op.in = in;
    op->op.n_in = n->n_in;
    op->op.at =
        rows.spread == GI_SPREAD_FIRST ? GI_FOLD_AT_FIRST : GI_FOLD_AT_BATCH;
    return gi_rows_of(op, rows.spread);
}

/* --------------------------------------------------------------- groups -- */

/* Of a node that is in the program: its group. */
static gi_group *group_of(gi_lowering *l, const gi_node *n)
{
    const gi_lop *op = l->rows[n->no].op;

    return !l->needed[n->no] || op == NULL ? NULL
                                           : &l->p->groups[op->part->group];
}

static uint32_t count(gi_lowering *l, const gi_group *g, gi_node_kind kind)
{
    uint32_t n = 0;

    for (const gi_node *m = l->t->first; m != NULL; m = m->next)
        n += m->kind == kind && group_of(l, m) == g;
    return n;
}

/* A batch of requests is one request, and has no place in the order of
 * anything else. */
static void check_stream(gi_lowering *l, const gi_node *n, const gi_group *g)
{
    uint32_t returns = count(l, g, GI_NODE_RETURN);

    for (const gi_node *m = l->t->first; m != NULL; m = m->next) {
        if (group_of(l, m) != g)
            continue;
        if (m->kind == GI_NODE_SOURCE && m != n)
            gi_node_tell(l->r, n,
                         "each request is a batch of its own, so its rows "
                         "cannot meet those of '%s'",
                         gi_text_name(m->id).s);
        if (m->kind == GI_NODE_PERSIST || m->kind == GI_NODE_UPDATE ||
            m->kind == GI_NODE_WINDOW)
            gi_node_tell(l->r, m,
                         "requests change no states: they have no order in "
                         "which they could count");
    }
    if (returns != 1)
        gi_node_tell(l->r, n,
                     returns == 0 ? "nothing is returned to who asks "
                                    "(gale_drpc_return)"
                                  : "several steps return something to who "
                                    "asks; one can (gale_merge before it)");
}

void gi_check_drpc(gi_lowering *l)
{
    for (const gi_node *n = l->t->first; n != NULL; n = n->next) {
        gi_group *g = group_of(l, n);

        if (g == NULL || n->kind != GI_NODE_SOURCE || !n->asked)
            continue;
        g->function = gi_keep_text(l, "%s", n->id);
        g->hub = n->hub;
        check_stream(l, n, g);
    }
    for (const gi_node *n = l->t->first; n != NULL; n = n->next)
        if (n->kind == GI_NODE_RETURN && group_of(l, n) != NULL &&
            group_of(l, n)->function == NULL)
            gi_node_tell(l->r, n,
                         "nobody asked: what it reads comes from no DRPC "
                         "stream (gale_new_drpc_stream)");
}
