/* The frontier against a model that simply remembers every token. */
#include <criterion/criterion.h>

#include "acker/ledger.h"
#include "base/mix.h"
#include "worker/frontier.h"

enum { SIDES = 5, TOKENS = 64, TIMEOUT_MS = 3200, LENGTH_NS = 100000000 };

static gi_frontier f;

static void make(void)
{
    cr_assert_eq(gi_frontier_init(&f, SIDES, TIMEOUT_MS, 1), GALE_OK);
}

static void drop(void)
{
    gi_frontier_fini(&f);
}

TestSuite(frontier, .init = make, .fini = drop);

static int64_t clock_ns;

static void next_epoch(void)
{
    gi_frontier_tick(&f, clock_ns += LENGTH_NS);
}

Test(frontier, is_quiet_at_first_and_waits_for_the_epoch_to_come)
{
    cr_assert_eq(f.length_ns, LENGTH_NS, "a 32nd of the timeout");
    cr_assert(gi_frontier_quiet(&f));
    cr_assert_eq(gi_frontier_horizon(&f), gi_frontier_now(&f) + 1);
}

Test(frontier, stands_at_the_oldest_work_wherever_it_was_made_and_done)
{
    uint16_t first = gi_frontier_now(&f);

    gi_frontier_made(&f, 0, first);
    next_epoch();
    gi_frontier_made(&f, 1, gi_frontier_now(&f));
    for (int i = 0; i < 10; i++) {
        next_epoch();
        cr_assert_eq(gi_frontier_horizon(&f), first);
    }
    gi_frontier_done(&f, 3, first, 1);
    cr_assert_eq(gi_frontier_horizon(&f), first + 1);
    cr_assert_not(gi_frontier_quiet(&f));
    gi_frontier_done(&f, 4, first + 1, 1);
    cr_assert(gi_frontier_quiet(&f));
    cr_assert_eq(gi_frontier_horizon(&f), gi_frontier_now(&f) + 1);
}

Test(frontier, goes_on_when_the_time_is_up_and_not_before)
{
    uint16_t e = gi_frontier_now(&f);

    gi_frontier_tick(&f, 1000);
    cr_assert_eq(gi_frontier_now(&f), e + 1, "the first tick begins");
    gi_frontier_tick(&f, 1000 + LENGTH_NS - 1);
    cr_assert_eq(gi_frontier_now(&f), e + 1);
    gi_frontier_tick(&f, 1000 + LENGTH_NS);
    cr_assert_eq(gi_frontier_now(&f), e + 2);
    gi_frontier_tick(&f, 1000 + 50ll * LENGTH_NS);
    cr_assert_eq(gi_frontier_now(&f), e + 3, "one at a time");
}

Test(frontier, stands_still_while_the_next_counter_is_in_use)
{
    uint16_t first = gi_frontier_now(&f);

    gi_frontier_made(&f, 0, first);
    for (int i = 0; i < 200; i++)
        next_epoch();
    cr_assert_eq(gi_frontier_now(&f), first + GI_EPOCHS - 1);
    cr_assert_eq(gi_frontier_horizon(&f), first);
    gi_frontier_done(&f, 1, first, 1);
    next_epoch();
    cr_assert_eq(gi_frontier_now(&f), first + GI_EPOCHS);
}

Test(frontier, has_epochs_of_at_least_a_millisecond)
{
    gi_frontier g = { 0 };

    cr_assert_eq(gi_frontier_init(&g, 1, 1, 1), GALE_OK);
    cr_assert_eq(g.length_ns, 1000000);
    gi_frontier_fini(&g);
    cr_assert_eq(gi_frontier_init(&g, 1, 2000000000, 1), GALE_OK);
    cr_assert_eq(g.length_ns, 62500000000000ll);
    gi_frontier_fini(&g);
    gi_frontier_fini(&g);
}

Test(frontier, without_memory_is_not_made)
{
    gi_frontier g = { 0 };

    gi_mem_fail_after(0, 1);
    cr_assert_eq(gi_frontier_init(&g, 4, 1000, 1), GALE_ENOMEM);
    gi_mem_fail_after(0, 0);
    gi_frontier_fini(&g);
}

/* --------------------------------------------------- random histories -- */

struct model {
    gi_rng rng;
    uint16_t token[TOKENS]; /* epochs of what is under way */
    int n, stood;
};

static uint32_t below(struct model *m, uint32_t n)
{
    return (uint32_t)gi_rng_below(&m->rng, n);
}

static uint16_t oldest(const struct model *m)
{
    uint16_t e = (uint16_t)(gi_frontier_now(&f) + 1);

    for (int i = 0; i < m->n; i++)
        if (gi_epoch_before(m->token[i], e))
            e = m->token[i];
    return e;
}

static bool slot_in_use(const struct model *m, uint16_t epoch)
{
    for (int i = 0; i < m->n; i++)
        if (m->token[i] % GI_EPOCHS == epoch % GI_EPOCHS)
            return true;
    return false;
}

static void begin(struct model *m)
{
    if (m->n == TOKENS)
        return;
    m->token[m->n] = gi_frontier_now(&f);
    gi_frontier_made(&f, below(m, SIDES), m->token[m->n++]);
}

/* Handle one: what it gives rise to is made first, in its own epoch or in
 * that of older work. */
static void handle(struct model *m)
{
    if (m->n == 0)
        return;
    int i = (int)below(m, (uint32_t)m->n);
    uint16_t e = m->token[i];

    for (uint32_t k = below(m, 3); k > 0 && m->n < TOKENS; k--) {
        m->token[m->n++] = e;
        gi_frontier_made(&f, below(m, SIDES), e);
    }
    gi_frontier_done(&f, below(m, SIDES), e, 1);
    m->token[i] = m->token[--m->n];
}

static void tick(struct model *m)
{
    uint16_t now = gi_frontier_now(&f);
    bool stands = slot_in_use(m, (uint16_t)(now + 1));

    next_epoch();
    cr_assert_eq(gi_frontier_now(&f), stands ? now : (uint16_t)(now + 1));
    m->stood += stands;
}

static void check(const struct model *m)
{
    cr_assert_eq(gi_frontier_quiet(&f), m->n == 0);
    cr_assert_eq(gi_frontier_horizon(&f), oldest(m));
}

/* Far beyond the end of the 16 bits of epochs. */
Test(frontier, agrees_with_one_who_remembers_everything)
{
    struct model m = { .rng = { 1 } };
    int quiet = 0;

    for (int i = 0; i < 400000; i++) {
        uint32_t busy = i / 5000 % 4; /* calm spells and crowded ones */

        if (below(&m, 10) < busy * 2)
            begin(&m);
        else if (below(&m, 10) < 5)
            tick(&m);
        else if (busy == 0 || below(&m, 3) > 0)
            handle(&m);
        check(&m);
        quiet += m.n == 0;
    }
    cr_assert_gt(m.stood, 100);
    cr_assert_gt(quiet, 100);
    cr_assert_gt(clock_ns / LENGTH_NS, 1 << 16);
}
