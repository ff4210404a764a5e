/* Frames: numbers, credit, acknowledgements, and what is lost. */
#include "base/mem.h"
#include "ends.h"

Test(channel, a_frame_comes_back_when_it_is_executed)
{
    struct ends *e = ends_connected();
    gi_parcel *p = ends_offer(e, A, GI_LANE_DATA);

    ends_deliver_all(e);
    cr_assert_eq(e->n_taken[B], 1);
    cr_assert_null(gi_channel_back(e->c[A]), "it is only received");
    ends_executed(e, B, 1);
    ends_wait(e, 10 * MS);
    ends_deliver_all(e);
    cr_assert_eq(gi_channel_back(e->c[A]), p);
    cr_assert(p->executed);
    cr_assert_eq(ends_view(e, A).frames[GI_LANE_DATA], 0);
    ends_end(e);
}

Test(channel, nothing_leaves_before_both_have_greeted)
{
    struct ends *e = ends_begin();

    ends_offer(e, A, GI_LANE_DATA);
    ends_dial(e);
    cr_assert_eq(e->n[A], 1);
    cr_assert_eq(e->wire[A][0].letter.kind, GI_FRAME_HELLO);
    ends_deliver(e, A);
    cr_assert_eq(ends_deliver(e, B).kind, GI_FRAME_HELLO);
    cr_assert_eq(e->wire[A][0].letter.kind, GI_FRAME_DATA);
    cr_assert_eq(e->wire[A][0].letter.to, 11);
    ends_end(e);
}

Test(channel, what_did_not_come_over_is_sent_again)
{
    struct ends *e = ends_connected();

    for (int i = 0; i < 3; i++)
        ends_offer(e, A, GI_LANE_DATA);
    ends_deliver(e, A);
    ends_cut(e);
    ends_connect(e);
    cr_assert_eq(e->n_taken[B], 3);
    for (uint64_t i = 0; i < 3; i++)
        cr_assert_eq(e->taken[B][i], i + 1);
    cr_assert_eq(ends_view(e, A).counts.resent, 2);
    ends_end(e);
}

Test(channel, what_was_executed_meanwhile_is_told_by_the_greeting)
{
    struct ends *e = ends_connected();
    gi_parcel *p[3];

    for (int i = 0; i < 3; i++)
        p[i] = ends_offer(e, A, GI_LANE_DATA);
    ends_deliver_all(e);
    ends_cut(e);
    ends_executed(e, B, 3);
    ends_executed(e, B, 1);
    ends_connect(e);
    cr_assert_eq(gi_channel_back(e->c[A]), p[0]);
    cr_assert_eq(gi_channel_back(e->c[A]), p[2]);
    cr_assert(p[0]->executed && p[2]->executed);
    cr_assert_null(gi_channel_back(e->c[A]));
    cr_assert_eq(e->n_taken[B], 3, "and nothing was sent again");
    ends_end(e);
}

Test(channel, frames_may_be_executed_in_any_order)
{
    struct ends *e = ends_connected();
    gi_parcel *p[4];

    for (int i = 0; i < 4; i++)
        p[i] = ends_offer(e, A, GI_LANE_DATA);
    ends_deliver_all(e);
    ends_executed(e, B, 2);
    ends_executed(e, B, 4);
    ends_wait(e, 10 * MS);
    ends_deliver_all(e);
    cr_assert_eq(gi_channel_back(e->c[A]), p[1]);
    cr_assert_eq(gi_channel_back(e->c[A]), p[3]);
    cr_assert_eq(ends_view(e, A).frames[GI_LANE_DATA], 2);
    ends_executed(e, B, 1);
    ends_wait(e, 10 * MS);
    cr_assert_eq(ends_deliver(e, B).ack, 2);
    cr_assert_eq(gi_channel_back(e->c[A]), p[0]);
    ends_end(e);
}

Test(channel, a_frame_that_comes_twice_is_taken_once)
{
    struct ends *e = ends_connected();
    gi_letter l;

    ends_offer(e, A, GI_LANE_DATA);
    l = ends_deliver(e, A);
    cr_assert_not(ends_hand(e, B, &l));
    cr_assert_eq(ends_view(e, B).counts.duplicates, 1);
    cr_assert(ends_view(e, B).open);
    ends_end(e);
}

