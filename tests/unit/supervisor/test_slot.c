#include "slots.h"

TestSuite(slot, .timeout = 30);

Test(slot, an_order_becomes_a_running_worker)
{
    struct bench b;

    bench_init(&b);
    cr_expect_str_eq(give(&b, order_of("words", "abc", 1, 1, 2)), "FETCH");
    cr_expect_eq(b.k.state, GI_SLOT_FETCHING);
    cr_expect_str_eq(ready(&b, "another"), "");
    cr_expect_str_eq(ready(&b, "abc"), "START");
    cr_expect_eq(b.k.state, GI_SLOT_STARTING);
    cr_expect_eq(b.k.incarnation, 101);
    cr_expect_str_eq(started(&b, 42), "");
    cr_expect_str_eq(beats(&b), "");
    cr_expect_eq(b.k.state, GI_SLOT_RUNNING);
    gi_keeper_fini(&b.k);
}

Test(slot, the_same_order_again_changes_nothing)
{
    struct bench b;

    bench_running(&b);
    for (int i = 0; i < 3; i++)
        cr_expect_str_eq(give(&b, order_of("words", "abc", 1, 1, 2)), "");
    cr_expect_eq(b.k.incarnation, 101);
    gi_keeper_fini(&b.k);
}

Test(slot, other_executors_are_told_and_nothing_is_restarted)
{
    struct bench b;

    bench_running(&b);
    cr_expect_str_eq(give(&b, order_of("words", "abc", 1, 2, 5)), "TELL");
    cr_expect_eq(b.k.has->n_executors, 5);
    cr_expect_eq(b.k.incarnation, 101);
    gi_keeper_fini(&b.k);
}

Test(slot, an_order_of_an_older_version_changes_nothing)
{
    struct bench b;

    bench_running(&b);
    give(&b, order_of("words", "abc", 1, 5, 2));
    cr_expect_str_eq(give(&b, order_of("words", "abc", 1, 4, 3)), "");
    cr_expect_str_eq(give(&b, order_of("words", "old", 0, 4, 3)), "");
    cr_expect_eq(b.k.want->version, 5);
    gi_keeper_fini(&b.k);
}

Test(slot, another_worker_comes_when_the_old_one_has_drained)
{
    struct bench b;

    bench_running(&b);
    cr_expect_str_eq(give(&b, order_of("bills", "xyz", 3, 3, 1)),
                     "TERM FETCH");
    cr_expect_eq(b.k.state, GI_SLOT_STOPPING);
    cr_expect_str_eq(ready(&b, "xyz"), "");
    cr_expect_str_eq(exits(&b, 0), "GONE START");
    cr_expect_eq(b.k.incarnation, 102);
    cr_expect_eq(b.k.gone, 101);
    cr_expect_eq(b.k.deaths, 0, "that was no failure");
    gi_keeper_fini(&b.k);
}

Test(slot, the_same_topology_with_another_since_is_another_worker)
{
    struct bench b;

    bench_running(&b);
    cr_expect_str_eq(give(&b, order_of("words", "abc", 2, 2, 2)), "TERM");
    cr_expect_str_eq(exits(&b, 0), "GONE START");
    gi_keeper_fini(&b.k);
}

Test(slot, who_does_not_drain_in_time_is_killed_until_it_is_gone)
{
    struct bench b;

    bench_running(&b);
    cr_expect_str_eq(give(&b, NULL), "TERM");
    cr_expect_str_eq(later(&b, 3 * SECOND - 1), "");
    cr_expect_str_eq(later(&b, 1), "KILL");
    cr_expect_eq(b.k.state, GI_SLOT_KILLING);
    cr_expect_str_eq(later(&b, SECOND), "KILL");
    cr_expect_str_eq(
        tell(&b, (gi_slot_event){ .kind = GI_SLOT_ENDED,
                                  .ending = { GI_END_SIGNAL, 9, false } }),
        "GONE");
    cr_expect_eq(b.k.state, GI_SLOT_EMPTY);
    cr_expect_eq(gi_keeper_due(&b.k), GI_NEVER);
    gi_keeper_fini(&b.k);
}

