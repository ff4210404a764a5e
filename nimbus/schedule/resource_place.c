#include <stdlib.h>

#include "nimbus/schedule/resource.h"

static const gi_component *component_of(const gi_tenant *t, const gi_seated *e)
{
    return &t->of->components[e->component];
}

static void charge(gi_resource *r, const gi_tenant *t, const gi_seated *e,
                   int64_t sign)
{
    const gi_component *c = component_of(t, e);
    gi_seat_slot *slot = &r->b->slots[e->slot];
    gi_seat_node *node = &r->b->nodes[slot->node];

    node->cpu -= sign * c->cpu;
    node->memory -= sign * c->memory_mb;
    slot->memory += sign * c->memory_mb;
}

void gi_resource_sit(gi_resource *r, gi_tenant *t, gi_seated *e, uint32_t slot)
{
    e->slot = slot;
    r->b->slots[slot].tenant = t->no;
    charge(r, t, e, 1);
}

void gi_resource_rise(gi_resource *r, gi_tenant *t, gi_seated *e)
{
    charge(r, t, e, -1);
    e->slot = GI_NOWHERE;
}

static bool node_has(const gi_seat_node *node, const gi_component *c)
{
    /* Of one that is known only from its workers, nobody knows. */
    return node->of == NULL ||
           (node->cpu >= c->cpu && node->memory >= c->memory_mb);
}

static bool worker_has(const gi_tenant *t, const gi_seat_slot *slot,
                       const gi_component *c)
{
    uint32_t most = t->of->worker_memory_mb;

    return most == 0 || slot->memory + c->memory_mb <= most;
}

bool gi_resource_fits(const gi_resource *r, const gi_tenant *t,
                      const gi_seated *e, uint32_t slot)
{
    const gi_seat_slot *s = &r->b->slots[slot];
    const gi_component *c = component_of(t, e);

    return (s->tenant == t->no || s->tenant == GI_NOWHERE) &&
           node_has(&r->b->nodes[s->node], c) && worker_has(t, s, c);
}

void gi_resource_tidy(gi_resource *r, const gi_tenant *t)
{
    gi_board *b = r->b;

    for (uint32_t i = 0; i < t->n_executors; i++)
        if (t->executors[i].slot != GI_NOWHERE)
            b->tally[t->executors[i].slot]++;
    for (uint32_t i = 0; i < b->n_slots; i++) {
        if (b->slots[i].tenant == t->no && b->tally[i] == 0)
            b->slots[i].tenant = GI_NOWHERE;
        b->tally[i] = 0;
    }
}

/* The slot that `e` would get on a node: a worker of its topology with room,
 * else the free slot with the lowest port; or GI_NOWHERE. */
static uint32_t seat_on(const gi_resource *r, const gi_tenant *t,
                        const gi_seated *e, uint32_t no)
{
    const gi_board *b = r->b;
    const gi_seat_node *node = &b->nodes[no];
    const gi_component *c = component_of(t, e);
    uint32_t found = GI_NOWHERE, end = node->first_slot + node->n_slots;

    if (!gi_seat_alive(node) || !node_has(node, c))
        return GI_NOWHERE;
    for (uint32_t i = node->first_slot; i < end; i++) {
        const gi_seat_slot *s = &b->slots[i];

        if (s->tenant == t->no && worker_has(t, s, c))
            return i;
        if (found == GI_NOWHERE && gi_seat_free(s) && worker_has(t, s, c))
            found = i;
    }
    return found;
}

__extension__ typedef unsigned __int128 wide;

/* The scarcer of two things decides how much is free; then both. */
static int more_free(const gi_resource *r, const gi_seat_node *m,
                     const gi_seat_node *n)
{
    wide mc = (wide)m->cpu * r->memory, mm = (wide)m->memory * r->cpu;
    wide nc = (wide)n->cpu * r->memory, nm = (wide)n->memory * r->cpu;
    wide a = mc < mm ? mc : mm, b = nc < nm ? nc : nm;

    if (a == b) {
        a = mc + mm;
        b = nc + nm;
    }
    return a == b ? 0 : a > b ? 1 : -1;
}

