/* A topology's states: what is allowed, what it takes, how long it lasts. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/mix.h"
#include "nimbus/life.h"

enum { TIMEOUT = 30000 };

static gi_life at(gi_status status)
{
    gi_life l;
    unsigned todo;

    gi_life_init(&l, status != GI_STATUS_INACTIVE, TIMEOUT);
    if (status == GI_STATUS_REBALANCING)
        cr_assert_eq(
            gi_life_wish(&l, GI_WISH_REBALANCE, GI_WAIT_USUAL, 0, &todo, NULL),
            GALE_OK);
    if (status == GI_STATUS_KILLED || status == GI_STATUS_GONE)
        cr_assert_eq(
            gi_life_wish(&l, GI_WISH_KILL, GI_WAIT_USUAL, 0, &todo, NULL),
            GALE_OK);
    if (status == GI_STATUS_GONE)
        cr_assert_eq(gi_life_step(&l, NULL, 0, 0),
                     (unsigned)(GI_LIFE_STORE | GI_LIFE_REMOVE));
    cr_assert_eq(l.status, status);
    return l;
}

Test(life, what_is_allowed_is_storms_table)
{
    enum { A, I, R, K, G, NO };
    static const int becomes[5][4] = {
        /* activate, deactivate, rebalance, kill */
        [GI_STATUS_ACTIVE] = { A, I, R, K },
        [GI_STATUS_INACTIVE] = { A, I, R, K },
        [GI_STATUS_REBALANCING] = { NO, NO, NO, K },
        [GI_STATUS_KILLED] = { NO, NO, NO, K },
        [GI_STATUS_GONE] = { NO, NO, NO, NO },
    };

    for (int s = 0; s < 5; s++)
        for (int wish = 0; wish < 4; wish++) {
            gi_life l = at((gi_status)s), was = l;
            unsigned todo = 12345;
            gale_diag why = { "" };
            gale_err err = gi_life_wish(&l, (gi_wish)wish, 5, 1, &todo, &why);

            if (becomes[s][wish] == NO) {
                cr_assert_eq(err, GALE_EINVAL);
                cr_assert_neq(why.text[0], '\0');
                cr_assert_eq(todo, 12345u);
                cr_assert_eq(memcmp(&l, &was, sizeof(l)), 0);
                cr_assert_eq(
                    gi_life_wish(&l, (gi_wish)wish, 5, 1, &todo, NULL),
                    GALE_EINVAL);
                continue;
            }
            cr_assert_eq(err, GALE_OK);
            cr_assert_eq((int)l.status, becomes[s][wish]);
            if (becomes[s][wish] == s && wish < 2)
                cr_assert_eq(todo, 0, "it is so already");
            else
                cr_assert(todo & GI_LIFE_STORE && todo & GI_LIFE_TELL);
        }
}

Test(life, a_kill_waits_for_the_message_timeout_if_nothing_else_is_said)
{
    gi_life l = at(GI_STATUS_KILLED);
    gi_pending_report r = { l.turn, 1 };

    cr_assert(gi_life_waits(&l) && !gi_life_emits(&l));
    cr_assert_eq(l.until_ms, TIMEOUT);
    cr_assert_eq(gi_life_step(&l, &r, 1, TIMEOUT - 1), 0);
    cr_assert_eq(gi_life_step(&l, &r, 1, TIMEOUT),
                 (unsigned)(GI_LIFE_STORE | GI_LIFE_REMOVE));
    cr_assert_eq(l.status, GI_STATUS_GONE);
    cr_assert_eq(gi_life_step(&l, &r, 1, TIMEOUT), 0);
}

Test(life, the_wait_ends_when_all_workers_say_that_nothing_is_pending)
{
    gi_life l = at(GI_STATUS_KILLED);
    gi_pending_report r[] = { { l.turn, 0 }, { 0, 0 }, { l.turn, 3 } };

    cr_assert_eq(gi_life_step(&l, r, 3, 1), 0, "one has not reported");
    r[1].turn = l.turn - 1;
    r[2].pending = 0;
    cr_assert_eq(gi_life_step(&l, r, 3, 2), 0, "its spouts still emitted");
    r[1].turn = l.turn;
    cr_assert(gi_life_step(&l, r, 3, 3) & GI_LIFE_REMOVE);
}

Test(life, an_explicit_wait_of_none_is_none)
{
    gi_life l = at(GI_STATUS_ACTIVE);
    gi_pending_report r = { 0, 7 };
    unsigned todo;

    cr_assert_eq(gi_life_wish(&l, GI_WISH_KILL, 0, 100, &todo, NULL), GALE_OK);
    cr_assert(gi_life_step(&l, &r, 1, 100) & GI_LIFE_REMOVE);
}

Test(life, a_wait_longer_than_time_does_not_wrap)
{
    gi_life l = at(GI_STATUS_ACTIVE);
    gi_pending_report r = { 0, 7 };
    unsigned todo;

    cr_assert_eq(
        gi_life_wish(&l, GI_WISH_KILL, UINT64_MAX - 1, 100, &todo, NULL),
        GALE_OK);
    cr_assert_eq(gi_life_step(&l, &r, 1, UINT64_MAX - 1), 0);
}

