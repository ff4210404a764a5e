/* bytes.h -- a fuzz target's input as a row of choices.  Where it ends, every
 * choice is the first one and every text is empty. */
#ifndef TEST_FUZZ_BYTES_H
#define TEST_FUZZ_BYTES_H

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "gale/value.h"

typedef struct bytes {
    const uint8_t *at;
    size_t left;
} bytes;

static inline uint8_t bytes_next(bytes *b)
{
    if (b->left == 0)
        return 0;
    b->left--;
    return *b->at++;
}

/* 0 .. n - 1; n is at most 256. */
static inline unsigned bytes_below(bytes *b, unsigned n)
{
    return bytes_next(b) % n;
}

/* Small numbers are short. */
static inline uint64_t bytes_number(bytes *b)
{
    unsigned n = bytes_below(b, 9);
    uint64_t v = 0;

    while (n-- > 0)
        v = v << 8 | bytes_next(b);
    return v;
}

/* Some bytes where they lie; a NULL among the empty ones.  Now and then a long
 * run, longer than any input, of bytes that are all the same. */
static inline gale_str bytes_run(bytes *b)
{
    static char filler[256 * 256];
    uint32_t len = bytes_next(b);

    if (len == 0)
        return (gale_str){ NULL, 0 };
    if (len == 255) {
        len = bytes_next(b) * 256u;
        return (gale_str){ filler, len };
    }
    len = len - 1 > b->left ? (uint32_t)b->left : len - 1;
    gale_str s = { (const char *)b->at, len };
    b->at += len;
    b->left -= len;
    return s;
}

/* A value that no list or map is. */
static inline gale_value bytes_scalar(bytes *b)
{
    uint64_t n;
    double f;
    gale_str s;

    switch (bytes_below(b, 6)) {
    case 0:
        return gale_val_nil();
    case 1:
        return gale_val_bool(bytes_below(b, 2) == 1);
    case 2:
        return gale_val_i64((int64_t)bytes_number(b));
    case 3:
        n = bytes_number(b);
        memcpy(&f, &n, sizeof(f));
        return gale_val_f64(f);
    case 4:
        return gale_val_str(bytes_run(b));
    default:
        s = bytes_run(b);
        return gale_val_bytes(s.ptr, s.len);
    }
}

/* Bit for bit, and byte for byte behind the pointers. */
static inline bool bytes_same_value(const gale_value *a, const gale_value *b)
{
    if (a->type != b->type || a->len != b->len)
        return false;
    if (a->type >= GALE_T_STR)
        return a->len == 0 || memcmp(a->as.p, b->as.p, a->len) == 0;
    if (a->type == GALE_T_BOOL)
        return a->as.b == b->as.b;
    return a->type == GALE_T_NIL || a->as.i == b->as.i;
}

#endif
