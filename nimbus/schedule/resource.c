/* Who is placed when, and who has to go for it. */
#include <stdlib.h>
#include <string.h>

#include "nimbus/schedule/resource.h"

struct ranked {
    const gi_tenant *t;
};

/* Those that leave, then the important ones. */
static int by_rank(const void *a, const void *b)
{
    const gi_topology *x = ((const struct ranked *)a)->t->of;
    const gi_topology *y = ((const struct ranked *)b)->t->of;

    if (x->leaving != y->leaving)
        return x->leaving ? -1 : 1;
    if (x->priority != y->priority)
        return x->priority < y->priority ? -1 : 1;
    return strcmp(x->id, y->id);
}

static gale_err prepare(gi_resource *r)
{
    gi_board *b = r->b;
    uint32_t executors = 0, components = 0;
    struct ranked *ranks =
        gi_pool_take(&b->pool, b->n_tenants, sizeof(*ranks));

    for (uint32_t i = 0; i < b->n_tenants; i++) {
        const gi_tenant *t = &b->tenants[i];

        if (executors < t->n_executors)
            executors = t->n_executors;
        if (components < t->of->n_components)
            components = t->of->n_components;
    }
    for (uint32_t i = 0; i < b->cluster->n_supervisors; i++) {
        r->cpu += b->cluster->supervisors[i].cpu;
        r->memory += b->cluster->supervisors[i].memory_mb;
    }
    r->order = gi_pool_take(&b->pool, b->n_tenants, sizeof(*r->order));
    r->victims = gi_pool_take(&b->pool, b->n_tenants, sizeof(*r->victims));
    r->pulls = gi_pool_take(&b->pool, b->n_nodes, sizeof(*r->pulls));
    r->queue = gi_pool_take(&b->pool, executors, sizeof(*r->queue));
    r->placed = gi_pool_take(&b->pool, executors, sizeof(*r->placed));
    r->reach = gi_pool_take(&b->pool, components, sizeof(*r->reach));
    r->group = gi_pool_take(&b->pool, components, sizeof(*r->group));
    r->near = gi_pool_take(&b->pool, components, sizeof(*r->near));
    if (ranks == NULL || r->order == NULL || r->victims == NULL ||
        r->pulls == NULL || r->queue == NULL || r->placed == NULL ||
        r->reach == NULL || r->group == NULL || r->near == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < b->n_tenants; i++)
        ranks[i].t = &b->tenants[i];
    if (b->n_tenants > 0)
        qsort(ranks, b->n_tenants, sizeof(*ranks), by_rank);
    for (uint32_t i = 0; i < b->n_tenants; i++)
        r->order[i] = ranks[i].t->no;
    return GALE_OK;
}

/* Those of `t` who are `same` or not: back to their seats, if they fit. */
static void sit_again(gi_resource *r, gi_tenant *t, bool same)
{
    for (uint32_t i = 0; i < t->n_executors; i++) {
        gi_seated *e = &t->executors[i];

        if (e->home != GI_NOWHERE && e->same == same &&
            (t->of->leaving || gi_resource_fits(r, t, e, e->home)))
            gi_resource_sit(r, t, e, e->home);
    }
}

/* Put everybody where they are, as far as there is still room: capacities may
 * have shrunk, and needs have grown.  Executors that are as they were come
 * first: who cuts anew shall not cost others their seats. */
static gale_err seat_all(gi_resource *r)
{
    gi_board *b = r->b;

    for (uint32_t i = 0; i < b->n_tenants; i++) {
        gi_tenant *t = &b->tenants[r->order[i]];
        gale_err err = gi_board_seat(b, t);

        if (err != GALE_OK)
            return err;
        for (uint32_t k = 0; k < t->n_executors; k++)
            t->executors[k].slot = GI_NOWHERE;
        sit_again(r, t, true);
    }
    for (uint32_t i = 0; i < b->n_tenants; i++) {
        gi_tenant *t = &b->tenants[r->order[i]];

        sit_again(r, t, false);
        if (!t->of->leaving)
            gi_resource_tidy(r, t);
    }
    return GALE_OK;
}

static bool sits(const gi_tenant *t)
{
    for (uint32_t i = 0; i < t->n_executors; i++)
        if (t->executors[i].slot != GI_NOWHERE)
            return true;
    return false;
}

static void clear(gi_resource *r, gi_tenant *t)
{
    for (uint32_t i = 0; i < t->n_executors; i++)
        if (t->executors[i].slot != GI_NOWHERE)
            gi_resource_rise(r, t, &t->executors[i]);
    gi_resource_tidy(r, t);
}

static void push_out(gi_resource *r, gi_tenant *t)
{
    for (uint32_t i = 0; i < t->n_executors; i++)
        t->executors[i].aside = t->executors[i].slot;
    clear(r, t);
}

