#include "base/pool.h"

#include <stdalign.h>

#include "base/mem.h"

struct gi_block {
    struct gi_block *next;
    alignas(max_align_t) unsigned char bytes[];
};

void *gi_pool_take(gi_pool *p, size_t n, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(n, size, &bytes) ||
        __builtin_add_overflow(bytes, sizeof(struct gi_block), &bytes))
        return NULL;
    struct gi_block *b = gi_alloc(bytes);
    if (b == NULL)
        return NULL;
    b->next = p->last;
    p->last = b;
    return b->bytes;
}

void gi_pool_fini(gi_pool *p)
{
    while (p->last != NULL) {
        struct gi_block *b = p->last;

        p->last = b->next;
        gi_free(b);
    }
}
