/* An order that is patient: what runs in the slot goes on until the program of
 * what comes is here and was tried. */
#include "slots.h"

#include "supervisor/record.h"

TestSuite(slot_patient, .timeout = 30);

static gi_order *patient_of(const char *topology, const char *program,
                            uint64_t since)
{
    gi_order *o = order_of(topology, program, since, since, 1);

    o->patient = true;
    return o;
}

static const char *refused(struct bench *b, const char *program)
{
    return tell(b, (gi_slot_event){ .kind = GI_SLOT_FETCH_FAILED,
                                    .program = program,
                                    .words = "a library is missing" });
}

Test(slot_patient, what_runs_is_not_touched_until_the_program_is_here)
{
    struct bench b;
    char text[256];

    bench_running(&b);
    cr_expect_str_eq(give(&b, patient_of("bills", "xyz", 3)), "FETCH");
    cr_expect_eq(b.k.state, GI_SLOT_RUNNING);
    gi_keeper_say(&b.k, text, sizeof(text));
    cr_expect_str_eq(text,
                     "slot 6700: running, for words until bills can be; the "
                     "assignment changed");
    beats(&b);
    cr_expect_str_eq(later(&b, SECOND), "FETCH", "no answer is asked again");
    cr_expect_str_eq(ready(&b, "xyz"), "TERM");
    cr_expect_eq(b.k.state, GI_SLOT_STOPPING);
    cr_expect_str_eq(exits(&b, 0), "GONE START");
    cr_expect_eq(b.k.incarnation, 102);
    cr_expect_eq(b.k.deaths, 0);
    gi_keeper_fini(&b.k);
}

Test(slot_patient, a_program_that_cannot_run_here_ends_nobody)
{
    struct bench b;
    char text[512];

    bench_running(&b);
    give(&b, patient_of("bills", "xyz", 3));
    cr_expect_str_eq(refused(&b, "xyz"), "FETCH", "once more, at once");
    cr_expect_str_eq(refused(&b, "xyz"), "");
    cr_expect_str_eq(later(&b, 49 * MS), "");
    cr_expect_str_eq(later(&b, 51 * MS), "FETCH");
    for (int i = 0; i < 20; i++) {
        refused(&b, "xyz");
        beats(&b);
        later(&b, 40 * SECOND);
    }
    cr_expect_eq(b.k.state, GI_SLOT_RUNNING);
    cr_expect_eq(b.k.incarnation, 101);
    refused(&b, "xyz");
    gi_keeper_say(&b.k, text, sizeof(text));
    cr_expect_str_eq(text,
                     "slot 6700: running, for words until bills can be; the "
                     "program could not be fetched; last words: a library is "
                     "missing");
    gi_keeper_fini(&b.k);
}

Test(slot_patient, who_is_not_patient_any_more_ends_it_at_once)
{
    struct bench b;

    bench_running(&b);
    give(&b, patient_of("bills", "xyz", 3));
    cr_expect_str_eq(give(&b, patient_of("bills", "xyz", 3)), "");
    cr_expect_str_eq(give(&b, order_of("bills", "xyz", 3, 3, 1)), "TERM");
    cr_expect_str_eq(give(&b, patient_of("bills", "xyz", 3)), "");
    ready(&b, "xyz");
    cr_expect_str_eq(exits(&b, 0), "GONE START");
    gi_keeper_fini(&b.k);
}

Test(slot_patient, when_nothing_is_to_run_it_ends_at_once)
{
    struct bench b;

    bench_running(&b);
    give(&b, patient_of("bills", "xyz", 3));
    cr_expect_str_eq(give(&b, NULL), "TERM");
    cr_expect_str_eq(exits(&b, 0), "GONE");
    cr_expect_eq(b.k.state, GI_SLOT_EMPTY);
    cr_expect_eq(gi_keeper_due(&b.k), GI_NEVER);
    gi_keeper_fini(&b.k);
}