/* What draws an executor of component `c` where. */
static void weigh(gi_resource *r, const gi_tenant *t, uint32_t c)
{
    const gi_topology *of = t->of;

    for (uint32_t i = 0; i < of->n_components; i++)
        r->near[i] = false;
    for (uint32_t i = 0; i < of->n_talks; i++) {
        if (of->talks[i].from == c)
            r->near[of->talks[i].to] = true;
        if (of->talks[i].to == c)
            r->near[of->talks[i].from] = true;
    }
    for (uint32_t i = 0; i < r->b->n_nodes; i++)
        r->pulls[i] = (gi_pull){ 0 };
    for (uint32_t i = 0; i < t->n_executors; i++) {
        const gi_seated *e = &t->executors[i];

        if (e->slot == GI_NOWHERE)
            continue;

        gi_pull *pull = &r->pulls[r->b->slots[e->slot].node];

        pull->here = true;
        pull->talk += r->near[e->component];
    }
}

static uint32_t best_seat(gi_resource *r, const gi_tenant *t,
                          const gi_seated *e)
{
    uint32_t best = GI_NOWHERE, seat = GI_NOWHERE;

    weigh(r, t, e->component);
    for (uint32_t i = 0; i < r->b->n_nodes; i++) {
        const gi_pull *p = &r->pulls[i];
        const gi_pull *q = best == GI_NOWHERE ? NULL : &r->pulls[best];
        uint32_t slot;
        int more;

        if (q == NULL)
            more = 1;
        else if (p->talk != q->talk)
            more = p->talk > q->talk ? 1 : -1;
        else if (p->here != q->here)
            more = p->here ? 1 : -1;
        else
            more = more_free(r, &r->b->nodes[i], &r->b->nodes[best]);
        if (more <= 0 || (slot = seat_on(r, t, e, i)) == GI_NOWHERE)
            continue;
        best = i;
        seat = slot;
    }
    return seat;
}

/* How far each component is from the spouts, and which of them have any way
 * to one another at all. */
static void explore(gi_resource *r, const gi_topology *of)
{
    uint32_t n = of->n_components, groups = 0, reached = 0;

    for (uint32_t i = 0; i < n; i++) {
        r->reach[i] = r->group[i] = GI_NOWHERE;
        r->near[i] = true; /* a source */
    }
    for (uint32_t i = 0; i < of->n_talks; i++)
        r->near[of->talks[i].to] = false;
    /* Sources first; what only a cycle leads to begins with its first. */
    for (uint32_t i = 0; i < 2 * n; i++) {
        uint32_t c = i % n;
        bool more = true;

        if (r->group[c] != GI_NOWHERE || (i < n && !r->near[c]))
            continue;
        r->group[c] = groups++;
        while (more) {
            more = false;
            for (uint32_t k = 0; k < of->n_talks; k++) {
                uint32_t from = of->talks[k].from, to = of->talks[k].to;

                if (r->group[from] != GI_NOWHERE && r->group[to] == GI_NOWHERE)
                    r->group[to] = r->group[from];
                else if (r->group[to] != GI_NOWHERE &&
                         r->group[from] == GI_NOWHERE)
                    r->group[from] = r->group[to];
                else
                    continue;
                more = true;
            }
        }
    }
    /* Distance in rounds over the talks; as many rounds as there are steps. */
    for (uint32_t i = 0; i < n; i++)
        if (r->near[i])
            r->reach[i] = 0;
    for (bool more = true; more; reached++) {
        more = false;
        for (uint32_t k = 0; k < of->n_talks; k++) {
            uint32_t from = of->talks[k].from, to = of->talks[k].to;

            if (r->reach[from] == reached && r->reach[to] == GI_NOWHERE) {
                r->reach[to] = reached + 1;
                more = true;
            }
        }
    }
}

