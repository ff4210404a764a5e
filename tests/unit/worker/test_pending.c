/* Pending tuples: slots, generations, answers and replays. */
#include <criterion/criterion.h>

#include "acker/acker.h"
#include "base/mem.h"
#include "base/mix.h"
#include "worker/pending.h"

static gi_pending p;

static void drop(void)
{
    gi_pending_fini(&p);
}

TestSuite(pending, .fini = drop);

static uint32_t take(void)
{
    uint32_t slot;

    cr_assert(gi_pending_take(&p, &slot));
    cr_assert_eq(p.at[slot].state, GI_FLYING);
    return slot;
}

static uint64_t root(uint32_t slot)
{
    return gi_root(7, slot, p.at[slot].gen);
}

static bool done(uint32_t slot)
{
    return gi_pending_answer(&p, root(slot), GI_DONE, GI_WHY_NONE, 0);
}

static bool failed(uint32_t slot)
{
    return gi_pending_answer(&p, root(slot), GI_FAILED, GI_WHY_LOST, 5);
}

static uint32_t todo(void)
{
    uint32_t slot = 0;

    cr_assert(gi_pending_todo(&p, &slot));
    return slot;
}

Test(pending, an_empty_one_has_nothing)
{
    uint32_t slot;

    cr_assert_not(gi_pending_todo(&p, &slot));
    cr_assert_not(gi_pending_relaunch(&p, INT64_MAX, &slot));
    cr_assert_eq(gi_pending_due_ns(&p), INT64_MAX);
    cr_assert_not(gi_pending_answer(&p, gi_root(0, 0, 1), GI_DONE, 0, 0));
}

/* Does its acker follow a tree of this slot, of which it hears from others
 * than the spout? */
static bool is_followed(gi_acker *a, uint64_t r)
{
    gi_note init = { .root = r, .sum = 5, .kind = GI_NOTE_INIT }, answer;
    gi_note ack = { .root = r, .sum = 5, .kind = GI_NOTE_ACK };

    return !gi_acker_take(a, &ack, 1, &answer) &&
           gi_acker_take(a, &init, 1, &answer) &&
           answer.kind == GI_NOTE_DONE && answer.root == r;
}

static uint64_t use(gi_acker *a)
{
    uint32_t slot = take();
    uint64_t r = root(slot);

    cr_expect(is_followed(a, r), "slot %u, generation %u", slot,
              p.at[slot].gen);
    cr_expect_not(is_followed(a, r), "it is done");
    return r;
}

/* At low load one slot is used for nearly all trees, and its generations go
 * round in hours; those of others stand still. */
Test(pending, generations_are_good_however_uneven_the_use, .timeout = 300)
{
    enum { SLOTS = 4 };
    gi_acker *a = NULL;
    uint64_t old[SLOTS];

    cr_assert_eq(gi_acker_create(&a, 8, 16), GALE_OK);
    gi_acker_bound(a, 7, &p.first_gen, &p.last_gen);
    for (int i = 0; i < SLOTS; i++)
        old[i] = use(a);
    for (uint32_t slot = SLOTS; slot-- > 0;)
        gi_pending_free(&p, slot);
    for (uint32_t i = 0; i < (1u << 27) + 10; i++) {
        uint32_t slot;

        gi_pending_take(&p, &slot);
        gi_pending_free(&p, slot);
    }
    for (int i = 0; i < 2 * SLOTS; i++) /* four of them new */
        use(a);
    for (int i = 0; i < SLOTS; i++)
        cr_expect_not(is_followed(a, old[i]));
    for (uint32_t slot = 0; slot < 2 * SLOTS; slot++)
        gi_pending_free(&p, slot);
    for (int i = 0; i < 2 * SLOTS; i++)
        use(a);
    gi_acker_destroy(a);
}

/* Of a tree of one tuple no acker hears.  So what it knows of a slot may be of
 * the last time round, and as if of a later tree if the slot is behind. */
