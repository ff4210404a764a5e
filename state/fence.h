/* fence.h -- what the map keeps beside the values: which transaction touched a
 * group last and, of an opaque map, how to undo it.
 *
 * A group's fence is a pair of the store, under the group and the byte 0xc1:
 * version, kind, how many pieces of undoing there are, transaction, attempt.
 * The pieces lie under the same key with a number behind it (4 bytes, big end
 * first, from 0): runs of (key without its group, the value that it had before
 * the transaction).  There are several where one would be too large. */
#ifndef GI_STATE_FENCE_H
#define GI_STATE_FENCE_H

#include "state/codec.h"
#include "state/stored.h"

enum {
    GI_FENCE_BYTES = 24,       /* of a fence's value */
    GI_FENCE_KEY = 3,          /* bytes of its key ... */
    GI_UNDO_KEY = 7,           /* ... and of a piece's */
    GI_UNDO_PIECE = 256 << 10, /* a piece of several entries is no longer */
    GI_UNDO_HEAD = 6,          /* before each key and value */
    GI_UNDO_MOST = 1 << 24,    /* pieces, when somebody else wrote them */
};

typedef struct gi_fence {
    uint64_t txid, attempt; /* 0: there is no fence */
    uint32_t pieces;
    gale_state_kind kind; /* of the map that wrote it */
} gi_fence;

/* Into char[GI_FENCE_KEY], char[GI_UNDO_KEY], char[GI_FENCE_BYTES]. */
void gi_fence_key(char *key, uint32_t group);
void gi_undo_key(char *key, uint32_t group, uint32_t piece);
void gi_fence_write(char *value, const gi_fence *f);

/* False: that is none. */
bool gi_fence_read(gi_fence *f, gale_str value);

/* One more entry behind a piece; `row` is a key without its group, value.ptr
 * NULL: it was not there.  GALE_ENOMEM. */
gale_err gi_undo_add(gi_bytes *piece, gale_str row, gale_str value);

/* The next entry of a piece, and *at behind it.  False: there is none, or what
 * is there makes no sense (*at is not its end then). */
bool gi_undo_next(gale_str piece, size_t *at, gale_str *row, gale_str *value);

#endif
