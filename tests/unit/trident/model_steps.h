/* model_steps.h -- the steps of random definitions, each with what it does to
 * the rows of the model. */
#ifndef TEST_TRIDENT_MODEL_STEPS_H
#define TEST_TRIDENT_MODEL_STEPS_H

#include "model_states.h"

static void step_source(void)
{
    bool is_opaque = below(3) == 0;
    char id[16];
    stream to;

    snprintf(id, sizeof(id), "s%u", n_names++);
    to = made(gale_new_stream(t, id, spout_of(n_sources, is_opaque)), 2);
    to.family = families[n_sources] = n_sources;
    n_sources++;
    has_opaque = has_opaque || is_opaque;
    strcpy(to.names[0], "b");
    strcpy(to.names[1], "k");
    for (int64_t b = 1; b <= BATCHES; b++)
        for (int64_t k = 0; b != EMPTY && k < ROWS; k++)
            put(&to.b[b - 1], (const int64_t[WIDE]){ b, k });
    keep(&to);
}

static void step_each(const stream *s)
{
    stream to = *s;
    uint32_t slot = below(s->wide);

    if (s->wide == WIDE)
        return;
    to.s = gale_each(s->s, names(s, &slot, 1),
                     function(&to, s->wide, 1, times_three));
    to.wide++;
    for (int b = 0; b < BATCHES; b++)
        for (uint32_t i = 0; i < to.b[b].n; i++) {
            int64_t *v = to.b[b].v[i];

            v[s->wide] = v[slot] == NIL ? -1 : v[slot] * 3 + 1;
        }
    keep(&to);
}

static void step_where(const stream *s)
{
    stream to = *s;
    uint32_t slot = below(s->wide);

    to.s = gale_where(s->s, names(s, &slot, 1), &even);
    for (int b = 0; b < BATCHES; b++) {
        to.b[b].n = 0;
        for (uint32_t i = 0; i < s->b[b].n; i++)
            if (s->b[b].v[i][slot] != NIL && s->b[b].v[i][slot] % 2 == 0)
                put(&to.b[b], s->b[b].v[i]);
    }
    keep(&to);
}

/* So many fields of it under new names, or under their own. */
static stream some(const stream *s, uint32_t n, bool fresh)
{
    uint32_t slots[WIDE], first = below(s->wide);
    stream to = { .family = s->family, .wide = n };

    for (uint32_t i = 0; i < n; i++)
        slots[i] = (first + i) % s->wide;
    if (fresh) {
        const gale_function *f = function(&to, 0, n, as_it_is);

        to.s = gale_map_rows(s->s, names(s, slots, n), f);
    } else {
        to.s = gale_project(s->s, names(s, slots, n));
        for (uint32_t i = 0; i < n; i++)
            strcpy(to.names[i], s->names[slots[i]]);
    }
    for (int b = 0; b < BATCHES; b++)
        for (uint32_t i = 0; i < s->b[b].n; i++) {
            int64_t v[WIDE] = { 0 };

            for (uint32_t k = 0; k < n; k++)
                v[k] = s->b[b].v[i][slots[k]];
            put(&to.b[b], v);
        }
    return to;
}

static void step_route(const stream *s)
{
    stream to = *s;
    uint32_t slot = below(s->wide);

    switch (below(7)) {
    case 0:
        to.s = gale_shuffle(s->s);
        break;
    case 1:
        to.s = gale_local_or_shuffle(s->s);
        break;
    case 2:
        to.s = gale_global(s->s);
        break;
    case 3:
        to.s = gale_batch_global(s->s);
        break;
    default:
        to.s = gale_partition_by(s->s, names(s, &slot, 1));
        break;
    }
    gale_parallelism(to.s, 1 + below(5));
    keep(&to);
}

/* Batches that come behind the last have a row here, too, so there must be
 * none. */
