/* plan.c -- from nodes to a program, one step after the other. */
#include "trident/plan.h"

#include <string.h>

#include "base/mem.h"

/* -------------------------------------------------- what is not needed -- */

static bool has_aggregator(const gi_node *n)
{
    for (uint32_t i = 0; i < n->n_folds; i++)
        if (n->folds[i].fold.aggregator != NULL)
            return true;
    return false;
}

/* Is anything of it seen if nobody reads it?  Callbacks of users may do what
 * they like, but for those that only make values. */
static bool has_effect(const gi_node *n)
{
    switch (n->kind) {
    case GI_NODE_SOURCE:
    case GI_NODE_EACH:
    case GI_NODE_WHERE:
    case GI_NODE_MAP:
    case GI_NODE_PEEK:
    case GI_NODE_RETURN:
    case GI_NODE_PERSIST:
    case GI_NODE_UPDATE:
        return true;
    case GI_NODE_FOLD:
    case GI_NODE_WINDOW:
        return has_aggregator(n);
    default:
        return false;
    }
}

/* By a pass from the last node to the first; nodes are linked forwards. */
static void find_needed(gi_lowering *l)
{
    uint32_t n = l->t->n_nodes;
    const gi_node **all = gi_scratch(l, (size_t)n + 1, sizeof(*all));
    const char **notes = gi_keep(l, (size_t)n + 1, sizeof(*notes));

    l->needed = gi_scratch(l, (size_t)n + 1, sizeof(*l->needed));
    if (all == NULL || notes == NULL || l->needed == NULL)
        return;
    for (const gi_node *m = l->t->first; m != NULL; m = m->next)
        all[m->no] = m;
    for (uint32_t i = n; i > 0; i--) {
        const gi_node *m = all[i];

        l->needed[i] = l->needed[i] || has_effect(m);
        if (l->needed[i] && m->from != NULL)
            l->needed[m->from->no] = true;
        if (l->needed[i] && m->right != NULL)
            l->needed[m->right->no] = true;
    }
    l->p->notes = notes;
    for (uint32_t i = 1; i <= n; i++)
        if (!l->needed[i])
            notes[l->p->n_notes++] =
                gi_keep_text(l,
                             "%s: nobody reads what comes of it, so it is "
                             "left out",
                             gi_node_who(all[i]).s);
}

/* ------------------------------------------------------------ families -- */

static void join_families(gi_lowering *l, uint32_t a, uint32_t b)
{
    uint32_t one = l->family[a], two = l->family[b];
    uint32_t from = one > two ? one : two, to = one > two ? two : one;

    for (uint32_t i = 1; i <= l->t->n_nodes; i++)
        if (l->family[i] == from)
            l->family[i] = to;
}

/* Who reads another is of its family; who asks a state is not for that. */
static void find_families(gi_lowering *l)
{
    l->family = gi_scratch(l, (size_t)l->t->n_nodes + 1, sizeof(*l->family));
    if (l->family == NULL)
        return;
    for (uint32_t i = 1; i <= l->t->n_nodes; i++)
        l->family[i] = i;
    for (const gi_node *n = l->t->first; n != NULL; n = n->next) {
        if (!l->needed[n->no])
            continue;
        if (n->from != NULL)
            join_families(l, n->no, n->from->no);
        if (n->right != NULL && n->kind != GI_NODE_QUERY)
            join_families(l, n->no, n->right->no);
    }
}

/* ------------------------------------------------------------ lowering -- */

static gi_rows source(gi_lowering *l, const gi_node *n)
{
    gi_lop *op =
        gi_lop_add(l, gi_part_add(l), GI_OP_SOURCE, n, n->out, n->n_out);

    if (op == NULL)
        return (gi_rows){ 0 };
    op->op.id = gi_keep_text(l, "%s", n->id);
    op->op.user = n->user;
    return gi_rows_of(op, GI_SPREAD_ANY);
}

