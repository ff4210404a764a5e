/* route.c -- which tasks get a tuple, and writing it for each of them. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "worker/loop.h"

/* ------------------------------------------------------------ choosing -- */

/* Equal values hash alike on every machine, so equal keys meet in one task.
 * Minus zero is zero, and all NaNs are one. */
static uint64_t hash_value(const gale_value *v, uint64_t seed)
{
    int64_t word = v->as.i;

    if (gi_type_has_bytes(v->type))
        return XXH3_64bits_withSeed(v->as.p, v->len, seed ^ v->type);
    if (v->type == GALE_T_BOOL)
        word = v->as.b;
    else if (v->type == GALE_T_NIL)
        word = 0;
    else if (v->type == GALE_T_F64 && v->as.f == 0)
        word = 0;
    else if (v->type == GALE_T_F64 && v->as.f != v->as.f)
        word = INT64_C(0x7ff8000000000000);
    return XXH3_64bits_withSeed(&word, sizeof(word), seed ^ v->type);
}

static inline uint64_t hash_keys(const gi_edge *e, gale_row row)
{
    uint64_t h = 0;

    for (uint32_t i = 0; i < e->n_keys; i++)
        h = hash_value(&row.values[e->keys[i]], h);
    return h;
}

/* 0 .. n-1 from the high bits of a hash; the low ones are left to tables. */
static inline uint32_t spread(uint64_t hash, uint32_t n)
{
    return (uint32_t)(((hash >> 32) * n) >> 32);
}

static inline uint32_t pick_shuffle(gi_route *r)
{
    uint32_t i = r->next;

    r->next = i + 1 == r->n ? 0 : i + 1;
    return r->first + i;
}

/* Nasir et al., "The power of both choices", ICDE 2015: two candidates a key,
 * the one that this task used less. */
static uint32_t pick_partial(gi_route *r, gale_row row)
{
    uint64_t h = hash_keys(r->edge, row);
    uint32_t a = spread(h, r->n);
    uint32_t b = spread(gi_mix64(h), r->n);

    if (r->sent[b] < r->sent[a])
        a = b;
    r->sent[a]++;
    return r->first + a;
}

/* ------------------------------------------------------------- writing -- */

struct sending {
    gale_task *t;
    const gi_stream *stream;
    gale_row row;
    const gi_anchor *anchor;
    uint32_t need;
    uint32_t n_more;
    gi_sent_to sent_to;
    size_t n;
    bool lost;
};

static void write_links(gi_loop *l, gale_tuple *w, const gi_anchor *a)
{
    gi_link *more = gi_tuple_links(w);

    w->link = (gi_link){ a->roots[0], 0 };
    for (uint32_t i = 1; i < a->n_roots; i++)
        more[i - 1] = (gi_link){ a->roots[i], 0 };
    for (uint32_t p = 0; p < a->n_parts; p++) {
        const gi_part *part = &a->parts[p];
        uint64_t id = gi_edge_id(l);

        *part->made ^= id;
        for (uint32_t i = 0; i < part->n; i++) {
            uint32_t root = part->root == NULL ? i : part->root[i];

            if (root == 0)
                w->link.edge ^= id;
            else
                more[root - 1].edge ^= id;
        }
    }
}

/* One copy, to one task. */
static inline void send_to(struct sending *s, uint32_t to, bool inner)
{
    gi_loop *l = s->t->loop;
    gale_tuple *w = gi_claim(l, to, inner, s->need, s->t->epoch);

    if (__builtin_expect(w == NULL, 0)) {
        s->lost = true;
        return;
    }
    w->stream = (uint16_t)s->stream->no;
    w->task = s->t->id;
    gi_tuple_fill(w, s->row, s->n_more);

    const gi_anchor *a = s->anchor;
    if (a == NULL) {
        w->link = (gi_link){ 0, 0 };
    } else if (__builtin_expect(a->n_roots == 1 && a->n_parts == 1, 1)) {
        w->link = (gi_link){ a->roots[0], gi_edge_id(l) };
        *a->parts[0].made ^= w->link.edge;
    } else {
        write_links(l, w, a);
    }
    if (s->n < s->sent_to.cap)
        s->sent_to.at[s->n] = to;
    s->n++;
}

static void send_custom(struct sending *s, gi_route *r)
{
    const gi_edge *e = r->edge;
    size_t n = e->chooser.choose(r->chooser_self, s->row, r->chosen);
    const char *reader = s->t->loop->w->plan->comps[e->to].id;

    if (n > r->n)
        gi_bug("the custom grouping of '%s' chose %zu tasks of '%s', which "
               "has %u",
               s->t->comp->id, n, reader, r->n);
    for (size_t i = 0; i < n; i++) {
        if (r->chosen[i] - r->first >= r->n)
            gi_bug("the custom grouping of '%s' chose task %u, which is not "
                   "one of '%s' (%u to %u)",
                   s->t->comp->id, r->chosen[i], reader, r->first,
                   r->first + r->n - 1);
        send_to(s, r->chosen[i], e->inner);
    }
}

