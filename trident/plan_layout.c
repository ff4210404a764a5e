/* plan_layout.c -- parts and steps get their numbers, parts their tasks, homes
 * and groups. */
#include "trident/plan.h"

/* --------------------------------------------------------------- order -- */

/* Does `part` read one that has no place yet, or is it behind one? */
static bool waits(const gi_lowering *l, const gi_lpart *part)
{
    if (part->behind != NULL && !part->behind->placed)
        return true;
    for (const gi_lpart *p = l->parts; p != NULL; p = p->more)
        for (const gi_lop *op = p->ops; !p->placed && op != NULL;
             op = op->more)
            if (op->op.kind == GI_OP_SEND && op->entry->part == part)
                return true;
    return false;
}

/* Those that were defined first come first, as far as they can. */
static void order_parts(gi_lowering *l)
{
    l->order = gi_scratch(l, (size_t)l->n_parts + 1, sizeof(*l->order));
    for (uint32_t n = 0; l->order != NULL && n < l->n_parts; n++) {
        gi_lpart *p = l->parts;

        while (p->placed || waits(l, p))
            p = p->more; /* there is one: nothing goes in a circle */
        p->placed = true;
        p->no = n;
        l->order[n] = p;
    }
}

/* --------------------------------------------------------------- tasks -- */

/* What a home goes by was made before it. */
static uint32_t tasks_of(const gi_lpart *part)
{
    const gi_lpart *p = part->home;
    uint32_t tasks = p->said;

    if (p->fixed > 0)
        tasks = p->fixed;
    else if (tasks == 0 && p->as != NULL)
        tasks = tasks_of(p->as);
    if (tasks == 0)
        tasks = 1;
    if (p->keeps && tasks > GALE_STATE_GROUPS)
        tasks = GALE_STATE_GROUPS;
    return tasks;
}

static void check_scattered(gi_lowering *l, const gi_lpart *p, uint32_t tasks)
{
    for (const gi_lop *op = p->ops; op != NULL; op = op->more)
        if (op->scattered && tasks > 1)
            gi_node_tell(l->r, op->node,
                         "it has %u tasks, each with keys of its own, but its "
                         "rows are not divided by key (gale_partition_by "
                         "before it)",
                         tasks);
}

/* -------------------------------------------------------------- groups -- */

static void join_groups(gi_lowering *l, uint32_t from, uint32_t to)
{
    for (uint32_t i = 0; i < l->n_parts; i++)
        if (l->order[i]->group == from)
            l->order[i]->group = to;
}

/* Parts that hang together; groups by their first part.  To be behind a part
 * is no tie of its own: only those of one family are. */
static void find_groups(gi_lowering *l)
{
    for (uint32_t i = 0; i < l->n_parts; i++)
        l->order[i]->group = i;
    for (uint32_t i = 0; i < l->n_parts; i++)
        for (const gi_lop *op = l->order[i]->ops; op != NULL; op = op->more)
            if (op->op.kind == GI_OP_SEND) {
                uint32_t a = l->order[i]->group, b = op->entry->part->group;

                join_groups(l, a > b ? a : b, a > b ? b : a);
            }
    for (uint32_t i = 0; i < l->n_parts; i++)
        if (l->order[i]->group == i)
            join_groups(l, i, l->p->n_groups++);
}

/* Guests of another group are led by another coordinator. */
static void fill_homes(gi_lowering *l)
{
    gi_program *p = l->p;
    gi_home *h = gi_keep(l, (size_t)l->n_parts + 1, sizeof(*h));

    p->homes = h;
    for (uint32_t i = 0; h != NULL && i < l->n_parts; i++) {
        gi_lpart *part = l->order[i];

        if (part->home != part)
            continue;
        part->home_no = p->n_homes;
        h[p->n_homes] = (gi_home){ .program = p, .no = p->n_homes };
        h[p->n_homes].parts =
            gi_keep(l, (size_t)l->n_parts + 1, sizeof(uint32_t));
        if (h[p->n_homes].parts == NULL)
            return;
        h[p->n_homes].parts[h[p->n_homes].n_parts++] = i;
        p->n_homes++;
    }
    for (uint32_t i = 0; h != NULL && i < l->n_parts; i++) {
        const gi_lpart *part = l->order[i];
        gi_home *home = &h[part->home->home_no];

        p->parts[i].home = home->no;
        if (part->home != part)
            home->parts[home->n_parts++] = i;
    }
}