static gi_rows lower(gi_lowering *l, const gi_node *n)
{
    gi_rows from = { 0 }, right = { 0 };

    if (n->from != NULL)
        from = l->rows[n->from->no];
    if (n->right != NULL)
        right = l->rows[n->right->no];
    if (n->kind != GI_NODE_SOURCE && from.op == NULL)
        return from; /* behind a step that was refused */
    switch (n->kind) {
    case GI_NODE_SOURCE:
        return source(l, n);
    case GI_NODE_EACH:
    case GI_NODE_WHERE:
    case GI_NODE_MAP:
    case GI_NODE_PEEK:
    case GI_NODE_PROJECT:
        return gi_lower_step(l, n, from);
    case GI_NODE_ROUTE:
        return gi_lower_route(l, n, from);
    case GI_NODE_FOLD:
        return gi_lower_fold(l, n, from);
    case GI_NODE_FIRST_N:
        return gi_lower_first_n(l, n, from);
    case GI_NODE_MERGE:
        return gi_lower_merge(l, n, from, right);
    case GI_NODE_JOIN:
        return gi_lower_join(l, n, from, right);
    case GI_NODE_PERSIST:
        return gi_lower_persist(l, n, from);
    case GI_NODE_UPDATE:
        return gi_lower_update(l, n, from);
    case GI_NODE_QUERY:
        return gi_lower_query(l, n, from, right);
    case GI_NODE_RETURN:
        return gi_lower_return(l, n, from);
    case GI_NODE_WINDOW:
        return gi_lower_window(l, n, from);
    case GI_NODE_LATE:
        return gi_lower_late(l, n, from);
    case GI_NODE_GROUP:
    case GI_NODE_NEW_VALUES:
        break;
    }
    return from;
}

static void lower_all(gi_lowering *l)
{
    l->rows = gi_scratch(l, (size_t)l->t->n_nodes + 1, sizeof(*l->rows));
    for (const gi_node *n = l->t->first; n != NULL && !l->no_memory;
         n = n->next) {
        gi_lpart *part;

        if (!l->needed[n->no])
            continue;
        l->rows[n->no] = lower(l, n);
        if (l->rows[n->no].op == NULL)
            continue;
        part = l->rows[n->no].op->part->home;
        if (n->tasks > part->said)
            part->said = n->tasks;
        if (part->named == NULL)
            part->named = n->name;
    }
}

/* ----------------------------------------------------------------- all -- */

static void check(gi_lowering *l)
{
    bool source = false;

    if (l->t->name == NULL || l->t->name[0] == '\0')
        gi_report_add(l->r, "the program has no name");
    for (const gi_node *n = l->t->first; n != NULL; n = n->next)
        source = source || n->kind == GI_NODE_SOURCE;
    if (!source)
        gi_report_add(l->r, "the program has no stream, so nothing would ever "
                            "come in (gale_new_stream)");
}

static bool fine(const gi_lowering *l)
{
    return !l->no_memory && gi_report_empty(l->r);
}

gale_err gi_program_create(gi_program **out, const gale_trident *t,
                           const gi_tables *with, gi_report *r)
{
    static void (*const steps[])(gi_lowering *) = {
        check,         find_needed,    find_families, lower_all,
        gi_lay_out,    gi_check_drpc,  gi_name_parts, gi_connect,
        gi_make_table, gi_promise_all,
    };
    gi_lowering l = { .t = t, .with = with, .r = r };
    gale_err rv = GALE_OK;

    l.last = &l.parts;
    l.p = gi_alloc(sizeof(*l.p));
    if (l.p == NULL)
        return GALE_ENOMEM;
    l.p->name = gi_keep_text(&l, "%s", t->name == NULL ? "" : t->name);
    l.p->store = t->store == NULL ? with->store : t->store;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && fine(&l); i++)
        steps[i](&l);
    if (l.no_memory)
        rv = GALE_ENOMEM;
    else if (!gi_report_empty(r))
        rv = GALE_EPLAN;
    gi_pool_fini(&l.scratch);
    if (rv == GALE_OK)
        *out = l.p;
    else
        gi_program_destroy(l.p);
    return rv;
}

void gi_program_destroy(gi_program *p)
{
    if (p == NULL)
        return;
    gi_pool_fini(&p->pool);
    gi_free(p);
}
