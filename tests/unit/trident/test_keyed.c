/* Rows by key: the table of groups. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/mix.h"
#include "trident/keyed.h"
#include "trident/values.h"

static const uint32_t first_slot[] = { 0, 1, 2 };

static uint64_t *at(gi_keyed *t, gale_row row, bool *fresh)
{
    return gi_keyed_at(t, row.values, first_slot, fresh);
}

Test(keyed, a_key_has_one_group_and_it_stays_where_it_is)
{
    enum { N = 20000 };
    static uint64_t *cells[N];
    gi_pool pool = { NULL };
    gi_keyed t;
    char text[32];
    bool fresh;

    cr_assert(gi_keyed_init(&t, &pool, 1, 8, 0, 5));
    for (uint64_t round = 0; round < 3; round++)
        for (uint32_t i = 0; i < N; i++) {
            snprintf(text, sizeof(text), "%*u", (int)(i % 25), i);
            uint64_t *c = at(&t, GALE_ROW(gale_val_cstr(text)), &fresh);

            cr_assert_not_null(c);
            cr_assert_eq(fresh, round == 0);
            cr_assert_eq((*c)++, round);
            cr_assert(round == 0 || cells[i] == c);
            cells[i] = c;
        }
    cr_expect_eq(t.n, N);
    for (uint32_t i = 0; i < N; i++) {
        gale_row key = gi_keyed_key(&t, cells[i]);

        cr_assert_eq(gi_keyed_cells(&t, i), cells[i]);
        snprintf(text, sizeof(text), "%*u", (int)(i % 25), i);
        cr_assert_eq(key.n, 1);
        cr_assert_eq(key.values[0].type, GALE_T_STR);
        cr_assert(gale_str_is(
            (gale_str){ key.values[0].as.p, key.values[0].len }, text));
    }
    gi_pool_fini(&pool);
}

/* As if all keys had one hash, or as they are. */
static bool is_new(gi_keyed *t, gale_value v, bool collide)
{
    gi_keyed_value key;
    uint32_t hash = gi_keyed_hash(t, &key, &v, first_slot);
    const void *near, *cells;
    bool fresh, known;

    if (collide)
        hash = 7;
    near = gi_keyed_near(t, hash);
    known = near != NULL && gi_keyed_is(t, near, &key);
    cells = gi_keyed_find(t, &key, hash, &fresh);
    cr_assert_not_null(cells);
    if (known)
        cr_assert(!fresh && near == cells);
    else if (!collide)
        cr_assert(fresh, "the first of its hash is not met");
    return fresh;
}

/* Texts that differ in one byte, at any place of any length, and others that
 * are like them but for their type or length. */
static void tell_apart(bool collide)
{
    gi_pool pool = { NULL };
    char text[40];
    gi_keyed t;
    uint32_t n = 0;

    cr_assert(gi_keyed_init(&t, &pool, 1, 8, 0, 0));
    for (uint32_t len = 0; len <= sizeof(text); len++) {
        memset(text, 0, sizeof(text));
        for (uint32_t type = GALE_T_STR; type <= GALE_T_BYTES; type++) {
            gale_value v = gale_val_run((gale_type)type, text, len);

            cr_expect(is_new(&t, v, collide), "%u zeros", len);
            n++;
            for (uint32_t i = 0; i < len; i++) {
                text[i] = 1;
                cr_expect(is_new(&t, v, collide), "%u of %u", i, len);
                text[i] = 0;
                n++;
            }
            cr_expect(!is_new(&t, v, collide));
        }
    }
    cr_expect_eq(t.n, n);
    gi_pool_fini(&pool);
}

Test(keyed, keys_that_differ_in_one_byte_are_different)
{
    tell_apart(false);
}

Test(keyed, keys_of_one_hash_are_told_apart)
{
    tell_apart(true);
}

