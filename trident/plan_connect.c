/* plan_connect.c -- what each part sends on which stream of its home, and who
 * reads it. */
#include <string.h>

#include "trident/plan.h"

static const gale_field reports[] = {
    GALE_I64("txid"), GALE_I64("attempt"), GALE_I64("floor"),
    GALE_I64("n"),    GALE_I64("sum"),     GALE_I64("from"),
    GALE_I64("to"),   GALE_I64("time"),    { NULL, GALE_T_ANY },
};

/* The mark, then the row. */
static const gale_field *row_fields(gi_lowering *l, const gi_op *op)
{
    gale_field *f = gi_keep(l, (size_t)op->n_row + 2, sizeof(*f));

    if (f == NULL)
        return NULL;
    f[0] = (gale_field)GALE_I64("__mark");
    for (uint32_t i = 0; i < op->n_row; i++)
        f[i + 1] = op->out[i];
    return f;
}

/* "to-counts", "to-counts-2" if there are several. */
static const char *stream_name(gi_lowering *l, const gi_home *home,
                               const char *to)
{
    const char *name = gi_keep_text(l, "to-%.200s", to);
    uint32_t times = 1;

    for (uint32_t i = 0; i < home->n_streams; i++)
        if (strcmp(home->streams[i].name, name) == 0) {
            name = gi_keep_text(l, "to-%.200s-%u", to, ++times);
            i = UINT32_MAX; /* from the first */
        }
    return name;
}

static void add_once(uint32_t *list, uint32_t *n, uint32_t part)
{
    for (uint32_t i = 0; i < *n; i++)
        if (list[i] == part)
            return;
    list[(*n)++] = part;
}

/* What `from` reports to `to`. */
static void connect_parts(gi_part *from, gi_part *to)
{
    add_once(to->upstream, &to->n_upstream, from->no);
    add_once(from->readers, &from->n_readers, to->no);
    to->late = to->late || from->commits || from->late;
}

static void connect_send(gi_lowering *l, gi_part *from, const gi_lop *send)
{
    gi_op *op = &from->ops[send->op.no];
    gi_part *to = &l->p->parts[send->entry->part->no];
    gi_home *home = &l->p->homes[from->home];
    gale_stream *s = &home->streams[home->n_streams];

    op->to = to->no;
    op->id = to->name;
    *s = (gale_stream){ .name = stream_name(l, home, to->name),
                        .fields = row_fields(l, op),
                        .direct = op->send != GI_SEND_GROUPING };
    op->stream = ++home->n_streams;
    to->inlets[to->n_inlets++] = (gi_inlet){ .part = from->no,
                                             .stream = op->stream,
                                             .op = send->entry->op.no };
    connect_parts(from, to);
}

/* ---------------------------------------------------------------- room -- */

static uint32_t count_ops(const gi_part *p, gi_op_kind kind)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < p->n_ops; i++)
        n += p->ops[i].kind == kind;
    return n;
}

/* As many of each as there can be. */
static void make_room(gi_lowering *l, gi_part *p)
{
    uint32_t entries = count_ops(p, GI_OP_ENTRY);

    p->inlets = gi_keep(l, (size_t)entries + 1, sizeof(*p->inlets));
    p->upstream = gi_keep(l, (size_t)entries + 2, sizeof(uint32_t));
    p->readers = gi_keep(l, (size_t)l->n_parts + 1, sizeof(uint32_t));
}

static void make_bolt(gi_lowering *l, gi_home *h)
{
    uint32_t sends = 0;

    for (uint32_t i = 0; i < h->n_parts; i++)
        sends += count_ops(&l->p->parts[h->parts[i]], GI_OP_SEND);
    h->streams = gi_keep(l, (size_t)sends + 2, sizeof(*h->streams));
    if (h->streams == NULL)
        return;
    h->streams[0] = (gale_stream){ "reports", reports, true };
    h->n_streams = 1;
    h->bolt = *l->with->part;
    h->bolt.output = NULL;
    h->bolt.streams = h->streams;
}

void gi_connect(gi_lowering *l)
{
    gi_part *parts = l->p->parts;

    for (uint32_t i = 0; i < l->n_parts; i++)
        make_room(l, &parts[i]);
    for (uint32_t i = 0; i < l->p->n_homes; i++)
        make_bolt(l, &l->p->homes[i]);
    for (uint32_t i = 0; i < l->n_parts && !l->no_memory; i++) {
        if (l->order[i]->behind != NULL)
            connect_parts(&parts[l->order[i]->behind->no], &parts[i]);
        for (const gi_lop *op = l->order[i]->ops; op != NULL; op = op->more)
            if (op->op.kind == GI_OP_SEND)
                connect_send(l, &parts[i], op);
    }
    for (uint32_t i = 0; i < l->p->n_groups; i++)
        l->p->groups[i].spout = l->p->groups[i].function == NULL
                                    ? *l->with->group
                                    : *l->with->requests;
}
