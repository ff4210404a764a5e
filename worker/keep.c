#include "worker/keep.h"

/* In front of each kept tuple: the chunk it lies in. */
struct head {
    gi_keep_chunk *chunk;
    uint64_t spare;
};

_Static_assert(sizeof(struct head) == 16, "keeps tuples aligned");

/* Others read it to say how much memory is in use. */
static void count_bytes(gi_keep *k, int64_t by)
{
    __atomic_store_n(&k->bytes, k->bytes + (uint64_t)by, __ATOMIC_RELAXED);
}

static void give_back(gi_keep *k, gi_keep_chunk *c)
{
    if (k->n_spare == GI_KEEP_SPARE || c->cap != GI_KEEP_CHUNK) {
        count_bytes(k, -(int64_t)c->cap);
        gi_free(c);
        return;
    }
    c->used = 0;
    c->next = k->spare;
    k->spare = c;
    k->n_spare++;
}

void gi_keep_release(gi_keep *k)
{
    while (k->spare != NULL) {
        gi_keep_chunk *c = k->spare;

        k->spare = c->next;
        count_bytes(k, -(int64_t)c->cap);
        gi_free(c);
    }
    k->n_spare = 0;
}

void gi_keep_fini(gi_keep *k)
{
    gi_keep_release(k);
    gi_free(k->now);
    *k = (gi_keep){ 0 };
}

static gi_keep_chunk *make_chunk(gi_keep *k, uint32_t need)
{
    gi_keep_chunk *c = k->spare;

    if (c != NULL && need <= GI_KEEP_CHUNK) {
        k->spare = c->next;
        k->n_spare--;
        return c;
    }
    uint32_t cap = need > GI_KEEP_CHUNK ? need : GI_KEEP_CHUNK;
    c = gi_alloc(sizeof(*c) + cap);
    if (c == NULL)
        return NULL;
    c->cap = cap;
    count_bytes(k, cap);
    return c;
}

/* A chunk with `need` bytes free: the present one if they fit. */
static gi_keep_chunk *chunk_for(gi_keep *k, uint32_t need)
{
    gi_keep_chunk *c = k->now;

    if (c != NULL && c->cap - c->used >= need)
        return c;
    gi_keep_chunk *fresh = make_chunk(k, need);
    if (fresh == NULL || fresh->cap != GI_KEEP_CHUNK)
        return fresh; /* one of its own: the present one stays */
    k->now = fresh;
    if (c != NULL && c->live == 0)
        give_back(k, c);
    return fresh;
}

gale_tuple *gi_keep_row(gi_keep *k, gale_row row, uint32_t n_more)
{
    uint64_t size = gi_tuple_need(row, n_more);
    uint64_t need = (size + sizeof(struct head) + 15) & ~(uint64_t)15;

    if (need > UINT32_MAX)
        return NULL;
    gi_keep_chunk *c = chunk_for(k, (uint32_t)need);
    if (c == NULL)
        return NULL;
    struct head *h = (void *)(c->bytes + c->used);
    gale_tuple *t = (void *)(h + 1);

    h->chunk = c;
    c->used += (uint32_t)need;
    c->live++;
    t->size = (uint32_t)size;
    gi_tuple_fill(t, row, n_more);
    return t;
}

void gi_keep_drop(gi_keep *k, gale_tuple *t)
{
    if (t == NULL)
        return;
    gi_keep_chunk *c = ((struct head *)(void *)t - 1)->chunk;

    if (--c->live > 0)
        return;
    if (c == k->now)
        c->used = 0;
    else
        give_back(k, c);
}
