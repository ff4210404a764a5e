#include "nimbus/schedule/cluster.h"

#include <string.h>

void gi_component_executor(const gi_component *c, uint32_t k, uint32_t *first,
                           uint32_t *end)
{
    uint32_t each = c->n_tasks / c->n_executors;
    uint32_t more = c->n_tasks % c->n_executors;

    *first = c->first_task + k * each + (k < more ? k : more);
    *end = *first + each + (k < more ? 1 : 0);
}

uint32_t gi_topology_executors(const gi_topology *t)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < t->n_components; i++)
        n += t->components[i].n_executors;
    return n;
}

gi_assignment *gi_assignment_create(uint32_t n_workers, uint32_t n_executors)
{
    gi_pool pool = { 0 };
    gi_assignment *a = gi_pool_take(&pool, 1, sizeof(*a));
    gi_assigned *workers = gi_pool_take(&pool, n_workers, sizeof(*workers));
    gi_executor *executors =
        gi_pool_take(&pool, n_executors, sizeof(*executors));

    if (a == NULL || workers == NULL || executors == NULL) {
        gi_pool_fini(&pool);
        return NULL;
    }
    a->n_workers = n_workers;
    a->workers = workers;
    a->n_executors = n_executors;
    a->executors = executors;
    a->pool = pool;
    return a;
}

const char *gi_assignment_keep(gi_assignment *a, const char *s)
{
    size_t n = strlen(s) + 1;
    char *copy = gi_pool_take(&a->pool, n, 1);

    return copy == NULL ? NULL : memcpy(copy, s, n);
}

static bool keep_worker(gi_assignment *a, uint32_t i, const gi_assigned *w)
{
    a->workers[i] = *w;
    a->workers[i].supervisor = gi_assignment_keep(a, w->supervisor);
    a->workers[i].host = gi_assignment_keep(a, w->host);
    return a->workers[i].supervisor != NULL && a->workers[i].host != NULL;
}

gi_assignment *gi_assignment_copy(const gi_assignment *from)
{
    gi_assignment *a =
        gi_assignment_create(from->n_workers, from->n_executors);
    bool kept = a != NULL;

    for (uint32_t i = 0; kept && i < from->n_workers; i++)
        kept = keep_worker(a, i, &from->workers[i]);
    if (kept && from->why != NULL)
        kept = (a->why = gi_assignment_keep(a, from->why)) != NULL;
    if (!kept) {
        gi_assignment_destroy(a);
        return NULL;
    }
    a->version = from->version;
    if (from->n_executors > 0)
        memcpy(a->executors, from->executors,
               from->n_executors * sizeof(*a->executors));
    return a;
}

void gi_assignment_destroy(gi_assignment *a)
{
    if (a == NULL)
        return;

    gi_pool pool = a->pool; /* it lies in its own memory */

    gi_pool_fini(&pool);
}

bool gi_assignment_valid(const gi_assignment *a)
{
    uint32_t next = 0;

    for (uint32_t i = 0; i < a->n_workers; i++) {
        const gi_assigned *w = &a->workers[i];
        int order = i == 0 ? 1 : strcmp(w->supervisor, w[-1].supervisor);

        if (order < 0 || (order == 0 && w->port <= w[-1].port) ||
            w->since == 0 || w->since > a->version)
            return false;
    }
    for (uint32_t i = 0; i < a->n_executors; i++) {
        const gi_executor *e = &a->executors[i];

        if (e->first_task < next || e->end_task <= e->first_task ||
            (e->worker != GI_NOWHERE && e->worker >= a->n_workers))
            return false;
        next = e->end_task;
    }
    return true;
}

bool gi_assignment_same(const gi_assignment *a, const gi_assignment *b)
{
    if (a->n_workers != b->n_workers || a->n_executors != b->n_executors)
        return false;
    for (uint32_t i = 0; i < a->n_workers; i++) {
        const gi_assigned *v = &a->workers[i], *w = &b->workers[i];

        if (v->port != w->port || v->since != w->since ||
            strcmp(v->supervisor, w->supervisor) != 0 ||
            strcmp(v->host, w->host) != 0)
            return false;
    }
    for (uint32_t i = 0; i < a->n_executors; i++) {
        const gi_executor *e = &a->executors[i], *f = &b->executors[i];

        if (e->first_task != f->first_task || e->end_task != f->end_task ||
            e->worker != f->worker)
            return false;
    }
    return true;
}
