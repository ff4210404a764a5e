/* How to find bugs of one's own with faults, shown on the three ledgers of
 * examples/payments.c; docs/testing-with-faults.md tells the story. */
int payments_main(int argc, char **argv);
#define main payments_main
#include "examples/payments.c"
#undef main

#include <criterion/criterion.h>
#include <gale/sim.h>
#include <gale/testing.h>

/* What outlives tasks would outlive the runs as well. */
static void begin_anew(void)
{
    memset(&source, 0, sizeof(source));
    memset(&database, 0, sizeof(database));
}

static gale_sim_result simulate(const char *way, const char *faults,
                                uint64_t seed)
{
    gale_sim_opts opts = {
        .seed = seed,
        .faults = faults,
        .args = &way,
        .n_args = 1,
    };
    gale_sim_result r;
    gale_diag why;

    begin_anew();
    cr_assert_eq(gale_sim_run(&payments, &opts, &r, &why), GALE_OK,
                 "%s, %s, seed %" PRIu64 ": %s", way, faults, seed, why.text);
    return r;
}

/* The audit, without its words. */
static bool right(void)
{
    FILE *nowhere = fopen("/dev/null", "w");

    cr_assert_not_null(nowhere);
    bool yes = audit(nowhere);
    fclose(nowhere);
    return yes;
}

/* The first seed from 1 on with which the books are wrong; 0: none. */
static uint64_t wrong_with(const char *way, const char *faults, uint64_t most)
{
    for (uint64_t seed = 1; seed <= most; seed++) {
        simulate(way, faults, seed);
        if (!right())
            return seed;
    }
    return 0;
}

/* Every kind of fault, for a second of virtual time. */
static const char everything[] =
    "drop=1%, duplicate=1%, reorder=2%, delay=2%:20ms, late=1%:1500ms,"
    "drop=__acker:1%, duplicate=__acker:1%, late=__acker:1%:1500ms,"
    "fail=1%, slow=book:1%:2ms, hang=ledger:0.2%:50ms,"
    "kill=transfers@300, kill=book:0.2%, kill=ledger:0.2%,"
    "kill=__acker@20ms+100ms, restart=ledger@150,"
    "memory=20%, write=@50+50, clock=+1h@30ms, suspend=50ms@50ms, until=1s";

Test(payments, all_ledgers_are_right_when_nothing_goes_wrong)
{
    cr_assert_eq(wrong_with("naive", NULL, 5), 0);
    cr_assert_eq(wrong_with("forgetful", NULL, 5), 0);
    cr_assert_eq(wrong_with("careful", NULL, 5), 0);
}

/* Whatever makes a tree come again, for whatever reason. */
Test(payments, the_naive_ledger_is_found_out_by_all_that_brings_a_replay)
{
    static const char *const plans[] = {
        "drop=1%",
        "drop=__acker:1%",
        "duplicate=1%",
        "late=1%:3s",
        "fail=ledger:1%",
        "kill=ledger@300",
        "kill=__acker@100us",
        "kill=transfers@300",
        "write=@300",
    };

    for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++)
        cr_assert(wrong_with("naive", plans[i], 5) > 0, "%s", plans[i]);
}

Test(payments, the_naive_ledger_does_not_mind_what_is_only_slow)
{
    cr_assert_eq(wrong_with("naive", "delay=5%:20ms,reorder=5%", 5), 0);
    cr_assert_eq(wrong_with("naive", "slow=ledger:5%:1ms", 5), 0);
}

Test(payments, the_forgetful_ledger_is_found_out_when_it_dies)
{
    cr_assert(wrong_with("forgetful", "kill=ledger@300", 5) > 0);
    cr_assert(wrong_with("forgetful", "kill=ledger:0.1%", 5) > 0);
}

Test(payments, the_forgetful_ledger_is_right_as_long_as_it_is_cleaned_up)
{
    cr_assert_eq(wrong_with("forgetful", "restart=ledger@300+100", 5), 0);
    cr_assert_eq(wrong_with("forgetful", "drop=2%,duplicate=2%", 5), 0);
}

Test(payments, the_careful_ledger_is_right_whatever_happens)
{
    gale_run_result all = { 0 };

    for (uint64_t seed = 1; seed <= 1000; seed++) {
        gale_run_result r = simulate("careful", everything, seed).run;

        all.faults += r.faults;
        all.redelivered += r.redelivered;
        cr_assert(right(), "seed %" PRIu64, seed);
    }
    cr_assert(all.faults > 1000 * 50, "%" PRIu64, all.faults);
    cr_assert(all.redelivered > 1000 * 50, "%" PRIu64, all.redelivered);
}

Test(payments, the_same_seed_goes_wrong_in_the_same_way)
{
    uint8_t times[ENTRIES];

    for (uint64_t seed = 1; seed <= 5; seed++) {
        uint64_t hash = simulate("naive", everything, seed).hash;

        memcpy(times, database.times, sizeof(times));
        cr_assert_eq(simulate("naive", everything, seed).hash, hash);
        cr_assert_arr_eq(database.times, times, sizeof(times));
    }
}

/* One fault, at a moment that the test chooses. */
Test(payments, what_a_dead_ledger_has_acked_and_not_written_is_gone)
{
    const char *const way[] = { "forgetful" };
    const gale_test_opts opts = { .args = way, .n_args = 1 };
    gale_test *t = NULL;
    gale_diag why;

    begin_anew();
    cr_assert_eq(gale_test_create(&t, &payments, &opts, &why), GALE_OK, "%s",
                 why.text);
    cr_assert_eq(gale_test_run(t, 1000, &why), GALE_OK, "%s", why.text);
    for (uint32_t task = 0; task < 2; task++)
        cr_assert_eq(gale_test_kill(t, "ledger", task), GALE_OK);
    gale_test_destroy(t);
    for (int i = 0; i < TRANSFERS; i++)
        cr_assert(source.done[i]);
    cr_assert(!right());
}
