#define _GNU_SOURCE /* pipe2 */
#include "processes.h"

#include <errno.h>
#include <fcntl.h>

TestSuite(process, .timeout = 60);

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

#define ProcessTest(name) Test(process, name, .init = setup, .fini = teardown)

ProcessTest(an_exit_is_told_with_its_status)
{
    gi_process *p = run_script(&y, "exit 3");
    char text[128];

    turn_until(&y, &y.ended, 1);
    gi_ending_text(y.ending, text, sizeof(text));
    cr_expect_str_eq(text, "ended with status 3");
    gi_process_close(p);
}

ProcessTest(a_crash_is_told_by_its_signal)
{
    gi_process *p = run_script(&y, "ulimit -c 0; kill -SEGV $$");
    char text[128];

    turn_until(&y, &y.ended, 1);
    gi_ending_text(y.ending, text, sizeof(text));
    cr_expect_str_eq(text, "killed by SIGSEGV (Segmentation fault)");
    gi_process_close(p);
}

/* Twenty times, and the median, for this machine may be busy. */
ProcessTest(death_is_noticed_within_50_ms)
{
    int64_t worst = 0;
    int late = 0;

    for (int i = 0; i < 20; i++) {
        gi_process *p = run_script(&y, "while :; do sleep 100; done");
        int64_t at = now_ns();

        kill(gi_process_pid(p), SIGKILL);
        turn_until(&y, &y.ended, i + 1);
        late += y.ended_at - at > 50000000;
        if (y.ended_at - at > worst)
            worst = y.ended_at - at;
        gi_process_close(p);
    }
    cr_expect_lt(late, 10, "%d of 20 were noticed too late", late);
    cr_log_info("the worst took %lld us", (long long)worst / 1000);
}

ProcessTest(who_ignores_sigterm_is_killed)
{
    gi_process *p = run_script(
        &y, "trap 'echo no' TERM; echo up; while :; do sleep 0.01; done");

    wait_for_text(&y, "up");
    gi_process_term(p);
    wait_for_text(&y, "no");
    cr_expect_eq(y.ended, 0);
    gi_process_kill(p);
    turn_until(&y, &y.ended, 1);
    cr_expect_eq(y.ending.kind, GI_END_SIGNAL);
    cr_expect_eq(y.ending.number, SIGKILL);
    gi_process_close(p);
}

ProcessTest(the_whole_group_goes_with_its_leader)
{
    gi_process *p =
        run_script(&y, "sleep 1000 & echo child $!; echo said; kill -KILL $$");
    pid_t child = pid_said(&y, "child ");

    turn_until(&y, &y.ended, 1);
    wait_gone(child);
    gi_process_close(p);
}

ProcessTest(killing_is_killing_the_group)
{
    gi_process *p =
        run_script(&y, "sleep 1000 & echo child $!; echo said; wait");
    pid_t child = pid_said(&y, "child ");

    gi_process_kill(p);
    turn_until(&y, &y.ended, 1);
    wait_gone(child);
    gi_process_close(p);
}

ProcessTest(a_flood_of_words_is_bounded_and_its_end_is_kept)
{
    gi_process *p = run_script(&y, "yes a lot of words >&2");
    char text[128];
    int64_t until = now_ns() + 200000000;

    wait_for_text(&y, "a lot of words");
    while (now_ns() < until)
        cr_assert_eq(gi_output_trim(y.log, 1 << 20), GALE_OK);
    gi_process_kill(p);
    turn_until(&y, &y.ended, 1);
    cr_expect_eq(y.ending.number, SIGKILL, "it was not harmed by trimming");
    gi_output_trim(y.log, 0);
    snprintf(text, sizeof(text), "%s.1", y.log);
    cr_expect_eq(access(text, R_OK), 0);
    gi_process_close(p);
}

ProcessTest(who_stops_himself_is_seen_stopped_and_can_be_killed)
{
    gi_process *p = run_script(&y, "echo up; kill -STOP $$");
    int64_t give_up = now_ns() + 30000000000;
    char state = 0;
    uint64_t cpu;

    while (state != 'T' && now_ns() < give_up)
        cr_assert_eq(
            gi_proc_thread(gi_process_pid(p), gi_process_pid(p), &state, &cpu),
            GALE_OK);
    cr_expect_eq(state, 'T');
    cr_expect_eq(y.ended, 0, "to be stopped is not to be dead");
    gi_process_kill(p);
    turn_until(&y, &y.ended, 1);
    gi_process_close(p);
}

