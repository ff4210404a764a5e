/* From what Nimbus knows to the facts of cluster.h, and back.
 *
 * A program runs on one type of machine, and a supervisor is of one, so each
 * type is a cluster of its own.  Supervisors of which only the store knows
 * could be of any: nothing is put there, and what is there stays. */
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "base/mem.h"
#include "nimbus/nimbus_decide.h"
#include "nimbus/schedule/schedule.h"

/* One type of machine. */
struct group {
    gi_decision *d;
    const char *machine;
    gi_topo **topologies; /* that are for it */
    gi_cluster c;
    gi_pool pool;
};

static bool add_supervisor(struct group *g, const gi_seen *s,
                           gi_supervisor *to)
{
    gi_slot *slots = gi_pool_take(&g->pool, s->n_ports, sizeof(*slots));

    if (slots == NULL)
        return false;
    for (uint32_t i = 0; i < s->n_ports; i++)
        slots[i] = (gi_slot){ s->ports[i].port, s->ports[i].bad_until_ms > 0 };
    *to = (gi_supervisor){
        .id = s->id,
        .host = s->host,
        .n_slots = s->n_ports,
        .slots = slots,
        /* Enough for whoever is there. */
        .cpu = s->told == NULL ? INT32_MAX : (uint32_t)s->told->m.cpu,
        .memory_mb =
            s->told == NULL ? INT32_MAX : (uint32_t)s->told->m.memory_mb,
        .state = s->state,
    };
    return true;
}

static gale_err add_supervisors(struct group *g)
{
    const gi_nimbus *n = g->d->n;
    gi_supervisor *all = gi_pool_take(&g->pool, n->n_seen, sizeof(*all));
    uint32_t k = 0;

    if (all == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < n->n_seen; i++) {
        const gi_seen *s = n->seen[i];

        if (s->told != NULL && strcmp(s->told->m.machine, g->machine) != 0)
            continue;
        if (!add_supervisor(g, s, &all[k++]))
            return GALE_ENOMEM;
    }
    g->c.supervisors = all;
    g->c.n_supervisors = k;
    return GALE_OK;
}

static gale_err add_topologies(struct group *g, gi_topo **all, uint32_t n)
{
    gi_topology *topologies = gi_pool_take(&g->pool, n, sizeof(*topologies));
    uint32_t k = 0;

    g->topologies = gi_pool_take(&g->pool, n, sizeof(gi_topo *));
    if (topologies == NULL || g->topologies == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        const gi_kept *kept = gi_decision_see(g->d, all[i]);

        if (kept == NULL || kept->life.status == GI_STATUS_GONE ||
            strcmp(kept->m.machine, g->machine) != 0)
            continue;
        g->topologies[k] = all[i];
        topologies[k++] = (gi_topology){
            .id = kept->m.id,
            .n_components = kept->m.n_components,
            .components = kept->components,
            .n_talks = kept->m.n_talks,
            .talks = kept->talks,
            .n_workers = (uint32_t)kept->m.workers,
            .worker_memory_mb = (uint32_t)kept->m.worker_memory_mb,
            .priority = (uint32_t)kept->m.priority,
            .leaving = kept->life.status == GI_STATUS_KILLED,
            .spread = gi_decision_spreads(g->d, all[i]),
            .now = kept->now,
        };
    }
    g->c.topologies = topologies;
    g->c.n_topologies = k;
    return GALE_OK;
}

/* "no supervisor is alive" is not the whole truth if there are others. */
static bool say_machine(const struct group *g, gi_assignment *a)
{
    const gi_nimbus *n = g->d->n;
    bool alive = false;
    char text[96];

    if (a->why == NULL)
        return true;
    for (uint32_t i = 0; i < n->n_seen; i++) {
        if (n->seen[i]->state != GI_SUPERVISOR_ALIVE)
            continue;
        if (strcmp(n->seen[i]->told->m.machine, g->machine) == 0)
            return true;
        alive = true;
    }
    if (!alive)
        return true;
    snprintf(text, sizeof(text), "no supervisor of type '%.*s' is alive",
             GI_MACHINE_MOST, g->machine);
    a->why = gi_assignment_keep(a, text);
    return a->why != NULL;
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a == NULL ? "" : a, b == NULL ? "" : b) == 0;
}

/* Take over what is new. */
static gale_err take_over(struct group *g, gi_schedule *s)
{
    for (uint32_t i = 0; i < s->n; i++) {
        const gi_topology *t = &g->c.topologies[i];
        gi_kept *kept;
        gale_err e;

        if (t->leaving)
            continue;
        if (!say_machine(g, s->of[i]))
            return GALE_ENOMEM;
        if (t->now != NULL && t->now->version == s->of[i]->version &&
            same_text(t->now->why, s->of[i]->why))
            continue;
        e = gi_decision_change(g->d, g->topologies[i], false, &kept);
        if (e != GALE_OK)
            return e;
        gi_assignment_destroy(kept->now);
        kept->now = s->of[i];
        s->of[i] = NULL;
    }
    return GALE_OK;
}

static gale_err place_group(gi_decision *d, const char *machine, gi_topo **all,
                            uint32_t n_all)
{
    struct group g = { .d = d, .machine = machine };
    gi_schedule s = { 0 };
    gale_err e = add_supervisors(&g);

    if (e == GALE_OK)
        e = add_topologies(&g, all, n_all);
    if (e == GALE_OK)
        e = d->n->opts.by_resources ? gi_schedule_resource(&s, &g.c)
                                    : gi_schedule_even(&s, &g.c);
    if (e == GALE_OK)
        e = take_over(&g, &s);
    gi_schedule_fini(&s);
    gi_pool_fini(&g.pool);
    return e;
}

/* Is it the first of its machine? */
static bool first_of(const gi_decision *d, gi_topo **all, uint32_t i)
{
    const gi_kept *a = gi_decision_see(d, all[i]);

    for (uint32_t k = 0; a != NULL && k < i; k++) {
        const gi_kept *b = gi_decision_see(d, all[k]);

        if (b != NULL && strcmp(a->m.machine, b->m.machine) == 0)
            return false;
    }
    return a != NULL;
}

gale_err gi_nimbus_place(gi_decision *d, gale_diag *why)
{
    const gi_nimbus *n = d->n;
    uint32_t most = n->n_topologies + d->n_fates, k = 0;
    gi_topo **all = gi_calloc((size_t)most + 1, sizeof(gi_topo *));
    gale_err e = all == NULL ? GALE_ENOMEM : GALE_OK;

    if (e == GALE_OK) {
        for (uint32_t i = 0; i < n->n_topologies; i++)
            all[k++] = n->topologies[i];
        for (uint32_t i = 0; i < d->n_fates; i++)
            if (d->fates[i].fresh)
                all[k++] = d->fates[i].of;
    }
    for (uint32_t i = 0; i < k && e == GALE_OK; i++)
        if (first_of(d, all, i)) {
            /* A copy of the topology may come in its place meanwhile. */
            char machine[64];

            snprintf(machine, sizeof(machine), "%s",
                     gi_decision_see(d, all[i])->m.machine);
            e = place_group(d, machine, all, k);
        }
    gi_free(all);
    d->scheduled = e == GALE_OK;
    if (e == GALE_EINVAL)
        gi_diag_say(why,
                    "it cannot be scheduled: what is known of the cluster "
                    "contradicts itself");
    return e;
}
