/* key.c -- which group a key belongs to: fixed for all time, since what is on
 * disks was divided by it.  tests/unit/state/test_key.c has vectors. */
#include <string.h>

#include "base/mix.h"
#include "gale/state.h"

static uint64_t fold(uint64_t h, uint64_t word)
{
    return gi_mix64(h + 0x9e3779b97f4a7c15u + word);
}

/* Eight bytes at a time, the first one lowest on every machine. */
static uint64_t fold_bytes(uint64_t h, const char *p, size_t n)
{
    while (n > 0) {
        size_t some = n < 8 ? n : 8;
        uint64_t word = 0;

        for (size_t i = 0; i < some; i++)
            word |= (uint64_t)(unsigned char)p[i] << (8 * i);
        h = fold(h, word);
        p += some;
        n -= some;
    }
    return h;
}

static uint64_t fold_value(uint64_t h, const gale_value *v)
{
    uint64_t bits;
    double f;

    h = fold(h, (uint64_t)v->type << 32 | v->len);
    switch (v->type) {
    case GALE_T_NIL:
        return h;
    case GALE_T_BOOL:
        return fold(h, v->as.b);
    case GALE_T_I64:
        return fold(h, (uint64_t)v->as.i);
    case GALE_T_F64:
        /* Minus zero is zero, and what is no number is one and the same. */
        f = v->as.f == 0         ? 0
            : v->as.f != v->as.f ? __builtin_nan("")
                                 : v->as.f;
        memcpy(&bits, &f, sizeof(bits));
        return fold(h, bits);
    default:
        return fold_bytes(h, v->as.p, v->len);
    }
}

uint32_t gale_state_group(const gale_value *key, size_t n)
{
    uint64_t h = 0;

    for (size_t i = 0; i < n; i++)
        h = fold_value(h, &key[i]);
    return (uint32_t)(h >> 32) % GALE_STATE_GROUPS;
}

uint32_t gale_state_part(uint32_t group, uint32_t count)
{
    return group * count / GALE_STATE_GROUPS;
}

void gale_state_range(uint32_t index, uint32_t count, uint32_t *from,
                      uint32_t *to)
{
    *from = (index * GALE_STATE_GROUPS + count - 1) / count;
    *to = ((index + 1) * GALE_STATE_GROUPS + count - 1) / count;
}
