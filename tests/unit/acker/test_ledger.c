/* Single trees, slots used again, failures, memory. */
#include <criterion/criterion.h>

#include "acker/ledger.h"
#include "base/mem.h"

static gi_ledger *l;

static void make(void)
{
    cr_assert_eq(gi_ledger_create(&l, 4), GALE_OK);
}

static void drop(void)
{
    gi_ledger_destroy(l);
}

TestSuite(ledger, .init = make, .fini = drop);

static uint64_t root(uint32_t slot, uint32_t gen)
{
    return gi_root(5, slot, gen);
}

Test(ledger, follows_the_picture_in_its_header)
{
    uint64_t r = root(0, 1), a = 0xa1, b = 0xb2, c = 0xc3;

    cr_assert_eq(gi_ledger_init(l, r, a, 0, 0), GI_TREE_OPEN);
    cr_assert_eq(gi_ledger_ack(l, r, a ^ b ^ c, 0, 1), GI_TREE_OPEN);
    cr_assert_eq(gi_ledger_ack(l, r, c, 0, 2), GI_TREE_OPEN);
    cr_assert_eq(gi_ledger_open(l), 1);
    cr_assert_eq(gi_ledger_ack(l, r, b, 0, 2), GI_TREE_DONE);
    cr_assert_eq(gi_ledger_open(l), 0);
}

Test(ledger, a_tree_without_edges_is_done_at_once)
{
    cr_assert_eq(gi_ledger_init(l, root(0, 1), 0, 0, 0), GI_TREE_DONE);
    cr_assert_eq(gi_ledger_open(l), 0);
}

Test(ledger, news_of_bolts_may_overtake_the_spouts)
{
    uint64_t r = root(2, 1);

    cr_assert_eq(gi_ledger_ack(l, r, 7 ^ 9, 0, 1), GI_TREE_OPEN);
    cr_assert_eq(gi_ledger_ack(l, r, 9, 0, 1), GI_TREE_OPEN);
    cr_assert_eq(gi_ledger_init(l, r, 7, 0, 0), GI_TREE_DONE);
}

Test(ledger, a_sum_of_zero_before_the_spout_is_heard_is_not_done)
{
    uint64_t r = root(2, 1);

    cr_assert_eq(gi_ledger_ack(l, r, 0, 0, 1), GI_TREE_OPEN);
    cr_assert_eq(gi_ledger_init(l, r, 5, 0, 0), GI_TREE_OPEN);
    cr_assert_eq(gi_ledger_ack(l, r, 5, 0, 1), GI_TREE_DONE);
}

Test(ledger, a_failure_ends_the_tree_and_what_follows_is_stale)
{
    uint64_t r = root(1, 1);

    gi_ledger_init(l, r, 5, 0, 0);
    cr_assert_eq(gi_ledger_fail(l, r, 0), GI_TREE_FAILED);
    cr_assert_eq(gi_ledger_fail(l, r, 0), GI_TREE_STALE);
    cr_assert_eq(gi_ledger_ack(l, r, 5, 0, 1), GI_TREE_STALE);
    cr_assert_eq(gi_ledger_touch(l, r, 0, 0), GI_TREE_STALE);
    cr_assert_eq(gi_ledger_init(l, r, 5, 0, 0), GI_TREE_STALE);
    cr_assert_eq(gi_ledger_open(l), 0);
}

Test(ledger, a_failure_may_precede_the_init)
{
    uint64_t r = root(1, 1);

    cr_assert_eq(gi_ledger_fail(l, r, 0), GI_TREE_FAILED);
    cr_assert_eq(gi_ledger_init(l, r, 5, 0, 0), GI_TREE_STALE);
    cr_assert_eq(gi_ledger_ack(l, r, 5, 0, 1), GI_TREE_STALE);
    cr_assert_eq(gi_ledger_open(l), 0);
}

Test(ledger, late_news_of_a_finished_tree_does_not_touch_its_successor)
{
    uint64_t old = root(1, 4), new = root(1, 5);

    gi_ledger_init(l, old, 5, 0, 0);
    gi_ledger_fail(l, old, 0);
    cr_assert_eq(gi_ledger_init(l, new, 6, 0, 0), GI_TREE_OPEN);
    cr_assert_eq(gi_ledger_ack(l, old, 5, 0, 1), GI_TREE_STALE);
    cr_assert_eq(gi_ledger_fail(l, old, 0), GI_TREE_STALE);
    cr_assert_eq(gi_ledger_touch(l, old, 0, 0), GI_TREE_STALE);
    cr_assert_eq(gi_ledger_init(l, old, 6, 0, 0), GI_TREE_STALE);
    cr_assert_eq(gi_ledger_open(l), 1);
    cr_assert_eq(gi_ledger_ack(l, new, 6, 0, 1), GI_TREE_DONE);
}

Test(ledger, a_newer_generation_replaces_an_open_one)
{
    uint64_t old = root(1, 4), new = root(1, 6);

    gi_ledger_init(l, old, 5, 0, 0);
    cr_assert_eq(gi_ledger_ack(l, new, 9, 0, 1), GI_TREE_OPEN);
    cr_assert_eq(gi_ledger_open(l), 1);
    cr_assert_eq(gi_ledger_ack(l, old, 5, 0, 1), GI_TREE_STALE);
    cr_assert_eq(gi_ledger_init(l, new, 9, 0, 0), GI_TREE_DONE);
    cr_assert_eq(gi_ledger_open(l), 0);
}

