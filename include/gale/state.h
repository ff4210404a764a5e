/* state.h -- what is remembered beyond a batch, and where it is kept.
 *
 * Three layers, each of which may be replaced:
 *
 *     gale_store    a small table of functions over something that keeps bytes
 *                   under keys: memory, a directory, Redis, or your own
 *     gale_map      one task's part of a keyed state, on top of a store: each
 *                   batch is applied once, even if it comes again
 *     trident.h     streams that are folded into maps
 *
 * How a batch is applied once.  Keys are divided into GALE_STATE_GROUPS
 * groups; a key never changes its group, and each task owns a range of them.
 * With each group the map keeps a fence: the number of the last transaction
 * that changed the group, written together with the values, all or nothing.
 * A transaction that comes again finds its own number there:
 *
 *     transactional       it has the same tuples as before, so nothing is left
 *                         to do
 *     opaque              it may have other tuples: what it did before is
 *                         undone in all of the task's groups, and it is
 *                         applied anew
 *     non-transactional   there is no fence, and it is applied twice
 *
 * A transaction older than the fence is refused: it comes from a task that has
 * been replaced.  Fences belong to groups, and groups move as a whole, so this
 * holds when a topology comes back with another number of tasks, too.
 *
 * Thread  everything here: one at a time for each store or map
 */
#ifndef GALE_STATE_H
#define GALE_STATE_H

#include "gale/task.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    GALE_STATE_GROUPS = 128,         /* also the most tasks a map can have */
    GALE_STATE_KEY_MOST = 480,       /* bytes of a key as it is stored */
    GALE_STATE_VALUE_MOST = 8 << 20, /* bytes of a value */
};

/* ------------------------------------------------------------- stores -- */

/* A put, or with value.ptr NULL a removal; to remove what is not there is
 * fine.  The first two bytes of a key are its group, big end first.  A key
 * comes once in a write. */
typedef struct gale_change {
    gale_str key;
    gale_str value;
} gale_change;

/* Which part of which state is opened. */
typedef struct gale_store_where {
    const char *topology; /* its name */
    const char *state;    /* its id, unique in the topology */
    uint32_t index;       /* which of ... */
    uint32_t count;       /* ... so many parts: gale_state_range */
    gale_task *task;      /* whose settings and faults count; NULL: defaults */
    const char *place;    /* directory or address; NULL: as the settings say */
    bool read_only;       /* beside the one who writes; sees a recent past */
    uint32_t aside;       /* maps: the first so many values of each key are
                             left out when its group is computed, so keys that
                             differ only in those are in the same group */
} gale_store_where;

/* A pair, borrowed until it returns; what is not GALE_OK ends the scan. */
typedef gale_err (*gale_store_pair)(void *arg, gale_str key, gale_str value);

/* `why` may be NULL in all of them. */
typedef struct gale_store {
    const char *name;
    bool durable; /* what was written is there after a kill or a power cut */

    /* Open the part; make it if it is not there.  If the state was last
     * written with another `count`, every key of the part's groups is found in
     * it all the same.  If the same process opens a part twice, the later one
     * has it, and calls on the earlier one fail with GALE_EIO: a task that was
     * killed and begun anew never closed its first one.  With read_only any
     * part of any count may be opened.
     *
     * GALE_EBUSY: another process has it (it may be about to end: ask again);
     * GALE_ENOTFOUND: nothing is there to be read only; GALE_EIO, GALE_EFORMAT
     * (damaged: says what and where), GALE_ENOMEM, GALE_EINVAL. */
    gale_err (*open)(void **out, const gale_store_where *where,
                     gale_diag *why);

    /* values[i] of keys[i], borrowed until the next call; ptr NULL: there is
     * none. */
    gale_err (*get)(void *self, const gale_str *keys, size_t n,
                    gale_str *values, gale_diag *why);

    /* All changes or none; if the store is durable, they are so when it
     * returns.  After GALE_ENOMEM nothing was written.  After any other error
     * nobody knows whether it was: close the part and open it again. */
    gale_err (*write)(void *self, const gale_change *changes, size_t n,
                      gale_diag *why);

    /* All pairs whose key begins with `prefix`, by key. */
    gale_err (*scan)(void *self, gale_str prefix, gale_store_pair pair,
                     void *arg, gale_diag *why);

    void (*close)(void *self);
} gale_store;

/* In the memory of this process: survives a task that dies, not the process.
 * For tests, and for what can be computed again. */
GALE_API extern const gale_store gale_store_memory;

/* Files below topology.state.dir, one directory a part: an append-only log,
 * synced once a write, before a B-tree (LMDB) that is brought up to date now
 * and then; so a state may be larger than memory.  The default. */
GALE_API extern const gale_store gale_store_embedded;

/* The groups [*from, *to) of part `index` of `count`. */
GALE_API void gale_state_range(uint32_t index, uint32_t count, uint32_t *from,
                               uint32_t *to);

