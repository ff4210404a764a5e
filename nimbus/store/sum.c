#include "nimbus/store/sum.h"

#include <endian.h>

#include "base/sha256.h"

/* The last byte is the number of the layout of the whole store. */
static const unsigned char head[8] = "gale st\1";

static void sum_of(uint64_t part[4], const void *key, size_t key_len,
                   const void *bytes, size_t len)
{
    uint64_t n = htole64(key_len), raw[4];
    gi_sha256 s;

    gi_sha256_begin(&s);
    gi_sha256_add(&s, &n, sizeof(n));
    gi_sha256_add(&s, key, key_len);
    gi_sha256_add(&s, bytes, len);
    gi_sha256_end(&s, (unsigned char *)raw);
    for (int i = 0; i < 4; i++)
        part[i] = le64toh(raw[i]);
}

void gi_store_sum_add(gi_store_sum *s, const void *key, size_t key_len,
                      const void *bytes, size_t len)
{
    uint64_t part[4];

    sum_of(part, key, key_len, bytes, len);
    for (int i = 0; i < 4; i++)
        s->part[i] += part[i];
    s->n++;
}

void gi_store_sum_take(gi_store_sum *s, const void *key, size_t key_len,
                       const void *bytes, size_t len)
{
    uint64_t part[4];

    sum_of(part, key, key_len, bytes, len);
    for (int i = 0; i < 4; i++)
        s->part[i] -= part[i];
    s->n--;
}

bool gi_store_sum_same(const gi_store_sum *a, const gi_store_sum *b)
{
    return a->n == b->n && memcmp(a->part, b->part, sizeof(a->part)) == 0;
}

void gi_store_sum_write(const gi_store_sum *s,
                        unsigned char out[GI_STORE_SUM_BYTES])
{
    uint64_t raw[5] = { htole64(s->n) };

    for (int i = 0; i < 4; i++)
        raw[1 + i] = htole64(s->part[i]);
    memcpy(out, head, sizeof(head));
    memcpy(out + sizeof(head), raw, sizeof(raw));
}

bool gi_store_sum_read(gi_store_sum *out, const void *bytes, size_t len)
{
    uint64_t raw[5];

    if (len != GI_STORE_SUM_BYTES || memcmp(bytes, head, sizeof(head)) != 0)
        return false;
    memcpy(raw, (const unsigned char *)bytes + sizeof(head), sizeof(raw));
    out->n = le64toh(raw[0]);
    for (int i = 0; i < 4; i++)
        out->part[i] = le64toh(raw[1 + i]);
    return true;
}