Test(ledger, generations_go_round_without_zero)
{
    uint32_t gen = GI_ROOT_GEN_MASK - 2;

    for (int i = 0; i < 6; i++) {
        uint32_t next = gi_root_next_gen(gen);
        uint64_t old = root(3, gen), new = root(3, next);

        cr_assert_neq(next, 0);
        cr_assert(gi_root_gen_after(next, gen));
        cr_assert_not(gi_root_gen_after(gen, next));
        gi_ledger_init(l, old, 5, 0, 0);
        cr_assert_eq(gi_ledger_ack(l, old, 5, 0, 1), GI_TREE_DONE);
        cr_assert_eq(gi_ledger_init(l, new, 6, 0, 0), GI_TREE_OPEN);
        cr_assert_eq(gi_ledger_ack(l, old, 5, 0, 1), GI_TREE_STALE);
        cr_assert_eq(gi_ledger_ack(l, new, 6, 0, 1), GI_TREE_DONE);
        gen = gi_root_next_gen(next);
    }
    cr_assert_eq(gen, 10, "it did go round: %u", gen);
}

Test(ledger, the_parts_of_a_root_come_back_out_of_it)
{
    uint64_t r =
        gi_root(GI_ROOT_SPOUTS - 1, GI_ROOT_SLOTS - 1, GI_ROOT_GEN_MASK);

    cr_assert_eq(r, UINT64_MAX);
    cr_assert_eq(gi_root_spout(r), GI_ROOT_SPOUTS - 1);
    cr_assert_eq(gi_root_slot(r), GI_ROOT_SLOTS - 1);
    cr_assert_eq(gi_root_gen(r), GI_ROOT_GEN_MASK);
    r = gi_root(1, 2, 3);
    cr_assert_eq(gi_root_spout(r), 1);
    cr_assert_eq(gi_root_slot(r), 2);
    cr_assert_eq(gi_root_gen(r), 3);
}

Test(ledger, grows_without_losing_a_tree)
{
    uint32_t n = 5000;

    for (uint32_t i = 0; i < n; i++) /* from the middle, both ways */
        gi_ledger_init(l, root(i % 2 ? n / 2 + i / 2 : n / 2 - 1 - i / 2, 1),
                       i + 1, 0, 0);
    cr_assert_eq(gi_ledger_open(l), n);
    cr_assert_eq(gi_ledger_slots(l), n);
    for (uint32_t i = 0; i < n; i++)
        cr_assert_eq(gi_ledger_ack(
                         l, root(i % 2 ? n / 2 + i / 2 : n / 2 - 1 - i / 2, 1),
                         i + 1, 0, 1),
                     GI_TREE_DONE);
    cr_assert_eq(gi_ledger_open(l), 0);
}

Test(ledger, takes_the_largest_slot)
{
    uint64_t r = root(GI_ROOT_SLOTS - 1, 1);

    cr_assert_eq(gi_ledger_init(l, r, 5, 0, 0), GI_TREE_OPEN);
    cr_assert_eq(gi_ledger_slots(l), GI_ROOT_SLOTS);
    cr_assert_eq(gi_ledger_ack(l, r, 5, 0, 1), GI_TREE_DONE);
}

static void tell_everything(gi_ledger *x, uint64_t r, gi_tree *first)
{
    *first = gi_ledger_init(x, r, 5, 0, 0);
    if (*first == GI_TREE_OPEN)
        cr_assert_eq(gi_ledger_ack(x, r, 5, 0, 1), GI_TREE_DONE);
}

Test(ledger, without_memory_nothing_is_recorded_and_nothing_is_lost)
{
    gi_ledger_init(l, root(0, 1), 9, 0, 0);
    for (uint64_t n = 0;; n++) {
        gi_ledger *x = NULL;
        gi_tree first;

        gi_mem_fail_after(n, 1);
        gale_err rv = gi_ledger_create(&x, 16);
        if (rv != GALE_OK) {
            gi_mem_fail_after(0, 0);
            cr_assert_eq(rv, GALE_ENOMEM);
            cr_assert_null(x);
            continue;
        }
        uint64_t asked = gi_mem_asked();
        tell_everything(x, root(100, 1), &first);
        bool grew = gi_mem_asked() > asked;
        gi_mem_fail_after(0, 0);
        cr_assert(grew);
        if (first == GI_TREE_NOMEM) {
            cr_assert_eq(gi_ledger_open(x), 0);
            tell_everything(x, root(100, 1), &first);
            cr_assert_eq(first, GI_TREE_OPEN);
            gi_ledger_destroy(x);
            continue;
        }
        cr_assert_eq(n, 3, "two to create, one to grow");
        gi_ledger_destroy(x);
        break;
    }
    cr_assert_eq(gi_ledger_ack(l, root(0, 1), 9, 0, 1), GI_TREE_DONE);
}

Test(ledger, destroying_nothing_is_fine)
{
    gi_ledger_destroy(NULL);
}

Test(ledger, every_reason_has_words)
{
    for (int why = GI_WHY_NONE; why <= GI_WHY_OVERFLOW + 1; why++)
        cr_assert_gt(strlen(gi_why_text((gi_why)why)), 5);
    cr_assert_str_eq(gi_why_text(GI_WHY_TIMEOUT), "timed out after");
}
