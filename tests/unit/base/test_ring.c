/* The ring seen from one thread; from two: tests/race/ring.c. */
#include <criterion/criterion.h>

#include "base/ring.h"

static gi_ring r;
static char item[1 << 12];

static void drop(void)
{
    gi_ring_fini(&r);
}

TestSuite(ring, .fini = drop);

static void make(uint32_t size, uint32_t start)
{
    cr_assert_eq(gi_ring_init(&r, size), GALE_OK);
    atomic_store(&r.head, start);
    atomic_store(&r.tail, start);
    r.head_seen = r.tail_seen = start;
}

Test(ring, is_empty_at_first)
{
    make(8, 0);
    cr_assert(gi_ring_empty(&r));
    cr_assert_null(gi_ring_pop(&r));
    cr_assert_null(gi_ring_pop(&r));
}

Test(ring, of_one_place_holds_one)
{
    make(1, 0);
    for (int i = 0; i < 5; i++) {
        cr_assert(gi_ring_push(&r, &item[i]));
        cr_assert_not(gi_ring_push(&r, &item[9]));
        cr_assert_not(gi_ring_empty(&r));
        cr_assert_eq(gi_ring_pop(&r), &item[i]);
        cr_assert_null(gi_ring_pop(&r));
    }
}

Test(ring, holds_its_size_and_refuses_one_more)
{
    make(8, 0);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 8; i++)
            cr_assert(gi_ring_push(&r, &item[i]));
        cr_assert_not(gi_ring_push(&r, &item[8]));
        cr_assert_not(gi_ring_push(&r, &item[8]));
        for (int i = 0; i < 8; i++)
            cr_assert_eq(gi_ring_pop(&r), &item[i]);
        cr_assert(gi_ring_empty(&r));
        cr_assert_null(gi_ring_pop(&r));
    }
}

Test(ring, has_room_again_for_each_one_taken)
{
    make(4, 0);
    for (int i = 0; i < 4; i++)
        gi_ring_push(&r, &item[i]);
    for (int i = 4; i < 1000; i++) {
        cr_assert_not(gi_ring_push(&r, &item[i]));
        cr_assert_eq(gi_ring_pop(&r), &item[i - 4]);
        cr_assert(gi_ring_push(&r, &item[i]));
    }
}

/* Fill and empty by amounts that drift, over the end of the indices. */
Test(ring, keeps_order_when_its_32_bit_indices_wrap)
{
    for (uint32_t before = 0; before < 20; before++) {
        int in = 0, out = 0;

        make(8, UINT32_MAX - before);
        for (int step = 0; step < 200; step++) {
            for (int n = step * 7 % 9; n > 0; n--)
                in += gi_ring_push(&r, &item[in]);
            cr_assert_leq(in - out, 8);
            cr_assert_eq(gi_ring_empty(&r), in == out);
            for (int n = step * 5 % 11; n > 0; n--) {
                void *p = gi_ring_pop(&r);
                cr_assert_eq(p, in == out ? NULL : &item[out]);
                out += p != NULL;
            }
        }
        cr_assert_gt(out, 400);
        cr_assert_lt(atomic_load(&r.head), 1u << 16, "it did wrap");
        gi_ring_fini(&r);
    }
}

Test(ring, without_memory_is_not_made_and_may_be_dropped)
{
    gi_mem_fail_after(0, 1);
    cr_assert_eq(gi_ring_init(&r, 8), GALE_ENOMEM);
    gi_mem_fail_after(0, 0);
    gi_ring_fini(&r);
}