ProcessTest(a_worker_finds_a_clean_house)
{
    gi_process *p;
    char text[4096];

    setenv("A_CANARY", "sings", 1);
    signal(SIGPIPE, SIG_IGN);
    int open_here = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */
    p = run_script(&y, "cat; env; ls -l /proc/$$/fd; grep -E "
                       "'NoNewPrivs|SigIgn|SigBlk' /proc/self/status; "
                       "ps -o pgid=,sid= -p $$ 2>/dev/null; echo done");
    wait_for_text(&y, "done");
    turn_until(&y, &y.ended, 1);
    close(open_here);
    gi_output_tail(y.log, 0, text, sizeof(text));
    cr_expect(strstr(text, "a secret") != NULL, "%s", text);
    cr_expect(strstr(text, "A_CANARY") == NULL);
    cr_expect(strstr(text, "GALE_WORKER=") != NULL);
    cr_expect(strstr(text, "NoNewPrivs:\t1") != NULL);
    cr_expect(strstr(text, "SigIgn:\t0000000000000000") != NULL, "%s", text);
    cr_expect(strstr(text, "SigBlk:\t0000000000000000") != NULL, "%s", text);
    cr_expect(strstr(text, " 3 ->") == NULL, "%s", text);
    cr_expect(strstr(text, " 4 ->") == NULL, "%s", text);
    gi_process_close(p);
}

ProcessTest(a_program_that_is_not_there_is_said)
{
    const char *argv[] = { "nothing", NULL };
    gi_cookie c = a_cookie(5);
    gi_process_spec spec = {
        .program = "/nonexistent/program",
        .argv = argv,
        .cookie = &c,
        .output = -1,
    };
    gale_diag why = { 0 };
    gi_process *p;

    cr_assert_eq(gi_process_hold(&p, y.base, &spec, on_end, &y, &why),
                 GALE_OK);
    cr_expect_eq(gi_process_go(p, &why), GALE_EIO);
    cr_expect_str_eq(why.text, "it failed to execute the program: No such "
                               "file or directory");
    gi_process_close(p);
    cr_expect_eq(y.ended, 0);
}

ProcessTest(limits_hold)
{
    const char *argv[] = { "sh", "-c", "ulimit -n", NULL };
    gi_process_limit limits[] = { { RLIMIT_NOFILE, 64 } };
    gi_cookie c = a_cookie(5);
    gi_process_spec spec = {
        .program = "/bin/sh",
        .argv = argv,
        .cookie = &c,
        .limits = limits,
        .n_limits = 1,
    };
    gale_diag why = { 0 };
    gi_process *p;
    uint64_t end;

    cr_assert_eq(gi_output_open(y.log, &spec.output, &end), GALE_OK);
    cr_assert_eq(gi_process_hold(&p, y.base, &spec, on_end, &y, &why),
                 GALE_OK);
    close(spec.output);
    cr_assert_eq(gi_process_go(p, &why), GALE_OK);
    wait_for_text(&y, "64");
    turn_until(&y, &y.ended, 1);
    gi_process_close(p);
}

ProcessTest(what_waits_at_the_gate_ends_when_it_is_closed)
{
    gi_process *p = hold_script(&y, "echo never", 9);
    pid_t pid = gi_process_pid(p);

    cr_expect_gt(gi_process_began(p), 0);
    gi_process_close(p);
    cr_expect_not(lives(pid));
    cr_expect_eq(y.ended, 0);
}

ProcessTest(death_at_the_gate_is_told_as_any_other)
{
    gi_process *p = hold_script(&y, "echo never", 9);
    gale_diag why = { 0 };

    kill(gi_process_pid(p), SIGKILL);
    if (gi_process_go(p, &why) == GALE_OK)
        turn_until(&y, &y.ended, 1);
    gi_process_close(p);
}

ProcessTest(sigchld_may_be_ignored)
{
    gi_process *p;

    signal(SIGCHLD, SIG_IGN);
    p = run_script(&y, "sleep 1000 & echo child $!; echo said; exit 3");
    pid_t child = pid_said(&y, "child ");
    turn_until(&y, &y.ended, 1);
    cr_expect_eq(y.ending.kind, GI_END_UNKNOWN);
    wait_gone(child);
    gi_process_close(p);
    signal(SIGCHLD, SIG_DFL);
}

/* Its child begins anew again and again, and while it does, nobody can read
 * whose it is. */
