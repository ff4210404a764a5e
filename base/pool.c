#include "base/pool.h"

#include <stdalign.h>
#include <stdint.h>

#include "base/mem.h"

struct gi_block {
    struct gi_block *next;
    size_t size, used; /* for pieces; 0: it is one thing */
    alignas(max_align_t) unsigned char bytes[];
};

/* Blocks for pieces: the first, and the largest. */
enum { PIECES_FIRST = 1 << 10, PIECES_MOST = 1 << 16 };

static struct gi_block *block_new(size_t n, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(n, size, &bytes) ||
        __builtin_add_overflow(bytes, sizeof(struct gi_block), &bytes))
        return NULL;
    return gi_alloc(bytes);
}

void *gi_pool_take(gi_pool *p, size_t n, size_t size)
{
    struct gi_block *b = block_new(n, size);

    if (b == NULL)
        return NULL;
    if (p->last != NULL && p->last->size > 0) {
        b->next = p->last->next; /* the one with room stays in front */
        p->last->next = b;
    } else {
        b->next = p->last;
        p->last = b;
    }
    return b->bytes;
}

void *gi_pool_piece(gi_pool *p, size_t size)
{
    const size_t align = alignof(uint64_t);
    struct gi_block *b = p->last;
    size_t room = PIECES_FIRST;
    void *piece;

    if (size > PIECES_MOST / 8)
        return gi_pool_take(p, 1, size);
    size = size == 0 ? align : (size + align - 1) & ~(align - 1);
    if (b == NULL || b->size - b->used < size) {
        if (b != NULL && b->size > 0)
            room = b->size < PIECES_MOST ? 2 * b->size : PIECES_MOST;
        while (room < size)
            room *= 2;
        b = block_new(room, 1);
        if (b == NULL)
            return NULL;
        b->size = room;
        b->next = p->last;
        p->last = b;
    }
    piece = b->bytes + b->used;
    b->used += size;
    return piece;
}

void gi_pool_fini(gi_pool *p)
{
    while (p->last != NULL) {
        struct gi_block *b = p->last;

        p->last = b->next;
        gi_free(b);
    }
}
