#include <criterion/criterion.h>

#include "nimbus/zookeeper/leader.h"

TestSuite(leader, .timeout = 30);

#define NAME  "0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210"

enum { T = 6000 };

static void opened(gi_leader *l, uint64_t now)
{
    cr_assert_eq(gi_leader_next(l, now), GI_WANT_OPEN);
    gi_leader_opened(l, NAME);
    cr_assert_eq(gi_leader_next(l, now), GI_WANT_NOTHING);
    gi_leader_connected(l, T, now);
}

static void sees(gi_leader *l, int32_t version, const char *holder,
                 const char *a, const char *b, uint64_t now)
{
    const char *names[] = { a, b };
    gi_leader_look look = {
        .version = version,
        .holder = holder,
        .url = "tcp://there:1",
        .names = names,
        .n_names = b != NULL   ? 2
                   : a != NULL ? 1
                               : 0,
    };

    cr_assert_eq(gi_leader_next(l, now), GI_WANT_LOOK);
    gi_leader_did(l, GI_WANT_LOOK, GI_WENT_WELL, &look, now, now);
}

static void enters(gi_leader *l, uint64_t now)
{
    sees(l, 0, "", NULL, NULL, now);
    cr_assert_eq(gi_leader_next(l, now), GI_WANT_ENTER);
    gi_leader_did(l, GI_WANT_ENTER, GI_WENT_WELL, NULL, now, now);
}

static gi_leader leading(uint64_t now)
{
    gi_leader l;

    gi_leader_init(&l);
    opened(&l, now);
    enters(&l, now);
    sees(&l, 4, "", NAME "-0000000003", NULL, now);
    cr_assert_eq(gi_leader_next(&l, now), GI_WANT_TAKE);
    gi_leader_did(&l, GI_WANT_TAKE, GI_WENT_WELL, NULL, now, now + 10);
    sees(&l, 5, NAME, NAME "-0000000003", NULL, now);
    cr_assert_eq(gi_leader_standing(&l, now), GI_LEADS);
    return l;
}

Test(leader, who_is_alone_takes_the_office)
{
    gi_leader l = leading(100);

    cr_expect_eq(gi_leader_version(&l), 5);
    cr_expect_str_eq(gi_leader_url(&l), "tcp://there:1");
}

Test(leader, who_is_second_stands_by_and_knows_who_leads)
{
    gi_leader l;

    gi_leader_init(&l);
    opened(&l, 0);
    enters(&l, 0);
    sees(&l, 7, OTHER, NAME "-0000000012", OTHER "-0000000009", 0);
    cr_expect_eq(gi_leader_standing(&l, 0), GI_STANDS_BY);
    cr_expect_str_eq(gi_leader_url(&l), "tcp://there:1");
    cr_expect_eq(gi_leader_next(&l, 50), GI_WANT_NOTHING);
    cr_expect_eq(gi_leader_due(&l, 50), UINT64_MAX);

    /* The first is gone: nobody leads until the second has the office. */
    gi_leader_changed(&l);
    sees(&l, 7, OTHER, NAME "-0000000012", NULL, 60);
    cr_expect_str_eq(gi_leader_url(&l), "");
    cr_expect_eq(gi_leader_next(&l, 60), GI_WANT_TAKE);
}