Test(slot, who_cannot_be_killed_is_reported_once)
{
    struct bench b;
    int reports = 0;

    bench_running(&b);
    give(&b, NULL);
    for (int i = 0; i < 200; i++) {
        gi_slot_act a;

        b.now += SECOND;
        gi_keeper_tick(&b.k, b.now);
        while (gi_keeper_next(&b.k, &a))
            reports +=
                a.kind == GI_SLOT_REPORT && b.k.why == GI_WHY_SLOT_UNDEAD;
    }
    cr_expect_eq(reports, 1);
    cr_expect_str_eq(give(&b, order_of("bills", "xyz", 9, 9, 1)), "FETCH",
                     "nothing is started beside it");
    gi_keeper_fini(&b.k);
}

Test(slot, a_death_is_made_good_at_once_and_the_next_ones_ever_later)
{
    struct bench b;
    int64_t pause = 100 * MS;

    bench_running(&b);
    b.opts.backoff.deaths = 16;
    cr_expect_str_eq(exits(&b, 3), "GONE START");
    cr_expect_eq(b.k.why, GI_WHY_SLOT_CRASHED);
    for (int i = 0; i < 12; i++) {
        int64_t due;

        beats(&b);
        cr_expect_str_eq(exits(&b, 3), "GONE");
        cr_assert_eq(b.k.state, GI_SLOT_BACKING_OFF);
        due = gi_keeper_due(&b.k) - b.now;
        cr_expect(due >= pause / 2 && due <= pause, "%d: %lld", i,
                  (long long)due);
        cr_expect_str_eq(later(&b, due - 1), "");
        cr_expect_str_eq(later(&b, 1), "START");
        pause = pause * 2 > 30 * SECOND ? 30 * SECOND : pause * 2;
    }
    gi_keeper_fini(&b.k);
}

Test(slot, a_minute_of_health_forgives)
{
    struct bench b;

    bench_running(&b);
    for (int i = 0; i < 4; i++) {
        exits(&b, 3);
        later(&b, 30 * SECOND);
        beats(&b);
    }
    for (int i = 0; i < 4; i++) {
        later(&b, 15 * SECOND);
        beats(&b);
    }
    b.now += 200 * SECOND; /* out of the window of poison */
    beats(&b);
    cr_expect_str_eq(exits(&b, 3), "GONE START");
    gi_keeper_fini(&b.k);
}

Test(slot, who_dies_again_and_again_is_poisoned_and_the_report_says_so)
{
    struct bench b;
    char text[1024];

    bench_running(&b);
    for (int i = 0; i < 5; i++) {
        cr_expect_not(b.k.poisoned);
        exits(&b, 3);
        if (i < 4) {
            later(&b, SECOND);
            beats(&b);
        }
    }
    cr_expect(b.k.poisoned);
    cr_expect_eq(b.k.deaths, 5);
    cr_expect_geq(gi_keeper_due(&b.k) - b.now, 15 * SECOND);
    gi_keeper_say(&b.k, text, sizeof(text));
    cr_expect_str_eq(
        text,
        "slot 6700: waiting before it is tried again, for words; the worker "
        "crashed: incarnation 69 ended with status 3; 5 deaths within 300 s: "
        "it is started again only every 30 s; last words: help!");
    cr_expect_str_eq(give(&b, order_of("bills", "abc", 3, 3, 1)), "START",
                     "another worker is not to blame");
    cr_expect_not(b.k.poisoned);
    cr_expect_eq(b.k.deaths, 0);
    gi_keeper_fini(&b.k);
}