static int by_queue(const void *a, const void *b)
{
    const gi_queued *x = a, *y = b;
    uint64_t p = (2 * (uint64_t)x->k + 1) * y->n;
    uint64_t q = (2 * (uint64_t)y->k + 1) * x->n;

    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    if (p != q)
        return p < q ? -1 : 1;
    if (x->reach != y->reach)
        return x->reach < y->reach ? -1 : 1;
    return x->executor < y->executor ? -1 : 1;
}

/* In an order that puts a slice of every component side by side: filling one
 * node after the other, each gets a piece of the whole that works by itself
 * as far as groupings let it. */
static uint32_t enqueue(gi_resource *r, const gi_tenant *t)
{
    uint32_t n = 0, k = 0;

    for (uint32_t i = 0; i < t->n_executors; i++) {
        const gi_seated *e = &t->executors[i];

        k = i > 0 && e[-1].component == e->component ? k + 1 : 0;
        if (e->slot != GI_NOWHERE)
            continue;
        r->queue[n++] = (gi_queued){
            .executor = i,
            .group = r->group[e->component],
            .reach = r->reach[e->component],
            .k = k,
            .n = component_of(t, e)->n_executors,
        };
    }
    if (n > 0)
        qsort(r->queue, n, sizeof(*r->queue), by_queue);
    return n;
}

const gi_seated *gi_resource_place(gi_resource *r, gi_tenant *t, bool some)
{
    const gi_seated *lost = NULL;
    uint32_t n, node = GI_NOWHERE;

    explore(r, t->of);
    n = enqueue(r, t);
    r->n_placed = 0;
    for (uint32_t i = 0; i < n && (lost == NULL || some); i++) {
        gi_seated *e = &t->executors[r->queue[i].executor];
        uint32_t slot =
            node == GI_NOWHERE ? GI_NOWHERE : seat_on(r, t, e, node);

        if (slot == GI_NOWHERE)
            slot = best_seat(r, t, e);
        if (slot == GI_NOWHERE) {
            lost = lost == NULL ? e : lost;
            continue;
        }
        gi_resource_sit(r, t, e, slot);
        node = r->b->slots[slot].node;
        r->placed[r->n_placed++] = r->queue[i].executor;
    }
    if (lost != NULL && !some) {
        while (r->n_placed > 0)
            gi_resource_rise(r, t, &t->executors[r->placed[--r->n_placed]]);
        gi_resource_tidy(r, t);
    }
    return lost;
}

void gi_resource_say(const gi_resource *r, gi_tenant *t, const gi_seated *e)
{
    const gi_component *c = component_of(t, e);
    const gi_seat_node *cpu = NULL, *memory = NULL;
    uint32_t fit = 0;

    for (uint32_t i = 0; i < r->b->n_nodes; i++) {
        const gi_seat_node *n = &r->b->nodes[i];

        if (!gi_seat_alive(n))
            continue;
        fit += node_has(n, c);
        if (cpu == NULL || n->cpu > cpu->cpu)
            cpu = n;
        if (memory == NULL || n->memory > memory->memory)
            memory = n;
    }
    gi_strbuf_printf(&t->why, "an executor of '%s' needs %u cpu and %u MB; ",
                     c->id, c->cpu, c->memory_mb);
    if (cpu == NULL)
        gi_strbuf_puts(&t->why, "no supervisor is alive");
    else if (t->of->worker_memory_mb != 0 &&
             c->memory_mb > t->of->worker_memory_mb)
        gi_strbuf_printf(&t->why, "a worker may have %u MB",
                         t->of->worker_memory_mb);
    else if (fit > 0)
        gi_strbuf_printf(&t->why, "%u supervisors have that, but no free slot",
                         fit);
    else
        gi_strbuf_printf(&t->why,
                         "the largest free is %lld cpu on '%s' and %lld MB "
                         "on '%s'",
                         (long long)cpu->cpu, cpu->id,
                         (long long)memory->memory, memory->id);
}
