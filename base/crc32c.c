#include "base/crc32c.h"

#include <stdatomic.h>

#include "base/bytes.h"

/* ------------------------------------------------------------ by tables -- */

/* A checksum is linear: that of a byte is the xor of those of its bits.  So a
 * table of 256 follows from eight numbers, and the compiler makes it.
 * tables[k][i] is what byte i becomes with k bytes of zero behind it. */
#define BIT(i, k, of) ((i) >> (k)&1 ? (of) : 0u)
#define ENTRY(i, a, b, c, d, e, f, g, h)                         \
    (BIT(i, 0, a) ^ BIT(i, 1, b) ^ BIT(i, 2, c) ^ BIT(i, 3, d) ^ \
     BIT(i, 4, e) ^ BIT(i, 5, f) ^ BIT(i, 6, g) ^ BIT(i, 7, h))
#define FOUR(i, ...)                                    \
    ENTRY(i, __VA_ARGS__), ENTRY((i) + 1, __VA_ARGS__), \
        ENTRY((i) + 2, __VA_ARGS__), ENTRY((i) + 3, __VA_ARGS__)
#define SIXTEEN(i, ...)                               \
    FOUR(i, __VA_ARGS__), FOUR((i) + 4, __VA_ARGS__), \
        FOUR((i) + 8, __VA_ARGS__), FOUR((i) + 12, __VA_ARGS__)
#define QUARTER(i, ...)                                      \
    SIXTEEN(i, __VA_ARGS__), SIXTEEN((i) + 16, __VA_ARGS__), \
        SIXTEEN((i) + 32, __VA_ARGS__), SIXTEEN((i) + 48, __VA_ARGS__)
#define TABLE(...)                                                  \
    {                                                               \
        QUARTER(0u, __VA_ARGS__), QUARTER(64u, __VA_ARGS__),        \
            QUARTER(128u, __VA_ARGS__), QUARTER(192u, __VA_ARGS__), \
    }

static const uint32_t tables[8][256] = {
    TABLE(0xf26b8303, 0xe13b70f7, 0xc79a971f, 0x8ad958cf, 0x105ec76f,
          0x20bd8ede, 0x417b1dbc, 0x82f63b78),
    TABLE(0x13a29877, 0x274530ee, 0x4e8a61dc, 0x9d14c3b8, 0x3fc5f181,
          0x7f8be302, 0xff17c604, 0xfbc3faf9),
    TABLE(0xa541927e, 0x4f6f520d, 0x9edea41a, 0x38513ec5, 0x70a27d8a,
          0xe144fb14, 0xc76580d9, 0x8b277743),
    TABLE(0xdd45aab8, 0xbf672381, 0x7b2231f3, 0xf64463e6, 0xe964b13d,
          0xd725148b, 0xaba65fe7, 0x52a0c93f),
    TABLE(0x38116fac, 0x7022df58, 0xe045beb0, 0xc5670b91, 0x8f2261d3,
          0x1ba8b557, 0x37516aae, 0x6ea2d55c),
    TABLE(0xef306b19, 0xdb8ca0c3, 0xb2f53777, 0x6006181f, 0xc00c303e,
          0x85f4168d, 0x0e045beb, 0x1c08b7d6),
    TABLE(0x68032cc8, 0xd0065990, 0xa5e0c5d1, 0x4e2dfd53, 0x9c5bfaa6,
          0x3d5b83bd, 0x7ab7077a, 0xf56e0ef4),
    TABLE(0x493c7d27, 0x9278fa4e, 0x211d826d, 0x423b04da, 0x847609b4,
          0x0d006599, 0x1a00cb32, 0x34019664),
};

static inline uint32_t by_byte(uint32_t c, const uint8_t *p, size_t len)
{
    for (; len > 0; len--)
        c = c >> 8 ^ tables[0][(uint8_t)c ^ *p++];
    return c;
}

uint32_t gi_crc32c_by_table(uint32_t before, const void *p, size_t len)
{
    const uint8_t *at = p;
    uint32_t c = ~before;

    for (; len >= 8; len -= 8, at += 8) {
        uint64_t v = gi_get_le64(at) ^ c;

        c = 0;
        for (unsigned i = 0; i < 8; i++)
            c ^= tables[7 - i][(uint8_t)(v >> 8 * i)];
    }
    return ~by_byte(c, at, len);
}

/* ----------------------------------------------------- by the processor -- */

/* EIGHT(c, v), ONE(c, byte): the instruction.  WITH_IT: what a function needs
 * to be allowed to use it. */
#if defined(__x86_64__)
#include <nmmintrin.h>
#define WITH_IT      __attribute__((target("sse4.2")))
#define EIGHT(c, v)  _mm_crc32_u64(c, v)
#define ONE(c, byte) _mm_crc32_u8((uint32_t)(c), byte)