Test(pending, what_an_acker_knows_of_the_last_time_round_closes_no_slot)
{
    gi_acker *a = NULL;

    cr_assert_eq(gi_acker_create(&a, 8, 16), GALE_OK);
    gi_acker_bound(a, 7, &p.first_gen, &p.last_gen);
    uint32_t ahead = gi_root_slot(use(a)), slot = gi_root_slot(use(a));

    for (uint32_t by = 2 * GI_ROOT_GENS_BEHIND; by < GI_ROOT_GENS; by *= 2) {
        uint32_t known = p.at[slot].gen;

        p.at[slot].gen = (known - by / 2) & GI_ROOT_GEN_MASK;
        p.at[ahead].gen = (known + by / 2) & GI_ROOT_GEN_MASK;
        atomic_store(&p.last_gen, p.at[ahead].gen);
        gi_pending_move_first(&p);
        gi_pending_free(&p, slot);
        cr_expect_eq(gi_root_slot(use(a)), slot);
    }
    gi_acker_destroy(a);
}

Test(pending, a_slot_used_again_has_another_generation)
{
    uint32_t a = take();
    uint64_t old = root(a);

    cr_assert_neq(gi_root_gen(old), 0);
    p.at[a].attempts = 9;
    cr_assert(done(a));
    cr_assert_eq(todo(), a);
    gi_pending_free(&p, a);
    cr_assert_eq(p.in_use, 0);
    cr_assert_eq(take(), a);
    cr_assert_neq(root(a), old);
    cr_assert_eq(p.at[a].attempts, 0);
    cr_assert_null(p.at[a].kept);
    cr_assert_not(gi_pending_answer(&p, old, GI_DONE, 0, 0));
    cr_assert(done(a));
}

Test(pending, each_tree_takes_one_answer)
{
    uint32_t a = take(), slot;

    cr_assert(failed(a));
    cr_assert_not(done(a));
    cr_assert_not(failed(a));
    cr_assert_eq(p.at[a].why, GI_WHY_LOST);
    cr_assert_eq(p.at[a].comp, 5);
    cr_assert_eq(todo(), a);
    cr_assert_not(gi_pending_todo(&p, &slot));
    cr_assert_not(done(a), "not FLYING");
    cr_assert(gi_pending_wait(&p, a, 10));
    cr_assert_not(done(a), "not FLYING yet");
}

Test(pending, answers_are_handed_out_as_they_came)
{
    uint32_t slot[100];

    for (int i = 0; i < 100; i++)
        slot[i] = take();
    for (int i = 0; i < 100; i++)
        cr_assert(done(slot[i * 37 % 100]));
    for (int i = 0; i < 50; i++)
        cr_assert_eq(todo(), slot[i * 37 % 100]);
    for (int i = 0; i < 50; i++)
        gi_pending_free(&p, slot[i * 37 % 100]);
    slot[0] = take();
    cr_assert(done(slot[0]));
    for (int i = 50; i < 100; i++)
        cr_assert_eq(todo(), slot[i * 37 % 100]);
    cr_assert_eq(todo(), slot[0]);
}

Test(pending, answers_for_slots_never_used_are_not_taken)
{
    take();
    cr_assert_not(gi_pending_answer(&p, gi_root(7, 1, 1), GI_DONE, 0, 0));
    cr_assert_not(
        gi_pending_answer(&p, gi_root(7, 5000000, 1), GI_DONE, 0, 0));
    cr_assert_not(gi_pending_answer(&p, UINT64_MAX, GI_DONE, 0, 0));
}

Test(pending, what_waits_flies_again_when_it_is_due_under_a_new_name)
{
    uint32_t a = take(), slot;
    uint64_t old = root(a);

    failed(a);
    todo();
    cr_assert(gi_pending_wait(&p, a, 1000));
    cr_assert_eq(p.at[a].state, GI_WAITING);
    cr_assert_eq(gi_pending_due_ns(&p), 1000);
    cr_assert_not(gi_pending_relaunch(&p, 999, &slot));
    cr_assert(gi_pending_relaunch(&p, 1000, &slot));
    cr_assert_eq(slot, a);
    cr_assert_eq(p.at[a].state, GI_FLYING);
    cr_assert_eq(p.at[a].attempts, 1);
    cr_assert_neq(root(a), old);
    cr_assert_eq(p.in_use, 1);
    cr_assert_eq(gi_pending_due_ns(&p), INT64_MAX);
    cr_assert_not(gi_pending_answer(&p, old, GI_FAILED, 0, 0));
}

