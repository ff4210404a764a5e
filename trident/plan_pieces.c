/* plan_pieces.c -- what programs are put together from: parts, steps, links,
 * and ways from one part to another. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "trident/plan.h"

static void *take(gi_lowering *l, gi_pool *pool, size_t n, size_t size)
{
    void *p = gi_pool_take(pool, n, size);

    l->no_memory = l->no_memory || p == NULL;
    return p;
}

void *gi_keep(gi_lowering *l, size_t n, size_t size)
{
    return take(l, &l->p->pool, n, size);
}

void *gi_scratch(gi_lowering *l, size_t n, size_t size)
{
    return take(l, &l->scratch, n, size);
}

const char *gi_keep_text(gi_lowering *l, const char *format, ...)
{
    va_list ap;
    char *text;
    int n;

    va_start(ap, format);
    n = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    text = gi_keep(l, (size_t)n + 1, 1);
    if (text == NULL)
        return "";
    va_start(ap, format);
    vsnprintf(text, (size_t)n + 1, format, ap);
    va_end(ap);
    return text;
}

uint32_t *gi_slots(gi_lowering *l, const uint32_t *slots, uint32_t n)
{
    uint32_t *copy = gi_keep(l, (size_t)n + 1, sizeof(*copy));

    if (copy != NULL && n > 0)
        memcpy(copy, slots, n * sizeof(*copy));
    return copy;
}

/* ----------------------------------------------------- parts and steps -- */

gi_lpart *gi_part_add(gi_lowering *l)
{
    gi_lpart *p = gi_scratch(l, 1, sizeof(*p));

    if (p == NULL)
        return NULL;
    p->last = &p->ops;
    p->home = p;
    *l->last = p;
    l->last = &p->more;
    l->n_parts++;
    return p;
}

gi_lpart *gi_part_guest(gi_lowering *l, gi_lpart *home)
{
    gi_lpart *p = gi_part_add(l);

    if (p != NULL)
        p->home = home->home;
    return p;
}

static gale_field *fields(gi_lowering *l, const gale_field *out, uint32_t n)
{
    gale_field *copy = gi_keep(l, (size_t)n + 1, sizeof(*copy));

    for (uint32_t i = 0; copy != NULL && i < n; i++) {
        copy[i].name = gi_keep_text(l, "%s", out[i].name);
        copy[i].type = out[i].type;
    }
    return copy;
}

gi_lop *gi_lop_add(gi_lowering *l, gi_lpart *part, gi_op_kind kind,
                   const gi_node *node, const gale_field *out, uint32_t n_out)
{
    gi_lop *op;

    if (l->no_memory || part == NULL)
        return NULL;
    op = gi_scratch(l, 1, sizeof(*op));
    if (op == NULL)
        return NULL;
    op->op.kind = kind;
    op->op.no = part->n_ops;
    op->op.out = fields(l, out, n_out);
    op->op.n_out = n_out;
    op->node = node;
    op->part = part;
    op->last = &op->links;
    *part->last = op;
    part->last = &op->more;
    part->n_ops++;
    return op;
}

void gi_lop_link(gi_lowering *l, gi_lop *from, gi_lop *to, uint32_t port)
{
    gi_link *link;

    if (from == NULL || to == NULL)
        return;
    link = gi_scratch(l, 1, sizeof(*link));
    if (link == NULL)
        return;
    *link = (gi_link){ .to = to, .port = port };
    *from->last = link;
    from->last = &link->more;
    from->op.n_next++;
    if (port == 0)
        to->op.n_row = from->op.n_out;
    else
        to->op.n_right = from->op.n_out;
}

gi_lop *gi_lop_behind(gi_lowering *l, gi_rows rows, gi_op_kind kind,
                      const gi_node *node, const gale_field *out,
                      uint32_t n_out)
{
    gi_lop *op;

    if (rows.op == NULL)
        return NULL;
    op = gi_lop_add(l, rows.op->part, kind, node, out, n_out);
    gi_lop_link(l, rows.op, op, 0);
    return op;
}

/* ---------------------------------------------------------------- ways -- */

static bool search(gi_lowering *l, gi_lpart *from, const gi_lpart *to)
{
    if (from == to)
        return true;
    if (from->seen == l->search)
        return false;
    from->seen = l->search;
    for (gi_lop *op = from->ops; op != NULL; op = op->more)
        if (op->op.kind == GI_OP_SEND && search(l, op->entry->part, to))
            return true;
    for (gi_lpart *p = l->parts; p != NULL; p = p->more)
        if (p->behind == from && search(l, p, to))
            return true;
    return false;
}

