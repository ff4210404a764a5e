#include <criterion/criterion.h>

#include "base/mem.h"

#include <stdint.h>
#include <string.h>

Test(mem, what_is_allocated_is_zeroed)
{
    char *p = gi_calloc(100, 7);

    cr_assert_not_null(p);
    for (int i = 0; i < 700; i++)
        cr_assert_eq(p[i], 0);
    gi_free(p);
}

Test(mem, what_need_not_be_zeroed_can_be_refused_too)
{
    char *p = gi_alloc_blank(1000);

    cr_assert_not_null(p);
    memset(p, 1, 1000);
    gi_free(p);
    gi_mem_fail_after(0, 1);
    cr_assert_null(gi_alloc_blank(1000));
    gi_mem_fail_after(0, 0);
}

Test(mem, a_product_that_overflows_is_refused)
{
    volatile size_t half = SIZE_MAX / 2;

    cr_assert_null(gi_calloc(half, 3));
}

Test(mem, nothing_is_not_null)
{
    void *none[] = { gi_alloc(0), gi_calloc(0, 8), gi_alloc_aligned(64, 0),
                     gi_realloc(NULL, 0) };

    for (int i = 0; i < 4; i++) {
        cr_assert_not_null(none[i], "the %d-th", i);
        gi_free(none[i]);
    }
}

Test(mem, aligned_memory_is_aligned_and_zeroed)
{
    for (size_t align = 1; align <= 4096; align *= 2) {
        unsigned char *p = gi_alloc_aligned(align, 300);
        cr_assert_not_null(p);
        cr_assert_eq((uintptr_t)p % align, 0);
        for (int i = 0; i < 300; i++)
            cr_assert_eq(p[i], 0);
        gi_free(p);
    }
}

Test(mem, blocks_that_are_apart_share_no_cache_line)
{
    unsigned char *a = gi_alloc_apart(40), *b = gi_alloc_apart(0);

    cr_assert(a != NULL && b != NULL);
    cr_assert_eq((uintptr_t)a % GI_APART, 0);
    cr_assert_eq((uintptr_t)b % GI_APART, 0);
    for (int i = 0; i < 40; i++)
        cr_assert_eq(a[i], 0);
    gi_free(a);
    gi_free(b);
}

Test(mem, a_copy_of_a_run_ends_where_the_run_or_the_string_does)
{
    char *part = gi_strndup("wordcount", 4), *all = gi_strndup("word", 100);

    cr_assert_str_eq(part, "word");
    cr_assert_str_eq(all, "word");
    gi_free(part);
    gi_free(all);
}

Test(mem, exactly_the_allocations_of_the_window_fail)
{
    gi_mem_fail_after(2, 3);
    for (int i = 0; i < 8; i++) {
        char *p = gi_strdup("x");
        cr_assert_eq(p == NULL, i >= 2 && i < 5, "the %d-th", i);
        gi_free(p);
    }
}

Test(mem, a_refused_realloc_leaves_the_old_block)
{
    char *p = gi_strdup("kept");

    gi_mem_fail_after(0, 1);
    cr_assert_null(gi_realloc(p, 1000));
    cr_assert_str_eq(p, "kept");
    gi_free(p);
}

Test(mem, a_window_of_no_length_ends_the_failing)
{
    gi_mem_fail_after(0, UINT64_MAX);
    cr_assert_null(gi_alloc(1));
    gi_mem_fail_after(0, 0);
    void *p = gi_alloc(1);
    cr_assert_not_null(p);
    gi_free(p);
}

Test(mem, refused_allocations_are_counted_too)
{
    uint64_t before = gi_mem_asked();

    gi_free(gi_alloc(1));
    gi_mem_fail_after(0, 1);
    gi_free(gi_alloc(1));
    cr_assert_eq(gi_mem_asked(), before + 2);
}
