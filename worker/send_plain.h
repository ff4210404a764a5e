/* send_plain.h -- the way of nearly every tuple: one pass that checks the
 * values as it copies them into the open batch of the one task that gets them.
 *
 * It is a header so that emitting is one function, without calls.  What does
 * not go this way is in send.c.
 */
#ifndef GI_WORKER_SEND_PLAIN_H
#define GI_WORKER_SEND_PLAIN_H

#include "worker/choose.h"
#include "worker/loop.h"

#define GI_INLINE static inline __attribute__((always_inline))

enum { GI_NO_ROOM = 0 };
#define GI_NO_FIT UINT32_MAX

/* Lay `v` out behind the header of `w`, for which there are `room` bytes, and
 * check each value's type as it passes.  Returns the size of the tuple, or
 * NO_ROOM, or NO_FIT if a value is not what its field was declared. */
GI_INLINE uint32_t gi_write_values(const gi_out *out, gale_tuple *w,
                                   uint32_t room, const gale_value *v)
{
    size_t at = out->fixed;

    if (__builtin_expect(at > room, 0))
        return GI_NO_ROOM;
    gale_value *to = w->values;
    for (const uint8_t *want = out->type, *end = want + out->n_fields;
         want < end; want++, v++, to++) {
        uint32_t type = v->type, len = v->len;
        const char *p = v->as.p;

        __asm__("" : "+r"(type), "+r"(len), "+r"(p)); /* gi_tuple_fill */
        if (__builtin_expect(type != *want, 0))
            return GI_NO_FIT;
        if (gi_type_has_bytes(type)) {
            if (__builtin_expect(len > room - at, 0))
                return GI_NO_ROOM;
            gi_copy_bytes((char *)w + at, p, len);
            p = (char *)w + at;
            at += len;
        }
        to->type = type;
        to->len = len;
        to->as.p = p;
    }
    at = (at + 7) & ~(size_t)7;
    return at <= room ? (uint32_t)at : GI_NO_ROOM;
}

/* What stands in a tree is as old as what it comes of; what stands in none is
 * as old as it is. */
static inline uint16_t gi_epoch_of(const gale_task *t, bool tracked)
{
    return tracked ? t->epoch : gi_frontier_now(&t->loop->w->frontier);
}

/* The one that was written last, in its open batch.  NULL: there is no memory,
 * or, if not *fits, the row is not as declared or too large. */
GI_INLINE gale_tuple *gi_send_one(gale_task *t, gi_out *out, gi_route *r,
                                  const gale_value *v, uint64_t root,
                                  uint64_t *made, bool *fits)
{
    uint32_t to = pick(r, v, out->n_fields);
    gi_batch *b = t->loop->out[(to - 1) * 2 + r->inner].open;
    uint16_t epoch = gi_epoch_of(t, root != 0);
    gale_tuple *w = NULL;

    if (__builtin_expect(b != NULL && !gi_epoch_before(epoch, b->epoch), 1)) {
        gale_tuple *open = gi_batch_at(b, b->used);
        uint32_t size = gi_write_values(out, open, b->cap - b->used, v);

        if (__builtin_expect(size - 1 < out->max, 1)) {
            open->size = size;
            b->used += size;
            b->n++;
            w = open;
        }
    }
    if (__builtin_expect(w == NULL, 0)) {
        w = gi_write_slow(t, out, v, to, r->inner, epoch, fits);
        if (w == NULL)
            return NULL;
    }
    uint64_t id = root == 0 ? 0 : gi_edge_id(t->loop);

    w->n = out->n_fields;
    w->stream = (uint16_t)out->stream_no;
    w->task = t->id;
    w->n_more = 0;
    w->link.root = root;
    w->link.edge = id;
    *made ^= id;
    return w;
}

/* See gi_send_any (loop.h): only if out->plain, in the tree `root` or, for 0,
 * in none; *made takes the edges.  False: the row is not as declared or too
 * large, and nothing was sent. */
GI_INLINE bool gi_send_plain(gale_task *t, gi_out *out, const gale_value *v,
                             uint64_t root, uint64_t *made, bool *lost)
{
    bool fits = true;

    if (__builtin_expect(out->n_routes != 1, 0))
        return gi_send_plain_to_many(t, out, v, root, made, lost);
    if (__builtin_expect(
            gi_send_one(t, out, out->routes, v, root, made, &fits) != NULL, 1))
        gi_count(&t->count.transferred, 1);
    else if (fits)
        *lost = true;
    return fits;
}

#endif
