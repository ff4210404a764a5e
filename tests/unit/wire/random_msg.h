/* random_msg.h -- messages with anything in them, from the table of all
 * messages; and whether two are the same. */
#ifndef TESTS_WIRE_RANDOM_MSG_H
#define TESTS_WIRE_RANDOM_MSG_H

#include "base/mix.h"
#include "wire/msg_table.h"

static inline uint64_t random_number(gi_rng *rng)
{
    return gi_rng_next(rng) >> (1 + gi_rng_below(rng, 63));
}

static inline const char *random_text(gi_rng *rng, gi_pool *pool)
{
    static const char *const parts[] = { "a",  "z", "\xc3\xa9", "\xe2\x82\xac",
                                         "\n", " ", "\x7f",     "0123456789" };
    size_t n = gi_rng_below(rng, 8) == 0 ? 300 : gi_rng_below(rng, 6);
    char *s = gi_pool_take(pool, n * 10 + 1, 1);

    if (n == 0 && gi_rng_below(rng, 2) == 0)
        return NULL;
    for (size_t i = 0; i < n; i++)
        strcat(s, parts[gi_rng_below(rng, 8)]);
    return s;
}

static inline gi_bytes random_bytes(gi_rng *rng, gi_pool *pool)
{
    uint32_t n = (uint32_t)gi_rng_below(rng, 300);
    unsigned char *b = gi_pool_take(pool, n, 1);

    for (uint32_t i = 0; i < n; i++)
        b[i] = (unsigned char)gi_rng_next(rng);
    return (gi_bytes){ b, n };
}

static inline void random_msg(gi_rng *rng, gi_pool *pool, gi_msg kind, void *m)
{
    gi_shape shape = gi_shape_of(kind);

    memset(m, 0, shape.size);
    for (uint32_t i = 0; i < shape.n; i++) {
        const gi_field *f = &shape.fields[i];
        void *at = (char *)m + f->at;

        if (gi_rng_below(rng, 4) == 0)
            continue;
        if (f->kind == GI_FIELD_NUM) {
            *(uint64_t *)at = random_number(rng);
        } else if (f->kind == GI_FIELD_BOOL) {
            *(bool *)at = gi_rng_below(rng, 2) == 1;
        } else if (f->kind == GI_FIELD_TEXT) {
            *(const char **)at = random_text(rng, pool);
        } else if (f->kind == GI_FIELD_BYTES) {
            *(gi_bytes *)at = random_bytes(rng, pool);
        } else {
            size_t size = gi_shape_of(f->inner).size;
            uint32_t n = (uint32_t)gi_rng_below(
                rng, gi_rng_below(rng, 16) == 0 ? 40 : 4);
            char *list = gi_pool_take(pool, n, size);

            for (uint32_t j = 0; j < n; j++)
                random_msg(rng, pool, f->inner, list + j * size);
            *(void **)at = list;
            *(uint32_t *)(void *)((char *)m + f->n_at) = n;
        }
    }
}

static inline bool same_field(const gi_field *f, const char *a, const char *b);

/* NULL and "" are the same text. */
static inline bool same_msg(gi_msg kind, const void *a, const void *b)
{
    gi_shape shape = gi_shape_of(kind);

    for (uint32_t i = 0; i < shape.n; i++) {
        if (!same_field(&shape.fields[i], a, b))
            return false;
    }
    return true;
}

static inline bool same_field(const gi_field *f, const char *a, const char *b)
{
    const void *at_a = a + f->at, *at_b = b + f->at;
    const char *s, *t;
    const gi_bytes *x = at_a, *y = at_b;

    switch (f->kind) {
    case GI_FIELD_NUM:
        return *(const uint64_t *)at_a == *(const uint64_t *)at_b;
    case GI_FIELD_BOOL:
        return *(const bool *)at_a == *(const bool *)at_b;
    case GI_FIELD_TEXT:
        s = *(const char *const *)at_a;
        t = *(const char *const *)at_b;
        return strcmp(s == NULL ? "" : s, t == NULL ? "" : t) == 0;
    case GI_FIELD_BYTES:
        return x->n == y->n && (x->n == 0 || memcmp(x->at, y->at, x->n) == 0);
    default:
        break;
    }

    size_t size = gi_shape_of(f->inner).size;
    uint32_t n = *(const uint32_t *)(const void *)(a + f->n_at);
    if (n != *(const uint32_t *)(const void *)(b + f->n_at))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        if (!same_msg(f->inner, *(const char *const *)at_a + i * size,
                      *(const char *const *)at_b + i * size))
            return false;
    }
    return true;
}

#endif
