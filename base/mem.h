/* mem.h -- the one door to the heap.
 *
 * Everything Gale allocates goes through here, so that a test can make the
 * n-th allocation fail, for every n.  Nothing on the tuple path allocates.
 */
#ifndef GI_BASE_MEM_H
#define GI_BASE_MEM_H

#include <stddef.h>
#include <stdint.h>

/* Zeroed memory, or NULL.  n * size is checked for overflow. */
void *gi_alloc(size_t size);
void *gi_calloc(size_t n, size_t size);

/* Not zeroed: for large blocks that are filled bit by bit. */
void *gi_alloc_blank(size_t size);

/* Zeroed, on a boundary of `align` bytes, a power of two. */
void *gi_alloc_aligned(size_t align, size_t size);

/* Zeroed, for what one thread writes all the time: two blocks of this kind
 * share no cache line, so what another thread does to its own costs this one
 * nothing. */
enum { GI_APART = 128 };

static inline void *gi_alloc_apart(size_t size)
{
    return gi_alloc_aligned(GI_APART, size);
}

/* Grow or shrink; on NULL the old block is untouched.  New bytes are not
 * zeroed. */
void *gi_realloc(void *p, size_t size);
char *gi_strdup(const char *s);
char *gi_strndup(const char *s, size_t n);
void gi_free(void *p); /* NULL is fine */

/* Tests: let `n` allocations pass, fail the next `count` ones; count 0 ends
 * it.  Thread  any; affects all threads. */
void gi_mem_fail_after(uint64_t n, uint64_t count);

/* Allocations asked for since the process began. */
uint64_t gi_mem_asked(void);

#endif