static inline void send_route(struct sending *s, gi_route *r, uint32_t direct)
{
    const gi_edge *e = r->edge;

    switch (e->how) {
    case GALE_GROUP_SHUFFLE:
    case GALE_GROUP_NONE:
    case GALE_GROUP_LOCAL: /* one worker: every task is local */
        send_to(s, pick_shuffle(r), e->inner);
        break;
    case GALE_GROUP_FIELDS:
        send_to(s, r->first + spread(hash_keys(e, s->row), r->n), e->inner);
        break;
    case GALE_GROUP_PARTIAL_KEY:
        send_to(s, pick_partial(r, s->row), e->inner);
        break;
    case GALE_GROUP_ALL:
        for (uint32_t i = 0; i < r->n; i++)
            send_to(s, r->first + i, e->inner);
        break;
    case GALE_GROUP_GLOBAL:
        send_to(s, r->first, e->inner);
        break;
    case GALE_GROUP_DIRECT:
        if (direct - r->first < r->n)
            send_to(s, direct, e->inner);
        break;
    case GALE_GROUP_CUSTOM:
        send_custom(s, r);
        break;
    }
}

size_t gi_send(gale_task *t, gi_out *out, gale_row row, uint32_t direct_task,
               const gi_anchor *anchor, gi_sent_to sent_to, bool *lost)
{
    uint32_t n_more = anchor == NULL ? 0 : anchor->n_roots - 1;
    uint64_t need = gi_tuple_need(row, n_more);
    const gi_stream *stream = out->stream;

    if (__builtin_expect(need > t->loop->w->plan->set.tuple_max_bytes, 0))
        gi_bug("'%s' emits a tuple of %llu bytes on stream '%s'; "
               "topology.tuple.max.bytes is %u",
               t->comp->id, (unsigned long long)need, stream->name,
               t->loop->w->plan->set.tuple_max_bytes);
    struct sending s = { .t = t,
                         .stream = stream,
                         .row = row,
                         .anchor = anchor,
                         .need = (uint32_t)need,
                         .n_more = n_more,
                         .sent_to = sent_to };
    for (uint32_t i = 0; i < stream->n_edges; i++)
        send_route(&s, &out->routes[i], direct_task);
    gi_count(&t->count.transferred, s.n);
    if (s.lost)
        *lost = true;
    return s.n;
}

/* -------------------------------------------------------------- making -- */

static gale_err make_route(gale_task *t, gi_route *r, const gi_edge *e)
{
    const gi_comp *to = &t->loop->w->plan->comps[e->to];

    r->edge = e;
    r->first = to->first_task;
    r->n = to->n_tasks;
    r->next = (uint32_t)gi_rng_below(&t->rng, r->n);
    if (e->how == GALE_GROUP_PARTIAL_KEY) {
        r->sent = gi_calloc(r->n, sizeof(*r->sent));
        return r->sent == NULL ? GALE_ENOMEM : GALE_OK;
    }
    if (e->how != GALE_GROUP_CUSTOM)
        return GALE_OK;

    r->chosen = gi_calloc(r->n, sizeof(*r->chosen));
    r->chooser_self =
        gi_alloc(e->chooser.state_size == 0 ? 1 : e->chooser.state_size);
    if (r->chosen == NULL || r->chooser_self == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < r->n; i++)
        r->chosen[i] = r->first + i;
    if (e->chooser.prepare != NULL)
        e->chooser.prepare(r->chooser_self, r->chosen, r->n);
    return GALE_OK;
}

gale_err gi_routes_make(gale_task *t)
{
    const gi_plan *p = t->loop->w->plan;
    const gi_comp *c = t->comp;

    t->out = gi_calloc(c->n_streams == 0 ? 1 : c->n_streams, sizeof(*t->out));
    if (t->out == NULL)
        return GALE_ENOMEM;
    for (uint32_t i = 0; i < c->n_streams; i++) {
        const gi_stream *s = &p->streams[c->first_stream + i];

        t->out[i].stream = s;
        if (s->n_edges == 0)
            continue;
        t->out[i].routes = gi_calloc(s->n_edges, sizeof(gi_route));
        if (t->out[i].routes == NULL)
            return GALE_ENOMEM;
        for (uint32_t k = 0; k < s->n_edges; k++) {
            gale_err rv = make_route(t, &t->out[i].routes[k], &s->edges[k]);
            if (rv != GALE_OK)
                return rv;
        }
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
        }
        gi_free(out->routes);
    }
    gi_free(t->out);
    t->out = NULL;
}
