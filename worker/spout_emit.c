/* spout_emit.c -- what a spout emits: slots, root ids, copies for replay. */
#include "base/testpoint.h"
#include "worker/send_plain.h"
#include "worker/track_own.h"

static inline gale_task *task_of(const gale_spout_ctx *ctx)
{
    return (gale_task *)(void *)(uintptr_t)ctx;
}

/* ---------------------------------------------------------------- slots -- */

GI_INLINE uint32_t take_slot(gale_task *t)
{
    unsigned tries = 0;
    uint32_t slot;

    while (!gi_pending_take(&t->spout->pending, &slot))
        gi_wait_for_memory(t->loop, &tries);
    gi_spout_count_pending(t->loop, 1);
    if (t->loop->apart) /* next may have waited long for this */
        gi_loop_clock(t->loop);
    return slot;
}

/* ------------------------------------------------------------ launching -- */

/* Check the row and send it, in the tree `root` or, for 0, in none. */
static size_t send(gale_task *t, gi_out *out, gale_row row, uint32_t direct,
                   uint64_t root, uint64_t *made, gi_sent_to sent_to,
                   bool *lost)
{
    t->epoch = gi_frontier_now(&t->loop->w->frontier);
    if (out->plain && row.n == out->n_fields && sent_to.cap == 0 &&
        gi_send_plain(t, out, row.values, root, out->n_routes == 1, made,
                      lost))
        return out->n_routes;

    gi_part part = { made, NULL, 1 };
    gi_anchor anchor = { &root, 1, 1, &part };
    size_t bytes = gi_check_row(t, out->stream, row);
    return gi_send_any(t, out, row, bytes, direct, root == 0 ? NULL : &anchor,
                       sent_to, lost);
}

/* Of a tree that lacks a branch, the rest might be complete: say nothing of it
 * but that it failed. */
static void give_up(gale_task *t, gi_pending_slot *p, uint64_t root)
{
    gi_note note = { .root = root,
                     .kind = GI_NOTE_FAIL,
                     .why = GI_WHY_NOMEM,
                     .comp = (uint16_t)t->comp->no };

    GI_SEEN(EMIT_NO_MEMORY);
    if (p->state == GI_FLYING) { /* none of it that was called has failed it */
        p->heard_ms = t->loop->now_ms;
        p->epoch = t->epoch;
        p->why = GI_WHY_LOST;
    }
    gi_track_note(t->loop, &note);
}

/* It was sent to `n` tasks, under edges that sum up to `made`. */
GI_INLINE void begin_tree(gale_task *t, gi_pending_slot *p, uint64_t root,
                          uint64_t made, size_t n)
{
    gi_loop *l = t->loop;

    p->heard_ms = l->now_ms;
    p->epoch = t->epoch;
    if (made == GI_UNTOLD && n > 0) {
        p->why = GI_WHY_TIMEOUT;
        return;
    }
    p->why = GI_WHY_LOST;
    gi_track_init(l, root, made, GI_NOBODY, t->epoch, true);
    if (GI_BUG(INIT_TWICE))
        gi_track_init(l, root, made, GI_NOBODY, t->epoch, true);
}

/* Its readers may be called: so all that is to be known of it when it fails is
 * said before they are. */
static void prepare_tree(gale_task *t, uint32_t slot, uint64_t root)
{
    gi_pending_slot *p = &t->spout->pending.at[slot];

    p->heard_ms = t->loop->now_ms;
    p->epoch = gi_frontier_now(&t->loop->w->frontier);
    p->why = GI_WHY_LOST;
    if (t->watched)
        gi_watch_before_launch(t, slot, root);
}

size_t gi_spout_launch(gale_task *t, uint32_t slot, gi_out *out, gale_row row,
                       uint32_t direct, gi_sent_to sent_to)
{
    gi_spout_state *s = t->spout;
    gi_pending_slot *p = &s->pending.at[slot];
    uint64_t root = gi_root(s->ordinal, slot, p->gen);
    uint64_t made = 0;
    bool lost = false;

    if (__builtin_expect(out->fused, 0))
        prepare_tree(t, slot, root);
    size_t n = send(t, out, row, direct, root, &made, sent_to, &lost);

    gi_count(&t->count.roots, 1);
    if (__builtin_expect(t->watched, 0))
        gi_watch_launch(t, slot, root, n);
    if (__builtin_expect(lost, 0))
        give_up(t, p, root);
    else if (__builtin_expect(out->fused, 0))
        gi_track_init(t->loop, root, made, GI_NOBODY, t->epoch, true);
    else
        begin_tree(t, p, root, made, n);
    return n;
}

static gale_tuple *keep(gale_task *t, const gi_out *out, gale_row row,
                        uint32_t direct)
{
    unsigned tries = 0;
    gale_tuple *kept;

    while ((kept = gi_keep_row(&t->keep, row, 0)) == NULL)
        gi_wait_for_memory(t->loop, &tries);
    kept->stream = (uint16_t)(out - t->out);
    kept->task = (uint16_t)direct;
    return kept;
}

/* The same of a row that was just written as a tuple of `size` bytes.  It is
 * the row that is read again: of what was written a moment ago in parts, a
 * copy of the whole would have to wait until those are in the cache (3 ns a
 * tuple; see gi_tuple_fill). */
