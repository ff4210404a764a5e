/* Faults on demand: each kind happens, is counted, and costs nothing but
 * replays. */
#include "faulty.h"

/* Under `faults` everything is acked in the end, and has arrived. */
static gale_run_result survives(const char *faults, uint64_t seed)
{
    gale_diag why = { "" };
    gale_test_opts o = { .conf = conf, .faults = faults, .seed = seed };
    gale_test *t = start(&topology, &o);

    forget();
    gale_err rv = gale_test_run(t, 3600000, &why);
    cr_assert_eq(rv, GALE_OK, "%s: %s", faults, why.text);
    gale_run_result r = result(t);
    gale_test_destroy(t);
    for (int i = 0; i < N; i++) {
        cr_assert(n_acked[i] >= 1, "%s: %d was not acked", faults, i);
        cr_assert(arrived[i] >= 1, "%s: %d did not arrive", faults, i);
    }
    return r;
}

/* ---------------------------------------------------------- one by one -- */

static const char *const plans[] = {
    "drop=0.05",          "drop=src>mid:0.05",
    "drop=mid>end:0.05",  "drop=__acker:0.05",
    "duplicate=0.05",     "duplicate=__acker:0.2",
    "reorder=0.1",        "reorder=__acker:0.1",
    "delay=0.2:20ms",     "delay=__acker:0.2:20ms",
    "late=0.05:3s",       "late=__acker:0.05:3s",
    "fail=0.05",          "fail=end@7+50",
    "slow=end:0.05:3ms",  "hang=mid:1s@50",
    "hang=end/1:3s@1ms",  "kill=mid@100",
    "kill=end:0.01",      "kill=end/0@1ms+500us",
    "kill=src@100",       "kill=__acker@1ms",
    "restart=end@100+50", "clock=+1h@1ms",
    "suspend=10s@1ms",
};

Test(faults, each_kind_happens_and_is_survived)
{
    for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
        gale_run_result r = survives(plans[i], i);

        cr_assert(r.faults > 0, "%s: nothing happened", plans[i]);
    }
}

Test(faults, all_at_once_are_survived)
{
    for (uint64_t seed = 1; seed <= 20; seed++)
        survives("drop=2%, drop=__acker:2%, duplicate=2%, "
                 "duplicate=__acker:5%, reorder=5%, delay=5%:5ms, "
                 "late=2%:3s, late=__acker:2%:3s, fail=2%, kill=mid:0.1%, "
                 "kill=end:0.1%, kill=__acker@5ms+1s, hang=end/0:100ms@100, "
                 "kill=src@200, until=10s",
                 seed);
}

/* -------------------------------------------------------- what they do -- */

Test(faults, a_delay_loses_nothing_and_is_no_reason_to_replay)
{
    gale_run_result r = survives("delay=0.5:5s", 3);

    cr_assert_eq(r.failed, 0);
    cr_assert_eq(r.roots, N);
}

Test(faults, a_dropped_tuple_is_replayed_after_the_timeout)
{
    gale_run_result r = survives("drop=src>mid:0.05", 4);

    cr_assert_eq(r.timed_out, r.failed);
    cr_assert(r.recovered > 0 && r.recovered <= r.timed_out);
    cr_assert(r.recovery_p50_us >= 2000000);
    cr_assert_eq(r.faults, r.timed_out);
}

Test(faults, a_duplicate_arrives_twice_and_fails_nothing)
{
    gale_run_result r = survives("duplicate=mid>end:0.1", 5);
    unsigned twice = 0;

    for (int i = 0; i < N; i++)
        twice += arrived[i] == 2;
    cr_assert_eq(r.failed, 0);
    cr_assert_eq(twice, r.faults);
    cr_assert_eq(r.redelivered, r.faults);
}

Test(faults, duplicated_notes_are_noticed)
{
    gale_run_result r = survives("duplicate=__acker:1", 6);

    cr_assert_eq(r.failed, 0);
    cr_assert_eq(r.acked, N);
}

Test(faults, a_killed_bolt_forgets_its_state_and_its_input_is_replayed_soon)
{
    gale_run_result r = survives("kill=end/0@60", 7);

    cr_assert(lost_state);
    cr_assert_eq(r.timed_out, 0);
    cr_assert(r.failed > 0);
    cr_assert(r.recovery_max_us < 1000000);
}

Test(faults, an_acker_that_dies_is_replaced_without_waiting)
{
    gale_run_result r = survives("kill=__acker@1ms", 8);

    cr_assert_eq(r.timed_out, 0);
}

Test(faults, lost_notes_about_trees_do_not_leave_a_spout_waiting)
{
    for (uint64_t seed = 0; seed < 10; seed++)
        survives("drop=__acker:0.5, drop=0.2, until=20s", seed);
}

Test(faults, nothing_happens_after_until)
{
    gale_diag why = { "" };
    gale_test_opts o = { .conf = conf, .faults = "drop=1,until=5s" };
    gale_test *t = start(&topology, &o);

    forget();
    advance(t, 5000);
    cr_assert_eq(result(t).acked, 0);
    cr_assert_eq(gale_test_run(t, 20000, &why), GALE_OK, "%s", why.text);
    cr_assert_eq(result(t).acked, N);
    cr_assert_eq(gale_test_faults(t, "drop"), gale_test_faults(t, NULL));
    cr_assert_eq(gale_test_faults(t, "kill"), 0);
    cr_assert_eq(gale_test_faults(t, "no such kind"), 0);
    gale_test_destroy(t);
}

Test(faults, the_settings_may_ask_for_them)
{
    const gale_setting faulty[] = { { "topology.faults", "fail=end@1" },
                                    { NULL, NULL } };
    gale_test_opts o = { .conf = faulty };
    gale_test *t = start(&topology, &o);

    forget();
    run(t, 1000000);
    cr_assert_eq(result(t).failed, 2); /* the first of each task */
    gale_test_destroy(t);
}

Test(faults, a_plan_with_mistakes_is_refused)
{
    gale_diag why = { "" };
    gale_test_opts o = { .faults = "kill=edn@1,dorp=0.1" };
    gale_test *t = NULL;

    cr_assert_eq(gale_test_create(&t, &topology, &o, &why), GALE_ECONF);
    cr_assert(strstr(why.text, "end") != NULL, "%s", why.text);
    cr_assert(strstr(why.text, "drop") != NULL, "%s", why.text);
}
