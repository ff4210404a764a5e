/* From "accepted" to "it runs"; and the ends of logs. */
#include <criterion/criterion.h>

#include "cli/await.h"
#include "cli/tail.h"

static gi_msg_topology_row row;
static gi_msg_slot slot;
static gi_msg_worker_row worker;
static gi_msg_topology_look look;

static void begin(void)
{
    row = (gi_msg_topology_row){ .why = "", .n_workers = 1 };
    slot = (gi_msg_slot){
        .state = "running", .words = "", .finding = "", .incarnation = 5
    };
    worker = (gi_msg_worker_row){ .n_slot = 1, .slot = &slot };
    look = (gi_msg_topology_look){
        .n_row = 1, .row = &row, .n_workers = 1, .workers = &worker
    };
}

TestSuite(await, .init = begin);

Test(await, the_first_ack_is_the_end_of_it)
{
    gi_await a = { .tracked = true };

    cr_expect_eq(gi_await_judge(&a, &look, NULL), GI_AWAIT_MORE);
    row.n_running = 1;
    row.emitted = 10;
    cr_expect_eq(gi_await_judge(&a, &look, NULL), GI_AWAIT_MORE);
    row.acked = 1;
    cr_expect_eq(gi_await_judge(&a, &look, NULL), GI_AWAIT_DONE);
}

Test(await, where_nothing_is_tracked_something_emitted_will_do)
{
    gi_await a = { 0 };

    row.n_running = 1;
    cr_expect_eq(gi_await_judge(&a, &look, NULL), GI_AWAIT_MORE);
    row.emitted = 1;
    cr_expect_eq(gi_await_judge(&a, &look, NULL), GI_AWAIT_DONE);
}

Test(await, what_shall_not_emit_only_has_to_come_up)
{
    gi_await a = { .tracked = true, .inactive = true };

    cr_expect_eq(gi_await_judge(&a, &look, NULL), GI_AWAIT_MORE);
    row.n_running = 1;
    cr_expect_eq(gi_await_judge(&a, &look, NULL), GI_AWAIT_DONE);
}

Test(await, a_worker_that_died_and_does_not_run_is_trouble)
{
    gi_await a = { .tracked = true };
    char text[GI_AWAIT_TEXT];

    slot.state = "waiting before it is tried again";
    cr_expect_eq(gi_await_judge(&a, &look, text), GI_AWAIT_MORE);
    slot.words = "killed by SIGSEGV";
    slot.deaths = 1;
    cr_expect_eq(gi_await_judge(&a, &look, text), GI_AWAIT_FAILED);
    cr_expect_eq(gi_await_trouble(&look), &worker);
    slot.state = "running";
    cr_expect_eq(gi_await_judge(&a, &look, text), GI_AWAIT_MORE);
    cr_expect_not_null(strstr(text, "0 of 1 workers run"));
}

Test(await, the_reason_is_told_whole)
{
    gi_await a = { .tracked = true };
    char text[GI_AWAIT_TEXT];

    row.why = "worker 127.0.0.1:6701: the worker ended with 1: '/srv/data/in' "
              "cannot be opened";
    cr_expect_eq(gi_await_judge(&a, &look, text), GI_AWAIT_MORE);
    cr_expect_not_null(strstr(text, row.why), "%s", text);
}

Test(await, a_worker_of_which_nobody_has_told_is_no_trouble)
{
    gi_await a = { .tracked = true };

    worker.n_slot = 0;
    cr_expect_eq(gi_await_judge(&a, &look, NULL), GI_AWAIT_MORE);
}

Test(tail, the_last_lines_are_a_pointer_into_the_text)
{
    cr_expect_str_eq(gi_tail_lines("a\nb\nc\n", 2), "b\nc\n");
    cr_expect_str_eq(gi_tail_lines("a\nb\nc", 2), "b\nc");
    cr_expect_str_eq(gi_tail_lines("a\nb\nc\n", 9), "a\nb\nc\n");
    cr_expect_str_eq(gi_tail_lines("a\nb\n", 0), "");
    cr_expect_str_eq(gi_tail_lines("", 3), "");
    cr_expect_str_eq(gi_tail_lines("\n\n", 1), "\n");
}