/* How often windows of that part may close by the clock. */
static void note_windows(gi_group *g, const gi_part *p)
{
    for (uint32_t i = 0; i < p->n_ops; i++) {
        const gi_windows *o = &p->ops[i].window;
        int64_t horizon =
            o->w.length + o->w.slide + o->clock.lateness + o->clock.idle;

        if (p->ops[i].kind != GI_OP_WINDOW || o->by_rows ||
            (o->clock.of_rows && o->clock.idle == 0))
            continue;
        g->timed = true;
        if (g->every_ms == 0 || o->w.slide < g->every_ms)
            g->every_ms = o->w.slide;
        if (horizon > g->horizon_ms)
            g->horizon_ms = horizon;
    }
}

static void fill_groups(gi_lowering *l)
{
    gi_program *p = l->p;

    p->groups = gi_keep(l, (size_t)p->n_groups + 1, sizeof(*p->groups));
    for (uint32_t i = 0; p->groups != NULL && i < p->n_groups; i++) {
        gi_group *g = &p->groups[i];

        g->program = p;
        g->no = i;
        g->sources = gi_keep(l, (size_t)l->n_parts + 1, sizeof(uint32_t));
        for (uint32_t k = 0; g->sources != NULL && k < p->n_parts; k++)
            if (p->parts[k].group == i) {
                g->commits = g->commits || p->parts[k].commits;
                note_windows(g, &p->parts[k]);
                if (p->parts[k].source < p->parts[k].n_ops)
                    g->sources[g->n_sources++] = k;
            }
    }
}

/* --------------------------------------------------------------- parts -- */

static bool commits(const gi_lop *op)
{
    const gale_batch_spout *s = op->op.user;

    return op->op.kind == GI_OP_PERSIST || op->op.kind == GI_OP_UPDATE ||
           op->op.kind == GI_OP_WINDOW ||
           (op->op.kind == GI_OP_SOURCE && s->kind == GALE_SPOUT_OPAQUE);
}

static void fill_next(gi_lowering *l, gi_op *op, const gi_lop *from)
{
    uint32_t i = 0;

    op->next = gi_keep(l, (size_t)op->n_next + 1, sizeof(*op->next));
    for (const gi_link *k = from->links; op->next != NULL && k != NULL;
         k = k->more)
        op->next[i++] = (gi_op_next){ k->to->op.no, k->port };
}

static void fill_part(gi_lowering *l, gi_part *to, const gi_lpart *p)
{
    to->program = l->p;
    to->no = p->no;
    to->group = p->group;
    to->n_ops = p->n_ops;
    to->source = p->n_ops;
    to->tasks = tasks_of(p);
    to->ops = gi_keep(l, (size_t)p->n_ops + 1, sizeof(*to->ops));
    check_scattered(l, p, to->tasks);
    for (const gi_lop *op = p->ops; to->ops != NULL && op != NULL;
         op = op->more) {
        to->ops[op->op.no] = op->op;
        fill_next(l, &to->ops[op->op.no], op);
        to->commits = to->commits || commits(op);
        if (op->op.kind == GI_OP_SOURCE)
            to->source = op->op.no;
    }
}

void gi_lay_out(gi_lowering *l)
{
    gi_program *p = l->p;

    order_parts(l);
    if (l->no_memory)
        return;
    find_groups(l);
    p->parts = gi_keep(l, (size_t)l->n_parts + 1, sizeof(*p->parts));
    if (p->parts == NULL)
        return;
    p->n_parts = l->n_parts;
    for (uint32_t i = 0; i < l->n_parts && !l->no_memory; i++)
        fill_part(l, &p->parts[i], l->order[i]);
    if (!l->no_memory)
        fill_homes(l);
    if (!l->no_memory)
        fill_groups(l);
}
