/* plan.c -- a draft without mistakes, laid out so that it is easy to run. */
#include "topology/plan.h"

#include "base/mem.h"
#include "topology/draft.h"
#include "topology/graph.h"

/* ------------------------------------------------------------- layout -- */

static void lay_streams(gi_draft *d, uint32_t no)
{
    const gi_draft_comp *c = &d->comps[no];

    for (uint32_t i = 0; i < c->n_streams; i++)
        d->p->streams[c->first_stream + i] = (gi_stream){
            .no = c->first_stream + i,
            .comp = no,
            .name = c->streams[i].name,
            .direct = c->streams[i].direct,
            .n_fields = c->streams[i].n_fields,
            .fields = c->streams[i].fields,
        };
}

static void lay_comp(gi_draft *d, uint32_t no)
{
    const gi_draft_comp *c = &d->comps[no];
    gi_plan *p = d->p;
    gi_conf *conf = p->comps[no].conf;

    p->comps[no] = (gi_comp){
        .no = no,
        .id = c->c.id,
        .is_spout = c->is_spout,
        .spout = c->spout,
        .bolt = c->bolt,
        .n_tasks = c->n_tasks,
        .first_task = p->n_tasks + 1,
        .n_executors = c->n_executors,
        .tick_ms = c->tick_ms,
        .blocking = c->c.blocking,
        .fused = c->c.fused,
        .arg = c->c.arg,
        .first_stream = c->first_stream,
        .n_streams = c->n_streams,
        .conf = conf,
    };
    p->n_tasks += c->n_tasks;
}

static gi_stream *source(const gi_draft *d, const gi_draft_input *in)
{
    return &d->p->streams[d->comps[in->from].first_stream + in->at];
}

/* Edges of one stream stand side by side: count them, give each stream its
 * stretch, then put each edge where its stream's stretch has got to. */
static void lay_edges(gi_draft *d)
{
    gi_plan *p = d->p;
    gi_edge *next = p->edges;

    for (uint32_t i = 0; i < d->n_comps; i++)
        for (uint32_t k = 0; k < d->comps[i].n_inputs; k++)
            source(d, &d->comps[i].inputs[k])->n_edges++;

    for (uint32_t i = 0; i < p->n_streams; i++) {
        p->streams[i].edges = next;
        next += p->streams[i].n_edges;
        p->streams[i].n_edges = 0;
    }

    for (uint32_t i = 0; i < d->n_comps; i++)
        for (uint32_t k = 0; k < d->comps[i].n_inputs; k++) {
            const gi_draft_input *in = &d->comps[i].inputs[k];
            gi_stream *s = source(d, in);
            uint32_t no = (uint32_t)(s->edges - p->edges) + s->n_edges++;

            p->edges[no] = (gi_edge){
                .no = no,
                .stream = s->no,
                .to = i,
                .how = in->in.how,
                .n_keys = in->n_keys,
                .keys = in->slots,
                .chooser = in->chooser,
            };
        }
}

static void lay_tasks(gi_plan *p)
{
    for (uint32_t i = 0; i < p->n_comps; i++)
        for (uint32_t k = 0; k < p->comps[i].n_tasks; k++)
            p->task_comp[p->comps[i].first_task + k] = i;
}

/* Streams stand in the order of their components and edges in the order of
 * their streams, so the arrows that leave a component are side by side. */
static gale_err lay_ranks(gi_draft *d)
{
    gi_plan *p = d->p;
    gi_pool *scratch = &d->scratch;
    uint32_t *first =
        gi_pool_take(scratch, (size_t)p->n_comps + 1, sizeof(*first));
    uint32_t *to = gi_pool_take(scratch, p->n_edges, sizeof(*to));
    gi_place *places = gi_pool_take(scratch, p->n_comps, sizeof(*places));

    if (first == NULL || to == NULL || places == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < p->n_edges; i++) {
        to[i] = p->edges[i].to;
        first[p->streams[p->edges[i].stream].comp + 1]++;
    }
    for (uint32_t i = 0; i < p->n_comps; i++)
        first[i + 1] += first[i];

    gi_graph g = { p->n_comps, first, to };
    gale_err rv = gi_graph_place(&g, places);
    for (uint32_t i = 0; rv == GALE_OK && i < p->n_comps; i++) {
        p->comps[i].rank = places[i].rank;
        p->comps[i].cycle = places[i].cycle;
        p->comps[i].in_cycle = places[i].in_cycle;
    }
    for (uint32_t i = 0; rv == GALE_OK && i < p->n_edges; i++) {
        const gi_comp *from = &p->comps[p->streams[p->edges[i].stream].comp];

        p->edges[i].inner =
            from->in_cycle && from->cycle == p->comps[to[i]].cycle;
    }
    return rv;
}

