/* arrivals.h -- frames that came over and are still to be executed, by number.
 *
 * They come in ascending order and go in any; the usual one to go is the first
 * or near it.  Room for all of them is taken once.
 */
#ifndef GI_WIRE_ARRIVALS_H
#define GI_WIRE_ARRIVALS_H

#include "gale/base.h"

typedef struct gi_arrivals {
    uint64_t *no;    /* 2 * cap; those from `head` to `head + n` are there */
    uint32_t *bytes; /* likewise */
    uint32_t head, n, cap;
    uint64_t total; /* bytes */
} gi_arrivals;

gale_err gi_arrivals_init(gi_arrivals *a, uint32_t cap);
void gi_arrivals_fini(gi_arrivals *a); /* zeroed is fine */
void gi_arrivals_clear(gi_arrivals *a);

/* A number above all that are there; a->n < a->cap. */
void gi_arrivals_push(gi_arrivals *a, uint64_t no, uint32_t bytes);

/* False: it is not there. */
bool gi_arrivals_remove(gi_arrivals *a, uint64_t no);

static inline const uint64_t *gi_arrivals_list(const gi_arrivals *a)
{
    return a->no + a->head;
}

#endif
