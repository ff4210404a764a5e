/* plan_table.c -- the plain topology: a spout a group, a bolt a part. */
#include "trident/plan.h"

static const gale_abi abi = GALE_ABI_SIZES;

static const char *stream_of(const gale_spout *s, uint32_t no)
{
    return no == 0 ? NULL : s->streams[no - 1].name;
}

static gale_input all_of(const gi_group *g, uint32_t stream)
{
    return (gale_input){ .from = g->name,
                         .how = GALE_GROUP_ALL,
                         .stream = stream_of(&g->spout, stream) };
}

static gale_grouping grouping_of(const gi_lowering *l, const gi_inlet *in)
{
    for (const gi_lop *op = l->order[in->part]->ops; op != NULL; op = op->more)
        if (op->op.kind == GI_OP_SEND &&
            l->p->parts[in->part].ops[op->op.no].stream == in->stream)
            return op->grouping;
    return GALE_GROUP_DIRECT;
}

static const gale_input *inputs_of(gi_lowering *l, const gi_part *p)
{
    const gi_group *g = &l->p->groups[p->group];
    gale_input *in =
        gi_keep(l, (size_t)p->n_upstream + p->n_inlets + 4, sizeof(*in));
    uint32_t n = 0;

    if (in == NULL)
        return NULL;
    if (p->source < p->n_ops)
        in[n++] = all_of(g, GI_STREAM_BATCH);
    if (p->commits)
        in[n++] = all_of(g, GI_STREAM_COMMIT);
    in[n++] = all_of(g, GI_STREAM_SUCCESS);
    for (uint32_t i = 0; i < p->n_upstream; i++)
        in[n++] = (gale_input){ .from = l->p->parts[p->upstream[i]].name,
                                .how = GALE_GROUP_DIRECT,
                                .stream = "reports" };
    for (uint32_t i = 0; i < p->n_inlets; i++) {
        const gi_part *from = &l->p->parts[p->inlets[i].part];

        in[n++] = (gale_input){
            .from = from->name,
            .how = grouping_of(l, &p->inlets[i]),
            .stream = from->streams[p->inlets[i].stream - 1].name,
        };
    }
    return in;
}

void gi_make_table(gi_lowering *l)
{
    gi_program *p = l->p;
    size_t n = (size_t)p->n_parts + p->n_groups;
    gale_component *c = gi_keep(l, n + 1, sizeof(*c));

    if (c == NULL)
        return;
    p->topology = (gale_topology){ .abi = &abi,
                                   .name = p->name,
                                   .components = { c, n } };
    for (uint32_t i = 0; i < p->n_groups; i++)
        *c++ = (gale_component){ .id = p->groups[i].name,
                                 .spout = &p->groups[i].spout,
                                 .tasks = 1,
                                 .arg = &p->groups[i] };
    for (uint32_t i = 0; i < p->n_parts; i++)
        *c++ = (gale_component){ .id = p->parts[i].name,
                                 .bolt = &p->parts[i].bolt,
                                 .inputs = inputs_of(l, &p->parts[i]),
                                 .tasks = p->parts[i].tasks,
                                 .arg = &p->parts[i] };
}