/* The group of a key, and the part that has a group.  The same for all time,
 * on every machine. */
GALE_API uint32_t gale_state_group(const gale_value *key, size_t n);
GALE_API uint32_t gale_state_part(uint32_t group, uint32_t count);

/* --------------------------------------------------------------- maps -- */

/* What a map does with a batch that comes again; see the top of this file. */
typedef enum gale_state_kind {
    GALE_STATE_OPAQUE = 0, /* the default: right with every replayable spout */
    GALE_STATE_TRANSACTIONAL = 1,
    GALE_STATE_NON_TRANSACTIONAL = 2,
} gale_state_kind;

typedef struct gale_map gale_map;

/* Open a part of a map; `where` and what it points to are copied or read now.
 *
 *   out   the map, to be closed; written only on success
 *   why   NULL, or where to say what is wrong, here and below
 *
 * Returns GALE_OK; else what the store's open says.
 */
GALE_API gale_err gale_map_open(gale_map **out, const gale_store *store,
                                const gale_store_where *where,
                                gale_state_kind kind, gale_diag *why);
GALE_API void gale_map_close(gale_map *m); /* NULL is fine */

/* The values of n keys.  A key is a row (the values that are grouped by), and
 * so is a value.  Inside a batch, what the batch has put is seen.
 *
 *   values   values[i] is borrowed until the next call on `m`;
 *            values[i].values NULL: there is none
 *
 * Returns GALE_OK; GALE_EINVAL: a key that is too long; GALE_EFORMAT: what is
 *         there is damaged; GALE_EIO, GALE_ENOMEM.
 */
GALE_API gale_err gale_map_get(gale_map *m, const gale_row *keys, size_t n,
                               gale_row *values, gale_diag *why);

/* From here to gale_map_commit, what is put belongs to this transaction;
 * outside of a batch nothing can be put.  A batch that has begun and was not
 * committed is abandoned.  In an opaque map, what an earlier attempt at the
 * same transaction did is undone (in memory, until the commit).  So call begin
 * and commit in every part for every batch, also where it has no rows: an
 * earlier attempt may have had some.
 *
 * Returns GALE_OK; GALE_EINVAL: a later transaction, or a later attempt at
 *         this one, was applied already, and nothing has begun; GALE_EIO;
 *         GALE_ENOMEM.
 */
GALE_API gale_err gale_map_begin(gale_map *m, uint64_t txid, uint64_t attempt,
                                 gale_diag *why);

/* Says what becomes of the value of keys[i].  `old` is the value (old.values
 * NULL: there is none), and *now the same until it writes another one there,
 * which is copied when it returns; now->values NULL removes the key. */
typedef gale_err (*gale_map_update_fn)(void *arg, size_t i, gale_row old,
                                       gale_row *now);

/* Each value becomes what `update` makes of it.  `update` is not called for a
 * key whose group has this transaction already.
 *
 *   now   NULL, or where to write what is there now, as gale_map_get does
 *
 * Returns GALE_OK; what `update` returned; GALE_EINVAL: no batch has begun, or
 *         a key or value is too long; GALE_EFORMAT, GALE_EIO, GALE_ENOMEM.
 *         After an error the batch can only be abandoned.
 */
GALE_API gale_err gale_map_update(gale_map *m, const gale_row *keys, size_t n,
                                  gale_map_update_fn update, void *arg,
                                  gale_row *now, gale_diag *why);

/* The simple form: keys[i] gets values[i]; values[i].values NULL removes it.
 *
 * Returns as gale_map_update.
 */
GALE_API gale_err gale_map_put(gale_map *m, const gale_row *keys,
                               const gale_row *values, size_t n,
                               gale_diag *why);

/* Write all that the batch has put, or nothing.  A batch that put nothing
 * costs nothing.
 *
 * Returns GALE_OK; GALE_ENOMEM: nothing was written, and it may be tried
 *         again; else the error of the store's write: close the map and open
 *         it again.
 */
GALE_API gale_err gale_map_commit(gale_map *m, gale_diag *why);

/* Forget what was put since begin. */
GALE_API void gale_map_abandon(gale_map *m);

/* A pair.  Rows are borrowed until it returns; what is not GALE_OK ends it. */
typedef gale_err (*gale_map_pair)(void *arg, gale_row key, gale_row value);

/* All pairs that are committed, by group.
 *
 * Returns GALE_OK; what `pair` returned; GALE_EFORMAT, GALE_EIO, GALE_ENOMEM.
 */
GALE_API gale_err gale_map_scan(gale_map *m, gale_map_pair pair, void *arg,
                                gale_diag *why);

/* The last transaction that touched any of its groups; 0: none. */
GALE_API uint64_t gale_map_txid(const gale_map *m);

#ifdef __cplusplus
}
#endif
#endif /* GALE_STATE_H */
