#include <criterion/criterion.h>

#include "gale/nested.h"

#include <stdio.h>

static void write_example(gale_pack *p)
{
    gale_pack_map(p, 2);
    gale_pack_str(p, gale_cstr("host"));
    gale_pack_nil(p);
    gale_pack_str(p, gale_cstr("ports"));
    gale_pack_list(p, 2);
    gale_pack_i64(p, 80);
    gale_pack_i64(p, 443);
}

Test(nested, what_is_written_is_read)
{
    char room[64];
    gale_pack p;
    gale_value x, ports;

    gale_pack_init(&p, room, sizeof(room));
    write_example(&p);
    gale_value map = gale_pack_value(&p);
    cr_assert_eq(map.type, GALE_T_MAP);
    cr_assert_eq(map.len, gale_pack_len(&p));

    gale_unpack u = gale_unpack_of(map);
    cr_assert(gale_unpack_is_map(&u));
    cr_assert_eq(gale_unpack_count(&u), 2);
    cr_assert(gale_unpack_next(&u, &x) && x.type == GALE_T_STR);
    cr_assert_eq(memcmp(x.as.p, "host", 4), 0);
    cr_assert(gale_unpack_next(&u, &x) && x.type == GALE_T_NIL);
    cr_assert(gale_unpack_next(&u, &x) && x.len == 5);
    cr_assert(gale_unpack_next(&u, &ports) && ports.type == GALE_T_LIST);
    cr_assert_not(gale_unpack_next(&u, &x));
    cr_assert_not(gale_unpack_failed(&u));

    gale_unpack in = gale_unpack_of(ports);
    cr_assert_not(gale_unpack_is_map(&in));
    cr_assert_eq(gale_unpack_count(&in), 2);
    cr_assert(gale_unpack_next(&in, &x) && x.as.i == 80);
    cr_assert(gale_unpack_next(&in, &x) && x.as.i == 443);
    cr_assert_not(gale_unpack_next(&in, &x));
    cr_assert_not(gale_unpack_failed(&in));
}

Test(nested, too_small_a_buffer_is_told_once_and_never_overrun)
{
    char room[64];
    gale_pack p;

    gale_pack_init(&p, room, sizeof(room));
    write_example(&p);
    size_t need = gale_pack_len(&p);
    for (size_t cap = 0; cap <= need; cap++) {
        memset(room, '#', sizeof(room));
        gale_pack_init(&p, cap == 0 ? NULL : room, cap);
        write_example(&p);
        cr_assert_eq(gale_pack_len(&p), cap == need ? need : 0);
        for (size_t i = cap; i < sizeof(room); i++)
            cr_assert_eq(room[i], '#');
    }
}

Test(nested, a_value_without_its_parts_is_none)
{
    char room[64];
    gale_pack p;

    gale_pack_init(&p, room, sizeof(room));
    cr_assert_eq(gale_pack_len(&p), 0, "nothing was written");
    gale_pack_map(&p, 1);
    gale_pack_i64(&p, 1);
    cr_assert_eq(gale_pack_len(&p), 0, "half a pair");
    gale_pack_i64(&p, 2);
    cr_assert_eq(gale_pack_len(&p), 3);
    gale_pack_i64(&p, 3);
    cr_assert_eq(gale_pack_len(&p), 0, "one too many");
}

Test(nested, a_mistake_gives_a_list_that_no_emit_takes)
{
    char room[8];
    gale_pack p;

    gale_pack_init(&p, room, sizeof(room));
    gale_pack_list(&p, 3);
    gale_value x = gale_pack_value(&p);
    cr_assert(x.type == GALE_T_LIST && x.len == 0);

    gale_pack_init(&p, room, sizeof(room));
    gale_pack_i64(&p, 5);
    cr_assert_eq(gale_pack_len(&p), 1);
    x = gale_pack_value(&p);
    cr_assert(x.type == GALE_T_LIST && x.len == 0, "a number is no list");
}

Test(nested, any_value_that_was_read_can_be_written)
{
    char room[64], again[64], bytes[] = "\x93\x01\xa1x\x81\xc3\xc4\x01z";
    size_t len = sizeof(bytes) - 1;
    gale_unpack u = gale_unpack_bytes(bytes, len);
    gale_value x;
    gale_pack p;

    gale_pack_init(&p, again, sizeof(again));
    gale_pack_list(&p, gale_unpack_count(&u));
    while (gale_unpack_next(&u, &x))
        gale_pack_any(&p, x);
    cr_assert_not(gale_unpack_failed(&u));
    cr_assert_eq(gale_pack_len(&p), len);
    cr_assert_eq(memcmp(again, bytes, len), 0);

    gale_pack_init(&p, room, sizeof(room));
    gale_pack_any(&p, gale_val_list("\x92\x01", 2));
    cr_assert_eq(gale_pack_len(&p), 0, "no list");
    gale_pack_init(&p, room, sizeof(room));
    gale_pack_any(&p, gale_val_map("\x90", 1));
    cr_assert_eq(gale_pack_len(&p), 0, "a list, not a map");
    gale_pack_init(&p, room, sizeof(room));
    gale_pack_any(&p, gale_val_run((gale_type)77, "", 0));
    cr_assert_eq(gale_pack_len(&p), 0, "no type");
}

