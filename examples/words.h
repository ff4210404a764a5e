/* words.h -- a table from texts to numbers, for the examples.
 *
 *     struct words seen = { 0 };
 *     int64_t *n = words_at(&seen, text);
 *
 *     if (n == NULL)
 *         ...out of memory...
 *     ++*n;
 *     ...
 *     words_free(&seen);
 *
 * Open addressing with linear probing, at most half full.  The table keeps
 * copies of the texts.
 */
#ifndef EXAMPLES_WORDS_H
#define EXAMPLES_WORDS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <gale/base.h>

struct word {
    char *text; /* ends with a NUL; NULL: this place is empty */
    uint32_t len;
    uint32_t hash;
    int64_t n;
};

struct words {
    struct word *at;
    size_t used, cap; /* cap: a power of two, or 0 */
};

/* FNV-1a. */
static inline uint32_t words_hash(gale_str s)
{
    uint32_t h = 2166136261u;

    for (uint32_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.ptr[i]) * 16777619u;
    return h ^ h >> 15;
}

/* Where `s` is, or the empty place where it belongs. */
static inline struct word *words_find(const struct words *w, gale_str s,
                                      uint32_t hash)
{
    size_t i = hash & (w->cap - 1);

    while (w->at[i].text != NULL &&
           (w->at[i].hash != hash || w->at[i].len != s.len ||
            memcmp(w->at[i].text, s.ptr, s.len) != 0))
        i = (i + 1) & (w->cap - 1);
    return &w->at[i];
}

static inline bool words_grow(struct words *w)
{
    struct words more = { .used = w->used,
                          .cap = w->cap == 0 ? 64 : w->cap * 2 };

    more.at = calloc(more.cap, sizeof(*more.at));
    if (more.at == NULL)
        return false;
    for (size_t i = 0; i < w->cap; i++) {
        struct word *x = &w->at[i];
        gale_str s = { x->text, x->len };

        if (x->text != NULL)
            *words_find(&more, s, x->hash) = *x;
    }
    free(w->at);
    *w = more;
    return true;
}

/* The number of `s`, 0 at first; valid until the next call.  NULL: no memory,
 * and nothing has changed. */
static inline int64_t *words_at(struct words *w, gale_str s)
{
    if (w->used * 2 >= w->cap && !words_grow(w))
        return NULL;

    uint32_t hash = words_hash(s);
    struct word *x = words_find(w, s, hash);
    if (x->text == NULL) {
        x->text = malloc((size_t)s.len + 1);
        if (x->text == NULL)
            return NULL;
        memcpy(x->text, s.ptr, s.len);
        x->text[s.len] = '\0';
        x->len = s.len;
        x->hash = hash;
        w->used++;
    }
    return &x->n;
}

/* Order by text; and by number, the greatest first, then by text. */
static inline int words_by_text(const void *a, const void *b)
{
    const struct word *x = a, *y = b;

    return strcmp(x->text, y->text);
}

static inline int words_by_number(const void *a, const void *b)
{
    const struct word *x = a, *y = b;

    if (x->n != y->n)
        return x->n < y->n ? 1 : -1;
    return words_by_text(a, b);
}

/* All of them in such an order, w->used of them: an array to be freed, its
 * texts still the table's.  NULL: no memory. */
static inline struct word *
words_sorted(const struct words *w, int (*order)(const void *, const void *))
{
    struct word *list = malloc((w->used + 1) * sizeof(*list));
    size_t n = 0;

    if (list == NULL)
        return NULL;
    for (size_t i = 0; i < w->cap; i++)
        if (w->at[i].text != NULL)
            list[n++] = w->at[i];
    qsort(list, n, sizeof(*list), order);
    return list;
}

/* Forget the texts whose number is 0.  False: no memory, and nothing has
 * changed. */
static inline bool words_drop_zeros(struct words *w)
{
    struct words kept = { 0 };
    size_t n = 0;

    for (size_t i = 0; i < w->cap; i++)
        n += w->at[i].text != NULL && w->at[i].n != 0;
    while (kept.cap <= n * 2)
        if (!words_grow(&kept)) {
            free(kept.at);
            return false;
        }
    for (size_t i = 0; i < w->cap; i++) {
        struct word *x = &w->at[i];

        if (x->text != NULL && x->n != 0)
            *words_find(&kept, (gale_str){ x->text, x->len }, x->hash) = *x;
        else
            free(x->text);
    }
    kept.used = n;
    free(w->at);
    *w = kept;
    return true;
}

static inline void words_free(struct words *w)
{
    for (size_t i = 0; i < w->cap; i++)
        free(w->at[i].text);
    free(w->at);
    *w = (struct words){ 0 };
}

#endif /* EXAMPLES_WORDS_H */
