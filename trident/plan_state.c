/* plan_state.c -- states have a part of their own, or join one whose rows lie
 * as theirs have to; who asks comes to them. */
#include "trident/plan.h"

/* Can a state that wants so many tasks be kept there? */
static bool suits(const gi_lpart *in, uint32_t tasks)
{
    const gi_lpart *part = in->home;

    if (part->fixed > 0)
        return tasks == 0 || tasks == part->fixed;
    return tasks == 0 || part->said == 0 || part->said == tasks;
}

void gi_part_keep(gi_lpart *in, const gi_node *n, const gi_lpart *as,
                  uint32_t tasks)
{
    gi_lpart *part = in->home;

    part->keeps = true;
    if (tasks > 0 && part->fixed == 0) {
        part->fixed = tasks;
        part->by = n;
    }
    if (part->as == NULL && as != part)
        part->as = as;
}

gi_lop *gi_lop_state(gi_lowering *l, const gi_node *n, gi_rows rows,
                     gi_op_kind kind)
{
    gi_lop *op = gi_lop_behind(l, rows, kind, n, n->out, n->n_out);

    if (op == NULL)
        return NULL;
    op->op.id = gi_keep_text(l, "%s", n->id);
    op->op.state = n->state;
    if (op->op.state.store == NULL)
        op->op.state.store = l->with->store;
    return op;
}

/* -------------------------------------------------------------- folding -- */

static gi_rows persist(gi_lowering *l, const gi_node *n, gi_rows rows,
                       gi_fold_how how, const uint32_t *keys,
                       gi_op_fold *folds)
{
    gi_lop *op = gi_lop_state(l, n, rows, GI_OP_PERSIST);

    if (op == NULL || folds == NULL)
        return (gi_rows){ 0 };
    op->op.keys = gi_slots(l, keys, n->n_keys);
    op->op.n_keys = n->n_keys;
    op->op.folds = folds;
    op->op.n_folds = n->n_folds;
    op->op.how = how;
    if (n->total)
        return gi_rows_of(op, GI_SPREAD_FIRST);
    return gi_rows_by(l, op, n->n_keys);
}

/* Rows that lie right already stay where they are. */
static bool stays(const gi_node *n, gi_rows from, uint32_t tasks)
{
    const gi_lpart *part = from.op->part;

    if (n->total)
        return part->home->fixed == 1;
    return gi_rows_lie(from, n->keys, n->n_keys) && suits(part, tasks);
}

gi_rows gi_lower_persist(gi_lowering *l, const gi_node *n, gi_rows from)
{
    gi_way_to way = { .send = GI_SEND_KEYS,
                      .grouping = GALE_GROUP_DIRECT,
                      .n_keys = n->n_keys };
    uint32_t tasks = n->total ? 1 : n->state.tasks;
    uint32_t *keys = gi_slots(l, n->keys, n->n_keys);
    gi_fold_how how = GI_FOLD_WHOLE;
    gi_op_fold *folds;
    gi_lpart *part;
    gi_rows rows;

    if (from.op == NULL || keys == NULL)
        return (gi_rows){ 0 };
    if (stays(n, from, tasks)) {
        gi_part_keep(from.op->part, n, NULL, tasks);
        folds = gi_folds_copy(l, n->folds, n->n_folds);
        return persist(l, n, from, how, keys, folds);
    }
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
    if (n->total)
        way = (gi_way_to){ .send = GI_SEND_GROUPING,
                           .grouping = GALE_GROUP_GLOBAL };
    part = gi_part_add(l);
    if (part == NULL)
        return (gi_rows){ 0 };
    gi_part_keep(part, n, from.op->part, tasks);
    rows = gi_rows_of(gi_enter(l, rows, part, &way, n), GI_SPREAD_KEYS);
    return persist(l, n, rows, how, keys, folds);
}

gi_rows gi_lower_update(gi_lowering *l, const gi_node *n, gi_rows from)
{
    const gi_lpart *home;
    gi_lop *op;

    if (from.op == NULL)
        return (gi_rows){ 0 };
    home = from.op->part->home;
    if (home->fixed > 0 && !suits(home, n->state.tasks))
        gi_node_tell(l->r, n,
                     "it has %u tasks, but shares its component with state "
                     "'%s', which has %u",
                     n->state.tasks, gi_text_name(home->by->id).s,
                     home->fixed);
    gi_part_keep(from.op->part, n, NULL, n->state.tasks);
    op = gi_lop_state(l, n, from, GI_OP_UPDATE);
    if (op == NULL)
        return (gi_rows){ 0 };
    op->op.user = n->user;
    op->op.in = gi_slots(l, n->in, n->n_in);
    op->op.n_in = n->n_in;
    op->scattered =
        from.spread != GI_SPREAD_KEYS && from.spread != GI_SPREAD_OWN;
    return gi_rows_of(op, op->scattered ? GI_SPREAD_ANY : GI_SPREAD_OWN);
}

/* --------------------------------------------------------------- asking -- */

/* Rows that lie in the tasks of the state where they have to ask can do so
 * where they are; of the state's own family, if it is brought up to date
 * before. */
static bool at_home(gi_lowering *l, const gi_node *n, gi_rows from,
                    gi_lpart *keeper)
{
    gi_lpart *part = from.op->part;

    if (part->home != keeper->home)
        return false;
    if (part->home->fixed != 1 && !gi_rows_lie(from, n->in, n->n_in))
        return false;
    return l->family[n->no] != l->family[n->right->no] ||
           gi_part_reaches(l, keeper, part);
}

/* A part that asks, beside the one that keeps. */
static gi_lpart *asker(gi_lowering *l, const gi_node *n, gi_lpart *from,
                       gi_lpart *keeper)
{
    gi_lpart *part = gi_part_guest(l, keeper);

    if (part != NULL && l->family[n->no] == l->family[n->right->no] &&
        !gi_part_reaches(l, keeper, from))
        part->behind = keeper;
    return part;
}

static gi_rows ask(gi_lowering *l, const gi_node *n, gi_rows rows,
                   const gi_lop *kept)
{
    gi_lop *op = gi_lop_behind(l, rows, GI_OP_QUERY, n, n->out, n->n_out);

    if (op == NULL)
        return (gi_rows){ 0 };
    op->op.id = kept->op.id;
    op->op.state = kept->op.state;
    op->op.in = gi_slots(l, n->in, n->n_in);
    op->op.n_in = n->n_in;
    op->op.n_values = n->n_values;
    rows.op = op;
    return rows;
}

gi_rows gi_lower_query(gi_lowering *l, const gi_node *n, gi_rows from,
                       gi_rows kept)
{
    gi_way_to way = { .send = GI_SEND_KEYS,
                      .grouping = GALE_GROUP_DIRECT,
                      .keys = n->in,
                      .n_keys = n->n_in };
    gi_lpart *part;
    gi_rows rows;

    if (from.op == NULL || kept.op == NULL)
        return (gi_rows){ 0 };
    if (at_home(l, n, from, kept.op->part))
        return ask(l, n, from, kept.op);
    part = asker(l, n, from.op->part, kept.op->part);
    rows = gi_rows_of(NULL, GI_SPREAD_KEYS);
    rows.keys = gi_slots(l, n->in, n->n_in);
    rows.n_keys = n->n_in;
    if (n->n_in == 0) {
        way = (gi_way_to){ .send = GI_SEND_GROUPING,
                           .grouping = GALE_GROUP_GLOBAL };
        rows = gi_rows_of(NULL, GI_SPREAD_FIRST);
    }
    rows.op = gi_enter(l, from, part, &way, n);
    return ask(l, n, rows, kept.op);
}
