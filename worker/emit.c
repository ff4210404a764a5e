/* emit.c -- the public emit calls of bolts; spouts' are in spout.c.
 *
 * Each checks the row against what the stream declares, finds out in which
 * trees the tuple will stand, and hands it to send.c.
 */
#include <stdlib.h>

#include "base/msgpack.h"
#include "worker/hold.h"
#include "worker/send_plain.h"

static inline gale_task *task_of(gale_bolt_ctx *ctx)
{
    return (gale_task *)(void *)ctx;
}

/* ------------------------------------------------------------- checking -- */

static _Noreturn void wrong_row(const gale_task *t, const gi_stream *s,
                                gale_row row)
{
    if (row.n != s->n_fields)
        gi_bug("'%s' emits %zu value%s on stream '%s', which has %u field%s",
               t->comp->id, row.n, row.n == 1 ? "" : "s", s->name, s->n_fields,
               s->n_fields == 1 ? "" : "s");
    for (uint32_t i = 0; i < s->n_fields; i++)
        if (s->fields[i].type != GALE_T_ANY &&
            (uint32_t)s->fields[i].type != row.values[i].type)
            gi_bug("'%s' emits field '%s' of stream '%s' as %s, declared %s",
                   t->comp->id, s->fields[i].name, s->name,
                   gale_type_name(row.values[i].type),
                   gale_type_name((uint32_t)s->fields[i].type));
    gi_bug("'%s' emits a value of no type on stream '%s'", t->comp->id,
           s->name);
}

/* A list or map must be one whole msgpack value: its readers rely on it. */
static void check_nested(const gale_task *t, const gi_stream *s, uint32_t i,
                         const gale_value *v)
{
    bool ok = v->type == GALE_T_LIST ? gi_msgpack_is_list(v->as.p, v->len)
                                     : gi_msgpack_is_map(v->as.p, v->len);

    if (!ok)
        gi_bug("'%s' emits field '%s' of stream '%s' as a %s, but its bytes "
               "are not exactly one msgpack %s",
               t->comp->id, s->fields[i].name, s->name,
               gale_type_name(v->type),
               v->type == GALE_T_LIST ? "array" : "map");
}

size_t gi_check_row(const gale_task *t, const gi_stream *s, gale_row row)
{
    size_t bytes = 0;

    if (__builtin_expect(row.n != s->n_fields, 0))
        wrong_row(t, s, row);
    for (uint32_t i = 0; i < s->n_fields; i++) {
        const gale_value *v = &row.values[i];
        uint32_t want = (uint32_t)s->fields[i].type;

        if (__builtin_expect(v->type != want, 0) &&
            (want != GALE_T_ANY || v->type == 0 || v->type > GALE_T_MAP))
            wrong_row(t, s, row);
        if (__builtin_expect(v->type >= GALE_T_LIST, 0))
            check_nested(t, s, i, v);
        if (gi_type_has_bytes(v->type))
            bytes += v->len;
    }
    return bytes;
}

gi_out *gi_check_out(gale_task *t, unsigned stream, uint32_t direct_task)
{
    if (__builtin_expect(stream >= t->comp->n_streams, 0))
        gi_bug("'%s' emits on stream %u, but it declares %u (0 is the "
               "default one)",
               t->comp->id, stream, t->comp->n_streams);
    gi_out *out = &t->out[stream];
    if (__builtin_expect(out->stream->direct, 0)) {
        if (direct_task == 0)
            gi_bug("'%s' emits on stream '%s', which is declared direct, "
                   "without naming a task",
                   t->comp->id, out->stream->name);
        if (direct_task > t->loop->w->plan->n_tasks)
            gi_bug("'%s' emits to task %u, but there are only %u", t->comp->id,
                   direct_task, t->loop->w->plan->n_tasks);
    } else if (__builtin_expect(direct_task != 0, 0)) {
        gi_bug("'%s' emits to task %u on stream '%s', which is not declared "
               "direct",
               t->comp->id, direct_task, out->stream->name);
    }
    return out;
}

/* ----------------------------------------------------------- one anchor -- */

/* The trees of `in`, as an anchor whose sum is `born`. */
static void anchor_to(const gale_tuple *in, const gi_part *part,
                      uint64_t *roots, gi_anchor *a)
{
    roots[0] = in->link.root;
    for (uint32_t i = 0; i < gi_tuple_more(in); i++)
        roots[i + 1] = gi_tuple_links(in)[i].root;
    *a = (gi_anchor){ roots, gi_tuple_more(in) + 1, 1, part };
}

static size_t emit_many_roots(gale_task *t, gi_out *out, gale_row row,
                              size_t bytes, const gale_tuple *in,
                              uint64_t *born, uint32_t direct,
                              gi_sent_to sent_to)
{
    uint64_t *roots = gi_calloc(gi_tuple_more(in) + 1, sizeof(*roots));
    gi_part part = { born, NULL, gi_tuple_more(in) + 1 };
    gi_anchor a;
    size_t n = 0;

    if (roots == NULL) {
        t->lost = true;
        return 0;
    }
    anchor_to(in, &part, roots, &a);
    n = gi_send_any(t, out, row, bytes, direct, &a, sent_to, &t->lost);
    gi_free(roots);
    return n;
}

