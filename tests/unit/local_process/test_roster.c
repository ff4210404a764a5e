#include <criterion/criterion.h>

#include "local/process/roster.h"

#include "wire/exchange.h"
#include "worker/port.h"

enum { TASKS = 6 };

static gi_msg_span mine[] = { { 1, 3 } }, theirs[] = { { 3, 4 }, { 5, 6 } };
static gi_msg_peer workers[] = {
    { .node = "a",
      .host = "h1",
      .port = 1,
      .since = 4,
      .n_executors = 1,
      .executors = mine },
    { .node = "b",
      .host = "h2",
      .port = 2,
      .since = 7,
      .ended = 11,
      .n_executors = 2,
      .executors = theirs },
    { .node = "c", .host = "fe80::1", .port = 3, .since = 2 },
};
static gi_msg_topology topology = { .id = "t",
                                    .n_workers = 3,
                                    .workers = workers };
static gi_msg_duty duty = {
    .node = "a", .port = 1, .since = 4, .n_topology = 1, .topology = &topology
};

static gale_err make(gi_roster *r, const gi_roster *before, gale_diag *why)
{
    return gi_roster_make(r, before, &duty, TASKS, 4, why);
}

Test(process_roster, tasks_are_here_elsewhere_or_nobodys)
{
    gi_roster r;

    cr_assert_eq(make(&r, NULL, NULL), GALE_OK);
    cr_expect_eq(r.n_here, 2);
    cr_expect_eq(r.n_peers, 2);
    cr_expect_eq(r.n_near, 0);
    cr_expect_eq(r.peer_of[0], GI_HERE);
    cr_expect_eq(r.peer_of[1], GI_HERE);
    cr_expect_eq(r.peer_of[2], 0);
    cr_expect_eq(r.peer_of[3], GI_NOBODY_YET);
    cr_expect_eq(r.peer_of[4], 0);
    cr_expect_str_eq(r.peers[0].url, "tcp://h2:2");
    cr_expect_str_eq(r.peers[0].name, "b:2");
    cr_expect_str_eq(r.peers[1].url, "tcp://[fe80::1]:3");
    cr_expect_eq(r.peers[0].key, gi_peer_key("t", "b", 2));
    cr_expect_eq(r.peers[0].ended, 11);
    cr_expect_eq(r.peers[1].ended, 0);
    gi_roster_fini(&r);
}

Test(process_roster, two_workers_agree_on_which_of_them_came_later)
{
    gi_roster r;

    cr_assert_eq(make(&r, NULL, NULL), GALE_OK);
    cr_expect_eq(r.peers[0].since, 7);
    cr_expect_eq(r.peers[1].since, 4);
    gi_roster_fini(&r);
}

Test(process_roster, workers_of_the_same_node_are_near)
{
    gi_roster r;

    workers[1].node = "a";
    cr_assert_eq(make(&r, NULL, NULL), GALE_OK);
    cr_expect_eq(r.n_near, 1);
    gi_roster_fini(&r);
    workers[1].node = "b";
}

Test(process_roster, a_number_is_given_once)
{
    gi_roster first, second, third;

    cr_assert_eq(make(&first, NULL, NULL), GALE_OK);
    workers[1].node = "d";
    cr_assert_eq(make(&second, &first, NULL), GALE_OK);
    cr_expect_eq(second.n_peers, 3);
    cr_expect_not(second.peers[0].here);
    cr_expect_eq(second.peer_of[2], 2);
    cr_expect_eq(second.peers[1].key, first.peers[1].key);
    workers[1].node = "b"; /* it is back, under the number it had */
    cr_assert_eq(make(&third, &second, NULL), GALE_OK);
    cr_expect_eq(third.peer_of[2], 0);
    cr_expect_eq(third.n_peers, 3);
    cr_expect(gi_roster_same_here(&first, &third));
    gi_roster_fini(&first);
    gi_roster_fini(&second);
    gi_roster_fini(&third);
}

Test(process_roster, what_contradicts_itself_is_refused)
{
    gi_roster r;
    gale_diag why = { "" };

    theirs[0].first = 2;
    cr_expect_eq(make(&r, NULL, &why), GALE_EINVAL);
    cr_expect_str_eq(why.text, "two workers shall run task 2");
    theirs[0].first = 3;
    theirs[1].end = 8;
    cr_expect_eq(make(&r, NULL, &why), GALE_EINVAL);
    cr_expect_str_eq(why.text, "worker b:2 shall run the tasks 5 to 7, and "
                               "there are 1 to 6");
    theirs[1] = (gi_msg_span){ 5, 5 };
    cr_expect_eq(make(&r, NULL, &why), GALE_EINVAL);
    theirs[1] = (gi_msg_span){ 0, 2 };
    cr_expect_eq(make(&r, NULL, &why), GALE_EINVAL);
    theirs[1] = (gi_msg_span){ 5, 6 };
    workers[2].node = "b";
    workers[2].port = 2;
    cr_expect_eq(make(&r, NULL, &why), GALE_EINVAL);
    cr_expect_str_eq(why.text, "worker b:2 is there twice");
    workers[2].port = 0;
    cr_expect_eq(make(&r, NULL, &why), GALE_EINVAL);
}

Test(process_roster, who_has_no_task_is_not_one_of_them)
{
    gi_roster r;

    duty.port = 9;
    cr_expect_eq(make(&r, NULL, NULL), GALE_ENOTFOUND);
}

Test(process_roster, there_is_an_end_to_numbers)
{
    gi_roster r;

    cr_expect_eq(gi_roster_make(&r, NULL, &duty, TASKS, 1, NULL), GALE_ELIMIT);
}
