/* store.h -- where Nimbus keeps what has to survive it: keys with bytes.
 *
 * A store is a table of functions over something durable: a file of one
 * machine (lmdb.h), or an ensemble of them.  Nimbus reads all of it
 * once, when it begins, and from then on only writes; what it knows is in its
 * memory.  Batches are all or nothing.
 *
 * A commit that fails leaves it open whether the batch is there.  Whoever made
 * it must not go on: it closes the store, ends, and reads again.
 *
 * Thread  one at a time
 */
#ifndef GI_NIMBUS_STORE_STORE_H
#define GI_NIMBUS_STORE_STORE_H

#include "gale/base.h"

enum {
    GI_STORE_KEY_MOST = 255,       /* bytes of a key; 1 at least */
    GI_STORE_VALUE_MOST = 8 << 20, /* bytes of a value; 0 is fine */
};

/* A put, or with `bytes` NULL a delete; to delete what is not there is fine.
 * A key comes once in a batch. */
typedef struct gi_store_change {
    const char *key; /* text, without a zero byte */
    const void *bytes;
    size_t len;
} gi_store_change;

/* A pair, borrowed until it returns; what is not GALE_OK ends the loading. */
typedef gale_err (*gi_store_pair)(void *arg, const char *key,
                                  const void *bytes, size_t len);

typedef struct gi_store {
    void *self;

    /* Every pair, by key.  What `pair` returned if not GALE_OK; GALE_EIO,
     * GALE_EFORMAT: it is damaged; GALE_ENOMEM.  `why` may be NULL, here and
     * below. */
    gale_err (*load)(void *self, gi_store_pair pair, void *arg,
                     gale_diag *why);

    /* All of the batch, or nothing of it; on the disk when it returns.
     * GALE_EINVAL: a key or value that may not be; nothing happened.
     * GALE_EIO: disk full, for one; GALE_ELIMIT: the store's own limit;
     * GALE_ENOMEM. */
    gale_err (*commit)(void *self, const gi_store_change *changes, size_t n,
                       gale_diag *why);

    void (*close)(void *self);
} gi_store;

#endif
