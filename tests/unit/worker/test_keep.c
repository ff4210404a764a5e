/* Memory for tuples that stay: copies are whole, chunks are used again. */
#include <criterion/criterion.h>

#include "base/mix.h"
#include "worker/keep.h"

static gi_keep k;
static char text[100000];

static void make(void)
{
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)('a' + i % 26);
}

static void drop(void)
{
    gi_keep_fini(&k);
    cr_assert_eq(k.bytes, 0);
}

TestSuite(keep, .init = make, .fini = drop);

/* A number and a text of `len` bytes that begins with it. */
static gale_tuple *keep(uint64_t no, uint32_t len, uint32_t n_more)
{
    gale_row row = GALE_ROW(gale_val_i64((int64_t)no),
                            gale_val_str((gale_str){ text + no % 26, len }));

    return gi_keep_row(&k, row, n_more);
}

static void check(const gale_tuple *t, uint64_t no, uint32_t len,
                  uint32_t n_more)
{
    cr_assert_not_null(t);
    cr_assert_eq((uintptr_t)t % 16, 0);
    cr_assert_eq(t->n, 2);
    cr_assert_eq(gi_tuple_more(t), n_more);
    cr_assert_eq(t->values[0].as.i, (int64_t)no);
    cr_assert_eq(t->values[1].len, len);
    cr_assert_neq(t->values[1].as.p, text + no % 26, "a copy");
    cr_assert_eq(memcmp(t->values[1].as.p, text + no % 26, len), 0);
    cr_assert_geq(t->size, sizeof(*t) + 32 + n_more * sizeof(gi_link) + len);
}

Test(keep, an_empty_one_takes_no_memory)
{
    cr_assert_eq(k.bytes, 0);
    gi_keep_drop(&k, NULL);
}

Test(keep, a_copy_is_whole_and_has_room_for_its_links)
{
    gale_tuple *t = keep(7, 1000, 5), *next = keep(8, 10, 0);
    gi_link *links = gi_tuple_links(t);

    for (uint32_t i = 0; i < 5; i++)
        links[i] = (gi_link){ UINT64_MAX, UINT64_MAX };
    check(t, 7, 1000, 5);
    check(next, 8, 10, 0);
    gi_keep_drop(&k, t);
    gi_keep_drop(&k, next);
}

Test(keep, first_in_first_out_goes_on_in_a_few_chunks)
{
    enum { FLYING = 500 };
    gale_tuple *t[FLYING] = { NULL };

    for (uint64_t i = 0; i < 100000; i++) {
        gale_tuple **at = &t[i % FLYING];

        if (*at != NULL)
            check(*at, i - FLYING, 40, 0);
        gi_keep_drop(&k, *at);
        *at = keep(i, 40, 0);
    }
    cr_assert_leq(k.bytes, 10u * GI_KEEP_CHUNK);
    for (int i = 0; i < FLYING; i++)
        gi_keep_drop(&k, t[i]);
    cr_assert_leq(k.n_spare, GI_KEEP_SPARE);
}

Test(keep, memory_of_a_burst_is_given_back)
{
    enum { N = 10000 };
    static gale_tuple *t[N];

    for (uint64_t i = 0; i < N; i++)
        t[i] = keep(i, 200, 0);
    cr_assert_gt(k.bytes, N * 200u);
    for (uint64_t i = 0; i < N; i++) {
        check(t[i], i, 200, 0);
        gi_keep_drop(&k, t[i]);
    }
    cr_assert_leq(k.bytes, (GI_KEEP_SPARE + 1u) * GI_KEEP_CHUNK);
}

Test(keep, what_stays_is_untouched_by_what_comes_and_goes)
{
    gale_tuple *stays = keep(3, 100, 2);

    for (uint64_t i = 0; i < 10000; i++)
        gi_keep_drop(&k, keep(i, 300, 0));
    check(stays, 3, 100, 2);
    gi_keep_drop(&k, stays);
}

Test(keep, a_tuple_larger_than_a_chunk_has_one_of_its_own)
{
    gale_tuple *small = keep(1, 10, 0);
    uint64_t before = k.bytes;
    gale_tuple *large = keep(2, 90000, 0), *after = keep(3, 10, 0);

    check(small, 1, 10, 0);
    check(large, 2, 90000, 0);
    check(after, 3, 10, 0);
    cr_assert_geq(k.bytes, before + 90000);
    gi_keep_drop(&k, large);
    cr_assert_eq(k.bytes, before, "given back at once");
    gi_keep_drop(&k, small);
    gi_keep_drop(&k, after);
}

/* At the edge between the two kinds of chunk. */
Test(keep, tuples_of_about_the_size_of_a_chunk_are_kept_too)
{
    gale_tuple *t[80];

    for (uint32_t i = 0; i < 80; i++)
        t[i] = keep(i, GI_KEEP_CHUNK - 120 + i, 0);
    for (uint32_t i = 0; i < 80; i++)
        check(t[i], i, GI_KEEP_CHUNK - 120 + i, 0);
    for (uint32_t i = 0; i < 80; i++)
        gi_keep_drop(&k, t[i]);
}

Test(keep, keeps_and_drops_in_any_order)
{
    enum { N = 300 };
    struct {
        gale_tuple *t;
        uint64_t no;
        uint32_t len, n_more;
    } s[N] = { 0 };
    gi_rng rng = { 1 };

    for (uint64_t i = 0; i < 100000; i++) {
        uint32_t at = (uint32_t)gi_rng_below(&rng, N);

        if (s[at].t != NULL) {
            check(s[at].t, s[at].no, s[at].len, s[at].n_more);
            gi_keep_drop(&k, s[at].t);
            s[at].t = NULL;
            continue;
        }
        s[at].no = i;
        s[at].len = (uint32_t)gi_rng_below(&rng, i % 100 == 0 ? 40000 : 400);
        s[at].n_more = (uint32_t)gi_rng_below(&rng, 4);
        s[at].t = keep(i, s[at].len, s[at].n_more);
    }
    for (uint32_t i = 0; i < N; i++)
        gi_keep_drop(&k, s[i].t);
    cr_assert_leq(k.bytes, (GI_KEEP_SPARE + 1u) * GI_KEEP_CHUNK);
}

Test(keep, without_memory_keeps_what_it_has)
{
    gale_tuple *t[2000];
    uint32_t n = 0;

    gi_mem_fail_after(0, 1);
    cr_assert_null(keep(0, 10, 0));
    gi_mem_fail_after(3, UINT64_MAX);
    while (n < 2000 && (t[n] = keep(n, 100, 0)) != NULL)
        n++;
    cr_assert_null(keep(0, 90000, 0));
    gi_mem_fail_after(0, 0);
    cr_assert_gt(n, 200);
    cr_assert_lt(n, 2000);
    for (uint32_t i = 0; i < n; i++)
        check(t[i], i, 100, 0);
    for (uint32_t i = 0; i < n; i++)
        gi_keep_drop(&k, t[i]);
    gi_keep_drop(&k, keep(1, 100, 0));
}