static gale_err lay_out(gi_draft *d)
{
    gi_plan *p = d->p;

    for (uint32_t i = 0; i < d->n_comps; i++) {
        lay_comp(d, i);
        p->n_edges += d->comps[i].n_inputs;
    }
    p->n_streams = d->n_streams;
    p->streams = gi_pool_take(&p->pool, p->n_streams, sizeof(*p->streams));
    p->edges = gi_pool_take(&p->pool, p->n_edges, sizeof(*p->edges));
    p->task_comp =
        gi_pool_take(&p->pool, (size_t)p->n_tasks + 1, sizeof(*p->task_comp));
    if (p->streams == NULL || p->edges == NULL || p->task_comp == NULL)
        return GALE_ENOMEM;

    for (uint32_t i = 0; i < d->n_comps; i++)
        lay_streams(d, i);
    lay_edges(d);
    lay_tasks(p);
    return lay_ranks(d);
}

/* ------------------------------------------------------------- making -- */

static size_t mistakes(const gi_draft *d)
{
    return d->r->n + d->r->dropped;
}

static gale_err judge(gi_draft *d)
{
    size_t before = mistakes(d);

    gi_draft_check(d);
    gale_err rv = gi_draft_wire(d);
    if (rv == GALE_OK)
        rv = gi_draft_check_reach(d);
    if (rv != GALE_OK)
        return rv;
    gi_draft_scale(d);

    bool wiring = mistakes(d) > before;
    gi_draft_check_conf(d);
    if (wiring)
        return GALE_EPLAN;
    return mistakes(d) > before ? GALE_ECONF : GALE_OK;
}

static void name_it(gi_plan *p, const gale_topology *t)
{
    const char *name = gi_conf_get(p->conf, "topology.name");

    p->name = name == NULL || name[0] == '\0' ? t->name : name;
    p->about = t->about;
    p->args = t->args;
}

static gale_err make(gi_draft *d, const gale_topology *t, const gi_conf *over)
{
    gi_plan *p = d->p;
    size_t before = mistakes(d);
    gale_err rv = gi_draft_read(d, t);

    if (rv != GALE_OK)
        return rv;
    p->abi = d->abi;
    bool unreadable = mistakes(d) > before;

    p->comps = gi_pool_take(&p->pool, d->n_comps, sizeof(*p->comps));
    if (p->comps == NULL)
        return GALE_ENOMEM;
    p->n_comps = d->n_comps;
    rv = gi_draft_conf(d, over);
    if (rv == GALE_OK)
        rv = judge(d);
    if ((rv == GALE_OK || rv == GALE_ECONF) && unreadable)
        return GALE_EPLAN;
    if (rv != GALE_OK)
        return rv;

    name_it(p, &d->t);
    gi_settings_resolve(&p->set, p->conf);
    return lay_out(d);
}

gale_err gi_plan_create(gi_plan **out, const gale_topology *t,
                        const gi_conf *over, gi_report *r)
{
    gi_draft d = { .p = gi_alloc(sizeof(*d.p)), .r = r };

    if (d.p == NULL)
        return GALE_ENOMEM;
    gale_err rv = make(&d, t, over);
    gi_pool_fini(&d.scratch);
    if (rv == GALE_OK)
        *out = d.p;
    else
        gi_plan_destroy(d.p);
    return rv;
}

void gi_plan_destroy(gi_plan *p)
{
    if (p == NULL)
        return;
    for (uint32_t i = 0; i < p->n_comps; i++)
        gi_conf_destroy(p->comps[i].conf);
    gi_conf_destroy(p->conf);
    gi_pool_fini(&p->pool);
    gi_free(p);
}

const gi_comp *gi_plan_comp(const gi_plan *p, const char *id)
{
    for (uint32_t i = 0; i < p->n_comps; i++)
        if (strcmp(p->comps[i].id, id) == 0)
            return &p->comps[i];
    return NULL;
}

const char *gi_grouping_name(gale_grouping how)
{
    static const char *const names[] = {
        [GALE_GROUP_SHUFFLE] = "shuffle",
        [GALE_GROUP_FIELDS] = "fields",
        [GALE_GROUP_PARTIAL_KEY] = "partial-key",
        [GALE_GROUP_ALL] = "all",
        [GALE_GROUP_GLOBAL] = "global",
        [GALE_GROUP_DIRECT] = "direct",
        [GALE_GROUP_LOCAL] = "local",
        [GALE_GROUP_NONE] = "none",
        [GALE_GROUP_CUSTOM] = "custom",
    };
    size_t no = (size_t)how;

    return no < sizeof(names) / sizeof(names[0]) ? names[no] : "?";
}
