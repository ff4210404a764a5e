#include "house.h"

#include <stdlib.h>
#include <string.h>

static int compare(const entry *e, gale_str key)
{
    uint32_t n = e->key_len < key.len ? e->key_len : key.len;
    int c = n == 0 ? 0 : memcmp(e->key, key.ptr, n);

    return c != 0 ? c : (int)e->key_len - (int)key.len;
}

uint32_t house_find(const house *h, gale_str key)
{
    uint32_t low = 0, high = h->n;

    while (low < high) {
        uint32_t mid = (low + high) / 2;

        if (compare(&h->at[mid], key) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

entry *house_entry(const house *h, gale_str key)
{
    uint32_t i = house_find(h, key);

    return i < h->n && compare(&h->at[i], key) == 0 ? &h->at[i] : NULL;
}

static char *copy(gale_str s)
{
    char *to = malloc(s.len + 1u);

    if (to == NULL)
        abort();
    if (s.len > 0)
        memcpy(to, s.ptr, s.len);
    return to;
}

static void insert(house *h, gale_str key, gale_str value)
{
    uint32_t i = house_find(h, key);

    if (h->n == h->cap) {
        h->cap = h->cap == 0 ? 32 : 2 * h->cap;
        h->at = realloc(h->at, h->cap * sizeof(*h->at));
        if (h->at == NULL)
            abort();
    }
    memmove(&h->at[i + 1], &h->at[i], (h->n - i) * sizeof(*h->at));
    h->at[i] = (entry){ copy(key), copy(value), key.len, value.len };
    h->n++;
}

void house_apply(house *h, const gale_change *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        entry *e = house_entry(h, c[i].key);

        if (e == NULL) {
            if (c[i].value.ptr != NULL)
                insert(h, c[i].key, c[i].value);
            continue;
        }
        free(e->value);
        e->value = NULL;
        if (c[i].value.ptr != NULL) {
            e->value = copy(c[i].value);
            e->len = c[i].value.len;
            continue;
        }
        free(e->key);
        memmove(e, e + 1, (size_t)(h->at + --h->n - e) * sizeof(*e));
    }
}

void house_destroy(house *h)
{
    for (uint32_t i = 0; i < h->n; i++) {
        free(h->at[i].key);
        free(h->at[i].value);
    }
    free(h->at);
    free(h->state);
    free(h);
}