Test(nested, integers_of_every_length_come_back)
{
    static const int64_t edges[] = {
        0,
        127,
        128,
        255,
        256,
        65535,
        65536,
        UINT32_MAX,
        (int64_t)UINT32_MAX + 1,
        INT64_MAX,
        -1,
        -32,
        -33,
        -128,
        -129,
        -32768,
        -32769,
        INT32_MIN,
        (int64_t)INT32_MIN - 1,
        INT64_MIN,
    };
    static const size_t lens[] = { 1, 1, 2, 2, 3, 3, 5, 5, 9, 9,
                                   1, 1, 2, 2, 3, 3, 5, 5, 9, 9 };

    for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
        char room[16];
        gale_pack p;
        gale_value x;
        gale_pack_init(&p, room, sizeof(room));
        gale_pack_list(&p, 1);
        gale_pack_i64(&p, edges[i]);
        cr_assert_eq(gale_pack_len(&p), 1 + lens[i]);
        gale_unpack u = gale_unpack_of(gale_pack_value(&p));
        cr_assert(gale_unpack_next(&u, &x) && x.type == GALE_T_I64);
        cr_assert_eq(x.as.i, edges[i]);
    }
}

/* A cursor over these bytes gives `good` values and then fails. */
static void assert_fails_after(const char *bytes, size_t len, int good)
{
    gale_unpack u = gale_unpack_bytes(bytes, len);
    gale_value x = gale_val_i64(77);
    int n = 0;

    while (gale_unpack_next(&u, &x))
        n++;
    cr_assert_eq(n, good);
    cr_assert(gale_unpack_failed(&u));
    cr_assert_not(gale_unpack_next(&u, &x));
    if (n == 0)
        cr_assert_eq(x.as.i, 77);
}

Test(nested, an_integer_above_int64_max_is_refused)
{
    gale_unpack u = gale_unpack_bytes("\x91\xcf\x7f\xff\xff\xff\xff\xff\xff"
                                      "\xff",
                                      10);
    gale_value x;

    cr_assert(gale_unpack_next(&u, &x) && x.as.i == INT64_MAX);
    assert_fails_after("\x91\xcf\x80\x00\x00\x00\x00\x00\x00\x00", 10, 0);
    assert_fails_after("\x92\x01\xcf\xff\xff\xff\xff\xff\xff\xff\xff", 11, 1);
}

Test(nested, bytes_that_end_too_soon_or_too_late_are_refused)
{
    assert_fails_after("\x92\x01", 2, 0);
    assert_fails_after("\x92\xa1", 2, 0);
    assert_fails_after("\x91\x01\x02", 3, 0);
    assert_fails_after("\x90\x01", 2, 0);
    assert_fails_after("\x92\x01\xc1", 3, 1);
    assert_fails_after("\x92\x01\x91", 3, 1);
    assert_fails_after("\x91\xd4\x01\x00", 4, 0);
    assert_fails_after("\x01", 1, 0);
    assert_fails_after("", 0, 0);
}

Test(nested, a_value_that_is_no_list_or_map_gives_a_failed_cursor)
{
    const gale_value strangers[] = {
        gale_val_i64(-1),        gale_val_cstr("\x90"),
        gale_val_map("\x90", 1), gale_val_list("\x80", 1),
        gale_val_list(NULL, 0),
    };
    gale_value x;

    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
        gale_unpack u = gale_unpack_of(strangers[i]);
        cr_assert(gale_unpack_failed(&u), "the %zu-th", i);
        cr_assert_eq(gale_unpack_count(&u), 0);
        cr_assert_not(gale_unpack_next(&u, &x));
    }
}

Test(nested, an_empty_list_has_nothing_and_is_no_mistake)
{
    gale_unpack u = gale_unpack_bytes("\x90", 1);
    gale_value x;

    cr_assert_eq(gale_unpack_count(&u), 0);
    cr_assert_not(gale_unpack_next(&u, &x));
    cr_assert_not(gale_unpack_failed(&u));
}

Test(nested, a_copy_of_a_cursor_is_a_bookmark)
{
    gale_unpack u = gale_unpack_bytes("\x92\x01\x02", 3), mark = u;
    gale_value x;

    while (gale_unpack_next(&u, &x))
        continue;
    cr_assert(gale_unpack_next(&mark, &x) && x.as.i == 1);
}

Test(nested, a_single_float_becomes_a_double)
{
    gale_unpack u = gale_unpack_bytes("\x91\xca\x3f\x00\x00\x00", 6);
    gale_value x;

    cr_assert(gale_unpack_next(&u, &x) && x.type == GALE_T_F64);
    cr_assert_eq(x.as.f, 0.5);
}
