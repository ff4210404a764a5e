#include <criterion/criterion.h>

#include "gale/state.h"

/* What is on disks was divided by these: they may never change. */
Test(key, the_same_key_is_in_the_same_group_for_all_time)
{
    static const char list[] = "\x92\x01\xa1x";
    const gale_value keys[] = {
        gale_val_nil(),
        gale_val_bool(true),
        gale_val_bool(false),
        gale_val_i64(0),
        gale_val_i64(-1),
        gale_val_i64(1234567890123),
        gale_val_f64(0.5),
        gale_val_f64(0),
        gale_val_cstr(""),
        gale_val_cstr("the"),
        gale_val_cstr("a word of more than eight bytes"),
        gale_val_bytes("the", 3),
        gale_val_list(list, 4),
    };
    const uint32_t groups[] = { 26, 82, 115, 98, 26, 59, 18,
                                47, 92, 5,   10, 16, 29 };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        cr_expect_eq(gale_state_group(&keys[i], 1), groups[i], "key %zu", i);
    cr_expect_eq(gale_state_group(keys, 0), 0);
    cr_expect_eq(gale_state_group(keys, 5), 110);
    cr_expect_eq(gale_state_group(&keys[8], 3), 58);
}

Test(key, zeros_are_equal_and_so_is_all_that_is_no_number)
{
    gale_value a = gale_val_f64(0), b = gale_val_f64(-0.0);
    gale_value c = gale_val_f64(__builtin_nan("")), d = c;

    d.as.i ^= 1;
    d.as.i |= INT64_MIN;
    cr_expect_eq(gale_state_group(&a, 1), gale_state_group(&b, 1));
    cr_expect_eq(gale_state_group(&c, 1), gale_state_group(&d, 1));
}

Test(key, parts_share_all_groups_without_gaps)
{
    for (uint32_t count = 1; count <= GALE_STATE_GROUPS; count++) {
        uint32_t next = 0;

        for (uint32_t i = 0; i < count; i++) {
            uint32_t from, to;

            gale_state_range(i, count, &from, &to);
            cr_assert_eq(from, next);
            cr_assert_gt(to, from, "each has one at least");
            for (uint32_t g = from; g < to; g++)
                cr_assert_eq(gale_state_part(g, count), i);
            next = to;
        }
        cr_assert_eq(next, GALE_STATE_GROUPS);
    }
}

Test(key, words_are_dealt_out_evenly)
{
    uint32_t n[GALE_STATE_GROUPS] = { 0 };

    for (int64_t i = 0; i < 100 * GALE_STATE_GROUPS; i++) {
        gale_value v = gale_val_i64(i);

        n[gale_state_group(&v, 1)]++;
    }
    for (int g = 0; g < GALE_STATE_GROUPS; g++)
        cr_expect(n[g] > 50 && n[g] < 160, "group %d has %u", g, n[g]);
}