Test(slot, a_program_that_never_gets_up_is_reported_with_its_last_words)
{
    struct bench b;
    char text[1024];

    bench_init(&b);
    give(&b, order_of("words", "abc", 1, 1, 2));
    ready(&b, "abc");
    for (int i = 0; i < 3; i++) {
        started(&b, 42);
        tell(&b, (gi_slot_event){ .kind = GI_SLOT_ENDED,
                                  .ending = { GI_END_EXIT, 1, false },
                                  .words = "no \033[1mlicence" });
        later(&b, SECOND);
    }
    cr_expect_eq(b.k.unborn, 3);
    cr_expect_eq(b.k.why, GI_WHY_SLOT_UNBORN);
    cr_expect_str_eq(b.k.words, "no .[1mlicence");
    gi_keeper_say(&b.k, text, sizeof(text));
    cr_expect(strstr(text, "3 attempts in a row were never heard") != NULL,
              "%s", text);
    gi_keeper_fini(&b.k);
}

Test(slot, who_is_not_heard_in_time_is_killed_and_tried_again)
{
    struct bench b;

    bench_init(&b);
    give(&b, order_of("words", "abc", 1, 1, 2));
    ready(&b, "abc");
    cr_expect_str_eq(later(&b, 120 * SECOND), "KILL");
    cr_expect_str_eq(
        tell(&b, (gi_slot_event){ .kind = GI_SLOT_ENDED,
                                  .ending = { .kind = GI_END_NEVER } }),
        "GONE START");
    cr_expect_eq(b.k.why, GI_WHY_SLOT_START_TIMEOUT);
    gi_keeper_fini(&b.k);
}

Test(slot, a_start_that_failed_has_its_program_looked_at_again)
{
    struct bench b;
    gi_slot_event failed = { .kind = GI_SLOT_START_FAILED,
                             .words = "it failed to execute" };

    bench_init(&b);
    give(&b, order_of("words", "abc", 1, 1, 2));
    ready(&b, "abc");
    cr_expect_str_eq(tell(&b, failed), "FETCH");
    cr_expect_str_eq(ready(&b, "abc"), "START");
    cr_expect_str_eq(tell(&b, failed), "");
    cr_expect_eq(b.k.state, GI_SLOT_BACKING_OFF);
    cr_expect_str_eq(b.k.words, "it failed to execute");
    cr_expect_eq(b.k.unborn, 2);
    gi_keeper_fini(&b.k);
}

Test(slot, a_program_that_cannot_be_fetched_is_asked_for_ever_later)
{
    struct bench b;
    gi_slot_event failed = { .kind = GI_SLOT_FETCH_FAILED,
                             .program = "abc",
                             .words = "no route" };

    bench_init(&b);
    give(&b, order_of("words", "abc", 1, 1, 2));
    cr_expect_str_eq(tell(&b, failed), "FETCH");
    cr_expect_str_eq(tell(&b, failed), "");
    cr_expect_eq(b.k.state, GI_SLOT_BACKING_OFF);
    cr_expect_eq(b.k.why, GI_WHY_SLOT_FETCH_FAILED);
    cr_expect_str_eq(later(&b, 100 * MS), "FETCH");
    cr_expect_str_eq(later(&b, SECOND), "FETCH", "no answer is asked again");
    gi_keeper_fini(&b.k);
}

Test(slot, silence_is_looked_into_and_kills_nobody)
{
    struct bench b;

    bench_running(&b);
    cr_expect_str_eq(later(&b, 30 * SECOND), "LOOK");
    cr_expect_eq(b.k.why, GI_WHY_SLOT_SILENT);
    cr_expect_str_eq(later(&b, 3000 * SECOND), "LOOK");
    cr_expect_eq(b.k.state, GI_SLOT_RUNNING);
    beats(&b);
    cr_expect_eq(b.k.why, GI_WHY_SLOT_NONE);
    gi_keeper_fini(&b.k);
}

Test(slot, news_of_other_incarnations_is_not_taken_for_its_own)
{
    struct bench b;

    bench_running(&b);
    cr_expect_str_eq(
        tell(&b, (gi_slot_event){ .kind = GI_SLOT_ENDED, .incarnation = 99 }),
        "");
    cr_expect_str_eq(
        tell(&b, (gi_slot_event){ .kind = GI_SLOT_BEAT, .incarnation = 99 }),
        "REFUSE");
    cr_expect_eq(b.k.refused, 99);
    cr_expect_eq(b.k.state, GI_SLOT_RUNNING);
    gi_keeper_fini(&b.k);
}

