/* sum.h -- a sum over all pairs of a store, in whatever order.
 *
 * Each pair has a SHA-256; they are added as four numbers, so one pair can be
 * taken out or put in without looking at the others.  No pair may be missing,
 * altered or left over if number and sum are right.
 *
 * Pure.  Private to the store.
 */
#ifndef GI_NIMBUS_STORE_SUM_H
#define GI_NIMBUS_STORE_SUM_H

#include "gale/base.h"

typedef struct gi_store_sum {
    uint64_t n; /* pairs */
    uint64_t part[4];
} gi_store_sum;

enum { GI_STORE_SUM_BYTES = 48 };

/* It lies in the store under a name that no key can have. */
#define GI_STORE_SUM_KEY "\0sum"
enum { GI_STORE_SUM_KEY_LEN = 4 };

void gi_store_sum_add(gi_store_sum *s, const void *key, size_t key_len,
                      const void *bytes, size_t len);
void gi_store_sum_take(gi_store_sum *s, const void *key, size_t key_len,
                       const void *bytes, size_t len);
bool gi_store_sum_same(const gi_store_sum *a, const gi_store_sum *b);

void gi_store_sum_write(const gi_store_sum *s,
                        unsigned char out[GI_STORE_SUM_BYTES]);
/* Are these bytes one, of a layout that we know? */
bool gi_store_sum_read(gi_store_sum *out, const void *bytes, size_t len);

#endif
