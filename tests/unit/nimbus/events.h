/* What may happen to a cluster, drawn from a seed: supervisors join, die, fall
 * silent and come back; slots go bad; topologies are submitted, rebalanced,
 * killed and removed; and workers live on, or do not. */
#ifndef TESTS_EVENTS_H
#define TESTS_EVENTS_H

#include "clusters.h"

static inline uint32_t draw(gi_rng *r, uint32_t n)
{
    return (uint32_t)gi_rng_below(r, n);
}

static inline void draw_topology(struct world *w, gi_rng *r)
{
    static const char *const ids[] = { "a", "b", "c", "d", "e" };
    uint32_t n = 1 + draw(r, MOST_COMPONENTS);
    char id[32];
    gi_topology *t;

    /* Names whose order is not that of their coming. */
    snprintf(id, sizeof(id), "t%u-%u", draw(r, 10), w->made);
    t = add_topology(w, id, 1 + draw(r, 12));
    t->priority = draw(r, 4);
    t->worker_memory_mb = draw(r, 3) == 0 ? 512 : 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t n_tasks = 1 + draw(r, 20);
        gi_component *c =
            add_component(w, t, ids[i], n_tasks, 1 + draw(r, n_tasks));

        c->cpu = draw(r, 60);
        c->memory_mb = draw(r, 300);
    }
}

static inline void rebalance_any(struct world *w, gi_rng *r, uint32_t i)
{
    gi_topology *t = &w->topologies[i];
    gi_component *c = component_at(w, i, draw(r, t->n_components));

    if (draw(r, 2) == 0)
        t->n_workers = 1 + draw(r, 12);
    else
        c->n_executors = 1 + draw(r, c->n_tasks);
    if (draw(r, 4) == 0)
        c->cpu = draw(r, 60);
}

static inline void change_supervisor(struct world *w, gi_rng *r)
{
    uint32_t i = draw(r, w->c.n_supervisors);
    gi_supervisor *s = &w->supervisors[i];

    switch (draw(r, 8)) {
    case 0:
    case 1:
        s->state = GI_SUPERVISOR_DEAD;
        break;
    case 2:
        s->state = GI_SUPERVISOR_SILENT;
        break;
    case 3:
        if (s->n_slots > 0)
            w->slots[i][draw(r, s->n_slots)].bad ^= true;
        break;
    case 4:
        s->cpu = 100 * (1 + draw(r, 16));
        break;
    default:
        s->state = GI_SUPERVISOR_ALIVE;
    }
}

static inline void draw_event(struct world *w, gi_rng *r)
{
    uint32_t n = w->c.n_topologies, what = draw(r, 10);

    if (w->c.n_supervisors == 0 ||
        (what == 0 && w->c.n_supervisors < MOST_SUPERVISORS)) {
        char id[16];

        snprintf(id, sizeof(id), "s%u-%u", draw(r, 5), w->c.n_supervisors);
        add_supervisor(w, id, draw(r, MOST_SLOTS + 1), 100 * draw(r, 16),
                       512 * draw(r, 16));
    } else if (what < 5) {
        change_supervisor(w, r);
    } else if (what < 7 || n == 0) {
        if (n < MOST_TOPOLOGIES)
            draw_topology(w, r);
    } else if (what < 9) {
        uint32_t i = draw(r, n);

        if (!w->topologies[i].leaving)
            rebalance_any(w, r, i);
    } else {
        uint32_t i = draw(r, n);

        if (w->topologies[i].leaving)
            remove_topology(w, i);
        else
            w->topologies[i].leaving = true;
    }
}

/* Of the workers that were assigned, most live. */
static inline void draw_living(struct world *w, gi_rng *r)
{
    w->c.n_living = 0;
    for (uint32_t i = 0; i < w->c.n_topologies; i++)
        for (uint32_t k = 0; w->now[i] != NULL && k < w->now[i]->n_workers;
             k++) {
            const gi_assigned *a = &w->now[i]->workers[k];

            if (draw(r, 4) > 0 && w->c.n_living < MOST_LIVING)
                w->living[w->c.n_living++] =
                    (gi_living){ w->names[i], a->supervisor, a->port, a->since,
                                 gi_rng_next(r) };
        }
}

#endif
