/* bytes.h -- numbers in explicit byte order, at any address.
 *
 * Compilers make one move of each, with a byte swap where the machine's order
 * is the other one.
 */
#ifndef GI_BASE_BYTES_H
#define GI_BASE_BYTES_H

#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define GI_LITTLE(bits, v) (v)
#define GI_BIG(bits, v)    __builtin_bswap##bits(v)
#else
#define GI_LITTLE(bits, v) __builtin_bswap##bits(v)
#define GI_BIG(bits, v)    (v)
#endif

#define GI_BYTES(bits)                                            \
    static inline uint##bits##_t gi_get_le##bits(const void *p)   \
    {                                                             \
        uint##bits##_t v;                                         \
        memcpy(&v, p, sizeof(v));                                 \
        return GI_LITTLE(bits, v);                                \
    }                                                             \
    static inline uint##bits##_t gi_get_be##bits(const void *p)   \
    {                                                             \
        uint##bits##_t v;                                         \
        memcpy(&v, p, sizeof(v));                                 \
        return GI_BIG(bits, v);                                   \
    }                                                             \
    static inline void gi_put_le##bits(void *p, uint##bits##_t v) \
    {                                                             \
        v = GI_LITTLE(bits, v);                                   \
        memcpy(p, &v, sizeof(v));                                 \
    }                                                             \
    static inline void gi_put_be##bits(void *p, uint##bits##_t v) \
    {                                                             \
        v = GI_BIG(bits, v);                                      \
        memcpy(p, &v, sizeof(v));                                 \
    }

GI_BYTES(16)
GI_BYTES(32)
GI_BYTES(64)

#endif
