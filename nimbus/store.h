/* store.h -- where Nimbus keeps what must survive it.
 *
 * A small map from keys to bytes.  A decision of Nimbus is one list of
 * changes, which is there as a whole or not at all, and which is there for
 * good before anybody hears of the decision.
 *
 *     cluster       how many topologies there were, how often Nimbus began
 *     topology/ID   one topology: what was submitted, its life, where it runs
 *     aside/...     entries that could not be read, for a person to look at
 *
 * Keys are at most GI_STORE_KEY_MOST bytes of printable ASCII.
 *
 * Thread  owner of the Nimbus that uses it
 */
#ifndef GI_NIMBUS_STORE_H
#define GI_NIMBUS_STORE_H

#include "gale/base.h"

enum { GI_STORE_KEY_MOST = 400 };

typedef struct gi_store_change {
    const char *key;
    const void *bytes; /* NULL: the key is removed, if it is there */
    size_t len;
} gi_store_change;

/* Bytes are borrowed until it returns; what is not GALE_OK ends the walk. */
typedef gale_err gi_store_visit(void *arg, const char *key, const void *bytes,
                                size_t len);

typedef struct gi_store {
    void *self;

    /* All of it, in this order, durably; or, if it is not GALE_OK, nothing of
     * it.  `why` may be NULL.  GALE_EIO, GALE_ENOMEM, GALE_ELIMIT. */
    gale_err (*commit)(void *self, const gi_store_change *changes, uint32_t n,
                       gale_diag *why);

    /* All that is there, by key.  No commit meanwhile. */
    gale_err (*each)(void *self, gi_store_visit *visit, void *arg,
                     gale_diag *why);
} gi_store;

#endif
