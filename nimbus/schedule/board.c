#include "nimbus/schedule/board.h"

#include <stdlib.h>
#include <string.h>

#include "nimbus/schedule/board_order.h"

static int by_node(const void *a, const void *b)
{
    const gi_seat_node *x = a, *y = b;
    int order = strcmp(x->id, y->id);

    return order != 0 ? order : (x->of == NULL) - (y->of == NULL);
}

/* Supervisors, and those of which only a worker is known. */
static gale_err make_nodes(gi_board *b)
{
    const gi_cluster *c = b->cluster;
    uint32_t n = c->n_supervisors + c->n_living, kept = 0;

    b->nodes = gi_pool_take(&b->pool, n, sizeof(*b->nodes));
    if (b->nodes == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        bool listed = i < c->n_supervisors;
        const gi_supervisor *s = listed ? &c->supervisors[i] : NULL;

        b->nodes[i] = (gi_seat_node){
            .id = listed ? s->id : c->living[i - c->n_supervisors].supervisor,
            .of = s,
            .cpu = listed ? s->cpu : 0,
            .memory = listed ? s->memory_mb : 0,
        };
    }
    qsort(b->nodes, n, sizeof(*b->nodes), by_node);
    for (uint32_t i = 0; i < n; i++) {
        if (kept == 0 || strcmp(b->nodes[kept - 1].id, b->nodes[i].id) != 0)
            b->nodes[kept++] = b->nodes[i];
        else if (b->nodes[i].of != NULL)
            return GALE_EINVAL;
    }
    b->n_nodes = kept;
    return GALE_OK;
}

/* A slot that a supervisor offers, or that a worker is known to be in. */
struct entry {
    uint32_t node;
    uint16_t port;
    bool listed, bad;
};

static int by_entry(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    if (x->node != y->node)
        return x->node < y->node ? -1 : 1;
    if (x->port != y->port)
        return x->port < y->port ? -1 : 1;
    return x->listed == y->listed ? 0 : x->listed ? -1 : 1;
}

static uint32_t most_entries(const gi_cluster *c)
{
    uint32_t n = c->n_living;

    for (uint32_t i = 0; i < c->n_supervisors; i++)
        n += c->supervisors[i].n_slots;
    for (uint32_t i = 0; i < c->n_topologies; i++)
        if (c->topologies[i].now != NULL)
            n += c->topologies[i].now->n_workers;
    return n;
}

/* Where a supervisor that lives offers what, it says itself.  Of others, what
 * runs there is known from workers; and where that cannot be known, from what
 * was assigned. */
static uint32_t collect(const gi_board *b, struct entry *to)
{
    const gi_cluster *c = b->cluster;
    uint32_t n = 0;

    for (uint32_t i = 0; i < b->n_nodes; i++) {
        const gi_supervisor *s = b->nodes[i].of;

        for (uint32_t k = 0; s != NULL && k < s->n_slots; k++)
            to[n++] =
                (struct entry){ i, s->slots[k].port, true, s->slots[k].bad };
    }
    for (uint32_t i = 0; i < c->n_living; i++) {
        uint32_t node = gi_board_node(b, c->living[i].supervisor);

        if (!gi_seat_alive(&b->nodes[node]))
            to[n++] = (struct entry){ node, c->living[i].port, false, false };
    }
    for (uint32_t i = 0; i < c->n_topologies; i++) {
        const gi_assignment *now = c->topologies[i].now;

        for (uint32_t k = 0; now != NULL && k < now->n_workers; k++) {
            uint32_t node = gi_board_node(b, now->workers[k].supervisor);

            if (node != GI_NOWHERE && b->nodes[node].of != NULL &&
                b->nodes[node].of->state == GI_SUPERVISOR_SILENT)
                to[n++] =
                    (struct entry){ node, now->workers[k].port, false, false };
        }
    }
    return n;
}

static gale_err make_slots(gi_board *b)
{
    uint32_t most = most_entries(b->cluster), n, kept = 0;
    struct entry *found = gi_pool_take(&b->pool, most, sizeof(*found));

    b->slots = gi_pool_take(&b->pool, most, sizeof(*b->slots));
    b->tally = gi_pool_take(&b->pool, most, sizeof(*b->tally));
    if (found == NULL || b->slots == NULL || b->tally == NULL)
        return GALE_ENOMEM;
    n = collect(b, found);
    if (n > 0)
        qsort(found, n, sizeof(*found), by_entry);
    for (uint32_t i = 0; i < n; i++) {
        const struct entry *e = &found[i];
        gi_seat_node *node = &b->nodes[e->node];

        if (i > 0 && found[i - 1].node == e->node &&
            found[i - 1].port == e->port) {
            if (e->listed)
                return GALE_EINVAL;
            continue;
        }
        if (node->n_slots++ == 0)
            node->first_slot = kept;
        b->slots[kept++] = (gi_seat_slot){
            .node = e->node,
            .port = e->port,
            .open = e->listed && !e->bad && gi_seat_alive(node),
            .bad = e->bad,
            .tenant = GI_NOWHERE,
            .was = GI_NOWHERE,
        };
    }
    b->n_slots = kept;
    return GALE_OK;
}

