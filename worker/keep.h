/* keep.h -- memory for tuples that outlive their batch.
 *
 * A spout's task keeps what it emitted until it is acked, and a bolt's task
 * what it holds.  Both are many, small and mostly first in, first out; so
 * they are laid side by side in chunks, and a chunk is used again when the
 * last of its tuples has gone.  One tuple that stays pins its chunk; a
 * tuple larger than a chunk gets one of its own.
 *
 * Thread  that of the task, for all of it
 */
#ifndef GI_WORKER_KEEP_H
#define GI_WORKER_KEEP_H

#include "topology/batch.h"

enum { GI_KEEP_CHUNK = 16384, GI_KEEP_SPARE = 8 };

typedef struct gi_keep_chunk {
    struct gi_keep_chunk *next; /* among the spare ones */
    uint32_t cap, used;
    uint32_t live;
    _Alignas(16) unsigned char bytes[];
} gi_keep_chunk;

typedef struct gi_keep {
    gi_keep_chunk *now; /* being filled; NULL at first */
    gi_keep_chunk *spare;
    uint32_t n_spare;
    uint64_t bytes; /* of all its chunks */
} gi_keep;

/* A zeroed gi_keep is an empty one. */
void gi_keep_fini(gi_keep *k); /* what is still kept must not be used */

/* Free the chunks that wait to be used again. */
void gi_keep_release(gi_keep *k);

/* A copy of `row` as a tuple with room for `n_more` links; NULL without
 * memory.  Its task, stream and links are the caller's business. */
gale_tuple *gi_keep_row(gi_keep *k, gale_row row, uint32_t n_more);
void gi_keep_drop(gi_keep *k, gale_tuple *t); /* NULL is fine */

#endif
