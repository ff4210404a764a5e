/* send_plain.h -- the way of nearly every tuple: one pass that checks the
 * values as it copies them into the open batch of the one task that gets them.
 *
 * It is a header so that emitting is one function, without calls.  What does
 * not go this way is in send.c.
 */
#ifndef GI_WORKER_SEND_PLAIN_H
#define GI_WORKER_SEND_PLAIN_H

#include "base/testpoint.h"
#include "worker/choose.h"
#include "worker/send.h"

#define GI_INLINE static inline __attribute__((always_inline))

/* Lay `v`, which ought to be a `want`, out in `to`, and its bytes at `at` in
 * `w`, which may have `room`.  Returns where the next one's bytes begin; 0: it
 * is no such value, or there is no room. */
GI_INLINE uint32_t gi_write_value(gale_tuple *w, gale_value *to, uint32_t want,
                                  const gale_value *v, uint32_t at,
                                  uint32_t room)
{
    uint32_t type = v->type, len = v->len;
    const char *p = v->as.p;

    __asm__("" : "+r"(type), "+r"(len), "+r"(p)); /* gi_tuple_fill */
    if (__builtin_expect(type != want, 0))
        return 0;
    if (gi_type_has_bytes(type)) {
        char *bytes = (char *)w + at;

        if (__builtin_expect(len > room - at, 0))
            return 0;
        if (len - 1 < GI_SHORT && room - at >= GI_SHORT && gi_short_may(p))
            memcpy(bytes, p, GI_SHORT);
        else
            gi_write_bytes(bytes, p, len);
        p = bytes;
        at += len;
    }
    to->type = type;
    to->len = len;
    to->as.p = p;
    return at;
}

/* Lay `v` out behind the header of `w`, for which there are `room` bytes.
 * Returns the size of the tuple; 0: there is no room, or a value is not what
 * its field was declared.  A row of one value, as the words of a line are, is
 * done in line. */
GI_INLINE uint32_t gi_write_values(const gi_out *out, gale_tuple *w,
                                   uint32_t room, const gale_value *v)
{
    uint32_t at = out->fixed;

    if (__builtin_expect(at > room, 0))
        return 0;
    if (out->n_fields == 1)
        at = gi_write_value(w, w->values, out->type[0], v, at, room);
    else
        at = gi_write_several(out, w, room, v);
    at = (at + 7) & ~7u;
    return at <= room ? at : 0;
}

/* The one that was written last, in its open batch.  NULL: there is no memory,
 * or, if not *fits, which is set then, the row is not as declared or too
 * large. `lone`: it may be all that comes of its spout's emit, or of its
 * parent; if *made is still 0 then, the tuple has no edge (track_own.h). */
GI_INLINE gale_tuple *gi_send_one(gale_task *t, gi_out *out, gi_route *r,
                                  const gale_value *v, uint64_t root,
                                  bool lone, uint64_t *made, bool *fits)
{
    choice to = pick(r, v);
    const gi_outlet *o = &t->loop->out[(to.task - 1) * 2 + r->inner];
    gi_batch *b = o->open;
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
        to.task = gi_outbox_elsewhere(t->loop, r, to.task);
        o = &t->loop->out[(to.task - 1) * 2 + r->inner];
        w = gi_write_slow(t, out, v, to.task, r->inner, epoch, fits);
        if (w == NULL)
            return NULL;
    }
    uint64_t id = GI_UNTOLD;

    if (root != 0 && !(lone && o->here))
        id = gi_edge_id(t->loop);

    w->n = out->n_fields;
    w->stream = (uint16_t)out->stream_no;
    w->task = (uint16_t)t->id;
    w->several = false;
    if (to.hash != 0 || !GI_BUG(HASH_KEPT))
        w->more_or_hash = to.hash;
    w->link.root = root;
    w->link.edge = id;
    *made ^= id;
    return w;
}

/* See gi_send_any (send.h): only if out->plain, in the tree `root` or, for 0,
 * in none; `lone` as above; *made takes the edges.  False: the row is not as
 * declared or too large, and nothing was sent. */
GI_INLINE bool gi_send_plain(gale_task *t, gi_out *out, const gale_value *v,
                             uint64_t root, bool lone, uint64_t *made,
                             bool *lost)
{
    bool fits;

    if (__builtin_expect(out->n_routes != 1, 0))
        return gi_send_plain_to_many(t, out, v, root, made, lost);
    if (__builtin_expect(gi_send_one(t, out, out->routes, v, root, lone, made,
                                     &fits) == NULL,
                         0)) {
        *lost |= fits;
        return fits;
    }
    gi_count(&t->count.transferred, 1);
    return true;
}

#endif
