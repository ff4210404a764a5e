/* Which requests are worked on: random histories beside what has to hold. */
#include <stdlib.h>

#include <criterion/criterion.h>

#include "trident/requests.h"

static gi_requests made(void)
{
    return (gi_requests){ .attempts = 3, .next_attempt = 1000 };
}

Test(requests, as_many_as_there_is_room_for_are_worked_on)
{
    gi_requests q = made();

    for (uint64_t id = 1; id <= GALE_DRPC_UNDER_WAY; id++)
        cr_assert_not_null(gi_requests_add(&q, id));
    cr_assert_null(gi_requests_add(&q, 77));
    for (int i = 0; i < GALE_DRPC_UNDER_WAY; i++)
        cr_assert_not_null(gi_requests_begin(&q, 0));
    cr_assert_null(gi_requests_begin(&q, 0));
    gi_requests_remove(&q, gi_requests_find(&q, 1005));
    cr_assert_not_null(gi_requests_add(&q, 77));
}

Test(requests, one_that_failed_comes_again_after_a_pause_that_grows)
{
    gi_requests q = made();
    gi_asked *a = gi_requests_add(&q, 5);

    cr_assert_eq(gi_requests_begin(&q, 0), a);
    cr_assert(gi_requests_failed(&q, a, 100));
    cr_assert_null(gi_requests_find(&q, 1000));
    cr_assert_null(gi_requests_begin(&q, 109));
    cr_assert_eq(gi_requests_begin(&q, 110), a);
    cr_assert_eq(a->attempt, 1001);
    cr_assert(gi_requests_failed(&q, a, 200));
    cr_assert_null(gi_requests_begin(&q, 219));
    cr_assert_eq(gi_requests_begin(&q, 220), a);
    cr_assert_not(gi_requests_failed(&q, a, 300), "three are enough");
}

Test(requests, a_slow_one_holds_up_nobody)
{
    gi_requests q = made();

    gi_requests_add(&q, 1);
    gi_requests_begin(&q, 0);
    for (uint64_t id = 2; id < 1000; id++) {
        gi_asked *a = gi_requests_add(&q, id);

        cr_assert_eq(gi_requests_begin(&q, 0), a);
        cr_assert_eq(gi_requests_floor(&q), 1000, "the slow one's");
        gi_requests_remove(&q, a);
    }
    gi_requests_remove(&q, gi_requests_find(&q, 1000));
    cr_assert_eq(gi_requests_floor(&q), q.next_attempt);
}

/* What is over is below the floor or found no more; what is under way is
 * neither; no attempt comes twice. */
static void look(gi_requests *q, uint64_t before)
{
    uint64_t floor = gi_requests_floor(q);
    uint32_t n = 0;

    cr_assert_geq(floor, before);
    for (size_t i = 0; i < GALE_DRPC_UNDER_WAY; i++) {
        gi_asked *a = &q->all[i];

        n += a->id != 0;
        if (a->attempt == 0)
            continue;
        cr_assert(a->id != 0 && a->attempt >= floor &&
                  a->attempt < q->next_attempt);
        cr_assert_eq(gi_requests_find(q, a->attempt), a);
        cr_assert_lt(a->failures, q->attempts);
    }
    cr_assert_eq(n, q->n);
}

Test(requests, whatever_comes_attempts_are_told_apart)
{
    for (unsigned seed = 1; seed <= 200; seed++) {
        gi_requests q = made();
        uint64_t id = 1, floor = 0;
        int64_t now = 0;

        srand(seed);
        for (int i = 0; i < 2000; i++) {
            gi_asked *a = &q.all[rand() % GALE_DRPC_UNDER_WAY];

            floor = gi_requests_floor(&q);
            switch (rand() % 5) {
            case 0:
                gi_requests_add(&q, id++);
                break;
            case 1:
            case 2:
                gi_requests_begin(&q, now);
                break;
            case 3:
                if (a->attempt != 0 && !gi_requests_failed(&q, a, now))
                    gi_requests_remove(&q, a);
                break;
            default:
                if (a->attempt != 0)
                    gi_requests_remove(&q, a);
                now += rand() % 20;
            }
            look(&q, floor);
        }
    }
}