bool gi_part_reaches(gi_lowering *l, gi_lpart *from, const gi_lpart *to)
{
    l->search++;
    return search(l, from, to);
}

static bool same_way(const gi_lop *send, const gi_lpart *to,
                     const gi_way_to *way)
{
    return send->entry->part == to && send->op.send == way->send &&
           send->grouping == way->grouping && send->op.user == way->chooser &&
           send->op.n_keys == way->n_keys &&
           (way->n_keys == 0 || memcmp(send->op.keys, way->keys,
                                       way->n_keys * sizeof(uint32_t)) == 0);
}

gi_lop *gi_enter(gi_lowering *l, gi_rows rows, gi_lpart *to,
                 const gi_way_to *way, const gi_node *node)
{
    gi_lop *send;

    if (rows.op == NULL || to == NULL || l->no_memory)
        return NULL;
    for (const gi_link *k = rows.op->links; k != NULL; k = k->more)
        if (k->to->op.kind == GI_OP_SEND && same_way(k->to, to, way))
            return k->to->entry;

    send = gi_lop_behind(l, rows, GI_OP_SEND, node, rows.op->op.out,
                         rows.op->op.n_out);
    if (send == NULL)
        return NULL;
    send->grouping = way->grouping;
    send->op.send = way->send;
    send->op.to_all = way->grouping == GALE_GROUP_ALL;
    send->op.user = way->chooser;
    send->op.keys = gi_slots(l, way->keys, way->n_keys);
    send->op.n_keys = way->n_keys;
    send->entry = gi_lop_add(l, to, GI_OP_ENTRY, node, rows.op->op.out,
                             rows.op->op.n_out);
    if (send->entry == NULL)
        return NULL;
    send->entry->op.n_row = rows.op->op.n_out;
    return send->entry;
}

/* ------------------------------------------------------ where rows lie -- */

gi_rows gi_rows_by(gi_lowering *l, gi_lop *op, uint32_t n_keys)
{
    gi_rows rows = { .op = op, .spread = GI_SPREAD_KEYS, .n_keys = n_keys };

    rows.keys = gi_scratch(l, (size_t)n_keys + 1, sizeof(*rows.keys));
    for (uint32_t i = 0; rows.keys != NULL && i < n_keys; i++)
        rows.keys[i] = i;
    if (rows.keys == NULL)
        rows.op = NULL;
    return rows;
}

bool gi_rows_lie(gi_rows rows, const uint32_t *keys, uint32_t n_keys)
{
    return rows.spread == GI_SPREAD_KEYS && n_keys > 0 &&
           rows.n_keys == n_keys &&
           memcmp(rows.keys, keys, n_keys * sizeof(*keys)) == 0;
}

/* ----------------------------------------------------------- narrowing -- */

static const uint32_t nowhere = UINT32_MAX;

static void mark(uint32_t *to, const uint32_t *slots, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        to[slots[i]] = 0;
}

static void move(const uint32_t *to, uint32_t *slots, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        slots[i] = to[slots[i]];
}

gi_rows gi_narrow(gi_lowering *l, gi_rows rows, const gi_node *node,
                  uint32_t *keys, uint32_t n_keys, gi_op_fold *folds,
                  uint32_t n_folds)
{
    gale_field *out;
    uint32_t *to, *in, n = 0, wide;
    gi_lop *op;

    if (rows.op == NULL || folds == NULL)
        return (gi_rows){ 0 };
    wide = rows.op->op.n_out;
    to = gi_scratch(l, (size_t)wide + 1, sizeof(*to));
    in = gi_keep(l, (size_t)wide + 1, sizeof(*in));
    out = gi_scratch(l, (size_t)wide + 1, sizeof(*out));
    if (to == NULL || in == NULL || out == NULL)
        return (gi_rows){ 0 };

    for (uint32_t i = 0; i < wide; i++)
        to[i] = nowhere;
    mark(to, keys, n_keys);
    for (uint32_t i = 0; i < n_folds; i++)
        mark(to, folds[i].in, folds[i].n_in);
    for (uint32_t i = 0; i < wide; i++)
        if (to[i] != nowhere) {
            out[n] = rows.op->op.out[i];
            in[n] = i;
            to[i] = n++;
        }
    if (n == wide)
        return rows;

    move(to, keys, n_keys);
    for (uint32_t i = 0; i < n_folds; i++)
        move(to, folds[i].in, folds[i].n_in);
    op = gi_lop_behind(l, rows, GI_OP_PROJECT, node, out, n);
    if (op == NULL)
        return (gi_rows){ 0 };
    op->op.in = in;
    op->op.n_in = n;
    return gi_rows_of(op, GI_SPREAD_ANY);
}
