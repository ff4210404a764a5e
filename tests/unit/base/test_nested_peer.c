/* What we write msgpack-c reads, what it writes we read. */
#include <criterion/criterion.h>

#include "base/msgpack.h"
#include "gale/nested.h"

#include <msgpack.h>
#include <stdlib.h>

enum { ROUNDS = 3000, ROOM = 1 << 20 };

static char room[ROOM], filler[70000];
static unsigned seed;

static uint32_t below(uint32_t n)
{
    return ((uint32_t)rand_r(&seed) << 15 ^ (uint32_t)rand_r(&seed)) % n;
}

static uint64_t bits(void)
{
    uint64_t v = (uint64_t)below(1u << 30) << 34 ^
                 (uint64_t)below(1u << 30) << 17 ^ below(1u << 30);

    return v >> below(64);
}

/* Lengths on both sides of each form's limit. */
static uint32_t length(uint32_t most)
{
    static const uint32_t edges[] = { 0,  1,   15,  16,    31,
                                      32, 255, 256, 65535, 65536 };
    uint32_t n = below(4) > 0 ? below(20) : edges[below(10)];

    return n < most ? n : most;
}

/* --------------------------------- the same random value, both ways -- */

static void both(gale_pack *p, msgpack_packer *k, int depth, int what);

static void both_nested(gale_pack *p, msgpack_packer *k, int depth, bool map)
{
    uint32_t n = depth == 0 ? length(70000) : below(5);

    if (map) {
        gale_pack_map(p, n);
        msgpack_pack_map(k, n);
    } else {
        gale_pack_list(p, n);
        msgpack_pack_array(k, n);
    }
    for (uint32_t i = 0; i < (map ? 2 * n : n); i++)
        both(p, k, depth + 1, (int)below(n > 20 ? 3 : depth < 4 ? 8 : 6));
}

static void both(gale_pack *p, msgpack_packer *k, int depth, int what)
{
    int64_t i = (int64_t)bits() * (below(2) == 0 ? 1 : -1);
    double f = (double)i / 3;
    uint32_t len = length(sizeof(filler));
    gale_str s = { filler, len };

    switch (what) {
    case 0:
        gale_pack_nil(p);
        msgpack_pack_nil(k);
        break;
    case 1:
        gale_pack_bool(p, i % 2 == 0);
        i % 2 == 0 ? msgpack_pack_true(k) : msgpack_pack_false(k);
        break;
    case 2:
        gale_pack_i64(p, i);
        msgpack_pack_int64(k, i);
        break;
    case 3:
        gale_pack_f64(p, f);
        msgpack_pack_double(k, f);
        break;
    case 4:
        gale_pack_str(p, s);
        msgpack_pack_str_with_body(k, filler, len);
        break;
    case 5:
        gale_pack_bytes(p, filler, len);
        msgpack_pack_bin_with_body(k, filler, len);
        break;
    default:
        both_nested(p, k, depth, what == 7);
        break;
    }
}

/* ------------------------------------- what each makes of the bytes -- */

static void assert_same(gale_value ours, const msgpack_object *theirs);

static void assert_same_nested(gale_value ours, const msgpack_object *theirs)
{
    gale_unpack u = gale_unpack_of(ours);
    bool map = ours.type == GALE_T_MAP;
    uint32_t n = map ? theirs->via.map.size : theirs->via.array.size;
    gale_value x;

    cr_assert_eq(gale_unpack_is_map(&u), map);
    cr_assert_eq(gale_unpack_count(&u), n);
    for (uint32_t i = 0; i < n; i++) {
        cr_assert(gale_unpack_next(&u, &x));
        assert_same(x, map ? &theirs->via.map.ptr[i].key
                           : &theirs->via.array.ptr[i]);
        if (map) {
            cr_assert(gale_unpack_next(&u, &x));
            assert_same(x, &theirs->via.map.ptr[i].val);
        }
    }
    cr_assert_not(gale_unpack_next(&u, &x));
    cr_assert_not(gale_unpack_failed(&u));
}

static void assert_same_run(gale_value ours, const char *p, uint32_t len)
{
    cr_assert_eq(ours.len, len);
    if (len > 0)
        cr_assert_eq(memcmp(ours.as.p, p, len), 0);
}

