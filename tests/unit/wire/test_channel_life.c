/* Connections: greetings, silence, dialing again, and the end. */
#include "ends.h"

/* What B says to a greeting of A in which something was changed. */
static gi_parting answer(struct ends *e)
{
    ends_deliver(e, A);
    cr_assert(e->closed[B]);
    cr_assert(e->said[B]);
    cr_assert_eq(e->wire[B][0].letter.greeting.refused, e->why[B]);
    ends_deliver(e, B);
    cr_assert(e->closed[A]);
    cr_assert_eq(ends_view(e, A).refused, e->why[B]);
    return e->why[B];
}

Test(channel_life, an_older_or_newer_assignment_is_refused_until_they_agree)
{
    struct ends *e = ends_begin();

    gi_channel_assign(e->c[B], 2, e->now);
    ends_dial(e);
    cr_assert_eq(answer(e), GI_PART_ASSIGNMENT_OLD);
    cr_assert_eq(ends_view(e, A).assignment, 2, "A knows what it lacks");
    gi_channel_assign(e->c[A], 3, e->now);
    ends_pump(e, A);
    ends_dial(e);
    cr_assert_eq(answer(e), GI_PART_ASSIGNMENT_NEW);
    gi_channel_assign(e->c[B], 3, e->now);
    ends_connect(e);
    cr_assert(ends_view(e, A).open && ends_view(e, B).open);
    ends_end(e);
}

Test(channel_life, a_new_assignment_ends_the_connection_and_loses_nothing)
{
    struct ends *e = ends_connected();

    ends_offer(e, A, GI_LANE_DATA);
    gi_channel_assign(e->c[B], 2, e->now);
    ends_pump(e, B);
    cr_assert_eq(e->why[B], GI_PART_REASSIGNED);
    ends_cut(e);
    gi_channel_assign(e->c[A], 2, e->now);
    ends_pump(e, A);
    cr_assert(e->dialed);
    ends_connect(e);
    cr_assert_eq(e->n_taken[B], 1);
    ends_end(e);
}

Test(channel_life, protocols_agree_on_what_both_speak)
{
    struct ends *e = ends_begin();
    gi_letter l;

    ends_dial(e);
    e->wire[A][0].letter.greeting.protocol = 0;
    cr_assert_eq(answer(e), GI_PART_PROTOCOL);
    ends_wait(e, 20 * MS);
    ends_dial(e);
    e->wire[A][0].letter.greeting.protocol = 7;
    l = ends_deliver(e, A);
    cr_assert_eq(l.greeting.protocol, 7);
    cr_assert(ends_view(e, B).open);
    cr_assert_eq(ends_view(e, B).protocol, 1);
    ends_end(e);
}

Test(channel_life, who_has_ended_is_not_listened_to)
{
    struct ends *e = ends_begin();

    gi_channel_peer_ended(e->c[B], 10, e->now);
    ends_dial(e);
    cr_assert_eq(answer(e), GI_PART_ENDED);
    ends_end(e);
}

Test(channel_life, an_older_incarnation_is_refused)
{
    struct ends *e = ends_connected();

    ends_cut(e);
    ends_reborn(e, A, 9);
    ends_dial(e);
    cr_assert_eq(answer(e), GI_PART_ENDED);
    ends_end(e);
}

Test(channel_life, who_has_been_superseded_is_told)
{
    struct ends *e = ends_begin();

    ends_dial(e);
    e->wire[A][0].letter.to = 12; /* B is 11 */
    cr_assert_eq(answer(e), GI_PART_SUPERSEDED);
    ends_end(e);
}

Test(channel_life, a_greeting_of_an_earlier_connection_is_stale)
{
    struct ends *e = ends_begin();
    gi_letter old;

    ends_dial(e);
    old = e->wire[A][0].letter;
    ends_cut(e);
    ends_connect(e);
    cr_assert_not(gi_channel_arrived(e->c[B], 77, &old, e->now));
    ends_pump(e, B);
    cr_assert_eq(e->why[B], GI_PART_STALE);
    cr_assert(ends_view(e, B).open, "the later one holds");
    ends_end(e);
}

Test(channel_life, a_later_connection_takes_the_place_of_one_half_open)
{
    struct ends *e = ends_connected();

    gi_channel_down(e->c[A], e->conn, e->now); /* B hears nothing of it */
    ends_offer(e, A, GI_LANE_DATA);
    ends_connect(e);
    cr_assert_eq(e->why[B], GI_PART_REPLACED);
    cr_assert(ends_view(e, B).open);
    cr_assert_eq(e->n_taken[B], 1);
    ends_end(e);
}