Test(slot, what_was_found_living_goes_on_with_its_order)
{
    struct bench b;
    gi_order *o = order_of("words", "abc", 1, 0, 0);

    bench_init(&b);
    cr_assert(gi_keeper_adopt(&b.k, o, 500, 42, 5, b.now));
    gi_order_release(o);
    cr_expect_str_eq(said(&b), "");
    cr_expect_eq(b.k.state, GI_SLOT_RUNNING);
    cr_expect_str_eq(give(&b, order_of("words", "abc", 1, 7, 2)), "TELL");
    cr_expect_eq(b.k.incarnation, 500);
    cr_expect_eq(b.last, 500, "later ones are higher");
    gi_keeper_fini(&b.k);
}

Test(slot, of_two_that_live_the_later_one_stays)
{
    struct bench b;
    gi_order *o = order_of("words", "abc", 1, 1, 2);

    bench_init(&b);
    cr_assert(gi_keeper_adopt(&b.k, o, 500, 42, 5, b.now));
    said(&b);
    cr_assert(gi_keeper_adopt(&b.k, o, 600, 43, 5, b.now));
    cr_expect_str_eq(said(&b), "KILL");
    cr_expect_eq(b.k.incarnation, 600);
    cr_expect_str_eq(exits(&b, 3), "GONE");
    cr_expect_eq(b.k.why, GI_WHY_SLOT_STRAY, "nothing starts beside a stray");
    cr_expect_str_eq(later(&b, SECOND), "KILL");
    cr_expect_str_eq(
        tell(&b, (gi_slot_event){ .kind = GI_SLOT_ENDED, .incarnation = 500 }),
        "GONE FETCH");
    gi_order_release(o);
    gi_keeper_fini(&b.k);
}

Test(slot, a_verdict_of_health_kills_that_incarnation_and_no_other)
{
    struct bench b;

    bench_running(&b);
    gi_keeper_kill(&b.k, 77, GI_WHY_SLOT_FROZEN, b.now);
    cr_expect_str_eq(said(&b), "");
    gi_keeper_kill(&b.k, 101, GI_WHY_SLOT_FROZEN, b.now);
    cr_expect_str_eq(said(&b), "KILL");
    cr_expect_str_eq(
        tell(&b, (gi_slot_event){ .kind = GI_SLOT_ENDED,
                                  .ending = { GI_END_SIGNAL, 9, false } }),
        "GONE START");
    cr_expect_eq(b.k.why, GI_WHY_SLOT_FROZEN);
    cr_expect_eq(b.k.deaths, 1);
    gi_keeper_fini(&b.k);
}

Test(slot, an_order_that_comes_back_while_the_worker_ends_starts_a_new_one)
{
    struct bench b;

    bench_running(&b);
    cr_expect_str_eq(give(&b, NULL), "TERM");
    cr_expect_str_eq(give(&b, order_of("words", "abc", 1, 9, 2)), "FETCH");
    ready(&b, "abc");
    cr_expect_str_eq(exits(&b, 15), "GONE START");
    cr_expect_eq(b.k.deaths, 0);
    gi_keeper_fini(&b.k);
}

Test(slot, who_was_told_of_changes_may_end_well_to_begin_anew)
{
    struct bench b;

    bench_running(&b);
    give(&b, order_of("words", "abc", 1, 2, 5));
    cr_expect_str_eq(exits(&b, 0), "GONE START");
    cr_expect_eq(b.k.incarnation, 102);
    cr_expect_eq(b.k.deaths, 0);
    cr_expect_eq(b.k.has->n_executors, 5);
    started(&b, 43);
    beats(&b);
    exits(&b, 0); /* nobody told this one anything */
    cr_expect_eq(b.k.deaths, 1);
    gi_keeper_fini(&b.k);
}

Test(slot, who_was_told_of_changes_and_crashes_has_died)
{
    struct bench b;

    bench_running(&b);
    give(&b, order_of("words", "abc", 1, 2, 5));
    exits(&b, 1);
    cr_expect_eq(b.k.deaths, 1);
    gi_keeper_fini(&b.k);
}
