/* The acker: which notes are answered, and how. */
#include <criterion/criterion.h>

#include "acker/acker.h"
#include "base/mem.h"

static gi_acker *a;
static gi_note answer;

static void make(void)
{
    cr_assert_eq(gi_acker_create(&a, 4, 16), GALE_OK);
    memset(&answer, 0xee, sizeof(answer));
}

static void drop(void)
{
    gi_acker_destroy(a);
}

TestSuite(acker, .init = make, .fini = drop);

static bool take(gi_note_kind kind, uint64_t root, uint64_t sum)
{
    gi_note note = { .root = root,
                     .sum = sum,
                     .kind = (uint8_t)kind,
                     .why = GI_WHY_LOST,
                     .comp = 6 };

    return gi_acker_take(a, &note, 0, &answer);
}

Test(acker, tells_the_spout_when_a_tree_is_done)
{
    uint64_t r = gi_root(3, 9, 2);

    cr_assert_not(take(GI_NOTE_INIT, r, 5));
    cr_assert_eq(gi_acker_open(a), 1);
    cr_assert(take(GI_NOTE_ACK, r, 5));
    cr_assert_eq(answer.kind, GI_NOTE_DONE);
    cr_assert_eq(answer.root, r);
    cr_assert_eq(gi_acker_open(a), 0);
    cr_assert_eq(gi_acker_get_stats(a).done, 1);
}

Test(acker, tells_the_spout_who_failed_a_tree_and_why)
{
    uint64_t r = gi_root(0, 9, 2);

    cr_assert_not(take(GI_NOTE_INIT, r, 5));
    cr_assert(take(GI_NOTE_FAIL, r, 0));
    cr_assert_eq(answer.kind, GI_NOTE_FAILED);
    cr_assert_eq(answer.root, r);
    cr_assert_eq(answer.why, GI_WHY_LOST);
    cr_assert_eq(answer.comp, 6);
    cr_assert_not(take(GI_NOTE_FAIL, r, 0), "one answer a tree");
    cr_assert_eq(gi_acker_get_stats(a).failed, 1);
    cr_assert_eq(gi_acker_get_stats(a).stale, 1);
}

Test(acker, keeps_the_trees_of_its_spouts_apart)
{
    for (uint32_t spout = 0; spout < 4; spout++)
        cr_assert_not(take(GI_NOTE_INIT, gi_root(spout, 1, 1), spout + 1));
    for (uint32_t spout = 4; spout-- > 0;) {
        cr_assert_eq(gi_acker_open(a), spout + 1);
        cr_assert(take(GI_NOTE_ACK, gi_root(spout, 1, 1), spout + 1));
        cr_assert_eq(gi_root_spout(answer.root), spout);
    }
}

/* An answer to it would be for a spout that is not there. */
Test(acker, has_nothing_to_say_about_spouts_that_do_not_exist)
{
    for (int kind = GI_NOTE_INIT; kind <= GI_NOTE_TOUCH; kind++) {
        cr_assert_not(take((gi_note_kind)kind, gi_root(4, 0, 1), 5));
        cr_assert_not(take((gi_note_kind)kind, UINT64_MAX, 5));
    }
    cr_assert_eq(gi_acker_open(a), 0);
    cr_assert_eq(gi_acker_get_stats(a).failed, 0);
    cr_assert_eq(gi_acker_get_stats(a).stale, 8);
}

Test(acker, takes_no_notice_of_notes_that_are_not_for_it)
{
    uint64_t r = gi_root(0, 0, 1);
    static const int kinds[] = { 0, GI_NOTE_DONE, GI_NOTE_FAILED, 255 };

    cr_assert_not(take(GI_NOTE_INIT, r, 5));
    for (int i = 0; i < 4; i++)
        cr_assert_not(take((gi_note_kind)kinds[i], r, 5));
    cr_assert_eq(gi_acker_open(a), 1);
    cr_assert(take(GI_NOTE_ACK, r, 5));
}

Test(acker, counts_what_comes_too_late)
{
    uint64_t r = gi_root(0, 0, 1);

    take(GI_NOTE_INIT, r, 0);
    cr_assert_not(take(GI_NOTE_ACK, r, 5));
    cr_assert_not(take(GI_NOTE_TOUCH, r, 0));
    cr_assert_eq(gi_acker_get_stats(a).stale, 2);
    cr_assert_eq(gi_acker_get_stats(a).done, 1);
}

Test(acker, that_lost_its_memory_goes_on_with_new_trees)
{
    take(GI_NOTE_INIT, gi_root(0, 0, 1), 5);
    take(GI_NOTE_INIT, gi_root(2, 3, 1), 5);
    gi_acker_lose(a);
    cr_assert_eq(gi_acker_open(a), 0);
    cr_assert_not(take(GI_NOTE_ACK, gi_root(0, 0, 1), 5), "never heard of");
    cr_assert_not(take(GI_NOTE_INIT, gi_root(0, 0, 2), 5));
    cr_assert(take(GI_NOTE_ACK, gi_root(0, 0, 2), 5));
}

/* A tree that cannot be remembered is failed, and its spout may try again;
 * those that are remembered go on. */
Test(acker, fails_what_it_has_no_memory_for)
{
    uint64_t old = gi_root(0, 0, 1);

    take(GI_NOTE_INIT, old, 5);
    for (uint64_t n = 0; n < 4; n++) {
        bool refused = false;

        gi_acker_lose(a);
        take(GI_NOTE_INIT, old, 5);
        gi_mem_fail_after(n, 1);
        for (uint32_t slot = 1; slot < 40; slot++) {
            if (!take(GI_NOTE_INIT, gi_root(1, slot, 1), 5))
                continue;
            cr_assert_eq(answer.kind, GI_NOTE_FAILED);
            cr_assert_eq(answer.root, gi_root(1, slot, 1));
            cr_assert_eq(answer.why, GI_WHY_NOMEM);
            cr_assert_eq(answer.comp, GI_NOBODY);
            refused = true;
        }
        gi_mem_fail_after(0, 0);
        cr_assert_eq(refused, n < 4);
        cr_assert(take(GI_NOTE_ACK, old, 5));
        cr_assert(take(GI_NOTE_ACK, gi_root(1, 39, 1), 5));
    }
}

Test(acker, without_memory_is_not_made)
{
    for (uint64_t n = 0; n < 2; n++) {
        gi_acker *x = NULL;

        gi_mem_fail_after(n, 1);
        cr_assert_eq(gi_acker_create(&x, 4, 16), GALE_ENOMEM);
        gi_mem_fail_after(0, 0);
        cr_assert_null(x);
    }
}

Test(acker, of_no_spouts_and_no_acker_at_all_are_fine)
{
    gi_acker *x;

    gi_acker_destroy(NULL);
    cr_assert_eq(gi_acker_create(&x, 0, 0), GALE_OK);
    cr_assert_eq(gi_acker_open(x), 0);
    gi_acker_destroy(x);
}