Test(channel, a_gap_ends_the_connection_and_nothing_is_lost)
{
    struct ends *e = ends_connected();

    ends_offer(e, A, GI_LANE_DATA);
    e->n[A] = 0; /* it vanished */
    ends_offer(e, A, GI_LANE_DATA);
    ends_deliver(e, A);
    cr_assert_eq(e->why[B], GI_PART_GAP);
    cr_assert_eq(e->n_taken[B], 0);
    ends_cut(e);
    ends_connect(e);
    cr_assert_eq(e->n_taken[B], 2);
    ends_end(e);
}

Test(channel, a_gap_at_the_end_is_noticed_by_the_next_question)
{
    struct ends *e = ends_connected();

    ends_offer(e, A, GI_LANE_DATA);
    e->n[A] = 0;
    ends_wait(e, 210 * MS);
    cr_assert_eq(ends_deliver(e, A).kind, GI_FRAME_PING);
    cr_assert_eq(e->why[B], GI_PART_GAP);
    ends_end(e);
}

Test(channel, a_frame_of_a_stranger_ends_the_connection)
{
    struct ends *e = ends_connected();

    ends_offer(e, A, GI_LANE_DATA);
    e->wire[A][0].letter.from = 9;
    ends_deliver(e, A);
    cr_assert_eq(e->why[B], GI_PART_STRANGER);
    cr_assert_eq(e->n_taken[B], 0);
    ends_end(e);
}

Test(channel, what_was_never_sent_cannot_be_acknowledged)
{
    for (int i = 0; i < 2; i++) {
        struct ends *e = ends_connected();
        uint64_t two = 2;
        gi_letter l = { .kind = GI_FRAME_ACK, .from = 11, .to = 10 };

        ends_offer(e, A, GI_LANE_DATA);
        l.ack = i == 0 ? 2 : 0;
        l.done = &two;
        l.n_done = i == 0 ? 0 : 1;
        ends_hand(e, A, &l);
        cr_assert_eq(e->why[A], GI_PART_NUMBERS);
        cr_assert_null(gi_channel_back(e->c[A]));
        ends_end(e);
    }
}

Test(channel, another_incarnation_means_that_everything_is_lost)
{
    struct ends *e = ends_connected();
    gi_parcel *sent = ends_offer(e, A, GI_LANE_DATA), *waits;

    ends_deliver_all(e);
    ends_cut(e);
    waits = ends_offer(e, A, GI_LANE_NOTES);
    ends_reborn(e, B, 20);
    ends_connect(e);
    cr_assert_eq(gi_channel_back(e->c[A]), sent);
    cr_assert_eq(gi_channel_back(e->c[A]), waits);
    cr_assert(!sent->executed && !waits->executed);
    cr_assert_eq(ends_view(e, A).peer, 20);
    cr_assert_eq(ends_view(e, A).counts.lost, 2);
    ends_offer(e, A, GI_LANE_DATA);
    cr_assert_eq(ends_deliver(e, A).seq, 1, "numbers begin anew");
    cr_assert_eq(e->n_taken[B], 2);
    ends_end(e);
}

Test(channel, what_waited_for_an_unknown_peer_goes_to_the_first_one)
{
    struct ends *e = ends_begin();

    ends_offer(e, A, GI_LANE_DATA);
    ends_connect(e);
    cr_assert_eq(e->n_taken[B], 1);
    cr_assert_null(gi_channel_back(e->c[A]));
    ends_end(e);
}

Test(channel, a_death_that_is_reported_loses_frames_at_once)
{
    struct ends *e = ends_connected();
    gi_parcel *p = ends_offer(e, A, GI_LANE_DATA);

    gi_channel_peer_ended(e->c[A], 11, e->now);
    ends_pump(e, A);
    cr_assert_eq(e->why[A], GI_PART_DIED);
    cr_assert_eq(gi_channel_back(e->c[A]), p);
    cr_assert_not(p->executed);
    ends_end(e);
}

Test(channel, what_an_old_incarnation_sent_acknowledges_nothing)
{
    struct ends *e = ends_connected();

    ends_offer(e, A, GI_LANE_DATA);
    ends_deliver_all(e);
    ends_cut(e);
    ends_reborn(e, A, 30);
    ends_connect(e);
    ends_offer(e, A, GI_LANE_DATA);
    ends_deliver_all(e);
    ends_executed(e, B, 1); /* of incarnation 10 */
    cr_assert_eq(ends_view(e, B).open_here, 1);
    cr_assert_eq(ends_view(e, B).counts.late, 1);
    ends_end(e);
}