Test(keyed, numbers_are_the_same_by_type_and_value)
{
    gi_pool pool = { NULL };
    gi_keyed t;
    bool fresh;
    const gale_value others[] = {
        gale_val_i64(0),      gale_val_f64(0),
        gale_val_nil(),       gale_val_bool(true),
        gale_val_bool(false), gale_val_i64(1),
        gale_val_f64(1),      gale_val_cstr(""),
        gale_val_i64(-1),     gale_val_f64(__builtin_nan("")),
    };
    const uint32_t n = sizeof(others) / sizeof(others[0]);

    cr_assert(gi_keyed_init(&t, &pool, 1, 8, 0, 0));
    for (uint32_t round = 0; round < 2; round++)
        for (uint32_t i = 0; i < n; i++) {
            uint64_t *c = at(&t, GALE_ROW(others[i]), &fresh);

            cr_expect_eq(fresh, round == 0);
            cr_expect(gi_value_same(gi_keyed_key(&t, c).values, &others[i]));
        }
    cr_assert_not_null(at(&t, GALE_ROW(gale_val_f64(-0.0)), &fresh));
    cr_expect(!fresh, "0 and -0 are one key");
    cr_expect_eq(t.n, n);
    gi_pool_fini(&pool);
}

Test(keyed, no_key_at_all_is_one_group)
{
    gi_pool pool = { NULL };
    gi_keyed t;
    bool fresh;
    uint64_t *c;

    cr_assert(gi_keyed_init(&t, &pool, 0, 8, 0, 0));
    c = at(&t, (gale_row){ NULL, 0 }, &fresh);
    cr_assert_not_null(c);
    cr_expect(fresh);
    cr_expect_eq(at(&t, (gale_row){ NULL, 0 }, &fresh), c);
    cr_expect(!fresh);
    gi_pool_fini(&pool);
}

/* Keys of three values, against a plain list. */
Test(keyed, is_what_a_list_says)
{
    enum { N = 4000 };
    static int64_t list[N][3];
    gi_rng rng = { 1 };
    uint32_t n = 0;
    gi_pool pool = { NULL };
    gi_keyed t;

    cr_assert(gi_keyed_init(&t, &pool, 3, 8, 100, gi_rng_next(&rng)));
    for (uint32_t round = 0; round < N; round++) {
        int64_t key[3];
        char text[8];
        uint32_t i = 0;
        bool fresh;
        uint64_t *c;

        for (int k = 0; k < 3; k++)
            key[k] = (int64_t)gi_rng_below(&rng, 11);
        snprintf(text, sizeof(text), "k%d", (int)key[1]);
        while (i < n && memcmp(list[i], key, sizeof(key)) != 0)
            i++;
        c = at(&t,
               GALE_ROW(gale_val_i64(key[0]), gale_val_cstr(text),
                        gale_val_f64((double)key[2])),
               &fresh);
        cr_assert_eq(fresh, i == n);
        if (i == n)
            memcpy(list[n++], key, sizeof(key));
        cr_assert_eq(c, gi_keyed_cells(&t, i));
        *c += 1;
    }
    cr_expect_eq(t.n, n);
    gi_pool_fini(&pool);
}

Test(keyed, what_it_has_is_whole_when_memory_is_gone)
{
    bool done = false;

    for (uint64_t fail = 0; !done; fail++) {
        gi_pool pool = { NULL };
        gi_keyed t;
        bool fresh;
        char text[40];

        gi_mem_fail_after(fail, 1);
        done = gi_keyed_init(&t, &pool, 1, 8, 0, 0);
        for (uint32_t i = 0; done && i < 3000; i++) {
            snprintf(text, sizeof(text), "a key that is kept apart %u", i);
            done = at(&t, GALE_ROW(gale_val_cstr(text)), &fresh) != NULL;
        }
        gi_mem_fail_after(0, 0);
        gi_pool_fini(&pool);
        cr_assert_lt(fail, 1000);
    }
}
