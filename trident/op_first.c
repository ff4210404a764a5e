/* op_first.c -- the n first rows of a batch.
 *
 * By a field: a heap of those that are first so far, the last of them on top,
 * which leaves when an earlier one comes.  Rows that are the same by the field
 * stand in the order in which they came. */
#include "trident/op_inside.h"
#include "trident/values.h"

/* Each in memory of its own: in a long batch many are first for a while. */
struct first {
    uint64_t came;
    uint32_t n;
    gale_value values[];
};

struct firsts {
    uint64_t came;
    uint32_t n, room;
    struct first **heap;
};

/* Does `a` stand before `b`? */
static bool before(const gi_step *s, const gale_value *a, uint64_t a_came,
                   const struct first *b)
{
    int order = gi_value_order(a, &b->values[s->op->in[0]]);

    if (s->op->largest)
        order = -order;
    return order != 0 ? order < 0 : a_came < b->came;
}

static bool stands_before(const gi_step *s, const struct first *a,
                          const struct first *b)
{
    return before(s, &a->values[s->op->in[0]], a->came, b);
}

static void sink(const gi_step *s, struct firsts *f, struct first *row)
{
    uint32_t at = 0, child;

    while ((child = 2 * at + 1) < f->n) {
        if (child + 1 < f->n &&
            stands_before(s, f->heap[child], f->heap[child + 1]))
            child++;
        if (!stands_before(s, row, f->heap[child]))
            break;
        f->heap[at] = f->heap[child];
        at = child;
    }
    f->heap[at] = row;
}

static void rise(const gi_step *s, struct firsts *f, uint32_t at,
                 struct first *row)
{
    while (at > 0 && stands_before(s, f->heap[(at - 1) / 2], row)) {
        f->heap[at] = f->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    f->heap[at] = row;
}

static struct first *copy(gale_row in, uint64_t came)
{
    size_t bytes = in.n * sizeof(gale_value);
    struct first *row;
    char *at;

    for (size_t i = 0; i < in.n; i++)
        bytes += gi_value_has_bytes(&in.values[i]) ? in.values[i].len : 0;
    row = gi_alloc(sizeof(*row) + bytes);
    if (row == NULL)
        return NULL;
    row->came = came;
    row->n = (uint32_t)in.n;
    at = (char *)(row->values + in.n);
    for (size_t i = 0; i < in.n; i++) {
        row->values[i] = in.values[i];
        if (!gi_value_has_bytes(&in.values[i]) || in.values[i].len == 0)
            continue;
        memcpy(at, in.values[i].as.p, in.values[i].len);
        row->values[i].as.p = at;
        at += in.values[i].len;
    }
    return row;
}

static bool room_for_one(const gi_step *s, struct firsts *f)
{
    uint64_t room = f->room == 0 ? 8 : 2 * (uint64_t)f->room;
    struct first **heap;

    if (f->n < f->room)
        return true;
    room = room < s->op->first_n ? room : s->op->first_n;
    heap = gi_realloc(f->heap, room * sizeof(struct first *));
    if (heap == NULL)
        return false;
    f->heap = heap;
    f->room = (uint32_t)room;
    return true;
}

static void first_row(gi_step *s, gi_round *r, unsigned port, gale_row in)
{
    struct firsts *f;
    struct first *row;

    (void)port;
    if (r->failed || s->op->first_n == 0 ||
        (f = gi_round_mine(s, r, sizeof(*f))) == NULL)
        return;
    f->came++;
    if (s->op->n_in == 0) {
        if (f->came <= s->op->first_n)
            gi_pass(s, r, in);
        return;
    }
    if (f->n == s->op->first_n &&
        !before(s, &in.values[s->op->in[0]], f->came, f->heap[0]))
        return;
    row = copy(in, f->came);
    if (row == NULL || (f->n < s->op->first_n && !room_for_one(s, f))) {
        gi_free(row);
        gi_round_fail(r, "out of memory");
    } else if (f->n < s->op->first_n) {
        rise(s, f, f->n++, row);
    } else {
        gi_free(f->heap[0]);
        sink(s, f, row);
    }
}

/* Taken from the top, the heap is sorted: the last row goes to the end. */
static void first_finish(gi_step *s, gi_round *r)
{
    struct firsts *f = r->mine[s->op->no];
    uint32_t n = f == NULL ? 0 : f->n;

    if (r->failed || n == 0)
        return;
    while (f->n > 1) {
        struct first *top = f->heap[0], *end = f->heap[--f->n];

        sink(s, f, end);
        f->heap[f->n] = top;
    }
    f->n = n;
    for (uint32_t i = 0; i < n && !r->failed; i++)
        gi_pass(s, r, (gale_row){ f->heap[i]->values, f->heap[i]->n });
}

static void first_drop(gi_step *s, gi_round *r)
{
    struct firsts *f = r->mine[s->op->no];

    if (f == NULL)
        return;
    for (uint32_t i = 0; i < f->n; i++)
        gi_free(f->heap[i]);
    gi_free(f->heap);
    *f = (struct firsts){ 0 };
}

const gi_op_type gi_op_first_n = {
    .row = first_row,
    .finish = first_finish,
    .drop = first_drop,
};