static void assert_same(gale_value ours, const msgpack_object *theirs)
{
    switch (theirs->type) {
    case MSGPACK_OBJECT_NIL:
        cr_assert_eq(ours.type, GALE_T_NIL);
        break;
    case MSGPACK_OBJECT_BOOLEAN:
        cr_assert_eq(ours.type, GALE_T_BOOL);
        cr_assert_eq(ours.as.b, theirs->via.boolean);
        break;
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        cr_assert_eq(ours.type, GALE_T_I64);
        cr_assert_eq(ours.as.i, theirs->via.i64);
        break;
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        cr_assert_eq(ours.type, GALE_T_F64);
        cr_assert_eq(ours.as.f, theirs->via.f64);
        break;
    case MSGPACK_OBJECT_STR:
        cr_assert_eq(ours.type, GALE_T_STR);
        assert_same_run(ours, theirs->via.str.ptr, theirs->via.str.size);
        break;
    case MSGPACK_OBJECT_BIN:
        cr_assert_eq(ours.type, GALE_T_BYTES);
        assert_same_run(ours, theirs->via.bin.ptr, theirs->via.bin.size);
        break;
    case MSGPACK_OBJECT_ARRAY:
    case MSGPACK_OBJECT_MAP:
        cr_assert_eq(ours.type == GALE_T_MAP,
                     theirs->type == MSGPACK_OBJECT_MAP);
        assert_same_nested(ours, theirs);
        break;
    case MSGPACK_OBJECT_EXT:
        cr_assert_fail("none was written");
        break;
    }
}

static void assert_both_read(const char *bytes, size_t len, bool map)
{
    msgpack_unpacked u;
    size_t off = 0;
    gale_value v = map ? gale_val_map(bytes, (uint32_t)len)
                       : gale_val_list(bytes, (uint32_t)len);

    msgpack_unpacked_init(&u);
    cr_assert_eq(msgpack_unpack_next(&u, bytes, len, &off),
                 MSGPACK_UNPACK_SUCCESS);
    cr_assert_eq(off, len);
    cr_assert_eq(gi_msgpack_skip(bytes, len), len);
    assert_same(v, &u.data);
    msgpack_unpacked_destroy(&u);
}

static void setup(void)
{
    seed = 31;
    for (size_t i = 0; i < sizeof(filler); i++)
        filler[i] = (char)('a' + i % 26);
}

TestSuite(nested_peer, .init = setup);

/* Byte for byte alike, as both choose the shortest forms. */
Test(nested_peer, writes_and_reads_as_msgpack_c_does)
{
    for (int round = 0; round < ROUNDS; round++) {
        bool map = round % 2 == 0;
        gale_pack p;
        msgpack_sbuffer b;
        msgpack_packer k;

        msgpack_sbuffer_init(&b);
        msgpack_packer_init(&k, &b, msgpack_sbuffer_write);
        gale_pack_init(&p, room, sizeof(room));
        both(&p, &k, 0, map ? 7 : 6);
        if (b.size <= sizeof(room)) {
            cr_assert_eq(gale_pack_len(&p), b.size);
            cr_assert_eq(memcmp(room, b.data, b.size), 0);
            assert_both_read(room, b.size, map);
        } else {
            cr_assert_eq(gale_pack_len(&p), 0);
            assert_both_read(b.data, b.size, map);
        }
        msgpack_sbuffer_destroy(&b);
    }
}

/* Forms that we never write: a single float, an unsigned 64-bit number. */
Test(nested_peer, reads_what_only_others_write)
{
    msgpack_sbuffer b;
    msgpack_packer k;
    gale_value x;

    msgpack_sbuffer_init(&b);
    msgpack_packer_init(&k, &b, msgpack_sbuffer_write);
    msgpack_pack_array(&k, 4);
    msgpack_pack_float(&k, 0.25f);
    msgpack_pack_fix_uint64(&k, 5);
    msgpack_pack_fix_int32(&k, -5);
    msgpack_pack_uint64(&k, (uint64_t)INT64_MAX + 1);

    gale_unpack u = gale_unpack_bytes(b.data, b.size);
    cr_assert(gale_unpack_next(&u, &x) && x.as.f == 0.25);
    cr_assert(gale_unpack_next(&u, &x) && x.as.i == 5);
    cr_assert(gale_unpack_next(&u, &x) && x.as.i == -5);
    cr_assert_not(gale_unpack_next(&u, &x), "too large for an i64");
    cr_assert(gale_unpack_failed(&u));
    msgpack_sbuffer_destroy(&b);
}