Test(slot_patient, who_dies_meanwhile_is_not_started_again)
{
    struct bench b;

    bench_running(&b);
    give(&b, patient_of("bills", "xyz", 3));
    cr_expect_str_eq(exits(&b, 1), "GONE FETCH");
    cr_expect_eq(b.k.state, GI_SLOT_FETCHING);
    cr_expect_eq(b.k.deaths, 0);
    cr_expect_str_eq(ready(&b, "xyz"), "START");
    gi_keeper_fini(&b.k);
}

Test(slot_patient, who_is_frozen_meanwhile_is_killed_and_not_started_again)
{
    struct bench b;

    bench_running(&b);
    give(&b, patient_of("bills", "xyz", 3));
    gi_keeper_kill(&b.k, 101, GI_WHY_SLOT_FROZEN, b.now);
    cr_expect_str_eq(said(&b), "KILL");
    cr_expect_str_eq(exits(&b, 9), "GONE FETCH");
    gi_keeper_fini(&b.k);
}

Test(slot_patient, another_topology_of_the_same_program_is_tried_as_well)
{
    struct bench b;

    bench_running(&b);
    cr_expect_str_eq(give(&b, patient_of("bills", "abc", 3)), "FETCH");
    cr_expect_eq(b.k.state, GI_SLOT_RUNNING);
    cr_expect_str_eq(ready(&b, "abc"), "TERM");
    gi_keeper_fini(&b.k);
}

Test(slot_patient, other_executors_of_who_waits_are_not_told_to_who_runs)
{
    struct bench b;
    gi_order *more;

    bench_running(&b);
    give(&b, patient_of("bills", "xyz", 3));
    more = order_of("bills", "xyz", 3, 4, 5);
    more->patient = true;
    cr_expect_str_eq(give(&b, more), "");
    cr_expect_str_eq(b.k.has->topology, "words");
    ready(&b, "xyz");
    exits(&b, 0);
    cr_expect_eq(b.k.has->n_executors, 5);
    gi_keeper_fini(&b.k);
}

Test(slot_patient, a_supervisor_that_is_started_anew_is_as_patient)
{
    static const uint16_t port = 6700;
    gi_order *words = order_of("words", "abc", 1, 1, 2);
    gi_order *bills = patient_of("bills", "xyz", 3);
    gi_node_opts opts = { .last = 100 };
    gi_placed of_words = { port, *words }, of_bills = { port, *bills };
    gi_record r = { 0 }, back = { 0 };
    gi_slot_act a;
    gi_node *n;
    char *bytes;
    size_t len;
    bool taken;

    cr_assert_eq(gi_node_create(&n, &opts, &port, 1), GALE_OK);
    cr_assert_eq(gi_node_adopt(n, &of_words, 50, 42, 5, SECOND), GALE_OK);
    cr_assert_eq(gi_node_assign(n, 7, &of_bills, 1, SECOND, &taken), GALE_OK);
    cr_assert_eq(gi_record_of(&r, n, "boot"), GALE_OK);
    cr_assert_eq(gi_record_encode(&r, &bytes, &len), GALE_OK);
    cr_assert_eq(gi_record_decode(&back, bytes, len), GALE_OK);
    gi_node_destroy(n);
    cr_assert_eq(gi_node_create(&n, &opts, &port, 1), GALE_OK);
    cr_assert_eq(gi_node_adopt(n, &back.running[0].as, 50, 42, 5, SECOND),
                 GALE_OK);
    cr_assert_eq(gi_node_assign(n, back.version, back.placed, back.n_placed,
                                SECOND, &taken),
                 GALE_OK);
    while (gi_node_next(n, &a))
        cr_expect_neq(a.kind, GI_SLOT_TERM);
    cr_expect_eq(gi_node_slot(n, 0)->state, GI_SLOT_RUNNING);
    cr_expect_str_eq(gi_node_slot(n, 0)->want->topology, "bills");
    gi_node_destroy(n);
    gi_record_fini(&r);
    gi_record_fini(&back);
    free(bytes);
    gi_order_release(words);
    gi_order_release(bills);
}