static void step_fold(const stream *s)
{
    uint32_t slot = below(s->wide), how = below(3);
    stream to = { .family = s->family, .wide = 1 };
    const gale_fold *f = fold(s, slot, how, to.names[0]);

    if (has_opaque)
        return;
    to.s = gale_aggregate(s->s, f);
    gale_parallelism(to.s, 1 + below(4));
    for (int b = 0; b < BATCHES; b++) {
        int64_t v[WIDE] = { 0 };

        for (uint32_t i = 0; i < s->b[b].n; i++)
            v[0] += worth(s->b[b].v[i], slot, how);
        put(&to.b[b], v);
    }
    keep(&to);
}

static void step_merge(const stream *a, const stream *c)
{
    stream l = some(a, 1, false), r = some(c, 1, true), to = l;

    to.s = gale_merge(l.s, r.s);
    meet(&l, &r, to.s);
    for (int b = 0; b < BATCHES; b++)
        for (uint32_t i = 0; i < r.b[b].n; i++)
            put(&to.b[b], r.b[b].v[i]);
    keep(&to);
}

/* Rows of one batch by their first fields; who has no partner, with nil. */
static void join(batch *to, const batch *l, const batch *r, bool left,
                 bool right)
{
    for (uint32_t i = 0; i < l->n; i++) {
        bool met = false;

        for (uint32_t k = 0; k < r->n; k++)
            if (l->v[i][0] == r->v[k][0]) {
                put(to, (const int64_t[WIDE]){ l->v[i][0], l->v[i][1],
                                               r->v[k][1] });
                met = true;
            }
        if (left && !met)
            put(to, (const int64_t[WIDE]){ l->v[i][0], l->v[i][1], NIL });
    }
    for (uint32_t k = 0; right && k < r->n; k++) {
        bool met = false;

        for (uint32_t i = 0; i < l->n; i++)
            met = met || l->v[i][0] == r->v[k][0];
        if (!met)
            put(to, (const int64_t[WIDE]){ r->v[k][0], NIL, r->v[k][1] });
    }
}

static bool has_nil_keys(const stream *s)
{
    for (int b = 0; b < BATCHES; b++)
        for (uint32_t i = 0; i < s->b[b].n; i++)
            if (s->b[b].v[i][0] == NIL)
                return true;
    return false;
}

static void step_join(const stream *a, const stream *c)
{
    stream l, r, to = { .family = a->family, .wide = 3 };
    gale_join_kind how = (gale_join_kind)below(4);
    uint32_t key = 0;

    if (a->wide < 2 || c->wide < 2)
        return;
    l = some(a, 2, true);
    r = some(c, 2, true);
    if (has_nil_keys(&l) || has_nil_keys(&r))
        return;
    if (below(2) == 0)
        l.s = gale_parallelism(gale_partition_by(l.s, names(&l, &key, 1)),
                               1 + below(4));
    if (below(2) == 0)
        r.s = gale_parallelism(gale_partition_by(r.s, names(&r, &key, 1)),
                               1 + below(4));
    to.s = gale_join(l.s, names(&l, &key, 1), r.s, names(&r, &key, 1), how);
    meet(&l, &r, to.s);
    strcpy(to.names[0], l.names[0]);
    strcpy(to.names[1], l.names[1]);
    strcpy(to.names[2], r.names[1]);
    for (int b = 0; b < BATCHES; b++)
        join(&to.b[b], &l.b[b], &r.b[b],
             how == GALE_JOIN_LEFT || how == GALE_JOIN_FULL,
             how == GALE_JOIN_RIGHT || how == GALE_JOIN_FULL);
    keep(&to);
}

static void step(void)
{
    static stream s, c; /* copies: keep may write over the originals */

    s = *any();
    c = *any();
    switch (below(13)) {
    case 0:
        step_each(&s);
        break;
    case 1:
        step_where(&s);
        break;
    case 2: {
        stream to = some(&s, 1 + below(s.wide), below(2) == 0);

        keep(&to);
        break;
    }
    case 3:
    case 4:
        step_route(&s);
        break;
    case 5:
        step_fold(&s);
        break;
    case 6:
        step_group(&s, false);
        break;
    case 7:
        step_group(&s, true);
        break;
    case 8:
        step_merge(&s, &c);
        break;
    case 9:
    case 10:
    case 11:
        step_query(&s);
        break;
    default:
        step_join(&s, &c);
        break;
    }
}

#endif
