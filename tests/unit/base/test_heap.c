#include <criterion/criterion.h>

#include "base/failpoint.h"
#include "base/heap.h"
#include "base/mix.h"

typedef struct item {
    gi_due due;
    char name[5]; /* so that its size is none of the usual ones */
} item;

static void push(gi_heap *h, int64_t at, uint64_t order)
{
    item it = { { at, order }, "" };

    it.name[0] = (char)('a' + order % 26);
    cr_assert(gi_heap_reserve(h));
    gi_heap_push(h, &it);
}

static bool is_before(const gi_due *a, const gi_due *b)
{
    return a->at < b->at || (a->at == b->at && a->order < b->order);
}

/* Of those in `all`, the earliest, which is taken out. */
static gi_due take_least(gi_due *all, uint32_t *n)
{
    uint32_t least = 0;
    gi_due d;

    for (uint32_t i = 1; i < *n; i++)
        if (is_before(&all[i], &all[least]))
            least = i;
    d = all[least];
    all[least] = all[--*n];
    return d;
}

Test(heap, gives_the_earliest_whatever_was_put_in)
{
    enum { ROUNDS = 20000, MOST = 200 };
    gi_heap h = { .size = sizeof(item) };
    gi_rng rng = { 5 };
    gi_due all[MOST];
    uint32_t n = 0;

    cr_expect_eq(gi_heap_next(&h), INT64_MAX);
    for (uint64_t i = 0; i < ROUNDS; i++) {
        if (n < MOST && (n == 0 || gi_rng_below(&rng, 100) < 51)) {
            gi_due d = { (int64_t)gi_rng_below(&rng, 50) - 20, i };

            push(&h, d.at, d.order);
            all[n++] = d;
        } else {
            gi_due want = take_least(all, &n);
            item it;

            cr_assert_eq(gi_heap_next(&h), want.at);
            gi_heap_pop(&h, &it);
            cr_assert_eq(it.due.at, want.at);
            cr_assert_eq(it.due.order, want.order);
            cr_assert_eq(it.name[0], (char)('a' + want.order % 26));
        }
        cr_assert_eq(h.n, n);
    }
    gi_heap_fini(&h);
}

Test(heap, is_as_it_was_without_memory)
{
    gi_point_plan none = { .first = 1, .count = UINT64_MAX };
    gi_heap h = { .size = sizeof(gi_due) };

    while (h.n < h.cap || h.n == 0) {
        cr_assert(gi_heap_reserve(&h));
        gi_heap_push(&h, &(gi_due){ 7, 0 });
    }
    gi_point_arm(GI_POINT_MEMORY, 0, &none);
    cr_expect_not(gi_heap_reserve(&h));
    gi_point_disarm(GI_POINT_MEMORY);
    cr_expect_eq(gi_heap_next(&h), 7);
    cr_expect(gi_heap_reserve(&h));
    gi_heap_fini(&h);
}
