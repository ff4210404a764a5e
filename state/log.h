/* log.h -- the log of a part as a file: appended to and synced, or read. */
#ifndef GI_STATE_LOG_H
#define GI_STATE_LOG_H

#include "state/record.h"

typedef struct gi_log {
    int fd; /* -1: it is not open */
    uint64_t generation;
    uint64_t size; /* bytes that are good */
    char *path;
} gi_log;

/* An empty one, DIR/log.N, on the disk with its name; a file that is there is
 * replaced.  GALE_EIO, GALE_ENOMEM. */
gale_err gi_log_create(gi_log *l, const char *dir, uint64_t generation,
                       gale_diag *why);

/* Go on after what gi_log_replay found good: the rest is cut off, and its last
 * record (at `last`) written once more, since whoever wrote it may have died
 * before it was on the disk. */
gale_err gi_log_continue(gi_log *l, const char *dir, uint64_t generation,
                         uint64_t good, uint64_t last, gale_diag *why);

/* Bytes behind the others, and onto the disk.  GALE_EIO: then nobody knows
 * whether they are there. */
gale_err gi_log_append(gi_log *l, const char *bytes, size_t len,
                       gale_diag *why);

void gi_log_close(gi_log *l);

/* How long DIR/log.N is now.  GALE_ENOTFOUND: it is not there. */
gale_err gi_log_bytes(const char *dir, uint64_t generation, uint64_t *bytes);

/* Every change of every record in the first `most` bytes, in order, to `each`.
 * What ends too soon is left out where it may be: it is the last record of the
 * last log.
 *
 * GALE_ENOTFOUND: there is no such log, or not even a head in a `last` one;
 * GALE_EFORMAT: damaged, and where; what `each` says; GALE_EIO, GALE_ENOMEM.
 */
typedef gale_err (*gi_log_each)(void *arg, const gale_change *c);
gale_err gi_log_replay(const char *dir, uint64_t generation, bool last_log,
                       uint64_t most, gi_log_each each, void *arg,
                       uint64_t *good, uint64_t *last, gale_diag *why);

/* The numbers of the logs in a directory: the lowest and the highest from
 * `from` on.  GALE_ENOTFOUND: there is none. */
gale_err gi_log_range(const char *dir, uint64_t from, uint64_t *lowest,
                      uint64_t *highest);

/* Remove DIR/log.N. */
void gi_log_remove(const char *dir, uint64_t generation);

/* The directory itself to the disk, with the names in it. */
gale_err gi_dir_sync(const char *dir, gale_diag *why);

/* "PATH: what errno says", or, of a write, that the disk is full.  GALE_EIO */
gale_err gi_io_failed(const char *path, gale_diag *why);

#endif
