/* What a node is told: all of it, under one version; in parts, if it is much
 * (nimbus_parts.c). */
#include <string.h>

#include "nimbus/nimbus_show.h"

bool gi_nimbus_news(const gi_nimbus *n, const gi_msg_report *r)
{
    const gi_seen *s = gi_nimbus_seen(n, r->node);

    return s != NULL &&
           (strcmp(r->nimbus, n->opts.id) != 0 || r->version != s->version);
}

bool gi_nimbus_spans(const gi_assignment *a, uint32_t worker, gi_pool *pool,
                     uint32_t *n, gi_msg_span **out)
{
    uint32_t count = 0;
    gi_msg_span *spans;

    for (uint32_t i = 0; i < a->n_executors; i++)
        count += a->executors[i].worker == worker;
    spans = gi_pool_take(pool, count, sizeof(*spans));
    if (spans == NULL)
        return false;
    *n = 0;
    *out = spans;
    for (uint32_t i = 0; i < a->n_executors; i++)
        if (a->executors[i].worker == worker)
            spans[(*n)++] = (gi_msg_span){ a->executors[i].first_task,
                                           a->executors[i].end_task };
    return true;
}

/* Once through the executors, however many workers there are. */
static bool fill_spans(const gi_assignment *a, gi_pool *pool,
                       gi_msg_peer *workers)
{
    for (uint32_t i = 0; i < a->n_executors; i++)
        if (a->executors[i].worker != GI_NOWHERE)
            workers[a->executors[i].worker].n_executors++;
    for (uint32_t i = 0; i < a->n_workers; i++) {
        gi_msg_peer *p = &workers[i];

        p->executors =
            gi_pool_take(pool, p->n_executors, sizeof(*p->executors));
        if (p->executors == NULL)
            return false;
        p->n_executors = 0;
    }
    for (uint32_t i = 0; i < a->n_executors; i++) {
        const gi_executor *e = &a->executors[i];
        gi_msg_peer *p;

        if (e->worker == GI_NOWHERE)
            continue;
        p = &workers[e->worker];
        p->executors[p->n_executors++] =
            (gi_msg_span){ e->first_task, e->end_task };
    }
    return true;
}

/* Who died and is not started anew at once: what was under way to it need not
 * wait until it is. */
static uint64_t ended_of(const gi_nimbus *n, const gi_kept *k,
                         const gi_assigned *w)
{
    const gi_msg_slot *s = gi_nimbus_slot(n, k->m.id, w);

    return s == NULL || s->incarnation != 0 ? 0 : s->gone;
}

static bool fill_peers(const gi_nimbus *n, const gi_kept *k, gi_pool *pool,
                       gi_msg_topology *out)
{
    const gi_assignment *a = k->now;

    out->n_workers = a->n_workers;
    out->workers = gi_pool_take(pool, a->n_workers, sizeof(*out->workers));
    if (out->workers == NULL)
        return false;
    for (uint32_t i = 0; i < a->n_workers; i++)
        out->workers[i] = (gi_msg_peer){
            .node = a->workers[i].supervisor,
            .host = a->workers[i].host,
            .port = a->workers[i].port,
            .since = a->workers[i].since,
            .ended = ended_of(n, k, &a->workers[i]),
        };
    return fill_spans(a, pool, out->workers);
}

static bool fill_topology(const gi_nimbus *n, const gi_kept *k, gi_pool *pool,
                          gi_msg_topology *out)
{
    *out = (gi_msg_topology){
        .id = k->m.id,
        .name = k->m.name,
        .owner = k->m.owner,
        .program = k->m.program,
        .version = k->now->version,
        .turn = k->life.turn,
        .active = gi_life_emits(&k->life),
        .log_level = k->m.log_level,
        .n_settings = k->m.n_settings,
        .settings = k->m.settings,
        .n_credentials = k->m.n_credentials,
        .credentials = k->m.credentials,
        .n_words = k->m.n_words,
        .words = k->m.words,
        .n_components = k->m.n_components,
        .components = k->m.components,
    };
    return fill_peers(n, k, pool, out);
}

static bool has_to_wait(const gi_assignment *a)
{
    for (uint32_t i = 0; a != NULL && i < a->n_executors; i++)
        if (a->executors[i].worker == GI_NOWHERE)
            return true;
    return false;
}