static bool ask_processor(void)
{
    return __builtin_cpu_supports("sse4.2");
}
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#if defined(__clang__)
#define WITH_IT      __attribute__((target("crc")))
#define EIGHT(c, v)  __builtin_arm_crc32cd((uint32_t)(c), v)
#define ONE(c, byte) __builtin_arm_crc32cb((uint32_t)(c), byte)
#else
#define WITH_IT      __attribute__((target("+crc")))
#define EIGHT(c, v)  __builtin_aarch64_crc32cx((uint32_t)(c), v)
#define ONE(c, byte) __builtin_aarch64_crc32cb((uint32_t)(c), byte)
#endif

static bool ask_processor(void)
{
    return (getauxval(AT_HWCAP) & (1ul << 7)) != 0; /* HWCAP_CRC32 */
}
#endif

#ifdef WITH_IT
/* The instruction takes three cycles and one can begin in each, so three runs
 * side by side are three times as fast.  Then the sums are put together: what
 * a run's becomes when so many bytes of zero follow is the xor of what its
 * bits become. */
enum { RUN = 1024 };

static const uint32_t past_one_run[32] = {
    0xfe314258, 0xf98ef241, 0xf6f19273, 0xe80f5217, 0xd5f2d2df, 0xae09d34f,
    0x59ffd06f, 0xb3ffa0de, 0x6213374d, 0xc4266e9a, 0x8da0abc5, 0x1ead217b,
    0x3d5a42f6, 0x7ab485ec, 0xf5690bd8, 0xef3e6141, 0xdb90b473, 0xb2cd1e17,
    0x60764adf, 0xc0ec95be, 0x84355d8d, 0x0d86cdeb, 0x1b0d9bd6, 0x361b37ac,
    0x6c366f58, 0xd86cdeb0, 0xb535cb91, 0x6f87e1d3, 0xdf0fc3a6, 0xbbf3f1bd,
    0x720b958b, 0xe4172b16,
};
static const uint32_t past_two_runs[32] = {
    0xf7506984, 0xeb4ca5f9, 0xd3753d03, 0xa3060cf7, 0x43e06f1f, 0x87c0de3e,
    0x0a6dca8d, 0x14db951a, 0x29b72a34, 0x536e5468, 0xa6dca8d0, 0x48552751,
    0x90aa4ea2, 0x24b8ebb5, 0x4971d76a, 0x92e3aed4, 0x202b2b59, 0x405656b2,
    0x80acad64, 0x04b52c39, 0x096a5872, 0x12d4b0e4, 0x25a961c8, 0x4b52c390,
    0x96a58720, 0x28a778b1, 0x514ef162, 0xa29de2c4, 0x40d7b379, 0x81af66f2,
    0x06b2bb15, 0x0d65762a,
};

static inline uint32_t move_past(const uint32_t *bits, uint32_t c)
{
    uint32_t moved = 0;

    for (unsigned i = 0; i < 32; i++)
        moved ^= bits[i] & (0u - (c >> i & 1));
    return moved;
}

WITH_IT uint32_t gi_crc32c_by_hardware(uint32_t before, const void *p,
                                       size_t len)
{
    const uint8_t *at = p;
    uint64_t c = ~before;

    for (; len >= 3 * RUN; len -= 3 * RUN, at += 3 * RUN) {
        uint64_t d = 0, e = 0;

        for (size_t i = 0; i < RUN; i += 8) {
            c = EIGHT(c, gi_get_le64(at + i));
            d = EIGHT(d, gi_get_le64(at + RUN + i));
            e = EIGHT(e, gi_get_le64(at + 2 * RUN + i));
        }
        c = move_past(past_two_runs, (uint32_t)c) ^
            move_past(past_one_run, (uint32_t)d) ^ e;
    }
    for (; len >= 8; len -= 8, at += 8)
        c = EIGHT(c, gi_get_le64(at));
    for (; len > 0; len--)
        c = ONE(c, *at++);
    return ~(uint32_t)c;
}

/* A race of first callers is none: all write the same. */
bool gi_crc32c_has_hardware(void)
{
    enum { UNKNOWN, NO, YES };
    static _Atomic int known = UNKNOWN;
    int k = atomic_load_explicit(&known, memory_order_relaxed);

    if (k == UNKNOWN) {
        k = ask_processor() ? YES : NO;
        atomic_store_explicit(&known, k, memory_order_relaxed);
    }
    return k == YES;
}
#else
uint32_t gi_crc32c_by_hardware(uint32_t before, const void *p, size_t len)
{
    return gi_crc32c_by_table(before, p, len);
}

bool gi_crc32c_has_hardware(void)
{
    return false;
}
#endif

uint32_t gi_crc32c(uint32_t before, const void *p, size_t len)
{
    return gi_crc32c_has_hardware() ? gi_crc32c_by_hardware(before, p, len)
                                    : gi_crc32c_by_table(before, p, len);
}
