/* pool.h -- many small pieces of memory that are given back at once.
 *
 * A plan is some hundred little arrays that live and die together.  Whoever
 * builds it takes them from one pool, and to undo half of it is to undo the
 * pool. */
#ifndef GI_BASE_POOL_H
#define GI_BASE_POOL_H

#include <stddef.h>

typedef struct gi_pool {
    struct gi_block *last;
} gi_pool;

/* Zeroed room for `n` things of `size` bytes; NULL without memory, or if the
 * product is too large for a size_t.  Never NULL for n = 0. */
void *gi_pool_take(gi_pool *p, size_t n, size_t size);

/* The same for very many and small ones: they share blocks, which grow as
 * there are more of them, and most take no allocation of their own.  Aligned
 * for numbers of 64 bits and pointers. */
void *gi_pool_piece(gi_pool *p, size_t size);

/* Gives everything back; a zeroed pool is an empty one, also afterwards. */
void gi_pool_fini(gi_pool *p);

#endif