static bool makes_sense(const gi_topology *t)
{
    uint64_t next = 0;

    for (uint32_t i = 0; i < t->n_components; i++) {
        const gi_component *c = &t->components[i];

        if (c->n_executors == 0 || c->n_executors > c->n_tasks ||
            c->first_task < next)
            return false;
        next = (uint64_t)c->first_task + c->n_tasks;
        if (next > UINT32_MAX)
            return false;
    }
    for (uint32_t i = 0; i < t->n_talks; i++)
        if (t->talks[i].from >= t->n_components ||
            t->talks[i].to >= t->n_components)
            return false;
    return true;
}

static gale_err make_tenant(gi_board *b, gi_tenant *t)
{
    uint32_t n = 0;

    t->n_executors = gi_topology_executors(t->of);
    t->executors =
        gi_pool_take(&b->pool, t->n_executors, sizeof(*t->executors));
    if (t->executors == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < t->of->n_components; i++) {
        const gi_component *c = &t->of->components[i];

        for (uint32_t k = 0; k < c->n_executors; k++) {
            gi_seated *e = &t->executors[n++];

            gi_component_executor(c, k, &e->first_task, &e->end_task);
            e->component = i;
            e->home = e->slot = GI_NOWHERE;
        }
    }
    return GALE_OK;
}

/* For by_id: qsort has no room for a context. */
struct named {
    const char *id;
    uint32_t no;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct named *)a)->id,
                  ((const struct named *)b)->id);
}

static gale_err sort_tenants(gi_board *b)
{
    struct named *names = gi_pool_take(&b->pool, b->n_tenants, sizeof(*names));

    b->by_id = gi_pool_take(&b->pool, b->n_tenants, sizeof(*b->by_id));
    if (names == NULL || b->by_id == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < b->n_tenants; i++)
        names[i] = (struct named){ b->tenants[i].of->id, i };
    if (b->n_tenants > 0)
        qsort(names, b->n_tenants, sizeof(*names), by_name);
    for (uint32_t i = 0; i < b->n_tenants; i++) {
        if (i > 0 && strcmp(names[i - 1].id, names[i].id) == 0)
            return GALE_EINVAL;
        b->by_id[i] = names[i].no;
    }
    return GALE_OK;
}

static gale_err make_tenants(gi_board *b)
{
    const gi_cluster *c = b->cluster;

    b->tenants = gi_pool_take(&b->pool, c->n_topologies, sizeof(*b->tenants));
    if (b->tenants == NULL)
        return GALE_ENOMEM;
    b->n_tenants = c->n_topologies;
    for (uint32_t i = 0; i < b->n_tenants; i++) {
        gi_tenant *t = &b->tenants[i];
        gale_err err;

        t->of = &c->topologies[i];
        t->no = i;
        if (!makes_sense(t->of) ||
            (t->of->now != NULL && !gi_assignment_valid(t->of->now)))
            return GALE_EINVAL;
        err = make_tenant(b, t);
        if (err != GALE_OK)
            return err;
    }
    return sort_tenants(b);
}

static gale_err make_living(gi_board *b)
{
    const gi_cluster *c = b->cluster;

    b->living = gi_pool_take(&b->pool, c->n_living, sizeof(*b->living));
    if (b->living == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < c->n_living; i++)
        b->living[i] = &c->living[i];
    if (c->n_living > 0)
        qsort(b->living, c->n_living, sizeof(const gi_living *),
              gi_board_by_living);
    return GALE_OK;
}

gale_err gi_board_init(gi_board *b, const gi_cluster *c)
{
    gale_err err;

    *b = (gi_board){ .cluster = c };
    err = make_nodes(b);
    if (err == GALE_OK)
        err = make_slots(b);
    if (err == GALE_OK)
        err = make_living(b);
    if (err == GALE_OK)
        err = make_tenants(b);
    if (err != GALE_OK)
        gi_board_fini(b);
    return err;
}

void gi_board_fini(gi_board *b)
{
    for (uint32_t i = 0; i < b->n_tenants; i++)
        gi_strbuf_fini(&b->tenants[i].why);
    gi_pool_fini(&b->pool);
    *b = (gi_board){ 0 };
}