Test(channel, credit_bounds_frames_and_bytes_and_comes_back)
{
    struct ends *e = ends_connected();
    gi_parcel more = { .bytes = 100 }, huge = { .bytes = 801 };

    for (int i = 0; i < 8; i++)
        ends_offer(e, A, GI_LANE_DATA);
    cr_assert_not(gi_channel_room(e->c[A], GI_LANE_DATA, 0));
    cr_assert_eq(gi_channel_offer(e->c[A], GI_LANE_DATA, &more), GALE_ELIMIT);
    cr_assert_eq(gi_channel_offer(e->c[A], GI_LANE_DATA, &huge), GALE_EINVAL);
    ends_deliver_all(e);
    ends_executed(e, B, 5);
    ends_wait(e, 10 * MS);
    ends_deliver_all(e);
    cr_assert(gi_channel_room(e->c[A], GI_LANE_DATA, 100));
    cr_assert_not(gi_channel_room(e->c[A], GI_LANE_DATA, 101));
    ends_end(e);
}

Test(channel, notes_do_not_wait_for_credit_of_data)
{
    struct ends *e = ends_connected();
    gi_letter l;

    for (int i = 0; i < 8; i++)
        ends_offer(e, A, GI_LANE_DATA);
    e->n[A] = 0; /* under way, somewhere */
    ends_offer(e, A, GI_LANE_NOTES);
    l = e->wire[A][0].letter;
    cr_assert_eq(l.kind, GI_FRAME_DATA);
    cr_assert_eq(l.parcel->lane, GI_LANE_NOTES);
    ends_end(e);
}

Test(channel, notes_go_before_data_that_has_not_left)
{
    struct ends *e = ends_begin();

    ends_offer(e, A, GI_LANE_DATA);
    ends_offer(e, A, GI_LANE_NOTES);
    ends_dial(e);
    ends_deliver(e, A);
    ends_deliver(e, B);
    cr_assert_eq(e->wire[A][0].letter.parcel->lane, GI_LANE_NOTES);
    cr_assert_eq(e->wire[A][1].letter.parcel->lane, GI_LANE_DATA);
    ends_end(e);
}

Test(channel, more_than_was_agreed_upon_is_not_taken)
{
    struct ends *e = ends_connected();
    gi_letter l = { .kind = GI_FRAME_DATA, .from = 10, .to = 11 };

    for (l.seq = 1; l.seq <= 12; l.seq++)
        cr_assert(ends_hand(e, B, &l));
    cr_assert_not(ends_hand(e, B, &l));
    cr_assert_eq(e->why[B], GI_PART_OVERRUN);
    ends_end(e);
}

Test(channel, more_bytes_than_were_agreed_upon_are_not_taken)
{
    struct ends *e = ends_connected();
    gi_letter l = {
        .kind = GI_FRAME_DATA, .from = 10, .to = 11, .seq = 1, .bytes = 1201
    };

    cr_assert_not(ends_hand(e, B, &l));
    cr_assert_eq(e->why[B], GI_PART_OVERRUN);
    ends_end(e);
}

Test(channel, without_memory_there_is_none)
{
    gi_channel_opts o = ends_opts(A, 1);
    gi_channel *c = NULL;
    gale_err rv = GALE_ENOMEM;
    uint64_t n = 0;

    for (; rv == GALE_ENOMEM; n++) {
        gi_mem_fail_after(n, 1);
        rv = gi_channel_create(&c, &o, 0);
        gi_mem_fail_after(0, 0);
        cr_assert_eq(rv == GALE_ENOMEM, c == NULL);
    }
    cr_assert_eq(rv, GALE_OK);
    cr_assert_gt(n, 3);
    gi_channel_destroy(c);
}

Test(channel, settings_that_make_no_sense_are_refused)
{
    gi_channel_opts o = ends_opts(A, 0);
    gi_channel *c = NULL;

    cr_assert_eq(gi_channel_create(&c, &o, 0), GALE_EINVAL);
    o = ends_opts(A, 1);
    o.silent_min_ns = o.ping_ns = 5;
    cr_assert_eq(gi_channel_create(&c, &o, 0), GALE_EINVAL);
    cr_assert_null(c);
}
