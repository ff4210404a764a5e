/* lmdb.h -- the store in one file of this machine: LMDB.
 *
 * LMDB never overwrites what is valid, so the file is whole whenever the power
 * goes.  What LMDB does not do is doubt its file: it maps it, and what is
 * wrong in it ends the process.  Hence:
 *
 *   - a process of its own walks the whole file before this one touches it
 *     (check.h)
 *   - beside the pairs lies a sum over all of them, which each batch carries
 *     forward: whatever is lost, altered or left over is found by loading
 *   - the file is made beside and renamed: there is none, or a whole one
 *
 * A file that is damaged is refused, never mended: what runs in the cluster
 * hangs by it, so a person decides.
 *
 * Only one process may have it open; whoever opens it holds the lock of its
 * directory (base/dir_lock.h).
 */
#ifndef GI_NIMBUS_STORE_LMDB_H
#define GI_NIMBUS_STORE_LMDB_H

#include "nimbus/store/store.h"

/* Zero means default. */
typedef struct gi_store_lmdb_opts {
    const char *path;    /* ".../state.mdb", in a directory that is there */
    bool set_aside;      /* a damaged one becomes PATH.broken-TIME, and a new
                            one is begun */
    uint64_t first_size; /* room at first, in bytes; grows.  16 MiB */
    uint64_t most;       /* no more than that; 64 GiB */
} gi_store_lmdb_opts;

/* GALE_EFORMAT: it is damaged, `why` says what to do; GALE_EIO, GALE_ENOMEM.
 * With set_aside and GALE_OK `why` is "", or says where the old one is. */
gale_err gi_store_lmdb_open(gi_store *out, const gi_store_lmdb_opts *opts,
                            gale_diag *why);

#endif
