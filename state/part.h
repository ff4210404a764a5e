/* part.h -- one part of a state in its directory: what was changed lately in
 * memory and in a log, what was changed before in a B-tree.
 *
 *     data, data-lock   the B-tree (tree.h)
 *     log.N             changes since; N is counted on
 *     lock              held by whoever writes
 *
 * A write is one record of the log, synced.  When the log is long, the next
 * one is begun and a checkpoint brings the B-tree up to date, a slice with
 * each write, so that no write waits for all of it.  Slices are transactions
 * of their own: values newer than the log that is kept do no harm, since it is
 * replayed over them.  With the last one the B-tree says which log it needs
 * from now on, and those before go.  Recovery is that log and those behind it.
 *
 * Cells of the tables: `dirty` is the number of the log that has the change;
 * clean ones are a cache. */
#ifndef GI_STATE_PART_H
#define GI_STATE_PART_H

#include "state/cells.h"
#include "state/log.h"
#include "state/tree.h"

typedef struct gi_part_opts {
    bool read_only;
    uint64_t log_bytes;   /* a checkpoint begins behind so many; 0: default */
    uint64_t cache_bytes; /* clean cells beyond are forgotten; 0: default */
} gi_part_opts;

typedef struct gi_part {
    char *dir;
    gi_part_opts opts;
    gi_tree *tree;
    MDB_txn *txn; /* for reading; of a writer it is reset between calls */
    bool reading; /* txn is not reset */
    bool broken;  /* a write failed */
    bool scanning;

    uint64_t first;         /* log that the B-tree does not have */
    uint64_t highest, seen; /* when it was opened: the last log, and how much
                               of it a reader looks at ... */
    uint64_t good;          /* ... of which records so far are whole */
    gi_log log;             /* the last one, of a writer */
    gi_cells groups[GALE_STATE_GROUPS];
    uint64_t clean;    /* bytes of clean cells */
    uint32_t sweep_at; /* the next group to forget some of */

    /* A checkpoint: what is dirty by logs below `upto` goes to the tree. */
    uint64_t upto; /* 0: there is none */
    uint32_t at_group, at_slot, slots;
    size_t
        slice; /* cells of a slice: small writes do not wait for large ones */

    gi_bytes record;
    gi_cell **cells; /* of the changes being written */
    size_t most_cells;
} gi_part;

/* DIR is there, with a tree (make.h) and, of a writer, locked.
 * GALE_ENOTFOUND: a reader lost the race with a checkpoint, or a removal. */
gale_err gi_part_open(gi_part **out, const char *dir, const gi_part_opts *opts,
                      gale_diag *why);
void gi_part_close(gi_part *p); /* NULL is fine */

/* The same in two: at which moment, and then what there was at it, which takes
 * as long as the logs are. */
gale_err gi_part_pin(gi_part **out, const char *dir, const gi_part_opts *opts,
                     gale_diag *why);
/* Another moment, now, for a reader; *moved: something was written since the
 * last one.  Who goes over many parts until none has moved has all of them at
 * one moment, which lies between the last two rounds. */
gale_err gi_part_pin_again(gi_part *p, bool *moved);
gale_err gi_part_load(gi_part *p, gale_diag *why);

/* As of a gale_store. */
gale_err gi_part_get(gi_part *p, const gale_str *keys, size_t n,
                     gale_str *values, gale_diag *why);
gale_err gi_part_write(gi_part *p, const gale_change *c, size_t n,
                       gale_diag *why);
gale_err gi_part_scan(gi_part *p, uint32_t group, gale_str prefix,
                      gale_store_pair pair, void *arg, gale_diag *why);

/* One slice of the checkpoint, or the beginning of one if it is due; called
 * with each write.  An error is one of the write. */
gale_err gi_part_checkpoint(gi_part *p, gale_diag *why);

/* What the B-tree says about itself. */
enum { GI_META_BYTES = 16 };
gale_str gi_meta_key(void);
void gi_meta_write(char meta[GI_META_BYTES], uint64_t first_log);
bool gi_meta_read(gale_str meta, uint64_t *first_log);

/* Between calls a writer reads nothing, so that pages can be used again. */
int gi_part_read_begin(gi_part *p);
void gi_part_read_end(gi_part *p);

#endif
