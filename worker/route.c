/* route.c -- the routes of a task: how each of its streams reaches those who
 * read it.
 */
#include "worker/fused.h"

enum { ON_LOOP, IN_WORKER, FAR };

static int distance(const gale_task *t, uint32_t task)
{
    const gi_worker *w = t->loop->w;

    if (gi_task_is_far(w, task))
        return FAR;
    return w->loop_of[task - 1] == t->loop->no ? ON_LOOP : IN_WORKER;
}

/* Add those from `near` to `far` away. */
static void add_tasks(gale_task *t, gi_route *r, int near, int far)
{
    for (uint32_t task = r->first; task < r->first + r->n; task++)
        if (distance(t, task) >= near && distance(t, task) <= far)
            r->tasks[r->n_tasks++] = task;
}

/* May all of it go to this loop or to any other, as suits us? */
static bool has_scopes(const gale_task *t, const gi_route *r)
{
    const gi_worker *w = t->loop->w;

    if (!w->plan->set.load_aware || r->inner ||
        (w->has_port && r->how == GALE_GROUP_LOCAL))
        return false;
    for (uint32_t i = 0; i < r->n; i++)
        if (gi_task_is_far(w, r->first + i))
            return false;
    return true;
}

/* For LOCAL those in this worker, if there are some; else all. */
static gale_err list_tasks(gale_task *t, gi_route *r)
{
    r->tasks = gi_alloc_apart(r->n * sizeof(*r->tasks));
    if (r->tasks == NULL)
        return GALE_ENOMEM;
    if (has_scopes(t, r)) {
        add_tasks(t, r, ON_LOOP, ON_LOOP);
        r->n_loop = r->n_tasks;
        add_tasks(t, r, IN_WORKER, IN_WORKER);
        if (r->n_loop == r->n_tasks)
            r->n_loop = 0;
    } else if (r->how == GALE_GROUP_LOCAL) {
        add_tasks(t, r, ON_LOOP, IN_WORKER);
    }
    if (r->n_tasks == 0)
        add_tasks(t, r, ON_LOOP, FAR);
    r->next %= r->n_tasks;
    r->end = r->n_tasks;
    return GALE_OK;
}

static gale_err make_route(gale_task *t, gi_route *r, const gi_edge *e)
{
    const gi_comp *to = &t->loop->w->plan->comps[e->to];

    r->edge = e;
    r->how = (uint8_t)e->how;
    r->inner = e->inner;
    r->one_key = e->how == GALE_GROUP_FIELDS && e->n_keys == 1;
    r->key = r->one_key ? e->keys[0] : 0;
    r->first = to->first_task;
    r->n = to->n_tasks;
    r->end = r->n;
    r->next = (uint32_t)gi_rng_below(&t->rng, r->n);
    if (e->how == GALE_GROUP_PARTIAL_KEY) {
        r->sent = gi_alloc_apart(r->n * sizeof(*r->sent));
        return r->sent == NULL ? GALE_ENOMEM : GALE_OK;
    }
    if (e->how == GALE_GROUP_SHUFFLE || e->how == GALE_GROUP_NONE ||
        e->how == GALE_GROUP_LOCAL)
        return list_tasks(t, r);
    if (e->how != GALE_GROUP_CUSTOM)
        return GALE_OK;

    /* The second half is the list of tasks, which the chooser may keep. */
    r->chosen = gi_calloc((size_t)r->n * 2, sizeof(*r->chosen));
    r->chooser_self = gi_alloc_apart(e->chooser.state_size);
    if (r->chosen == NULL || r->chooser_self == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < r->n; i++)
        r->chosen[r->n + i] = r->first + i;
    if (e->chooser.prepare != NULL)
        e->chooser.prepare(r->chooser_self, r->chosen + r->n, r->n);
    return GALE_OK;
}

/* May a reader be called from within its emits?  What can is not plain. */
static bool find_fused(const gale_task *t, const gi_out *out)
{
    for (uint32_t i = 0; i < out->n_routes; i++)
        for (uint32_t k = 0; k < out->routes[i].n; k++)
            if (gi_fused_may(t, out->routes[i].first + k))
                return true;
    return false;
}

/* Does every route choose exactly one task, and can every value be checked by
 * its type alone? */
static void find_plain(gi_out *out)
{
    const gi_stream *s = out->stream;

    if (s->n_fields > GI_PLAIN_FIELDS || out->n_routes == 0 || out->fused)
        return;
    for (uint32_t i = 0; i < out->n_routes; i++)
        if (out->routes[i].how == GALE_GROUP_ALL ||
            out->routes[i].how == GALE_GROUP_DIRECT ||
            out->routes[i].how == GALE_GROUP_CUSTOM)
            return;
    for (uint32_t i = 0; i < s->n_fields; i++) {
        if (s->fields[i].type == GALE_T_ANY ||
            s->fields[i].type >= GALE_T_LIST)
            return;
        out->type[i] = (uint8_t)s->fields[i].type;
        out->bytes |= gi_type_has_bytes(out->type[i]);
    }
    out->n_fields = (uint16_t)s->n_fields;
    out->plain = true;
}

gale_err gi_routes_make(gale_task *t)
{
    const gi_plan *p = t->loop->w->plan;
    const gi_comp *c = t->comp;

    t->out = gi_alloc_apart(c->n_streams * sizeof(*t->out));
    if (t->out == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < c->n_streams; i++) {
        const gi_stream *s = &p->streams[c->first_stream + i];

        t->out[i].stream = s;
        t->out[i].stream_no = s->no;
        t->out[i].max = t->loop->tuple_max;
        t->out[i].fixed =
            (uint32_t)(sizeof(gale_tuple) + s->n_fields * sizeof(gale_value));
        if (s->n_edges == 0)
            continue;
        t->out[i].routes = gi_alloc_apart(s->n_edges * sizeof(gi_route));
        if (t->out[i].routes == NULL)
            return GALE_ENOMEM;
        for (uint32_t k = 0; k < s->n_edges; k++) {
            gale_err rv = make_route(t, &t->out[i].routes[k], &s->edges[k]);
            if (rv != GALE_OK)
                return rv;
        }
        t->out[i].n_routes = s->n_edges;
    }
    for (uint32_t i = 0; i < c->n_streams; i++) {
        t->out[i].fused = find_fused(t, &t->out[i]);
        find_plain(&t->out[i]);
    }
    return GALE_OK;
}

void gi_routes_drop(gale_task *t)
{
    if (t->out == NULL)
        return;
    for (uint32_t i = 0; i < t->comp->n_streams; i++) {
        gi_out *out = &t->out[i];

        for (uint32_t k = 0; out->routes && k < out->stream->n_edges; k++) {
            gi_free(out->routes[k].sent);
            gi_free(out->routes[k].chooser_self);
            gi_free(out->routes[k].chosen);
            gi_free(out->routes[k].tasks);
        }
        gi_free(out->routes);
    }
    gi_free(t->out);
    t->out = NULL;
}
