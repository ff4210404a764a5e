/* send.c -- writing a row for each task that gets it: straight into the open
 * batch of its outlet.
 */
#include "worker/choose.h"
#include "worker/loop.h"

/* -------------------------------------------------------- the short way -- */

enum { NO_ROOM = 0 };
#define NO_FIT UINT32_MAX

/* Lay `v` out behind the header of `w`, for which there are `room` bytes, and
 * check each value's type as it passes.  Returns the size of the tuple, or
 * NO_ROOM, or NO_FIT if a value is not what its field was declared. */
static inline uint32_t write_values(const gi_out *out, gale_tuple *w,
                                    uint32_t room, const gale_value *v)
{
    size_t at = out->fixed;

    if (__builtin_expect(at > room, 0))
        return NO_ROOM;
    gale_value *to = w->values;
    for (const uint8_t *want = out->type, *end = want + out->n_fields;
         want < end; want++, v++, to++) {
        uint32_t type = v->type, len = v->len;
        const char *p = v->as.p;

        __asm__("" : "+r"(type), "+r"(len), "+r"(p)); /* gi_tuple_fill */
        if (__builtin_expect(type != *want, 0))
            return NO_FIT;
        if (gi_type_has_bytes(type)) {
            if (__builtin_expect(len > room - at, 0))
                return NO_ROOM;
            gi_copy_bytes((char *)w + at, p, len);
            p = (char *)w + at;
            at += len;
        }
        to->type = type;
        to->len = len;
        to->as.p = p;
    }
    at = (at + 7) & ~(size_t)7;
    return at <= room ? (uint32_t)at : NO_ROOM;
}

/* There is no open batch with room, or one of another epoch. */
static __attribute__((noinline)) gale_tuple *
write_slow(gale_task *t, const gi_out *out, const gale_value *v, uint32_t to,
           bool inner, uint16_t epoch, bool *fits)
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
        write_values(out, w, (uint32_t)need, v);
    return w;
}

enum sent { SENT, LOST, MISFIT };

/* What stands in a tree is as old as what it comes of; what stands in none is
 * as old as it is. */
static inline uint16_t epoch_of(const gale_task *t, bool tracked)
{
    return tracked ? t->epoch : gi_frontier_now(&t->loop->w->frontier);
}

static inline enum sent send_route_plain(gale_task *t, gi_out *out,
                                         gi_route *r, const gale_value *v,
                                         uint64_t root, uint64_t *made)
{
    uint32_t to = pick(r, v, out->n_fields);
    gi_batch *b = t->loop->out[(to - 1) * 2 + r->inner].open;
    uint16_t epoch = epoch_of(t, root != 0);
    gale_tuple *w = NULL;

    if (__builtin_expect(b != NULL && !gi_epoch_before(epoch, b->epoch), 1)) {
        gale_tuple *open = gi_batch_at(b, b->used);
        uint32_t size = write_values(out, open, b->cap - b->used, v);

        if (__builtin_expect(size - 1 < out->max, 1)) {
            open->size = size;
            b->used += size;
            b->n++;
            w = open;
        }
    }
    if (__builtin_expect(w == NULL, 0)) {
        bool fits;

        w = write_slow(t, out, v, to, r->inner, epoch, &fits);
        if (w == NULL)
            return fits ? LOST : MISFIT;
    }
    uint64_t id = root == 0 ? 0 : gi_edge_id(t->loop);

    w->n = out->n_fields;
    w->stream = (uint16_t)out->stream_no;
    w->task = t->id;
    w->n_more = 0;
    w->link.root = root;
    w->link.edge = id;
    *made ^= id;
    return SENT;
}

static __attribute__((noinline)) bool
send_plain_to_many(gale_task *t, gi_out *out, const gale_value *v,
                   uint64_t root, uint64_t *made, bool *lost)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < out->n_routes; i++)
        switch (send_route_plain(t, out, &out->routes[i], v, root, made)) {
        case SENT:
            n++;
            break;
        case LOST:
            *lost = true;
            break;
        case MISFIT: /* found out at the first route */
            return false;
        }
    gi_count(&t->count.transferred, n);
    return true;
}

bool gi_send_plain(gale_task *t, gi_out *out, const gale_value *v,
                   uint64_t root, uint64_t *made, bool *lost)
{
    if (__builtin_expect(out->n_routes != 1, 0))
        return send_plain_to_many(t, out, v, root, made, lost);

    enum sent sent = send_route_plain(t, out, out->routes, v, root, made);
    if (__builtin_expect(sent == MISFIT, 0))
        return false;
    if (__builtin_expect(sent == LOST, 0))
        *lost = true;
    else
        gi_count(&t->count.transferred, 1);
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

static void send_to(struct sending *s, uint32_t to, bool inner)
{
    gale_tuple *w = gi_claim(s->t->loop, to, inner, s->need,
                             epoch_of(s->t, s->anchor != NULL));

    if (w == NULL) {
        s->lost = true;
        return;
    }
    w->stream = (uint16_t)s->out->stream_no;
    w->task = s->t->id;
    gi_tuple_fill(w, s->row, s->anchor == NULL ? 0 : s->anchor->n_roots - 1);
    if (s->anchor == NULL)
        w->link = (gi_link){ 0, 0 };
    else
        write_links(s->t->loop, w, s->anchor);
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
        send_to(s, r->chosen[i], r->inner);
    }
}

static void send_route(struct sending *s, gi_route *r, uint32_t direct)
{
    switch (r->how) {
    case GALE_GROUP_ALL:
        for (uint32_t i = 0; i < r->n; i++)
            send_to(s, r->first + i, r->inner);
        break;
    case GALE_GROUP_DIRECT:
        if (direct - r->first < r->n)
            send_to(s, direct, r->inner);
        break;
    case GALE_GROUP_CUSTOM:
        send_custom(s, r);
        break;
    default:
        send_to(s, pick(r, s->row.values, s->row.n), r->inner);
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
