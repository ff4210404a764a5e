/* Random histories: clients ask, supervisors die, come back, report late and
 * twice, slots go bad, the store fails, Nimbus is restarted; and what must
 * always be true is looked at after every step. */
#include "nimbus_history.h"

/* --------------------------------------------- what is always true -- */

static bool owes(const struct history *h, const char *id)
{
    for (uint32_t i = 0; i < NAMES; i++)
        if (strcmp(h->models[i].id, id) == 0)
            return h->models[i].there && !h->models[i].changed;
    return false;
}

static uint32_t observe(struct history *h, struct seen *out)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < NODES; i++) {
        struct said said;
        gi_msg_orders orders;

        sup_fill(&h->w.sups[i], &said);
        said.m.nimbus = "";
        if (gi_nimbus_orders(h->w.n, &said.m, &h->w.pool, &orders) != GALE_OK)
            continue;
        HOLDS(h, orders.version >= h->versions[i]);
        h->versions[i] = orders.version;
        for (uint32_t k = 0; k < orders.n_orders; k++) {
            const gi_msg_order *o = &orders.orders[k];

            HOLDS(h, n < SEEN_MOST);
            for (uint32_t j = 0; j < k; j++)
                HOLDS(h, orders.orders[j].port != o->port);
            HOLDS(h, o->since <= o->version);
            out[n].node = i;
            out[n].port = (uint32_t)o->port;
            out[n].since = o->since;
            out[n].version = o->version;
            snprintf(out[n++].topology, TEXT, "%s", o->topology);
            h->digest =
                gi_mix64(h->digest ^ o->since ^ o->port << 20) + o->version;
        }
        h->digest = gi_mix64(h->digest ^ orders.version);
    }
    return n;
}

static bool in(const struct seen *s, const struct seen *all, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (all[i].node == s->node && all[i].port == s->port &&
            all[i].since == s->since &&
            strcmp(all[i].topology, s->topology) == 0)
            return true;
    return false;
}

/* Every task at most once; if nothing is wrong, exactly once. */
static void check_tasks(struct history *h, const gi_msg_topology_row *r)
{
    gi_msg_topology_look l = look(&h->w, r->name);
    uint64_t tasks = 0;
    uint32_t n = 0, executors = 0;

    for (uint32_t i = 0; i < l.n_workers; i++)
        for (uint32_t k = 0; k < l.workers[i].n_executors; k++) {
            const gi_msg_span *s = &l.workers[i].executors[k];

            executors++;
            for (uint64_t t = s->first; t < s->end; t++, n++) {
                HOLDS(h, (tasks & 1ull << t) == 0);
                tasks |= 1ull << t;
            }
        }
    HOLDS(h, n <= r->n_tasks);
    if (strcmp(r->why, "") == 0)
        HOLDS(h, n == r->n_tasks && executors == r->n_executors);
}

static void check(struct history *h)
{
    struct seen seen[SEEN_MOST];
    gi_msg_topologies list;
    gi_msg_nothing nothing = { 0 };
    gi_msg_cluster c = see_cluster(&h->w);
    uint32_t n = observe(h, seen);

    for (uint32_t i = 0; i < h->n_seen; i++) {
        const struct seen *was = &h->seen[i];
        bool alive = false;

        for (uint32_t k = 0; k < c.n_supervisors; k++)
            alive = alive || (strcmp(c.supervisors[k].id,
                                     h->w.sups[was->node].id) == 0 &&
                              strcmp(c.supervisors[k].state, "DEAD") != 0);
        if (alive && !h->touched[was->node] && owes(h, was->topology))
            HOLDS(h, in(was, seen, n));
    }
    memcpy(h->seen, seen, n * sizeof(*seen));
    h->n_seen = n;
    HOLDS(h, ask(&h->w, GI_ASK_LIST, &nothing, "", &list) == GALE_OK);
    for (uint32_t i = 0; i < list.n_topologies; i++)
        if (strcmp(list.topologies[i].status, "KILLED") != 0)
            check_tasks(h, &list.topologies[i]);
    for (uint32_t i = 0; i < NAMES; i++) {
        const struct model *m = &h->models[i];
        const gi_msg_topology_row *r = NULL;

        for (uint32_t k = 0; k < list.n_topologies; k++)
            if (strcmp(list.topologies[k].name, name_of(i)) == 0)
                r = &list.topologies[k];
        if (!m->there || m->maybe)
            continue;
        HOLDS(h, r != NULL);
        HOLDS(h, strcmp(r->id, m->id) == 0);
        HOLDS(h,
              strcmp(r->status, "REBALANCING") == 0 ||
                  strcmp(r->status, m->inactive ? "INACTIVE" : "ACTIVE") == 0);
    }
}

/* ------------------------------------------------------ a history -- */

