#include "nimbus/schedule/diff.h"

#include <stdlib.h>
#include <string.h>

static int by_place(const gi_assigned *a, const gi_assigned *b)
{
    int order = strcmp(a->supervisor, b->supervisor);

    if (order != 0)
        return order;
    return a->port == b->port ? 0 : a->port < b->port ? -1 : 1;
}

/* One side of the comparison; an empty one if there is none. */
struct side {
    uint32_t n_workers, n_executors;
    const gi_assigned *workers;
    const gi_executor *executors;
    uint32_t *change; /* [n_workers]: its worker's index among the changes */
};

static struct side side_of(const gi_assignment *a)
{
    struct side s = { 0 };

    if (a != NULL) {
        s.n_workers = a->n_workers;
        s.n_executors = a->n_executors;
        s.workers = a->workers;
        s.executors = a->executors;
    }
    return s;
}

static void add(gi_diff *d, const char *topology, gi_change_kind kind,
                const gi_assigned *w)
{
    d->changes[d->n++] = (gi_change){
        .kind = kind,
        .topology = topology,
        .supervisor = w->supervisor,
        .host = w->host,
        .port = w->port,
        .since = w->since,
    };
}

/* Both sides are in the order of by_place. */
static void compare_workers(gi_diff *d, const char *topology, struct side *was,
                            struct side *is)
{
    uint32_t i = 0, k = 0;

    while (i < was->n_workers || k < is->n_workers) {
        const gi_assigned *v = i < was->n_workers ? &was->workers[i] : NULL;
        const gi_assigned *w = k < is->n_workers ? &is->workers[k] : NULL;
        int order = v == NULL ? 1 : w == NULL ? -1 : by_place(v, w);

        if (order == 0 && v->since == w->since) {
            was->change[i++] = is->change[k++] = d->n;
            add(d, topology, GI_KEEP, w);
            d->changes[d->n - 1].moved = strcmp(v->host, w->host) != 0;
            continue;
        }
        if (order <= 0) {
            was->change[i++] = d->n;
            add(d, topology, GI_STOP, v);
        }
        if (order >= 0) {
            is->change[k++] = d->n;
            add(d, topology, GI_START, w);
        }
    }
}

/* Which of `a`'s executors are not the same in `b`: their number a worker,
 * and with `to`, themselves. */
static void find_new(gi_diff *d, const struct side *a, const struct side *b,
                     bool come, gi_executor *const *to)
{
    uint32_t k = 0;

    for (uint32_t i = 0; i < a->n_executors; i++) {
        const gi_executor *e = &a->executors[i];
        gi_change *c;
        uint32_t *n;

        while (k < b->n_executors &&
               b->executors[k].first_task < e->first_task)
            k++;
        if (e->worker == GI_NOWHERE)
            continue;
        c = &d->changes[a->change[e->worker]];
        if (k < b->n_executors) {
            const gi_executor *f = &b->executors[k];

            if (f->first_task == e->first_task && f->end_task == e->end_task &&
                f->worker != GI_NOWHERE &&
                a->change[e->worker] == b->change[f->worker])
                continue;
        }
        n = come ? &c->n_come : &c->n_go;
        if (to != NULL)
            to[c - d->changes][(come ? 0 : c->n_come) + *n] = *e;
        ++*n;
    }
}

/* First the numbers, so that room can be made for what they count. */
static gale_err compare_executors(gi_diff *d, uint32_t first,
                                  const struct side *was,
                                  const struct side *is)
{
    uint32_t n = d->n - first, sum = 0;
    gi_executor **to = gi_pool_take(&d->pool, d->n, sizeof(gi_executor *));
    gi_executor *room;

    if (to == NULL)
        return GALE_ENOMEM;
    find_new(d, is, was, true, NULL);
    find_new(d, was, is, false, NULL);
    for (uint32_t i = 0; i < n; i++)
        sum += d->changes[first + i].n_come + d->changes[first + i].n_go;
    room = gi_pool_take(&d->pool, sum, sizeof(*room));
    if (room == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = first; i < d->n; i++) {
        gi_change *c = &d->changes[i];

        to[i] = room;
        c->come = room;
        c->go = room + c->n_come;
        room += c->n_come + c->n_go;
        c->n_come = c->n_go = 0;
    }
    find_new(d, is, was, true, to);
    find_new(d, was, is, false, to);
    return GALE_OK;
}

static int by_due(const void *a, const void *b)
{
    const gi_change *x = *(const gi_change *const *)a;
    const gi_change *y = *(const gi_change *const *)b;
    int order = strcmp(x->supervisor, y->supervisor);

    if (order != 0)
        return order;
    if (x->port != y->port)
        return x->port < y->port ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return strcmp(x->topology, y->topology);
}

static gale_err compare(gi_diff *d, const gi_before_after *t)
{
    struct side was = side_of(t->before), is = side_of(t->after);
    uint32_t first = d->n;

    was.change = gi_pool_take(&d->pool, was.n_workers, sizeof(uint32_t));
    is.change = gi_pool_take(&d->pool, is.n_workers, sizeof(uint32_t));
    if (was.change == NULL || is.change == NULL)
        return GALE_ENOMEM;
    compare_workers(d, t->topology, &was, &is);
    return compare_executors(d, first, &was, &is);
}

gale_err gi_diff_init(gi_diff *out, const gi_before_after *topologies,
                      uint32_t n)
{
    gi_diff d = { 0 };
    uint32_t most = 0;
    gale_err err = GALE_OK;

    for (uint32_t i = 0; i < n; i++)
        most += side_of(topologies[i].before).n_workers +
                side_of(topologies[i].after).n_workers;
    d.changes = gi_pool_take(&d.pool, most, sizeof(*d.changes));
    d.due = gi_pool_take(&d.pool, most, sizeof(*d.due));
    d.first = gi_pool_take(&d.pool, (size_t)n + 1, sizeof(*d.first));
    if (d.changes == NULL || d.due == NULL || d.first == NULL)
        err = GALE_ENOMEM;
    for (uint32_t i = 0; i < n && err == GALE_OK; i++) {
        err = compare(&d, &topologies[i]);
        d.first[i + 1] = d.n;
    }
    if (err != GALE_OK) {
        gi_diff_fini(&d);
        return err;
    }
    for (uint32_t i = 0; i < d.n; i++)
        d.due[i] = &d.changes[i];
    if (d.n > 0)
        qsort(d.due, d.n, sizeof(const gi_change *), by_due);
    *out = d;
    return GALE_OK;
}

void gi_diff_fini(gi_diff *d)
{
    gi_pool_fini(&d->pool);
    *d = (gi_diff){ 0 };
}

bool gi_change_concerns_peers(const gi_change *c)
{
    return c->kind != GI_KEEP || c->moved || c->n_come > 0 || c->n_go > 0;
}