Test(life, a_rebalance_goes_back_to_what_was)
{
    for (int active = 0; active < 2; active++) {
        gi_life l = at(active ? GI_STATUS_ACTIVE : GI_STATUS_INACTIVE);
        uint64_t turn = l.turn;
        gi_pending_report r;
        unsigned todo;

        cr_assert_eq(
            gi_life_wish(&l, GI_WISH_REBALANCE, 1000, 50, &todo, NULL),
            GALE_OK);
        cr_assert_eq(l.turn, turn + 1);
        cr_assert_eq(l.until_ms, 1050);
        r = (gi_pending_report){ l.turn, 0 };
        todo = gi_life_step(&l, &r, 1, 60);
        cr_assert_eq(todo, (unsigned)(GI_LIFE_STORE | GI_LIFE_TELL |
                                      GI_LIFE_RESCHEDULE));
        cr_assert_eq(gi_life_emits(&l), active == 1);
        cr_assert_eq(l.turn, turn + 2);
        cr_assert(!gi_life_waits(&l));
    }
}

Test(life, a_rebalance_that_is_killed_is_forgotten)
{
    gi_life l = at(GI_STATUS_REBALANCING);
    gi_pending_report r;
    unsigned todo;

    cr_assert_eq(gi_life_wish(&l, GI_WISH_KILL, 10, 5, &todo, NULL), GALE_OK);
    cr_assert(todo & GI_LIFE_FORGET);
    r = (gi_pending_report){ l.turn - 1, 0 };
    cr_assert_eq(gi_life_step(&l, &r, 1, 14), 0,
                 "what was said of the rebalance is not said of the kill");
    cr_assert_eq(gi_life_step(&l, &r, 1, 15),
                 (unsigned)(GI_LIFE_STORE | GI_LIFE_REMOVE));
}

Test(life, a_second_kill_starts_the_wait_again)
{
    gi_life l = at(GI_STATUS_KILLED);
    gi_pending_report r = { 0, 0 };
    unsigned todo;

    cr_assert_eq(gi_life_wish(&l, GI_WISH_KILL, 10, 29999, &todo, NULL),
                 GALE_OK);
    cr_assert(!(todo & GI_LIFE_FORGET));
    cr_assert_eq(gi_life_step(&l, &r, 1, 30005), 0);
    cr_assert(gi_life_step(&l, &r, 1, 30009) & GI_LIFE_REMOVE);
}

Test(life, without_workers_there_is_nothing_to_wait_for)
{
    gi_life l = at(GI_STATUS_KILLED);

    cr_assert(gi_life_step(&l, NULL, 0, 0) & GI_LIFE_REMOVE);
}

Test(life, the_next_leader_waits_again_on_its_own_clock)
{
    gi_life l = at(GI_STATUS_REBALANCING);
    gi_pending_report r = { l.turn, 1 };

    l.until_ms = 77; /* what the other clock said */
    cr_assert_eq(gi_life_resume(&l, 5000000), (unsigned)GI_LIFE_TELL);
    cr_assert_eq(gi_life_step(&l, &r, 1, 5000000 + TIMEOUT - 1), 0);
    r.pending = 0;
    cr_assert(gi_life_step(&l, &r, 1, 5000001) & GI_LIFE_RESCHEDULE);
    cr_assert_eq(l.status, GI_STATUS_ACTIVE);
}

Test(life, what_was_gone_but_not_removed_is_removed_by_the_next_leader)
{
    gi_life l = at(GI_STATUS_GONE);

    cr_assert_eq(gi_life_resume(&l, 1), (unsigned)GI_LIFE_REMOVE);
}

/* Whatever is wished for, and whoever leads: turns only grow, spouts emit only
 * while active, and after a kill there is no way but out. */
Test(life, any_wishes_at_all)
{
    for (uint64_t seed = 1; seed <= 5000; seed++) {
        gi_rng r = { seed };
        gi_life l;
        uint64_t now = 0;
        bool killed = false;

        gi_life_init(&l, gi_rng_below(&r, 2) == 0, TIMEOUT);
        for (int i = 0; i < 40; i++) {
            gi_life was = l;
            unsigned todo = 0;
            gi_pending_report report = { l.turn - gi_rng_below(&r, 2),
                                         gi_rng_below(&r, 2) };
            uint32_t what = (uint32_t)gi_rng_below(&r, 7);

            now += gi_rng_below(&r, 9000);
            if (what == 0) {
                todo = gi_life_resume(&l, now);
            } else if (what < 4) {
                todo = gi_life_step(&l, &report, 1, now);
            } else {
                gi_wish wish = (gi_wish)gi_rng_below(&r, 4);
                gale_err err =
                    gi_life_wish(&l, wish, GI_WAIT_USUAL, now, &todo, NULL);

                killed |= err == GALE_OK && wish == GI_WISH_KILL;
            }
            cr_assert_geq(l.turn, was.turn);
            cr_assert(l.status == was.status || todo & GI_LIFE_STORE);
            cr_assert_eq(gi_life_emits(&l), l.status == GI_STATUS_ACTIVE);
            cr_assert(l.turn == was.turn || todo & GI_LIFE_TELL);
            cr_assert_eq(killed, l.status == GI_STATUS_KILLED ||
                                     l.status == GI_STATUS_GONE);
            if (was.status == GI_STATUS_GONE)
                cr_assert_eq(l.status, GI_STATUS_GONE);
        }
    }
}

Test(life, states_have_storms_names)
{
    cr_assert_str_eq(gi_status_name(GI_STATUS_ACTIVE), "ACTIVE");
    cr_assert_str_eq(gi_status_name(GI_STATUS_KILLED), "KILLED");
    cr_assert_str_eq(gi_status_name((gi_status)99), "?");
}
