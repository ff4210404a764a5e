/* tree.h -- the B-tree of a part: an LMDB file, opened once a process however
 * many of us read it, since LMDB must not be opened twice. */
#ifndef GI_STATE_TREE_H
#define GI_STATE_TREE_H

#include <lmdb.h>

#include "gale/base.h"

typedef struct gi_tree {
    MDB_env *env;
    MDB_dbi dbi;
    char *path;
    /* The rest belongs to the registry. */
    uint64_t dev, ino;
    unsigned users;
    struct gi_tree *next;
} gi_tree;

/* DIR/data; made if `make`.  GALE_ENOTFOUND, GALE_EIO, GALE_EFORMAT,
 * GALE_ENOMEM.  Thread  any, also of close */
gale_err gi_tree_open(gi_tree **out, const char *dir, bool make,
                      gale_diag *why);
void gi_tree_close(gi_tree *t); /* NULL is fine */

/* What LMDB says, as an error with words. */
gale_err gi_tree_say(const gi_tree *t, int rc, gale_diag *why);

/* A transaction was refused for want of room (MDB_MAP_FULL): there is more
 * now.  GALE_EBUSY: not while somebody else in this process reads it. */
gale_err gi_tree_grow(gi_tree *t, gale_diag *why);

/* Bytes of pages that were ever used; and what there may be in all now. */
uint64_t gi_tree_bytes(const gi_tree *t, uint64_t *room);

/* Commit, unless a test or a fault plan has it fail. */
int gi_tree_commit(MDB_txn *txn);

static inline MDB_val gi_tree_val(gale_str s)
{
    return (MDB_val){ s.len, (void *)(uintptr_t)s.ptr };
}

#endif
