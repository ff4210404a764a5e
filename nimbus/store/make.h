/* make.h -- a new file for the store, and a damaged one out of the way.
 * Private to the store.
 */
#ifndef GI_NIMBUS_STORE_MAKE_H
#define GI_NIMBUS_STORE_MAKE_H

#include <lmdb.h>

#include "nimbus/store/sum.h"

/* Make an empty store: beside, and renamed when it is whole.
 * GALE_EIO, GALE_ENOMEM. */
gale_err gi_store_make(const char *path, gale_diag *why);

/* Rename what is there to PATH.broken-TIME, and make an empty one.  `damage`
 * says what was wrong with it; `why`, also if all goes well, where it is. */
gale_err gi_store_make_anew(const char *path, const char *damage,
                            gale_diag *why);

/* Put the sum where it belongs; an error number of LMDB or the system. */
int gi_store_put_sum(MDB_txn *txn, MDB_dbi dbi, const gi_store_sum *sum);

#endif