/* Back to where they sat, those who still fit there; true if all do. */
static bool put_back(gi_resource *r, gi_tenant *t)
{
    bool all = true;

    for (uint32_t i = 0; i < t->n_executors; i++) {
        gi_seated *e = &t->executors[i];

        if (e->aside == GI_NOWHERE)
            continue;
        if (gi_resource_fits(r, t, e, e->aside))
            gi_resource_sit(r, t, e, e->aside);
        else
            all = false;
    }
    return all;
}

/* Whoever is less important than `t` and sits somewhere, the least important
 * first. */
static uint32_t find_victims(gi_resource *r, const gi_tenant *t)
{
    uint32_t n = 0;

    for (uint32_t i = r->b->n_tenants; i-- > 0;) {
        const gi_tenant *v = &r->b->tenants[r->order[i]];

        if (v->of->leaving || v->of->priority <= t->of->priority)
            break;
        if (sits(v))
            r->victims[n++] = v->no;
    }
    return n;
}

/* Is there, all in all, as much as those of `t` need who sit nowhere?  If not,
 * there is no need to try. */
static bool might_fit(const gi_resource *r, const gi_tenant *t)
{
    int64_t cpu = 0, memory = 0;

    for (uint32_t i = 0; i < r->b->n_nodes; i++) {
        const gi_seat_node *n = &r->b->nodes[i];

        if (gi_seat_alive(n)) {
            cpu += n->cpu > 0 ? n->cpu : 0;
            memory += n->memory > 0 ? n->memory : 0;
        }
    }
    for (uint32_t i = 0; i < t->n_executors; i++) {
        const gi_seated *e = &t->executors[i];

        if (e->slot == GI_NOWHERE) {
            cpu -= t->of->components[e->component].cpu;
            memory -= t->of->components[e->component].memory_mb;
        }
    }
    return cpu >= 0 && memory >= 0;
}

static bool try_place(gi_resource *r, gi_tenant *t)
{
    return might_fit(r, t) && gi_resource_place(r, t, false) == NULL;
}

/* Make room for `t` and place it.  False, and nothing is changed, if it would
 * not fit with all less important ones gone. */
static bool make_room(gi_resource *r, gi_tenant *t)
{
    gi_tenant *tenants = r->b->tenants;
    uint32_t n = find_victims(r, t), gone = 0;
    bool fits;

    for (uint32_t i = 0; i < n; i++)
        push_out(r, &tenants[r->victims[i]]);
    fits = n > 0 && try_place(r, t);
    if (fits) {
        while (r->n_placed > 0)
            gi_resource_rise(r, t, &t->executors[r->placed[--r->n_placed]]);
        gi_resource_tidy(r, t);
    }
    for (uint32_t i = 0; i < n; i++)
        put_back(r, &tenants[r->victims[i]]);
    if (!fits)
        return false;

    do
        push_out(r, &tenants[r->victims[gone++]]);
    while (!try_place(r, t) && gone < n);
    while (gone-- > 0) {
        gi_tenant *v = &tenants[r->victims[gone]];

        if (put_back(r, v))
            continue;
        clear(r, v);
        v->pushed = true;
        if (v->why.len == 0)
            gi_strbuf_printf(&v->why,
                             "pushed out by '%s' of priority %u: ", t->of->id,
                             t->of->priority);
    }
    return true;
}

static void place(gi_resource *r, gi_tenant *t)
{
    bool runs = sits(t) && !t->pushed;
    const gi_seated *lost;

    if (t->pushed)
        put_back(r, t);
    lost = gi_resource_place(r, t, false);
    if (lost != NULL) {
        gi_strbuf why = t->why;

        t->why = (gi_strbuf){ 0 };
        gi_resource_say(r, t, lost);
        if (make_room(r, t)) {
            gi_strbuf_fini(&t->why);
            t->why = why;
            lost = NULL;
        } else {
            gi_strbuf_add(&why, t->why.at, t->why.len);
            why.failed = why.failed || t->why.failed;
            gi_strbuf_fini(&t->why);
            t->why = why;
        }
    }
    if (lost == NULL) {
        gi_strbuf_fini(&t->why);
        t->why = (gi_strbuf){ 0 };
    } else if (runs) {
        gi_resource_place(r, t, true);
    } else {
        clear(r, t);
    }
}

gale_err gi_schedule_resource(gi_schedule *out, const gi_cluster *c)
{
    gi_board b;
    gi_resource r = { .b = &b };
    gale_err err = gi_board_init(&b, c);

    if (err != GALE_OK)
        return err;
    err = prepare(&r);
    if (err == GALE_OK)
        err = seat_all(&r);
    for (uint32_t i = 0; err == GALE_OK && i < b.n_tenants; i++)
        if (!b.tenants[r.order[i]].of->leaving)
            place(&r, &b.tenants[r.order[i]]);
    if (err == GALE_OK)
        err = gi_board_result(out, &b);
    gi_board_fini(&b);
    return err;
}