Test(channel_life, numbers_that_contradict_ours_are_refused)
{
    struct ends *e = ends_connected();

    ends_cut(e);
    ends_dial(e);
    e->wire[A][0].letter.greeting.received = 1; /* B never sent one */
    cr_assert_eq(answer(e), GI_PART_NUMBERS);
    ends_end(e);
}

Test(channel_life, who_has_forgotten_what_was_said_is_refused)
{
    struct ends *e = ends_connected();

    ends_offer(e, A, GI_LANE_DATA);
    ends_deliver_all(e);
    ends_cut(e);
    ends_dial(e);
    e->wire[A][0].letter.to = 0;
    cr_assert_eq(answer(e), GI_PART_FORGOTTEN);
    ends_end(e);
}

/* ----------------------------------------------------------------- silence */

Test(channel_life, an_idle_link_asks_and_is_answered)
{
    struct ends *e = ends_connected();

    for (int i = 0; i < 500; i++) {
        ends_wait(e, 10 * MS);
        ends_deliver_all(e);
    }
    cr_assert(ends_view(e, A).open && ends_view(e, B).open);
    cr_assert_gt(ends_view(e, A).counts.pings + ends_view(e, B).counts.pings,
                 10);
    ends_end(e);
}

Test(channel_life, who_does_not_answer_is_suspicious)
{
    struct ends *e = ends_connected();

    ends_wait(e, 900 * MS);
    cr_assert(ends_view(e, A).open);
    ends_wait(e, 200 * MS);
    cr_assert_eq(e->why[A], GI_PART_SILENT);
    cr_assert(ends_view(e, A).suspicious);
    ends_cut(e);
    ends_wait(e, 20 * MS);
    cr_assert(e->dialed);
    ends_connect(e);
    cr_assert_not(ends_view(e, A).suspicious);
    ends_end(e);
}

Test(channel_life, a_connection_that_takes_nothing_is_suspicious_too)
{
    struct ends *e = ends_connected();
    gi_act a;

    for (int i = 0; i < 120; i++) {
        e->now += 10 * MS;
        gi_channel_tick(e->c[A], e->now);
        while (gi_channel_next(e->c[A], false, e->now, &a)) {
            cr_assert_neq(a.what, GI_DO_SEND);
            if (a.what == GI_DO_CLOSE)
                e->why[A] = a.why;
        }
    }
    cr_assert_eq(e->why[A], GI_PART_SILENT);
    ends_end(e);
}

Test(channel_life, who_was_asleep_accuses_nobody)
{
    struct ends *e = ends_connected();

    ends_wait(e, 210 * MS); /* asked */
    ends_sleep(e, A, 3600 * 1000 * MS);
    cr_assert(ends_view(e, A).open);
    ends_deliver_all(e);
    cr_assert(ends_view(e, A).open);
    cr_assert_eq(ends_view(e, A).counts.asleep, 1);
    ends_end(e);
}

Test(channel_life, no_greeting_in_return_ends_the_connection)
{
    struct ends *e = ends_begin();

    ends_dial(e);
    e->n[A] = 0;
    ends_wait(e, 1100 * MS);
    cr_assert_eq(e->why[A], GI_PART_SILENT);
    ends_end(e);
}

Test(channel_life, a_dial_without_an_answer_is_given_up_and_tried_again)
{
    struct ends *e = ends_begin();

    cr_assert(e->dialed);
    e->dialed = false;
    ends_wait(e, 900 * MS);
    cr_assert_not(e->dialed);
    ends_wait(e, 200 * MS);
    cr_assert(e->dialed);
    ends_end(e);
}

/* How long until what it has dialed is given up and dialed again, or what it
 * greets on. */
static int64_t given_up_after(struct ends *e, bool greets)
{
    int64_t began = e->now;

    if (greets)
        ends_dial(e);
    e->n[A] = 0;
    e->dialed = false;
    while (!e->dialed)
        ends_wait(e, 10 * MS);
    return (e->now - began) / MS;
}

Test(channel_life, whoever_gave_up_too_soon_is_more_patient_the_next_time)
{
    struct ends *e = ends_begin();

    for (int i = 0; i < 2; i++) { /* the answer to a dial, or a greeting */
        int64_t first = given_up_after(e, i == 1),
                second = given_up_after(e, i == 0),
                third = given_up_after(e, i == 1),
                fourth = given_up_after(e, i == 0);

        cr_expect(first >= 1000 && first < 1900, "%d", (int)first);
        cr_expect(second >= 2000 && second < 2900, "%d", (int)second);
        cr_expect(third >= 4000 && third < 5100, "%d", (int)third);
        cr_expect(fourth >= 4000 && fourth < 5100, "%d", (int)fourth);
        ends_connect(e); /* and is as ever, once it got through */
        ends_wait(e, 10 * MS);
        ends_cut(e);
        for (e->dialed = false; !e->dialed;)
            ends_wait(e, 10 * MS);
    }
    ends_end(e);
}