/* Anchored to `in` (NULL: to nothing), whose edges are summed in *born. */
static size_t emit_under(gale_task *t, gi_out *out, gale_row row, size_t bytes,
                         const gale_tuple *in, uint64_t *born, uint32_t direct,
                         gi_sent_to sent_to)
{
    if (in == NULL || in->link.root == 0)
        return gi_send_any(t, out, row, bytes, direct, NULL, sent_to,
                           &t->lost);
    if (in->several)
        return emit_many_roots(t, out, row, bytes, in, born, direct, sent_to);

    gi_part part = { born, NULL, 1 };
    gi_anchor a = { &in->link.root, 1, 1, &part };
    return gi_send_any(t, out, row, bytes, direct, &a, sent_to, &t->lost);
}

/* --------------------------------------------------------- many anchors -- */

struct gathered {
    uint64_t *roots; /* each once */
    uint32_t n_roots;
    gi_part *parts;
    uint32_t n_parts;
    uint32_t *index; /* for each part, its roots; all of them side by side */
};

static int compare_roots(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static uint32_t index_of(const struct gathered *g, uint64_t root)
{
    const uint64_t *at =
        bsearch(&root, g->roots, g->n_roots, sizeof(*g->roots), compare_roots);

    return (uint32_t)(at - g->roots);
}

static const gale_tuple *resolve(gale_task *t, gale_held h, uint64_t **born)
{
    if (h.ref != 0)
        return gi_hold_anchor(t, h, born);
    if (t->in == NULL || gi_hold_input_answered(t))
        return NULL;
    *born = &t->born;
    return t->in;
}

/* Count the roots of all anchors; false if one of them was answered. */
static bool count_roots(gale_task *t, const gale_emit_opts *o, size_t *n)
{
    uint64_t *born;

    *n = 0;
    for (size_t i = 0; i < o->n_anchors; i++) {
        const gale_tuple *in = resolve(t, o->anchors[i], &born);

        if (in == NULL)
            return false;
        if (in->link.root != 0)
            *n += gi_tuple_more(in) + 1;
    }
    return true;
}

static void gather(gale_task *t, const gale_emit_opts *o, struct gathered *g)
{
    uint64_t *born;
    uint32_t n = 0;

    for (size_t i = 0; i < o->n_anchors; i++) {
        const gale_tuple *in = resolve(t, o->anchors[i], &born);

        for (uint32_t k = 0; in->link.root != 0 && k <= gi_tuple_more(in); k++)
            g->roots[n++] =
                k == 0 ? in->link.root : gi_tuple_links(in)[k - 1].root;
    }
    qsort(g->roots, n, sizeof(*g->roots), compare_roots);
    for (uint32_t i = 0; i < n; i++)
        if (i == 0 || g->roots[i] != g->roots[i - 1])
            g->roots[g->n_roots++] = g->roots[i];

    uint32_t *index = g->index;
    for (size_t i = 0; i < o->n_anchors; i++) {
        const gale_tuple *in = resolve(t, o->anchors[i], &born);
        gi_part *part = &g->parts[g->n_parts];

        if (in->link.root == 0)
            continue;
        *part = (gi_part){ born, index, gi_tuple_more(in) + 1 };
        *index++ = index_of(g, in->link.root);
        for (uint32_t k = 0; k < gi_tuple_more(in); k++)
            *index++ = index_of(g, gi_tuple_links(in)[k].root);
        g->n_parts++;
    }
}

/* The tuple is lost, and its anchors may be tuples that are held: their trees
 * fail now, whatever is answered for them later. */
static void fail_anchors(gale_task *t, const gale_emit_opts *o)
{
    uint64_t *born;

    for (size_t i = 0; i < o->n_anchors; i++) {
        const gale_tuple *in = resolve(t, o->anchors[i], &born);

        if (in->link.root != 0)
            gi_answer_fail(t, in, GI_WHY_NOMEM);
    }
}

static size_t emit_under_many(gale_task *t, gi_out *out,
                              const gale_emit_opts *o, gale_row row,
                              size_t bytes)
{
    gi_sent_to sent_to = { o->sent_to, o->sent_to_cap };
    struct gathered g = { 0 };
    size_t n_roots, n = 0;
    bool lost = false;

    if (!count_roots(t, o, &n_roots)) {
        gi_refuse(t, "emitted anchored to a tuple that was already answered "
                     "or is another task's; the tuple is not sent");
        return 0;
    }
    gi_count_emit(t, out, row);
    if (n_roots == 0)
        return gi_send_any(t, out, row, bytes, o->task, NULL, sent_to,
                           &t->lost);

    g.roots = gi_calloc(n_roots, sizeof(*g.roots));
    g.index = gi_calloc(n_roots, sizeof(*g.index));
    g.parts = gi_calloc(o->n_anchors, sizeof(*g.parts));
    if (g.roots == NULL || g.index == NULL || g.parts == NULL) {
        lost = true;
    } else {
        gather(t, o, &g);
        gi_anchor a = { g.roots, g.n_roots, g.n_parts, g.parts };
        n = gi_send_any(t, out, row, bytes, o->task, &a, sent_to, &lost);
    }
    if (lost)
        fail_anchors(t, o);
    gi_free(g.roots);
    gi_free(g.index);
    gi_free(g.parts);
    return n;
}

/* ---------------------------------------------------------------- calls -- */

static __attribute__((noinline)) void emit_slow(gale_task *t, unsigned stream,
                                                gale_row row)
{
    gi_sent_to nowhere = { NULL, 0 };
    gi_out *out = gi_check_out(t, stream, 0);
    size_t bytes = gi_check_row(t, out->stream, row);

    gi_settle_lone(t);
    if (gi_hold_input_answered(t)) {
        gi_refuse(t, "emitted anchored to a tuple after answering for it; "
                     "the tuple is not sent");
        return;
    }
    gi_count_emit(t, out, row);
    emit_under(t, out, row, bytes, t->in, &t->born, 0, nowhere);
}

/* Under a tuple that stands in one tree or in none.  What may be all that is
 * emitted under it has no edge yet.  False: the row is not as declared. */
GI_INLINE bool emit_child(gale_task *t, gi_out *out, const gale_value *v)
{
    uint64_t root = t->in->link.root;
    bool first = t->born == 0 && root != 0;
    bool fits;

    if (t->lone != NULL) {
        gi_settle_lone(t);
        first = false;
    }
    if (__builtin_expect(out->n_routes != 1, 0))
        return gi_send_plain_to_many(t, out, v, root, &t->born, &t->lost);
    gale_tuple *w =
        gi_send_one(t, out, out->routes, v, root, first, &t->born, &fits);
    if (__builtin_expect(w == NULL, 0)) {
        t->lost |= fits;
        return fits;
    }
    gi_count(&t->count.transferred, 1);
    if (first && t->born == 0)
        t->lone = w;
    return true;
}

/* A stream whose `out` is plain is not declared direct. */
GI_INLINE void emit_on(gale_task *t, unsigned stream, gale_row row)
{
    const gale_tuple *in = t->in;
    gi_out *out = &t->out[stream];

    if (__builtin_expect(out->plain && row.n == out->n_fields && in != NULL &&
                             !in->several && t->holding == 0,
                         1) &&
        emit_child(t, out, row.values))
        gi_count_emit(t, out, row);
    else
        emit_slow(t, stream, row);
}

void gale_emit(gale_bolt_ctx *ctx, gale_row row)
{
    gale_task *t = task_of(ctx);

    gi_check_here(t, "gale_emit");
    emit_on(t, 0, row); /* whoever declares no stream has a blank one here */
}

void gale_emit_on(gale_bolt_ctx *ctx, unsigned stream, gale_row row)
{
    gale_task *t = task_of(ctx);

    gi_check_here(t, "gale_emit_on");
    gi_check_out(t, stream, 0);
    emit_on(t, stream, row);
}

static size_t emit_with(gale_task *t, const gale_emit_opts *o, gale_row row)
{
    gi_sent_to sent_to = { o->sent_to, o->sent_to_cap };
    gi_out *out = gi_check_out(t, o->stream, o->task);
    size_t bytes = gi_check_row(t, out->stream, row);

    gi_settle_lone(t);
    if (o->n_anchors > 0 && !o->unanchored) {
        return emit_under_many(t, out, o, row, bytes);
    }
    if (!o->unanchored && gi_hold_input_answered(t)) {
        gi_refuse(t, "emitted anchored to a tuple after answering for it; "
                     "the tuple is not sent");
        return 0;
    }
    gi_count_emit(t, out, row);
    return emit_under(t, out, row, bytes, o->unanchored ? NULL : t->in,
                      &t->born, o->task, sent_to);
}

size_t gale_emit_with(gale_bolt_ctx *ctx, const gale_emit_opts *opts,
                      gale_row row)
{
    gale_task *t = task_of(ctx);
    size_t theirs = t->loop->w->plan->abi.emit_opts;
    gale_emit_opts o;

    gi_check_here(t, "gale_emit_with");
    if (__builtin_expect(opts == NULL, 0))
        gi_no_opts(t, "gale_emit_with");
    if (__builtin_expect(theirs >= sizeof(o), 1))
        return emit_with(t, opts, row);
    gi_widen(&o, sizeof(o), opts, theirs);
    return emit_with(t, &o, row);
}
