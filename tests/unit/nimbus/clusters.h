/* Clusters for the tests of scheduling: facts that can be changed, rounds in
 * which what was decided becomes what is, and what must always be true. */
#ifndef TESTS_CLUSTERS_H
#define TESTS_CLUSTERS_H

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/mix.h"
#include "nimbus/schedule/schedule.h"

enum {
    MOST_SUPERVISORS = 12,
    MOST_SLOTS = 6,
    MOST_TOPOLOGIES = 8,
    MOST_COMPONENTS = 5,
    MOST_LIVING = MOST_SUPERVISORS * MOST_SLOTS,
    MOST_EXECUTORS = 200,
};

typedef gale_err (*scheduler)(gi_schedule *out, const gi_cluster *c);

struct world {
    gi_supervisor supervisors[MOST_SUPERVISORS];
    char ids[MOST_SUPERVISORS][16], hosts[MOST_SUPERVISORS][24];
    gi_slot slots[MOST_SUPERVISORS][MOST_SLOTS];
    gi_topology topologies[MOST_TOPOLOGIES];
    char names[MOST_TOPOLOGIES][32];
    gi_component components[MOST_TOPOLOGIES][MOST_COMPONENTS];
    gi_talk talks[MOST_TOPOLOGIES][MOST_COMPONENTS];
    gi_assignment *now[MOST_TOPOLOGIES];
    gi_living living[MOST_LIVING];
    gi_cluster c;
    unsigned made; /* topologies, ever */
};

static inline void world_init(struct world *w)
{
    memset(w, 0, sizeof(*w));
    w->c.supervisors = w->supervisors;
    w->c.topologies = w->topologies;
    w->c.living = w->living;
}

static inline gi_supervisor *add_supervisor(struct world *w, const char *id,
                                            uint32_t n_slots, uint32_t cpu,
                                            uint32_t memory_mb)
{
    uint32_t n = w->c.n_supervisors++;
    gi_supervisor *s = &w->supervisors[n];

    cr_assert(n < MOST_SUPERVISORS && n_slots <= MOST_SLOTS);
    snprintf(w->ids[n], sizeof(w->ids[n]), "%s", id);
    snprintf(w->hosts[n], sizeof(w->hosts[n]), "host-%s", id);
    for (uint32_t i = 0; i < n_slots; i++)
        w->slots[n][i] = (gi_slot){ (uint16_t)(6700 + i), false };
    *s = (gi_supervisor){ w->ids[n],          w->hosts[n], n_slots,
                          w->slots[n],        cpu,         memory_mb,
                          GI_SUPERVISOR_ALIVE };
    return s;
}

static inline gi_topology *add_topology(struct world *w, const char *id,
                                        uint32_t n_workers)
{
    uint32_t n = w->c.n_topologies++;
    gi_topology *t = &w->topologies[n];

    cr_assert(n < MOST_TOPOLOGIES);
    snprintf(w->names[n], sizeof(w->names[n]), "%s", id);
    w->now[n] = NULL;
    *t = (gi_topology){ .id = w->names[n],
                        .components = w->components[n],
                        .talks = w->talks[n],
                        .n_workers = n_workers,
                        .priority = 29 };
    w->made++;
    return t;
}

/* One more component, behind those that `t` has; each talks to the next. */
static inline gi_component *add_component(struct world *w, gi_topology *t,
                                          const char *id, uint32_t n_tasks,
                                          uint32_t n_executors)
{
    size_t at = (size_t)(t - w->topologies);
    uint32_t n = t->n_components++;
    gi_component *c = &w->components[at][n];

    cr_assert(n < MOST_COMPONENTS);
    *c = (gi_component){ id, 1, n_tasks, n_executors, 0, 0 };
    if (n > 0) {
        c->first_task = c[-1].first_task + c[-1].n_tasks;
        w->talks[at][t->n_talks++] = (gi_talk){ n - 1, n };
    }
    return c;
}

static inline gi_component *component_at(struct world *w, uint32_t topology,
                                         uint32_t component)
{
    return &w->components[topology][component];
}

/* Decide; what was decided is what is. */
static inline void settle(struct world *w, scheduler schedule)
{
    gi_schedule s;

    cr_assert_eq(schedule(&s, &w->c), GALE_OK);
    for (uint32_t i = 0; i < s.n; i++) {
        gi_assignment_destroy(w->now[i]);
        w->topologies[i].now = w->now[i] = s.of[i];
        s.of[i] = NULL;
    }
    gi_schedule_fini(&s);
}

static inline void remove_topology(struct world *w, uint32_t i)
{
    uint32_t last = --w->c.n_topologies;

    gi_assignment_destroy(w->now[i]);
    w->now[i] = w->now[last];
    w->topologies[i] = w->topologies[last];
    memcpy(w->names[i], w->names[last], sizeof(w->names[i]));
    memcpy(w->components[i], w->components[last], sizeof(w->components[i]));
    memcpy(w->talks[i], w->talks[last], sizeof(w->talks[i]));
    w->topologies[i].id = w->names[i];
    w->topologies[i].components = w->components[i];
    w->topologies[i].talks = w->talks[i];
}

static inline void world_fini(struct world *w)
{
    while (w->c.n_topologies > 0)
        remove_topology(w, 0);
}

static inline uint32_t executors_on(const gi_assignment *a, uint32_t worker)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < a->n_executors; i++)
        n += a->executors[i].worker == worker;
    return n;
}

/* Executors of each worker, in rising order, such as "2 2 3". */
static inline const char *spread_of(const gi_assignment *a)
{
    static char text[256];
    size_t at = 0;

    text[0] = '\0';
    for (uint32_t n = 0; n <= a->n_executors; n++)
        for (uint32_t i = 0; i < a->n_workers; i++)
            if (executors_on(a, i) == n)
                at += (size_t)snprintf(text + at, sizeof(text) - at,
                                       at == 0 ? "%u" : " %u", n);
    return text;
}

/* The worker of an executor as "a:6700", or "-". */
static inline const char *seat_of(const gi_assignment *a, uint32_t executor)
{
    static char text[64];
    uint32_t worker = a->executors[executor].worker;

    if (worker == GI_NOWHERE)
        return "-";
    snprintf(text, sizeof(text), "%s:%u", a->workers[worker].supervisor,
             a->workers[worker].port);
    return text;
}

/* Executors of `b` that are in another worker than in `a`, which has them
 * too. */
static inline uint32_t moves(const gi_assignment *a, const gi_assignment *b)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < a->n_executors; i++)
        for (uint32_t k = 0; k < b->n_executors; k++) {
            const gi_executor *e = &a->executors[i], *f = &b->executors[k];

            if (e->first_task != f->first_task || e->end_task != f->end_task ||
                e->worker == GI_NOWHERE)
                continue;
            if (f->worker == GI_NOWHERE ||
                a->workers[e->worker].port != b->workers[f->worker].port ||
                a->workers[e->worker].since != b->workers[f->worker].since ||
                strcmp(a->workers[e->worker].supervisor,
                       b->workers[f->worker].supervisor) != 0)
                n++;
        }
    return n;
}

#endif
