/* send.c -- writing a row for each task that gets it: straight into the open
 * batch of its outlet.
 */
#include "worker/fused.h"
#include "worker/send_plain.h"

/* ----------------------------------------- the short way: send_plain.h -- */

void gi_write_bytes(char *to, const char *from, uint32_t n)
{
    gi_copy_bytes(to, from, n);
}

uint32_t gi_write_several(const gi_out *out, gale_tuple *w, uint32_t room,
                          const gale_value *v)
{
    uint32_t at = out->fixed;

    for (uint32_t i = 0; i < out->n_fields; i++) {
        at = gi_write_value(w, &w->values[i], out->type[i], &v[i], at, room);
        if (__builtin_expect(at == 0, 0))
            return 0;
    }
    return at;
}

/* There is no open batch with room, or one of another epoch. */
gale_tuple *gi_write_slow(gale_task *t, const gi_out *out, const gale_value *v,
                          uint32_t to, bool inner, uint16_t epoch, bool *fits)
{
    gale_row row = { v, out->n_fields };
    uint64_t need = (out->fixed + gi_row_bytes(row) + 7) & ~(uint64_t)7;

    *fits = need <= out->max;
    for (uint32_t i = 0; i < out->n_fields; i++)
        *fits &= v[i].type == out->type[i];
    if (!*fits)
        return NULL;
    gale_tuple *w = gi_claim_slow(t->loop, (to - 1) * 2 + inner, to,
                                  (uint32_t)need, epoch);
    if (w != NULL)
        gi_write_values(out, w, (uint32_t)need, v);
    return w;
}

bool gi_send_plain_to_many(gale_task *t, gi_out *out, const gale_value *v,
                           uint64_t root, uint64_t *made, bool *lost)
{
    bool fits;
    uint32_t n = 0;

    for (uint32_t i = 0; i < out->n_routes; i++) {
        if (gi_send_one(t, out, &out->routes[i], v, root, false, made,
                        &fits) != NULL)
            n++;
        else if (fits)
            *lost = true;
        else
            return false; /* found out at the first route */
    }
    gi_count(&t->count.transferred, n);
    return true;
}

/* ------------------------------------------------------ every other way -- */

static _Noreturn void too_large(const gale_task *t, const gi_out *out,
                                uint64_t need)
{
    gi_bug("'%s' emits a tuple of %llu bytes on stream '%s'; "
           "topology.tuple.max.bytes is %u",
           t->comp->id, (unsigned long long)need, out->stream->name,
           t->loop->tuple_max);
}

struct sending {
    gale_task *t;
    gi_out *out;
    gale_row row;
    const gi_anchor *anchor; /* NULL: in no tree */
    uint32_t need;
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

static bool put_to(struct sending *s, choice where, bool inner)
{
    uint32_t to = where.task;
    gale_tuple *w = gi_claim(s->t->loop, to, inner, s->need,
                             gi_epoch_of(s->t, s->anchor != NULL));

    if (w == NULL) {
        s->lost = true;
        return false;
    }
    w->stream = (uint16_t)s->out->stream_no;
    w->task = (uint16_t)s->t->id;
    gi_tuple_fill(w, s->row, s->anchor == NULL ? 0 : s->anchor->n_roots - 1);
    gi_tuple_set_hash(w, where.hash);
    if (s->anchor == NULL)
        w->link = (gi_link){ 0, 0 };
    else
        write_links(s->t->loop, w, s->anchor);
    return true;
}

static void send_to(struct sending *s, choice where, bool inner)
{
    bool called = s->out->fused && gi_fused_call(s->t, where.task, where.hash,
                                                 s->out, s->row, s->anchor);

    if (!called && !put_to(s, where, inner))
        return;
    if (s->n < s->sent_to.cap)
        s->sent_to.at[s->n] = where.task;
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
        send_to(s, (choice){ r->chosen[i], 0 }, r->inner);
    }
}

static void send_to_one(struct sending *s, gi_route *r)
{
    choice to = pick(r, s->row.values);

    to.task = gi_outbox_elsewhere(s->t->loop, r, to.task);
    send_to(s, to, r->inner);
}

static void send_route(struct sending *s, gi_route *r, uint32_t direct)
{
    switch (r->how) {
    case GALE_GROUP_ALL:
        for (uint32_t i = 0; i < r->n; i++)
            send_to(s, (choice){ r->first + i, 0 }, r->inner);
        break;
    case GALE_GROUP_DIRECT:
        if (direct - r->first < r->n)
            send_to(s, (choice){ direct, 0 }, r->inner);
        break;
    case GALE_GROUP_CUSTOM:
        send_custom(s, r);
        break;
    default:
        send_to_one(s, r);
        break;
    }
}

size_t gi_send_any(gale_task *t, gi_out *out, gale_row row, size_t bytes,
                   uint32_t direct_task, const gi_anchor *anchor,
                   gi_sent_to sent_to, bool *lost)
{
    uint64_t need = out->fixed + bytes;

    if (anchor != NULL)
        need += (anchor->n_roots - 1) * sizeof(gi_link);
    need = (need + 7) & ~(uint64_t)7;
    if (need > t->loop->tuple_max)
        too_large(t, out, need);

    struct sending s = { .t = t,
                         .out = out,
                         .row = row,
                         .anchor = anchor,
                         .need = (uint32_t)need,
                         .sent_to = sent_to };
    for (uint32_t i = 0; i < out->n_routes; i++)
        send_route(&s, &out->routes[i], direct_task);
    gi_count(&t->count.transferred, s.n);
    if (s.lost)
        *lost = true;
    return s.n;
}
