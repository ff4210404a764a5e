/* Any rows as tuples: side by side in a batch, and kept beyond it, they read
 * as they were, links and all, whatever lies beside them. */
#include "base/mem.h"
#include "bytes.h"
#include "topology/batch.h"
#include "worker/keep.h"

enum { ROWS = 12, VALUES = 20, LINKS = 4, TASK = 7 };

struct one {
    gale_value values[VALUES];
    gale_row row;
    uint32_t n_more;
    gale_tuple *kept; /* NULL: not, or no longer */
};

static struct one ones[ROWS];

static gi_link link_of(size_t row, uint32_t no)
{
    return (gi_link){ row * 100 + no + 1, ~(uint64_t)no };
}

static void set_links(gale_tuple *t, size_t row)
{
    for (uint32_t i = 0; i < gi_tuple_more(t); i++)
        gi_tuple_links(t)[i] = link_of(row, i);
}

static void check_value(const gale_tuple *t, unsigned slot,
                        const gale_value *v)
{
    gale_str s;

    assert(bytes_same_value(gale_tuple_at(t, slot), v));
    switch (v->type) {
    case GALE_T_BOOL:
        assert(gale_tuple_bool(t, slot) == v->as.b);
        break;
    case GALE_T_I64:
        assert(gale_tuple_i64(t, slot) == v->as.i);
        break;
    case GALE_T_STR:
        s = gale_tuple_str(t, slot);
        assert(s.len == v->len);
        break;
    case GALE_T_BYTES:
        s = gale_tuple_bytes(t, slot);
        assert(s.len == v->len);
        break;
    default:
        break;
    }
}

static void check(const gale_tuple *t, size_t row)
{
    const struct one *o = &ones[row];

    assert(gale_tuple_len(t) == o->row.n && gi_tuple_more(t) == o->n_more);
    assert(gale_tuple_row(t).n == o->row.n);
    for (unsigned i = 0; i < o->row.n; i++)
        check_value(t, i, &o->values[i]);
    for (uint32_t i = 0; i < gi_tuple_more(t); i++) {
        gi_link l = link_of(row, i);

        assert(gi_tuple_links(t)[i].root == l.root &&
               gi_tuple_links(t)[i].edge == l.edge);
    }
}

static void make(bytes *b, size_t row)
{
    struct one *o = &ones[row];

    o->row = (gale_row){ o->values, bytes_below(b, VALUES + 1) };
    o->n_more = bytes_below(b, LINKS);
    o->kept = NULL;
    for (size_t i = 0; i < o->row.n; i++)
        o->values[i] = bytes_scalar(b);
}

/* Exactly as much room as they say they need. */
static gi_batch *lay_out(size_t n)
{
    uint64_t need = 0;

    for (size_t i = 0; i < n; i++)
        need += gi_tuple_need(ones[i].row, ones[i].n_more);
    gi_batch *b = gi_alloc(sizeof(*b) + need);
    if (b == NULL)
        return NULL;
    b->cap = (uint32_t)need;
    for (size_t i = 0; i < n; i++) {
        gale_tuple *t = gi_batch_at(b, b->used);

        t->size = (uint32_t)gi_tuple_need(ones[i].row, ones[i].n_more);
        t->task = TASK;
        gi_tuple_fill(t, ones[i].row, ones[i].n_more);
        set_links(t, i);
        b->used += t->size;
        b->n++;
    }
    assert(b->used == b->cap);
    return b;
}

static void keep_all(gi_batch *b, gi_keep *k)
{
    uint32_t at = 0;

    for (size_t i = 0; i < b->n; i++) {
        const gale_tuple *t = gi_batch_at(b, at);

        check(t, i);
        assert(gale_tuple_task(t) == TASK && at + t->size <= b->used);
        ones[i].kept = gi_keep_row(k, gale_tuple_row(t), gi_tuple_more(t));
        if (ones[i].kept != NULL)
            set_links(ones[i].kept, i);
        at += t->size;
    }
    assert(at == b->used);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    bytes in = { data, len };
    size_t n = 1 + bytes_below(&in, ROWS);
    gi_keep k = { 0 };

    for (size_t i = 0; i < n; i++)
        make(&in, i);
    for (int round = 0; round < 3; round++) {
        gi_batch *b = lay_out(n);

        if (b == NULL)
            break;
        keep_all(b, &k);
        gi_free(b); /* what is kept does not point into it */
        for (size_t left = n; left > 0; left--) {
            for (size_t i = 0; i < n; i++)
                if (ones[i].kept != NULL)
                    check(ones[i].kept, i);
            size_t i = bytes_below(&in, (unsigned)n);
            while (ones[i].kept == NULL && ++i < n)
                ;
            if (i < n) {
                gi_keep_drop(&k, ones[i].kept);
                ones[i].kept = NULL;
            }
        }
        for (size_t i = 0; i < n; i++)
            gi_keep_drop(&k, ones[i].kept);
    }
    gi_keep_fini(&k);
    assert(k.bytes == 0);
    return 0;
}