ProcessTest(who_turns_into_another_program_is_not_left_over)
{
    signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < 40; i++) {
        char script[160], name[32];
        gi_process *p;

        snprintf(name, sizeof(name), "child %d: ", i);
        snprintf(script, sizeof(script),
                 "export AGAIN='exec sh -c \"$AGAIN\"'; sh -c \"$AGAIN\" & "
                 "echo '%s' $!; echo said; exit 3",
                 name);
        p = run_script(&y, script);
        pid_t child = pid_said(&y, name);
        turn_until(&y, &y.ended, i + 1);
        wait_gone(child);
        if (lives(child))
            kill(child, SIGKILL);
        gi_process_close(p);
    }
    signal(SIGCHLD, SIG_DFL);
}

static void on_alarm(int s)
{
    (void)s;
}

ProcessTest(a_storm_of_signals_disturbs_nobody)
{
    struct sigaction sa = { .sa_handler = on_alarm };
    struct itimerval storm = { { 0, 500 }, { 0, 500 } }, calm = { 0 };

    sigaction(SIGALRM, &sa, NULL);
    setitimer(ITIMER_REAL, &storm, NULL);
    for (int i = 0; i < 20; i++) {
        gi_process *p = run_script(&y, "exit 4");

        turn_until(&y, &y.ended, i + 1);
        cr_expect_eq(y.ending.number, 4);
        gi_process_close(p);
    }
    setitimer(ITIMER_REAL, &calm, NULL);
}

/* The supervisor of this test is a child, which dies while its worker waits at
 * the gate.  It must not assert: it only says how far it came. */
static void die_with_one_at_the_gate(int tell)
{
    const char *argv[] = { "sh", "-c", "sleep 1000", NULL };
    gi_cookie c = a_cookie(9);
    gi_process_spec spec = {
        .program = "/bin/sh",
        .argv = argv,
        .cookie = &c,
        .output = -1,
    };
    struct event_base *base = event_base_new();
    gi_process *p = NULL;
    pid_t pid = 0;

    if (base != NULL &&
        gi_process_hold(&p, base, &spec, on_end, NULL, NULL) == GALE_OK)
        pid = gi_process_pid(p);
    if (write(tell, &pid, sizeof(pid)) != (ssize_t)sizeof(pid))
        _exit(1);
    kill(getpid(), SIGKILL);
}

ProcessTest(the_gate_breaks_when_the_supervisor_dies)
{
    int ends[2];
    pid_t supervisor, worker = 0;

    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    supervisor = fork();
    if (supervisor == 0)
        die_with_one_at_the_gate(ends[1]);
    close(ends[1]);
    cr_expect_eq(read(ends[0], &worker, sizeof(worker)),
                 (ssize_t)sizeof(worker));
    close(ends[0]);
    cr_expect_eq(waitpid(supervisor, NULL, 0), supervisor);
    cr_assert_gt(worker, 0);
    wait_gone(worker);
}

/* One descriptor more at each try, until there are enough. */
ProcessTest(without_descriptors_it_fails_cleanly)
{
    const char *argv[] = { "sh", "-c", "exit 0", NULL };
    gi_cookie c = a_cookie(9);
    gi_process_spec spec = {
        .program = "/bin/sh",
        .argv = argv,
        .cookie = &c,
        .output = -1,
        .brief = "x",
        .brief_len = 1,
    };
    int before = count_fds(), failed = 0;
    gale_err rv = GALE_EIO;
    struct rlimit usual, tight;
    gi_process *p = NULL;

    getrlimit(RLIMIT_NOFILE, &usual);
    for (rlim_t more = 0; rv != GALE_OK && more < 32; more++) {
        gale_diag why = { 0 };

        tight = (struct rlimit){ (rlim_t)before - 3 + more, usual.rlim_max };
        setrlimit(RLIMIT_NOFILE, &tight);
        rv = gi_process_hold(&p, y.base, &spec, on_end, &y, &why);
        if (rv == GALE_OK)
            rv = gi_process_go(p, &why);
        setrlimit(RLIMIT_NOFILE, &usual);
        if (rv == GALE_OK)
            break;
        failed++;
        cr_expect(strstr(why.text, ": ") != NULL, "%s", why.text);
        gi_process_close(p);
        p = NULL;
        cr_assert_eq(count_fds(), before, "after %d tries", failed);
        cr_assert(no_children());
    }
    cr_assert_eq(rv, GALE_OK);
    cr_expect_gt(failed, 3);
    turn_until(&y, &y.ended, 1);
    gi_process_close(p);
}
