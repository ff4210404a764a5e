/* Small pieces of memory, given back at once. */
#include <criterion/criterion.h>

#include "base/mem.h"
#include "base/pool.h"

Test(pool, pieces_are_zeroed_aligned_and_their_own)
{
    gi_pool p = { NULL };
    unsigned char *last = NULL;

    for (size_t n = 0; n < 100; n++) {
        unsigned char *at = gi_pool_take(&p, n, 3);

        cr_assert_not_null(at);
        cr_expect_eq((uintptr_t)at % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < 3 * n; i++)
            cr_assert_eq(at[i], 0);
        memset(at, 0xff, 3 * n);
        cr_expect(last == NULL || last[3 * n - 4] == 0xff);
        last = n == 0 ? NULL : at;
    }
    gi_pool_fini(&p);
    gi_pool_fini(&p);
}

Test(pool, a_product_that_does_not_fit_is_refused)
{
    gi_pool p = { NULL };

    cr_expect_null(gi_pool_take(&p, SIZE_MAX / 2, 3));
    cr_expect_null(gi_pool_take(&p, 1, SIZE_MAX));
    cr_expect_null(p.last);
    gi_mem_fail_after(0, 1);
    cr_expect_null(gi_pool_take(&p, 1, 1));
    gi_mem_fail_after(0, 0);
    cr_expect_not_null(gi_pool_take(&p, 1, 1));
    gi_pool_fini(&p);
}

Test(pool, small_pieces_share_blocks_and_are_zeroed_aligned_and_their_own)
{
    enum { N = 5000 };
    static unsigned char *piece[N];
    gi_pool p = { NULL };
    uint64_t asked = gi_mem_asked();

    for (size_t i = 0; i < N; i++) {
        size_t size = i % 100;

        piece[i] = gi_pool_piece(&p, size);
        cr_assert_not_null(piece[i]);
        cr_expect_eq((uintptr_t)piece[i] % _Alignof(uint64_t), 0);
        for (size_t k = 0; k < size; k++)
            cr_assert_eq(piece[i][k], 0);
        memset(piece[i], (int)(i & 0xff), size);
    }
    cr_expect_lt(gi_mem_asked() - asked, 20);
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < i % 100; k++)
            cr_assert_eq(piece[i][k], i & 0xff);
    gi_pool_fini(&p);
}

Test(pool, pieces_and_large_things_come_from_one_pool)
{
    gi_pool p = { NULL };
    char *a = gi_pool_piece(&p, 8);
    char *large = gi_pool_take(&p, 1, 100000);
    char *b = gi_pool_piece(&p, 8);
    char *larger = gi_pool_piece(&p, 100000);
    char *c = gi_pool_piece(&p, 8);

    cr_assert(a != NULL && b != NULL && c != NULL);
    cr_assert(large != NULL && larger != NULL);
    cr_expect_eq(b, a + 8);
    cr_expect_eq(c, b + 8);
    memset(large, 1, 100000);
    memset(larger, 1, 100000);
    gi_mem_fail_after(0, 1);
    cr_expect_null(gi_pool_piece(&p, 2000));
    gi_mem_fail_after(0, 0);
    cr_expect_eq(gi_pool_piece(&p, 8), c + 8);
    gi_pool_fini(&p);
}
