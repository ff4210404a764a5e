#include "worker/keep.h"

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

gi_keep_chunk *gi_keep_begin(gi_keep *k, uint32_t need)
{
    gi_keep_chunk *c = k->now;
    gi_keep_chunk *fresh = make_chunk(k, need);

    if (fresh == NULL || fresh->cap != GI_KEEP_CHUNK)
        return fresh; /* one of its own: the present one stays */
    k->now = fresh;
    if (c != NULL && c->live == 0)
        give_back(k, c);
    return fresh;
}

void gi_keep_end(gi_keep *k, gi_keep_chunk *c)
{
    if (c == k->now)
        c->used = 0;
    else
        give_back(k, c);
}

gale_tuple *gi_keep_row(gi_keep *k, gale_row row, uint32_t n_more)
{
    uint64_t size = gi_tuple_need(row, n_more);
    gale_tuple *t = size > UINT32_MAX ? NULL : gi_keep_room(k, (uint32_t)size);

    if (t != NULL)
        gi_tuple_fill(t, row, n_more);
    return t;
}
