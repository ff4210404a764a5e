/* heap.h -- what falls due, the earliest first; at one time, by order.
 *
 * Items are of one size and begin with a gi_due.  Which of two equal ones
 * comes first is nobody's promise.
 */
#ifndef GI_BASE_HEAP_H
#define GI_BASE_HEAP_H

#include "gale/base.h"

typedef struct gi_due {
    int64_t at;
    uint64_t order;
} gi_due;

/* { .size = sizeof(the item) } is an empty one. */
typedef struct gi_heap {
    uint32_t size, n, cap;
    unsigned char *items; /* in no order but that of a heap */
} gi_heap;

void gi_heap_fini(gi_heap *h);

/* Room for one more; false without memory. */
bool gi_heap_reserve(gi_heap *h);

/* There must be room. */
void gi_heap_push(gi_heap *h, const void *item);

/* The earliest, which there must be. */
void gi_heap_pop(gi_heap *h, void *item);

/* When it is due; INT64_MAX: there is none. */
static inline int64_t gi_heap_next(const gi_heap *h)
{
    return h->n == 0 ? INT64_MAX
                     : ((const gi_due *)(const void *)h->items)->at;
}

#endif