Test(pending, replays_come_by_time_and_then_by_slot)
{
    enum { N = 3000 };
    gi_rng rng = { 1 };
    int64_t at[N], last = -1;
    uint32_t slot, last_slot = 0;

    for (uint32_t i = 0; i < N; i++) {
        slot = take();
        cr_assert_eq(slot, i);
        at[i] = (int64_t)gi_rng_below(&rng, 500);
        failed(slot);
        todo();
        cr_assert(gi_pending_wait(&p, slot, at[i]));
    }
    for (uint32_t i = 0; i < N; i++) {
        int64_t due = gi_pending_due_ns(&p);

        cr_assert(gi_pending_relaunch(&p, due, &slot));
        cr_assert_eq(at[slot], due);
        cr_assert(due > last || (due == last && slot > last_slot));
        last = due;
        last_slot = slot;
    }
    cr_assert_not(gi_pending_relaunch(&p, INT64_MAX, &slot));
}

/* Any mixture of calls, against a table of what each slot should be. */
Test(pending, keeps_its_books_through_any_history)
{
    enum { N = 200 };
    gi_rng rng = { 2 };
    uint8_t state[N] = { 0 };
    uint32_t gen[N] = { 0 }, used = 0, slot;
    int64_t now = 0;

    for (int i = 0; i < 300000; i++, now++) {
        uint32_t any = (uint32_t)gi_rng_below(&rng, N);

        switch (gi_rng_below(&rng, 5)) {
        case 0:
            if (used == N)
                break;
            slot = take();
            cr_assert_lt(slot, N);
            cr_assert_eq(state[slot], GI_FREE);
            state[slot] = GI_FLYING;
            used++;
            break;
        case 1:
        case 2: {
            bool good = gi_rng_below(&rng, 2) == 0;
            uint64_t r = gi_root(0, any, gen[any]);

            cr_assert_eq(gi_pending_answer(&p, r, good ? GI_DONE : GI_FAILED,
                                           GI_WHY_FAILED, 1),
                         state[any] == GI_FLYING);
            if (state[any] == GI_FLYING)
                state[any] = good ? GI_DONE : GI_FAILED;
            break;
        }
        case 3:
            while (gi_pending_todo(&p, &slot)) {
                cr_assert_eq(p.at[slot].state, state[slot]);
                if (state[slot] == GI_FAILED && gi_rng_below(&rng, 3) > 0) {
                    int64_t pause = (int64_t)gi_rng_below(&rng, 100);
                    cr_assert(gi_pending_wait(&p, slot, now + pause));
                    state[slot] = GI_WAITING;
                } else {
                    gi_pending_free(&p, slot);
                    state[slot] = GI_FREE;
                    used--;
                }
            }
            break;
        case 4:
            while (gi_pending_relaunch(&p, now, &slot)) {
                cr_assert_eq(state[slot], GI_WAITING);
                state[slot] = GI_FLYING;
            }
            break;
        }
        cr_assert_eq(p.in_use, used);
        for (uint32_t k = 0; k < p.used && i % 64 == 0; k++)
            cr_assert_eq(p.at[k].state, state[k]);
        for (uint32_t k = 0; k < p.used; k++)
            gen[k] = p.at[k].gen;
    }
}

Test(pending, without_memory_changes_nothing)
{
    uint32_t slot, a;

    gi_mem_fail_after(0, 1);
    cr_assert_not(gi_pending_take(&p, &slot));
    gi_mem_fail_after(0, 0);
    a = take();
    for (int i = 1; i < 64; i++)
        take();
    gi_mem_fail_after(0, 1);
    cr_assert_not(gi_pending_take(&p, &slot));
    gi_mem_fail_after(0, 0);
    cr_assert_eq(p.in_use, 64);
    cr_assert_eq(take(), 64);

    failed(a);
    todo();
    gi_mem_fail_after(0, 1);
    cr_assert_not(gi_pending_wait(&p, a, 5));
    gi_mem_fail_after(0, 0);
    cr_assert_eq(p.at[a].state, GI_FAILED);
    cr_assert_eq(gi_pending_due_ns(&p), INT64_MAX);
    cr_assert(gi_pending_wait(&p, a, 5));
    cr_assert(gi_pending_relaunch(&p, 5, &slot));
}