Test(leader, who_holds_the_office_but_is_gone_is_not_named)
{
    gi_leader l;

    gi_leader_init(&l);
    opened(&l, 0);
    enters(&l, 0);
    sees(&l, 7, OTHER, NAME "-0000000012",
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-0000000010", 0);
    cr_expect_str_eq(gi_leader_url(&l), "");
}

Test(leader, what_else_lies_among_the_candidates_is_none)
{
    gi_leader l;

    gi_leader_init(&l);
    opened(&l, 0);
    enters(&l, 0);
    sees(&l, 0, "", "readme", NAME "-0000000012", 0);
    cr_expect_eq(gi_leader_next(&l, 0), GI_WANT_TAKE);
}

Test(leader, a_yes_counts_from_when_it_was_asked)
{
    gi_leader l = leading(0);
    uint64_t due = gi_leader_due(&l, 10);

    cr_expect_eq(due, T / 6);
    cr_assert_eq(gi_leader_next(&l, due), GI_WANT_BEAT);
    cr_expect_eq(gi_leader_standing(&l, T * 2 / 3 - 1), GI_LEADS);
    cr_expect_eq(gi_leader_due(&l, due), T * 2 / 3);
    cr_expect_eq(gi_leader_standing(&l, T * 2 / 3), GI_DOUBTS);
    gi_leader_did(&l, GI_WANT_BEAT, GI_WENT_WELL, NULL, due, T * 2 / 3 + 5);
    cr_expect_eq(gi_leader_standing(&l, due + T * 2 / 3 - 1), GI_LEADS);
    cr_expect_eq(gi_leader_standing(&l, due + T * 2 / 3), GI_DOUBTS);
}

Test(leader, a_broken_connection_costs_no_office_if_it_comes_back_in_time)
{
    gi_leader l = leading(0);

    cr_assert_eq(gi_leader_next(&l, 1000), GI_WANT_BEAT);
    gi_leader_did(&l, GI_WANT_BEAT, GI_WENT_UNKNOWN, NULL, 1000, 1200);
    gi_leader_disconnected(&l);
    cr_expect_eq(gi_leader_next(&l, 1200), GI_WANT_NOTHING);
    cr_expect_eq(gi_leader_due(&l, 1200), T * 2 / 3);
    cr_expect_eq(gi_leader_standing(&l, T), GI_DOUBTS);
    gi_leader_connected(&l, T, T);
    cr_expect_eq(gi_leader_standing(&l, T), GI_DOUBTS, "it may be too late");
    cr_assert_eq(gi_leader_next(&l, T), GI_WANT_BEAT);
    gi_leader_did(&l, GI_WANT_BEAT, GI_WENT_WELL, NULL, T, T + 3);
    cr_expect_eq(gi_leader_standing(&l, T + 3), GI_LEADS);
    cr_expect_eq(gi_leader_version(&l), 5);
}

Test(leader, a_no_ends_it_at_once)
{
    gi_leader l = leading(0);

    cr_assert_eq(gi_leader_next(&l, 1000), GI_WANT_BEAT);
    gi_leader_did(&l, GI_WANT_BEAT, GI_WENT_REFUSED, NULL, 1000, 1001);
    cr_expect_eq(gi_leader_standing(&l, 1001), GI_STANDS_BY);
    sees(&l, 6, OTHER, OTHER "-0000000009", NULL, 1001);
    cr_expect_eq(gi_leader_next(&l, 1001), GI_WANT_ENTER);
}

Test(leader, it_is_his_though_he_never_heard_that_he_got_it)
{
    gi_leader l;

    gi_leader_init(&l);
    opened(&l, 0);
    enters(&l, 0);
    sees(&l, 4, "", NAME "-0000000003", NULL, 0);
    cr_assert_eq(gi_leader_next(&l, 0), GI_WANT_TAKE);
    gi_leader_did(&l, GI_WANT_TAKE, GI_WENT_UNKNOWN, NULL, 0, 300);
    gi_leader_disconnected(&l);
    gi_leader_connected(&l, T, 500);
    sees(&l, 5, NAME, NAME "-0000000003", NULL, 500);
    cr_expect_eq(gi_leader_standing(&l, 500), GI_DOUBTS);
    cr_assert_eq(gi_leader_next(&l, 500), GI_WANT_BEAT);
    gi_leader_did(&l, GI_WANT_BEAT, GI_WENT_WELL, NULL, 500, 501);
    cr_expect_eq(gi_leader_standing(&l, 501), GI_LEADS);
    cr_expect_eq(gi_leader_version(&l), 5);
}

Test(leader, with_the_session_goes_the_office)
{
    gi_leader l = leading(0);

    gi_leader_ended(&l);
    cr_expect_eq(gi_leader_standing(&l, 10), GI_STANDS_BY);
    cr_expect_eq(gi_leader_due(&l, 10), 10);
    cr_expect_eq(gi_leader_next(&l, 10), GI_WANT_CLOSE);
    cr_expect_eq(gi_leader_next(&l, 10), GI_WANT_OPEN);
}

Test(leader, who_resigns_waits_before_he_is_a_candidate_again)
{
    gi_leader l = leading(0);

    gi_leader_resign(&l, 50);
    cr_expect_eq(gi_leader_standing(&l, 50), GI_STANDS_BY);
    cr_expect_eq(gi_leader_next(&l, 50), GI_WANT_CLOSE);
    cr_expect_eq(gi_leader_next(&l, 50), GI_WANT_NOTHING);
    cr_expect_eq(gi_leader_due(&l, 50), 50 + GI_LEADER_RESIGNED_MS);
    cr_expect_eq(gi_leader_next(&l, 50 + GI_LEADER_RESIGNED_MS), GI_WANT_OPEN);
}

Test(leader, what_goes_wrong_is_tried_again_after_a_while)
{
    gi_leader l;

    gi_leader_init(&l);
    opened(&l, 0);
    cr_assert_eq(gi_leader_next(&l, 0), GI_WANT_LOOK);
    gi_leader_did(&l, GI_WANT_LOOK, GI_WENT_WRONG, NULL, 0, 5);
    cr_expect_eq(gi_leader_next(&l, 6), GI_WANT_NOTHING);
    cr_expect_eq(gi_leader_due(&l, 6), 5 + GI_LEADER_FAILED_MS);
    cr_expect_eq(gi_leader_next(&l, 5 + GI_LEADER_FAILED_MS), GI_WANT_LOOK);
}

Test(leader, a_change_while_he_looks_makes_him_look_again)
{
    const char *names[] = { NAME "-0000000001" };
    gi_leader_look look = { 3, NAME, "tcp://here:1", names, 1 };
    gi_leader l;

    gi_leader_init(&l);
    opened(&l, 0);
    cr_assert_eq(gi_leader_next(&l, 0), GI_WANT_LOOK);
    gi_leader_changed(&l);
    gi_leader_did(&l, GI_WANT_LOOK, GI_WENT_WELL, &look, 0, 1);
    cr_expect_eq(gi_leader_next(&l, 1), GI_WANT_BEAT);
    gi_leader_did(&l, GI_WANT_BEAT, GI_WENT_WELL, NULL, 1, 2);
    cr_expect_eq(gi_leader_next(&l, 2), GI_WANT_LOOK);
}

Test(leader, whose_node_was_taken_away_leads_no_more)
{
    gi_leader l = leading(0);

    gi_leader_changed(&l);
    sees(&l, 5, NAME, OTHER "-0000000009", NULL, 20);
    cr_expect_eq(gi_leader_standing(&l, 20), GI_STANDS_BY);
    cr_expect_eq(gi_leader_next(&l, 20), GI_WANT_ENTER);
}
