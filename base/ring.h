/* ring.h -- pointers from one thread to one other.
 *
 * Single producer, single consumer, bounded, wait-free for both.  Each side
 * keeps a private copy of the other's index and looks at the real one only
 * when the copy says "full" or "empty"; so in the steady state a hand-over
 * touches one shared line now and then (LMAX Disruptor's cached sequence).
 */
#ifndef GI_BASE_RING_H
#define GI_BASE_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"
#include "gale/base.h"

typedef struct gi_ring {
    /* The producer's. */
    _Alignas(128) _Atomic uint32_t tail;
    uint32_t head_seen;

    /* The consumer's. */
    _Alignas(128) _Atomic uint32_t head;
    uint32_t tail_seen;

    /* Constant after init. */
    _Alignas(128) uint32_t mask;
    void **slot;
} gi_ring;

/* `size` is a power of two. */
static inline gale_err gi_ring_init(gi_ring *r, uint32_t size)
{
    atomic_init(&r->tail, 0);
    atomic_init(&r->head, 0);
    r->head_seen = r->tail_seen = 0;
    r->mask = size - 1;
    r->slot = gi_calloc(size, sizeof(void *));
    return r->slot == NULL ? GALE_ENOMEM : GALE_OK;
}

static inline void gi_ring_fini(gi_ring *r)
{
    gi_free(r->slot);
    r->slot = NULL;
}

/* Thread  producer.  false: full. */
static inline bool gi_ring_push(gi_ring *r, void *p)
{
    uint32_t t = atomic_load_explicit(&r->tail, memory_order_relaxed);

    if (t - r->head_seen > r->mask) {
        r->head_seen = atomic_load_explicit(&r->head, memory_order_acquire);
        if (t - r->head_seen > r->mask)
            return false;
    }
    r->slot[t & r->mask] = p;
    atomic_store_explicit(&r->tail, t + 1, memory_order_release);
    return true;
}

/* Thread  consumer.  NULL: empty. */
static inline void *gi_ring_pop(gi_ring *r)
{
    uint32_t h = atomic_load_explicit(&r->head, memory_order_relaxed);

    if (h == r->tail_seen) {
        r->tail_seen = atomic_load_explicit(&r->tail, memory_order_acquire);
        if (h == r->tail_seen)
            return NULL;
    }
    void *p = r->slot[h & r->mask];
    atomic_store_explicit(&r->head, h + 1, memory_order_release);
    return p;
}

/* Thread  consumer. */
static inline bool gi_ring_empty(const gi_ring *r)
{
    return atomic_load_explicit(&r->head, memory_order_relaxed) ==
           atomic_load_explicit(&r->tail, memory_order_acquire);
}

#endif