/* What runs in a slot of which it has to go may go on until the program of who
 * comes is there, if it was pushed out, and what it does is done nowhere else.
 * Whose work was moved ends at once: nothing is to be done twice. */
static bool may_go_on(const gi_nimbus *n, const char *topology)
{
    for (uint32_t i = 0; i < n->n_topologies; i++) {
        const gi_kept *k = n->topologies[i]->kept;

        if (strcmp(k->m.id, topology) == 0)
            return gi_life_emits(&k->life) && has_to_wait(k->now);
    }
    return false;
}

static bool is_patient(const gi_nimbus *n, const gi_seen *s, const gi_kept *k,
                       uint16_t port)
{
    for (uint32_t i = 0; s->told != NULL && i < s->told->m.n_slots; i++) {
        const gi_msg_slot *slot = &s->told->m.slots[i];

        if (slot->port == port && slot->incarnation != 0 &&
            strcmp(slot->topology, k->m.id) != 0)
            return may_go_on(n, slot->topology);
    }
    return false;
}

static bool fill_order(const gi_nimbus *n, const gi_seen *s, const gi_kept *k,
                       uint32_t worker, gi_pool *pool, bool spans,
                       gi_msg_order *out)
{
    const gi_assigned *w = &k->now->workers[worker];

    *out = (gi_msg_order){
        .port = w->port,
        .topology = k->m.id,
        .program = k->m.program,
        .since = w->since,
        .version = k->now->version,
        .patient = is_patient(n, s, k, w->port),
    };
    return !spans || gi_nimbus_spans(k->now, worker, pool, &out->n_executors,
                                     &out->executors);
}

static bool fill_orders(const gi_nimbus *n, const gi_seen *s, const gi_kept *k,
                        gi_pool *pool, bool spans, gi_msg_orders *out)
{
    for (uint32_t i = 0; i < k->now->n_workers; i++)
        if (strcmp(k->now->workers[i].supervisor, s->id) == 0 &&
            !fill_order(n, s, k, i, pool, spans,
                        &out->orders[out->n_orders++]))
            return false;
    return true;
}

static uint32_t workers_on(const gi_kept *k, const char *node)
{
    uint32_t n = 0;

    if (k->now == NULL || k->life.status == GI_STATUS_GONE)
        return 0;
    for (uint32_t i = 0; i < k->now->n_workers; i++)
        n += strcmp(k->now->workers[i].supervisor, node) == 0;
    return n;
}

/* Room for what follows, exactly. */
static bool make_room(const gi_nimbus *n, const char *node, gi_pool *pool,
                      gi_msg_orders *out)
{
    uint32_t orders = 0, topologies = 0;

    for (uint32_t i = 0; i < n->n_topologies; i++) {
        uint32_t here = workers_on(n->topologies[i]->kept, node);

        orders += here;
        topologies += here > 0;
    }
    out->orders = gi_pool_take(pool, orders, sizeof(*out->orders));
    out->topologies = gi_pool_take(pool, topologies, sizeof(*out->topologies));
    return out->orders != NULL && out->topologies != NULL;
}

gale_err gi_nimbus_orders(const gi_nimbus *n, const gi_msg_report *r,
                          gi_pool *pool, gi_msg_orders *out)
{
    const gi_seen *s = gi_nimbus_seen(n, r->node);
    size_t bytes = 0;

    if (s == NULL)
        return GALE_ENOTFOUND;
    *out = (gi_msg_orders){ .nimbus = n->opts.id, .version = s->version };
    if (!gi_nimbus_news(n, r)) {
        out->same = true;
        return GALE_OK;
    }
    if (!make_room(n, s->id, pool, out))
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < n->n_topologies && !out->part; i++) {
        const gi_kept *k = n->topologies[i]->kept;
        gi_msg_topology t;
        gale_err e;

        if (workers_on(k, s->id) == 0)
            continue;
        if (!fill_topology(n, k, pool, &t) ||
            !fill_orders(n, s, k, pool, !r->parts, out))
            return GALE_ENOMEM;
        e = gi_nimbus_add(&t, r, &bytes, out);
        if (e != GALE_OK)
            return e;
    }
    if (out->part)
        out->n_orders = 0;
    return GALE_OK;
}
