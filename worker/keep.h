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

/* In front of each kept tuple: the chunk it lies in. */
typedef struct gi_keep_head {
    gi_keep_chunk *chunk;
    uint64_t spare;
} gi_keep_head;

_Static_assert(sizeof(gi_keep_head) == 16, "keeps tuples aligned");

/* The slow parts of the next two: another chunk; one whose tuples are gone. */
gi_keep_chunk *gi_keep_begin(gi_keep *k, uint32_t need);
void gi_keep_end(gi_keep *k, gi_keep_chunk *c);

/* Room for a tuple of `size` bytes, which is set; NULL without memory. */
static inline gale_tuple *gi_keep_room(gi_keep *k, uint32_t size)
{
    uint32_t need = (size + (uint32_t)sizeof(gi_keep_head) + 15) & ~15u;
    gi_keep_chunk *c = k->now;

    if (__builtin_expect(c == NULL || c->cap - c->used < need, 0)) {
        c = need < size ? NULL : gi_keep_begin(k, need);
        if (c == NULL)
            return NULL;
    }
    gi_keep_head *h = (gi_keep_head *)(void *)(c->bytes + c->used);
    gale_tuple *t = (gale_tuple *)(void *)(h + 1);

    h->chunk = c;
    c->used += need;
    c->live++;
    t->size = size;
    return t;
}

/* A copy of `row` as a tuple with room for `n_more` links; NULL without
 * memory.  Its task, stream and links are the caller's business. */
gale_tuple *gi_keep_row(gi_keep *k, gale_row row, uint32_t n_more);

static inline void gi_keep_drop(gi_keep *k, gale_tuple *t) /* NULL is fine */
{
    if (t == NULL)
        return;
    gi_keep_chunk *c = ((gi_keep_head *)(void *)t - 1)->chunk;

    if (--c->live == 0)
        gi_keep_end(k, c);
}

#endif