GI_INLINE gale_tuple *keep_written(gale_task *t, const gi_out *out,
                                   gale_row row, uint32_t size)
{
    unsigned tries = 0;
    gale_tuple *kept;

    while ((kept = gi_keep_room(&t->keep, size)) == NULL)
        gi_wait_for_memory(t->loop, &tries);
    gi_tuple_fill(kept, row, 0);
    kept->stream = (uint16_t)(out - t->out);
    kept->task = 0; /* not declared direct */
    return kept;
}

static void answer_later(gale_task *t, uint64_t id)
{
    gi_spout_state *s = t->spout;
    unsigned tries = 0;

    while (s->n_answered == s->cap_answered) {
        size_t cap = s->cap_answered == 0 ? 64 : s->cap_answered * 2;
        uint64_t *at = gi_realloc(s->answered, cap * sizeof(*at));

        if (at == NULL) {
            gi_wait_for_memory(t->loop, &tries);
            continue;
        }
        s->answered = at;
        s->cap_answered = cap;
    }
    s->answered[s->n_answered++] = id;
    gi_count(&t->count.roots, 1); /* so that they are those that are acked */
    gi_spout_count_pending(t->loop, 1); /* until its ack is called */
}

static size_t emit(gale_task *t, const gale_spout_emit_opts *o, gale_row row)
{
    gi_spout_state *s = t->spout;
    gi_out *out = gi_check_out(t, o->stream, o->task);
    gi_sent_to sent_to = { o->sent_to, o->sent_to_cap };

    if (row.n != out->stream->n_fields)
        gi_check_row(t, out->stream, row); /* says what is wrong */
    gi_count_emit(t, out, row);
    if (o->untracked || !s->tracks) {
        uint64_t made = 0;
        bool lost = false;

        if (!o->untracked)
            answer_later(t, o->id);
        return send(t, out, row, o->task, 0, &made, sent_to, &lost);
    }
    uint32_t slot = take_slot(t);
    gi_pending_slot *p = &s->pending.at[slot];

    p->id = o->id;
    p->since_ns = t->loop->now_ns;
    if (s->keeps)
        p->kept = keep(t, out, row, o->task);
    size_t n = gi_spout_launch(t, slot, out, row, o->task, sent_to);
    if (GI_BUG(SLOT_EARLY) && s->pending.in_use % 8 == 7)
        gi_spout_free_slot(t, slot);
    return n;
}

/* The same for nearly every tuple: plain, tracked, to one task.  What it keeps
 * is a copy of what it has just written.  False: nothing was done. */
GI_INLINE bool emit_quick(gale_task *t, gi_out *out, uint64_t id, gale_row row)
{
    gi_spout_state *s = t->spout;
    gi_loop *l = t->loop;
    uint64_t made = 0;
    bool fits;

    if (__builtin_expect(!out->plain || out->n_routes != 1 || !s->tracks ||
                             row.n != out->n_fields,
                         0))
        return false;
    uint32_t slot = take_slot(t);
    uint64_t root = gi_root(s->ordinal, slot, s->pending.at[slot].gen);

    t->epoch = gi_frontier_now(&l->w->frontier);
    gale_tuple *w =
        gi_send_one(t, out, out->routes, row.values, root, true, &made, &fits);
    if (__builtin_expect(w == NULL, 0)) {
        gi_spout_free_slot(t, slot);
        return false;
    }
    gi_pending_slot *p = &s->pending.at[slot];

    p->id = id;
    p->since_ns = l->now_ns;
    if (s->keeps)
        p->kept = keep_written(t, out, row, w->size);
    gi_count(&t->count.transferred, 1);
    gi_count(&t->count.roots, 1);
    gi_count_emit(t, out, row);
    if (__builtin_expect(t->watched, 0))
        gi_watch_launch(t, slot, root, 1);
    begin_tree(t, p, root, made, 1);
    if (GI_BUG(SLOT_EARLY) && s->pending.in_use % 8 == 7)
        gi_spout_free_slot(t, slot);
    return true;
}

void gale_spout_emit(gale_spout_ctx *ctx, uint64_t id, gale_row row)
{
    gale_task *t = task_of(ctx);

    gi_check_here(t, "gale_spout_emit");
    if (__builtin_expect(emit_quick(t, &t->out[0], id, row), 1))
        return;
    gale_spout_emit_opts o = { .id = id };
    emit(t, &o, row);
}

size_t gale_spout_emit_with(gale_spout_ctx *ctx,
                            const gale_spout_emit_opts *opts, gale_row row)
{
    gale_task *t = task_of(ctx);

    size_t theirs = t->loop->w->plan->abi.spout_emit_opts;
    gale_spout_emit_opts o;

    gi_check_here(t, "gale_spout_emit_with");
    if (__builtin_expect(opts == NULL, 0))
        gi_no_opts(t, "gale_spout_emit_with");
    if (__builtin_expect(theirs >= sizeof(o), 1))
        return emit(t, opts, row);
    gi_widen(&o, sizeof(o), opts, theirs);
    return emit(t, &o, row);
}
