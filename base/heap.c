#include "base/heap.h"

#include "base/mem.h"

enum { FIRST_CAP = 16 };

void gi_heap_fini(gi_heap *h)
{
    gi_free(h->items);
    *h = (gi_heap){ .size = h->size };
}

bool gi_heap_reserve(gi_heap *h)
{
    uint32_t cap = h->cap == 0 ? FIRST_CAP : h->cap * 2;
    unsigned char *items;

    if (h->n < h->cap)
        return true;
    items = gi_realloc(h->items, (size_t)cap * h->size);
    if (items == NULL)
        return false;
    h->items = items;
    h->cap = cap;
    return true;
}

static void *at(const gi_heap *h, uint32_t i)
{
    return h->items + (size_t)i * h->size;
}

static bool earlier(const void *a, const void *b)
{
    const gi_due *x = a, *y = b;

    return x->at < y->at || (x->at == y->at && x->order < y->order);
}

/* A hole goes up from the end until the item fits into it. */
void gi_heap_push(gi_heap *h, const void *item)
{
    uint32_t i = h->n++;

    while (i > 0 && earlier(item, at(h, (i - 1) / 2))) {
        memcpy(at(h, i), at(h, (i - 1) / 2), h->size);
        i = (i - 1) / 2;
    }
    memcpy(at(h, i), item, h->size);
}

/* A hole goes down from the top until the last one fits into it. */
void gi_heap_pop(gi_heap *h, void *item)
{
    const void *last = at(h, h->n - 1);
    uint32_t i = 0, k;

    memcpy(item, at(h, 0), h->size);
    h->n--;
    while ((k = 2 * i + 1) < h->n) {
        if (k + 1 < h->n && earlier(at(h, k + 1), at(h, k)))
            k++;
        if (!earlier(at(h, k), last))
            break;
        memcpy(at(h, i), at(h, k), h->size);
        i = k;
    }
    if (i < h->n)
        memcpy(at(h, i), last, h->size);
}
