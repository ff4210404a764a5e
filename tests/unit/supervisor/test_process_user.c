/* Processes of other users; for root only. */
#include "processes.h"

TestSuite(process_user, .timeout = 60);

static struct yard y;
static int fds;

static void setup(void)
{
    fds = count_fds();
    yard_init(&y);
}

static void teardown(void)
{
    yard_fini(&y);
    leave_nothing(fds);
}

#define ProcessTest(name) \
    Test(process_user, name, .init = setup, .fini = teardown)

/* Who every system has. */
static gi_account somebody(void)
{
    gi_account a = { 0 };

    if (geteuid() != 0)
        cr_skip_test("it takes root to become somebody else");
    if (gi_account_find(&a, "nobody") != GALE_OK)
        cr_skip_test("there is no user nobody");
    return a;
}

static gi_process *run_as(const gi_account *a, const char *dir,
                          const char *script, gale_diag *why)
{
    const char *argv[] = { "sh", "-c", script, NULL };
    gi_cookie c = a_cookie(5);
    gi_process_spec spec = {
        .program = "/bin/sh",
        .argv = argv,
        .account = a,
        .cookie = &c,
        .dir = dir,
        .output = -1,
    };
    gi_process *p = NULL;
    uint64_t end;

    cr_assert_eq(gi_output_open(y.log, &spec.output, &end), GALE_OK);
    cr_assert_eq(gi_process_hold(&p, y.base, &spec, on_end, &y, why), GALE_OK);
    close(spec.output);
    return p;
}

ProcessTest(another_user_has_his_own_and_nothing_of_ours)
{
    gi_account a = somebody();
    gale_diag why = { 0 };
    char want[128];
    gi_process *p;

    setenv("TMPDIR", P_tmpdir, 1);
    p = run_as(&a, "/",
               "grep -E '^(Uid|Gid|Groups|CapEff|CapPrm|NoNewPrivs)' "
               "/proc/self/status; echo home $HOME, user $USER, tmp $TMPDIR.;"
               "echo said",
               &why);
    unsetenv("TMPDIR");
    cr_assert_eq(gi_process_go(p, &why), GALE_OK, "%s", why.text);
    wait_for_text(&y, "said");
    snprintf(want, sizeof(want), "Uid:\t%u\t%u\t%u\t%u", a.uid, a.uid, a.uid,
             a.uid);
    wait_for_text(&y, want);
    snprintf(want, sizeof(want), "Gid:\t%u\t%u\t%u\t%u", a.gid, a.gid, a.gid,
             a.gid);
    wait_for_text(&y, want);
    snprintf(want, sizeof(want), "Groups:\t%u \n", a.gid);
    wait_for_text(&y, want);
    wait_for_text(&y, "CapPrm:\t0000000000000000");
    wait_for_text(&y, "CapEff:\t0000000000000000");
    wait_for_text(&y, "NoNewPrivs:\t1");
    snprintf(want, sizeof(want), "home %s, user nobody, tmp .", a.home);
    wait_for_text(&y, want);
    turn_until(&y, &y.ended, 1);
    gi_process_close(p);
    gi_account_fini(&a);
}

ProcessTest(another_users_process_is_found_and_killed)
{
    gi_account a = somebody();
    gale_diag why = { 0 };
    gi_process *p = run_as(&a, "/", "echo said; sleep 1000", &why), *again;
    uint32_t uid = 0;

    cr_assert_eq(gi_process_go(p, &why), GALE_OK, "%s", why.text);
    wait_for_text(&y, "said");
    cr_expect_eq(gi_proc_user(gi_process_pid(p), &uid), GALE_OK);
    cr_expect_eq(uid, a.uid);
    cr_assert_eq(gi_process_adopt(&again, y.base, gi_process_pid(p),
                                  gi_process_began(p), 5, on_end, &y),
                 GALE_OK);
    gi_process_kill(again);
    turn_until(&y, &y.ended, 1);
    gi_process_close(again);
    gi_process_close(p);
    while (waitpid(-1, NULL, 0) > 0)
        continue;
    gi_account_fini(&a);
}

/* The one of the test is for its owner alone. */
ProcessTest(where_another_user_may_not_be_it_is_not_begun)
{
    gi_account a = somebody();
    gale_diag why = { 0 };
    gi_process *p = run_as(&a, y.dir, "echo said", &why);

    cr_expect_eq(gi_process_go(p, &why), GALE_EIO);
    cr_expect(strstr(why.text, "its working directory: Permission denied") !=
                  NULL,
              "%s", why.text);
    gi_process_close(p);
    gi_account_fini(&a);
}
