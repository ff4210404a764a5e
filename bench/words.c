#include "bench/words.h"

#include "base/mem.h"

enum { FIRST_BITS = 15 };

#define ONES(n) (~(uint64_t)0 >> (64 - 8 * (n)))

const words_key words_masks[17] = {
    { 0, 0 },
    { ONES(1), 0 },
    { ONES(2), 0 },
    { ONES(3), 0 },
    { ONES(4), 0 },
    { ONES(5), 0 },
    { ONES(6), 0 },
    { ONES(7), 0 },
    { ONES(8), 0 },
    { ONES(8), ONES(1) },
    { ONES(8), ONES(2) },
    { ONES(8), ONES(3) },
    { ONES(8), ONES(4) },
    { ONES(8), ONES(5) },
    { ONES(8), ONES(6) },
    { ONES(8), ONES(7) },
    { ONES(8), ONES(8) },
};

bool words_init(words_table *t)
{
    return words_init_for(t, 0);
}

bool words_init_for(words_table *t, uint64_t n)
{
    unsigned bits = FIRST_BITS;

    while ((uint64_t)1 << bits < 2 * n)
        bits++;
    *t = (words_table){ .shift = 64 - bits };
    t->at = gi_alloc(((size_t)1 << bits) * sizeof(*t->at));
    if (t->at != NULL)
        memset(t->at, 0, ((size_t)1 << bits) * sizeof(*t->at));
    return t->at != NULL;
}

void words_fini(words_table *t)
{
    for (uint32_t i = 0; i < t->cap_rare; i++)
        gi_free(t->rare[i].text);
    gi_free(t->rare);
    gi_free(t->at);
    *t = (words_table){ 0 };
}

/* ---------------------------------------------------- up to 16 letters -- */

static words_entry *empty_place(const words_table *t, words_key k)
{
    uint32_t mask = UINT32_MAX >> (t->shift - 32);
    uint32_t i = words_place(t, k);

    while (t->at[i].n != 0)
        i = (i + 1) & mask;
    return &t->at[i];
}

static size_t places(const words_table *t)
{
    return (size_t)1 << (64 - t->shift);
}

static bool grow(words_table *t)
{
    words_table bigger = *t;

    bigger.shift--;
    bigger.at = gi_calloc(places(&bigger), sizeof(*bigger.at));
    if (bigger.at == NULL)
        return false;
    for (size_t i = 0; i < places(t); i++)
        if (t->at[i].n != 0)
            *empty_place(&bigger, t->at[i].key) = t->at[i];
    gi_free(t->at);
    *t = bigger;
    return true;
}

void words_add_new(words_table *t, words_key k, uint64_t n)
{
    if (t->used >= places(t) / 2 && !grow(t)) {
        t->failed = true;
        return;
    }
    *empty_place(t, k) = (words_entry){ k, n };
    t->used++;
}

static uint64_t count_of(const words_table *t, words_key k)
{
    uint32_t mask = UINT32_MAX >> (t->shift - 32);
    uint32_t i = words_place(t, k);

    while (t->at[i].n != 0) {
        if (t->at[i].key.lo == k.lo && t->at[i].key.hi == k.hi)
            return t->at[i].n;
        i = (i + 1) & mask;
    }
    return 0;
}

/* ----------------------------------------------------------- rare ones -- */

/* The word's place, or an empty one; NULL if there are no places. */
static words_long *rare_place(const words_table *t, const char *text,
                              uint32_t len)
{
    uint64_t h = 14695981039346656037u;

    if (t->cap_rare == 0)
        return NULL;
    for (uint32_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)text[i]) * 1099511628211u;
    for (uint32_t i = (uint32_t)(h >> 32);; i++) {
        words_long *w = &t->rare[i & (t->cap_rare - 1)];

        if (w->text == NULL ||
            (w->len == len && memcmp(w->text, text, len) == 0))
            return w;
    }
}

static bool grow_rare(words_table *t)
{
    words_table bigger = *t;

    bigger.cap_rare = t->cap_rare == 0 ? 64 : t->cap_rare * 2;
    bigger.rare = gi_calloc(bigger.cap_rare, sizeof(*bigger.rare));
    if (bigger.rare == NULL)
        return false;
    for (uint32_t i = 0; i < t->cap_rare; i++)
        if (t->rare[i].text != NULL)
            *rare_place(&bigger, t->rare[i].text, t->rare[i].len) = t->rare[i];
    gi_free(t->rare);
    *t = bigger;
    return true;
}

void words_add_rare(words_table *t, const char *text, uint32_t len, uint64_t n)
{
    if (t->n_rare >= t->cap_rare / 2 && !grow_rare(t)) {
        t->failed = true;
        return;
    }
    words_long *w = rare_place(t, text, len);

    if (w->text == NULL) {
        char *copy = gi_strndup(text, len);

        if (copy == NULL) {
            t->failed = true;
            return;
        }
        *w = (words_long){ .text = copy, .len = len };
        t->n_rare++;
    }
    w->n += n;
}

/* -------------------------------------------------------- whole tables -- */

void words_merge(words_table *into, const words_table *from)
{
    for (size_t i = 0; i < places(from); i++)
        if (from->at[i].n != 0)
            words_add_key(into, from->at[i].key, from->at[i].n);
    for (uint32_t i = 0; i < from->cap_rare; i++)
        if (from->rare[i].text != NULL)
            words_add_rare(into, from->rare[i].text, from->rare[i].len,
                           from->rare[i].n);
    into->failed |= from->failed;
}

bool words_same(const words_table *a, const words_table *b, uint64_t times)
{
    if (a->failed || b->failed || a->used != b->used || a->n_rare != b->n_rare)
        return false;
    for (size_t i = 0; i < places(b); i++)
        if (b->at[i].n != 0 && count_of(a, b->at[i].key) != b->at[i].n * times)
            return false;
    for (uint32_t i = 0; i < b->cap_rare; i++)
        if (b->rare[i].text != NULL &&
            rare_place(a, b->rare[i].text, b->rare[i].len)->n !=
                b->rare[i].n * times)
            return false;
    return true;
}

uint64_t words_total(const words_table *t)
{
    uint64_t total = 0;

    for (size_t i = 0; i < places(t); i++)
        total += t->at[i].n;
    for (uint32_t i = 0; i < t->cap_rare; i++)
        total += t->rare[i].n;
    return total;
}

uint32_t words_distinct(const words_table *t)
{
    return t->used + t->n_rare;
}
