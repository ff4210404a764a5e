/* blobs.h -- the programs of topologies, each under its SHA-256.
 *
 * A program comes in pieces, in order, and each piece says where it belongs.
 * One that is there already changes nothing, one from further on is not taken;
 * the answer says how much is there, which is where to go on: after a lost
 * reply, a broken connection, or beside another client with the same program.
 * The hash is reckoned as pieces come.  When all is there and the hash is
 * right, the file is synced and gets its name; if it is wrong, all is dropped.
 *
 *     HASH        whole, right, and on the disk
 *     HASH.part   on the way; dropped when it is opened, since nobody knows
 *                 what of it reached the disk
 *
 * Names that come from others are 64 hexadecimal digits or refused.
 *
 * Thread  owner
 */
#ifndef GI_NIMBUS_BLOBS_H
#define GI_NIMBUS_BLOBS_H

#include "gale/base.h"

typedef struct gi_blobs gi_blobs;

/* Zero means default. */
typedef struct gi_blobs_opts {
    const char *dir;      /* made if it is not there; required */
    uint64_t most;        /* bytes of one; 2 GiB */
    uint64_t keep_free;   /* bytes of the disk that stay free; 64 MiB */
    uint64_t unused_ms;   /* one that nobody uses is kept so long; 10 min */
    uint32_t most_coming; /* at a time; 16 */
} gi_blobs_opts;

/* GALE_EIO, GALE_ENOMEM; `why` names the file. */
gale_err gi_blobs_open(gi_blobs **out, const gi_blobs_opts *opts,
                       uint64_t now_ms, gale_diag *why);
void gi_blobs_close(gi_blobs *b); /* NULL is fine */

typedef struct gi_blob_state {
    uint64_t size; /* of it that is here; 0: nothing */
    bool complete; /* and its hash is right */
} gi_blob_state;

/* GALE_EINVAL: that is no hash. */
gale_err gi_blobs_look(gi_blobs *b, const char *hash, uint64_t now_ms,
                       gi_blob_state *out, gale_diag *why);

/* Here are the bytes from `offset` of `total`.
 *
 * GALE_OK: `out` says how much is there.  GALE_EINVAL: no hash, no sense, or
 * another total than before; GALE_ELIMIT: too large, too little room on the
 * disk, or too many at a time; GALE_EFORMAT: all was there, and the hash is
 * another; GALE_EIO: it cannot be written.  After the last two nothing of it
 * is here. */
gale_err gi_blobs_put(gi_blobs *b, const char *hash, uint64_t total,
                      uint64_t offset, const void *bytes, size_t len,
                      uint64_t now_ms, gi_blob_state *out, gale_diag *why);

/* Up to `most` bytes from `offset` of a complete one into `to`; beyond its end
 * there are none.  GALE_EINVAL, GALE_ENOTFOUND, GALE_EIO. */
gale_err gi_blobs_get(gi_blobs *b, const char *hash, uint64_t offset, void *to,
                      size_t most, uint64_t now_ms, uint64_t *total,
                      size_t *len, gale_diag *why);

/* Those that are complete: `each` hears of every one. */
void gi_blobs_each(const gi_blobs *b,
                   void (*each)(void *arg, const char *hash), void *arg);

/* Drop what `uses` has not said yes to, and nobody asked for, for unused_ms;
 * also what is on the way and does not get on.  `dropped` (may be NULL) hears
 * of each. */
void gi_blobs_tidy(gi_blobs *b, uint64_t now_ms,
                   bool (*uses)(void *arg, const char *hash),
                   void (*dropped)(void *arg, const char *hash, bool complete),
                   void *arg);

#endif
