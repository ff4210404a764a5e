/* plan_table.c -- the plain topology: a spout a group, a bolt a home. */
#include "trident/plan.h"

static const gale_abi abi = GALE_ABI_SIZES;

/* Who asks a source waits with it: what a lone tuple takes until it has
 * counted shall stay below 10 ms. */
static const gale_setting settings[] = {
    { "topology.spout.wait.longest.millis", "5" },
    { 0, 0 },
};

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

/* A list that grows; what several parts of a home want comes once. */
typedef struct inputs {
    gale_input *at;
    uint32_t n;
} inputs;

static void add(inputs *to, gale_input in)
{
    for (uint32_t i = 0; i < to->n; i++)
        if (to->at[i].from == in.from && to->at[i].stream == in.stream)
            return;
    to->at[to->n++] = in;
}

static void add_words(inputs *to, const gi_group *g, const gi_part *p)
{
    if (p->source < p->n_ops)
        add(to, all_of(g, GI_STREAM_BATCH));
    if (p->commits && !p->late)
        add(to, all_of(g, GI_STREAM_COMMIT));
    add(to, all_of(g, GI_STREAM_SUCCESS));
}

static void add_parts(gi_lowering *l, inputs *to, const gi_part *p)
{
    for (uint32_t i = 0; i < p->n_upstream; i++) {
        const gi_part *from = &l->p->parts[p->upstream[i]];

        add(to, (gale_input){ .from = from->name,
                              .how = GALE_GROUP_DIRECT,
                              .stream = gi_home_of(from)->streams[0].name });
    }
    for (uint32_t i = 0; i < p->n_inlets; i++) {
        const gi_part *from = &l->p->parts[p->inlets[i].part];

        add(to,
            (gale_input){
                .from = from->name,
                .how = grouping_of(l, &p->inlets[i]),
                .stream =
                    gi_home_of(from)->streams[p->inlets[i].stream - 1].name,
            });
    }
}

static const gale_input *inputs_of(gi_lowering *l, const gi_home *h)
{
    const gi_part *parts = l->p->parts;
    inputs to = { NULL, 0 };
    size_t most = 1;

    for (uint32_t i = 0; i < h->n_parts; i++)
        most += 3 + (size_t)parts[h->parts[i]].n_upstream +
                parts[h->parts[i]].n_inlets;
    to.at = gi_keep(l, most, sizeof(*to.at));
    for (uint32_t i = 0; to.at != NULL && i < h->n_parts; i++) {
        const gi_part *p = &parts[h->parts[i]];

        add_words(&to, &l->p->groups[p->group], p);
    }
    for (uint32_t i = 0; to.at != NULL && i < h->n_parts; i++)
        add_parts(l, &to, &parts[h->parts[i]]);
    return to.at;
}

void gi_make_table(gi_lowering *l)
{
    gi_program *p = l->p;
    size_t n = (size_t)p->n_homes + p->n_groups;
    gale_component *c = gi_keep(l, n + 1, sizeof(*c));

    if (c == NULL)
        return;
    p->topology = (gale_topology){
        .abi = &abi, .name = p->name, .conf = settings, .components = { c, n }
    };
    for (uint32_t i = 0; i < p->n_groups; i++)
        *c++ = (gale_component){ .id = p->groups[i].name,
                                 .spout = &p->groups[i].spout,
                                 .tasks = 1,
                                 .arg = &p->groups[i] };
    for (uint32_t i = 0; i < p->n_homes; i++) {
        const gi_part *first = &p->parts[p->homes[i].parts[0]];

        *c++ = (gale_component){ .id = first->name,
                                 .bolt = &p->homes[i].bolt,
                                 .inputs = inputs_of(l, &p->homes[i]),
                                 .tasks = first->tasks,
                                 .arg = &p->homes[i] };
    }
}