static void step(struct history *h)
{
    struct world *w = &h->w;
    bool starve = draw(h, 30) == 0;

    gi_pool_fini(&w->pool);
    /* What it could not do, it does later. */
    if (w->n->retry_ms == 0)
        memset(h->touched, 0, sizeof(h->touched));
    /* A rebalance may end at any time. */
    for (uint32_t i = 0; i < NAMES; i++) {
        const gi_topo *t = gi_nimbus_named(w->n, name_of(i));

        h->models[i].changed =
            t != NULL && t->kept->life.status == GI_STATUS_REBALANCING;
    }
    if (draw(h, 40) == 0)
        w->memory.fault = 1 + draw(h, 3);
    if (starve)
        gi_mem_fail_after(draw(h, 60), 1 + draw(h, 3));
    switch (draw(h, 8)) {
    case 0:
    case 1:
        if (starve)
            gi_mem_fail_after(0, 0); /* the model would have to know */
        ask_something(h);
        break;
    case 2:
        world_pass(w, draw(h, 2500));
        break;
    case 3:
        world_pass(w, draw(h, 8) == 0 ? 100000 : draw(h, 200));
        break;
    default:
        node_step(h);
        break;
    }
    gi_mem_fail_after(0, 0);
    if (gi_nimbus_broken(w->n) != NULL || draw(h, 25) == 0) {
        w->memory.fault = STORE_WELL;
        for (uint32_t i = 0; i < NODES; i++) {
            const gi_seen *s = gi_nimbus_seen(w->n, w->sups[i].id);

            h->touched[i] =
                h->touched[i] || (s != NULL && s->state == GI_SUPERVISOR_DEAD);
        }
        world_restart(w);
        memset(h->said_ports, 0, sizeof(h->said_ports));
    }
    check(h);
}

/* All is well again: in the end everything is as it should be. */
static void calm(struct history *h, int seconds)
{
    struct world *w = &h->w;
    uint32_t wanted = 0;

    w->memory.fault = STORE_WELL;
    for (uint32_t i = 0; i < NODES; i++) {
        w->sups[i].away = false;
        w->sups[i].n_ports = PORTS;
        w->sups[i].incarnation += 2;
    }
    for (int k = 0; k < seconds; k++) {
        for (uint32_t i = 0; i < NODES; i++)
            for (uint32_t j = 0; j < PORTS; j++) {
                w->sups[i].slots[j].poisoned = false;
                w->sups[i].slots[j].pending = 0;
            }
        world_pass(w, 1000);
        world_round(w);
    }
    for (uint32_t i = 0; i < NAMES; i++) {
        const gi_msg_topology_row *r = row(w, name_of(i));

        if (r == NULL) {
            HOLDS(h, !h->models[i].there || h->models[i].maybe);
            HOLDS(h, running(w, name_of(i)) == 0);
            continue;
        }
        HOLDS(h, strcmp(r->status, "KILLED") != 0);
        HOLDS(h, strcmp(r->status, "REBALANCING") != 0);
        HOLDS(h, r->n_running == r->n_workers);
        HOLDS(h, running(w, name_of(i)) == r->n_workers);
        wanted += 4;
    }
    for (uint32_t i = 0; i < NAMES && wanted <= NODES * PORTS; i++)
        if (row(w, name_of(i)) != NULL)
            HOLDS(h, strcmp(row(w, name_of(i))->why, "") == 0);
    for (uint32_t i = 0; i < NODES; i++) {
        struct said said;

        sup_fill(&w->sups[i], &said);
        HOLDS(h, !gi_nimbus_news(w->n, &said.m));
    }
}

static uint64_t run(uint64_t seed)
{
    struct history *h = calloc(1, sizeof(*h));
    uint64_t digest;

    h->seed = seed;
    h->rng.at = seed;
    h->w.opts = (gi_nimbus_opts){ 0 };
    world_init(&h->w);
    gi_nimbus_destroy(h->w.n);
    h->w.opts.bad_ms = 15000;
    h->w.opts.move_ms = 2000;
    h->w.opts.by_resources = draw(h, 3) == 0;
    HOLDS(h, world_begin(&h->w) == GALE_OK);
    for (int i = 0; i < STEPS; i++)
        step(h);
    calm(h, 18); /* longer than a slot is bad, and than any wait */
    world_restart(&h->w);
    calm(h, 2);
    observe(h, h->seen);
    digest = h->digest;
    world_fini(&h->w);
    free(h);
    return digest;
}

Test(nimbus_random, nothing_is_lost_doubled_or_moved_in_vain)
{
    const char *only = getenv("GALE_SEED");

    if (only != NULL) {
        run(strtoull(only, NULL, 10));
        return;
    }
    for (uint64_t seed = 1; seed <= HISTORIES; seed++)
        run(seed);
}

Test(nimbus_random, the_same_history_gives_the_same_orders)
{
    for (uint64_t seed = 1; seed <= 100; seed++)
        cr_assert_eq(run(seed), run(seed));
}
