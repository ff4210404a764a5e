/* batches.c -- a loop's blocks of memory for tuples and notes: taken from a
 * pool, and put back when they come home. */
#include "worker/loop.h"

/* Others read it to say how much memory is in use. */
static void count_bytes(gi_loop *l, uint64_t by)
{
    uint64_t now = atomic_load_explicit(&l->batch_bytes, memory_order_relaxed);

    atomic_store_explicit(&l->batch_bytes, now + by, memory_order_relaxed);
}

gi_batch *gi_batch_take(gi_loop *l, uint32_t need)
{
    uint32_t cap = l->w->plan->set.batch_bytes;
    gi_batch *b = l->pool;

    if (b != NULL && need <= cap) {
        l->pool = b->next;
        l->n_pool--;
    } else {
        if (need > cap)
            cap = need; /* a tuple larger than a batch: one of its own */
        b = gi_alloc_blank(sizeof(*b) + cap);
        if (b == NULL)
            return NULL;
        b->cap = cap;
        count_bytes(l, cap);
    }
    *b = (gi_batch){ .cap = b->cap, .owner = (uint16_t)l->no };
    return b;
}

void gi_batch_drop(gi_loop *l, gi_batch *b)
{
    if (b->cap == l->w->plan->set.batch_bytes &&
        l->n_pool < gi_pool_most(l->w)) {
        b->next = l->pool;
        l->pool = b;
        l->n_pool++;
        return;
    }
    count_bytes(l, 0 - (uint64_t)b->cap);
    gi_free(b);
}

void gi_batch_make_older(gi_loop *l, gi_batch *b, uint16_t epoch)
{
    uint16_t before = b->epoch;

    b->epoch = epoch;
    gi_frontier_made(&l->w->frontier, l->no, epoch);
    gi_frontier_done(&l->w->frontier, l->no, before, 1);
}

void gi_batches_release(gi_loop *l)
{
    uint64_t freed = 0;

    while (l->pool != NULL) {
        gi_batch *b = l->pool;

        l->pool = b->next;
        freed += b->cap;
        gi_free(b);
    }
    l->n_pool = 0;
    count_bytes(l, 0 - freed);
}

void gi_batches_free(gi_queue *q)
{
    gi_batch *b;

    while ((b = gi_queue_pop(q)) != NULL)
        gi_free(b);
}
