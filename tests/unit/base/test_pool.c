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