Test(channel_life, failing_dials_come_ever_more_rarely)
{
    struct ends *e = ends_begin();
    uint32_t dials = 0;

    for (int i = 0; i < 1000; i++) {
        if (e->dialed) {
            dials++;
            e->dialed = false;
            gi_channel_dial_failed(e->c[A], e->now);
        }
        ends_wait(e, 10 * MS);
    }
    cr_assert(dials >= 14 && dials <= 30, "%u dials in 10 s", dials);
    ends_end(e);
}

/* ----------------------------------------------------------------- the end */

Test(channel_life, a_link_is_over_when_both_have_said_goodbye)
{
    struct ends *e = ends_connected();
    gi_parcel *p = ends_offer(e, A, GI_LANE_DATA), late = { .bytes = 1 };

    gi_channel_leave(e->c[A], e->now);
    ends_pump(e, A);
    cr_assert_eq(gi_channel_offer(e->c[A], GI_LANE_DATA, &late), GALE_EINVAL);
    ends_deliver_all(e);
    cr_assert_not(ends_view(e, B).peer_leaving, "not before it is executed");
    ends_executed(e, B, 1);
    ends_wait(e, 10 * MS);
    ends_deliver_all(e);
    cr_assert_eq(gi_channel_back(e->c[A]), p);
    cr_assert(p->executed);
    cr_assert(ends_view(e, B).peer_leaving);
    cr_assert_not(ends_view(e, A).over, "B may have something to say");
    ends_offer(e, B, GI_LANE_DATA);
    ends_deliver_all(e);
    cr_assert_eq(e->n_taken[A], 1);
    ends_executed(e, A, 1);
    gi_channel_leave(e->c[B], e->now);
    ends_wait(e, 10 * MS);
    ends_deliver_all(e);
    cr_assert(ends_view(e, A).over && ends_view(e, B).over);
    cr_assert_eq(ends_view(e, B).counts.lost, 0);
    cr_assert_eq(gi_channel_due(e->c[A]), INT64_MAX);
    ends_end(e);
}

Test(channel_life, a_goodbye_that_got_lost_is_said_again)
{
    struct ends *e = ends_connected();

    gi_channel_leave(e->c[A], e->now);
    gi_channel_leave(e->c[B], e->now);
    ends_pump(e, A);
    ends_pump(e, B);
    cr_assert_eq(e->wire[A][0].letter.kind, GI_FRAME_FIN);
    ends_cut(e);
    ends_connect(e);
    cr_assert(ends_view(e, A).over && ends_view(e, B).over);
    ends_end(e);
}

Test(channel_life, who_dials_a_link_that_is_over_there_learns_it)
{
    struct ends *e = ends_connected();

    gi_channel_leave(e->c[A], e->now);
    gi_channel_leave(e->c[B], e->now);
    ends_pump(e, A);
    ends_pump(e, B);
    ends_deliver(e, A);
    e->n[B] = 0; /* whatever B says is lost */
    ends_cut(e);
    cr_assert(ends_view(e, B).over);
    cr_assert_not(ends_view(e, A).over);
    ends_dial(e);
    cr_assert_eq(answer(e), GI_PART_OVER);
    cr_assert(ends_view(e, A).over);
    ends_end(e);
}

Test(channel_life, who_said_goodbye_and_ended_has_left_nothing_undone)
{
    struct ends *e = ends_connected();

    gi_channel_leave(e->c[B], e->now);
    ends_pump(e, B);
    ends_deliver(e, B);
    gi_channel_leave(e->c[A], e->now);
    gi_channel_peer_ended(e->c[A], 11, e->now);
    ends_pump(e, A);
    cr_assert(ends_view(e, A).over);
    cr_assert_eq(ends_view(e, A).counts.lost, 0);
    ends_end(e);
}

Test(channel_life, a_link_that_is_given_up_gives_everything_back)
{
    struct ends *e = ends_connected();
    gi_parcel *p = ends_offer(e, A, GI_LANE_DATA);

    gi_channel_abandon(e->c[A]);
    ends_pump(e, A);
    cr_assert_eq(e->why[A], GI_PART_GIVEN_UP);
    cr_assert_eq(gi_channel_back(e->c[A]), p);
    cr_assert_not(p->executed);
    cr_assert_eq(gi_channel_offer(e->c[A], GI_LANE_DATA, p), GALE_EINVAL);
    ends_end(e);
}
