/* Real processes for tests: shell scripts started as workers, a loop that is
 * turned until something is true, and a look at what is left over. */
#ifndef TESTS_PROCESSES_H
#define TESTS_PROCESSES_H

#include <criterion/criterion.h>
#include <dirent.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/env.h"
#include "supervisor/output.h"
#include "supervisor/proc.h"
#include "supervisor/process.h"

struct yard {
    struct event_base *base;
    char dir[64], log[96];
    int ended;
    int64_t ended_at;
    gi_ending ending;
};

static inline void yard_init(struct yard *y)
{
    memset(y, 0, sizeof(*y));
    snprintf(y->dir, sizeof(y->dir), P_tmpdir "/gale-supervisor-XXXXXX");
    cr_assert(mkdtemp(y->dir) != NULL);
    snprintf(y->log, sizeof(y->log), "%s/log", y->dir);
    y->base = event_base_new();
    cr_assert(y->base != NULL);
}

static inline void yard_fini(struct yard *y)
{
    char cmd[128];

    event_base_free(y->base);
    snprintf(cmd, sizeof(cmd), "rm -rf '%s'", y->dir);
    cr_assert_eq(system(cmd), 0);
}

static inline int64_t now_ns(void)
{
    return gi_env_real.now_ns(gi_env_real.arg);
}

static inline void on_end(void *arg, gi_process *p, gi_ending ending)
{
    struct yard *y = arg;

    (void)p;
    y->ended++;
    y->ended_at = now_ns();
    y->ending = ending;
}

/* Turns the loop until `*flag` has that value, for half a minute at most. */
static inline void turn_until(struct yard *y, const int *flag, int value)
{
    int64_t give_up = now_ns() + 30000000000;

    while (*flag < value && now_ns() < give_up) {
        struct timeval nap = { .tv_usec = 20000 };

        event_base_loopexit(y->base, &nap);
        event_base_loop(y->base, EVLOOP_ONCE);
    }
    cr_assert_geq(*flag, value, "it did not end in time");
}

static inline gi_cookie a_cookie(uint64_t incarnation)
{
    gi_cookie c = { .port = 6700, .incarnation = incarnation, .since = 3 };

    snprintf(c.node, sizeof(c.node), "node-%d", (int)getpid());
    snprintf(c.program, sizeof(c.program), "abc");
    snprintf(c.topology, sizeof(c.topology), "words");
    return c;
}

static inline gi_process *hold_script(struct yard *y, const char *script,
                                      uint64_t incarnation)
{
    const char *argv[] = { "sh", "-c", script, NULL };
    gi_cookie c = a_cookie(incarnation);
    gi_process_spec spec = {
        .program = "/bin/sh",
        .argv = argv,
        .cookie = &c,
        .dir = y->dir,
        .output = -1,
        .brief = "a secret\n",
        .brief_len = 9,
    };
    gale_diag why = { 0 };
    gi_process *p = NULL;
    uint64_t end;

    cr_assert_eq(gi_output_open(y->log, &spec.output, &end), GALE_OK);
    cr_assert_eq(gi_process_hold(&p, y->base, &spec, on_end, y, &why), GALE_OK,
                 "%s", why.text);
    close(spec.output);
    return p;
}

static inline gi_process *run_script(struct yard *y, const char *script)
{
    gi_process *p = hold_script(y, script, 77);
    gale_diag why = { 0 };

    cr_assert_eq(gi_process_go(p, &why), GALE_OK, "%s", why.text);
    return p;
}

/* Polls what the script printed, for half a minute at most. */
static inline void wait_for_text(struct yard *y, const char *want)
{
    int64_t give_up = now_ns() + 30000000000;
    char text[4096];

    do {
        gi_output_tail(y->log, 0, text, sizeof(text));
        if (strstr(text, want) != NULL)
            return;
        gi_env_real.nap(gi_env_real.arg);
    } while (now_ns() < give_up);
    cr_assert_fail("'%s' was not printed: %s", want, text);
}

/* A number behind `name` in what the script printed. */
static inline pid_t pid_said(struct yard *y, const char *name)
{
    char text[4096];
    const char *at;

    wait_for_text(y, name);
    wait_for_text(y, "said");
    gi_output_tail(y->log, 0, text, sizeof(text));
    at = strstr(text, name);
    cr_assert(at != NULL);
    return (pid_t)strtol(at + strlen(name), NULL, 10);
}

static inline bool lives(pid_t pid)
{
    gi_proc_stat s;

    return gi_proc_look(pid, &s) == GALE_OK && s.state != 'Z' &&
           s.state != 'X';
}

/* SIGKILL takes a moment to be acted upon. */
static inline void wait_gone(pid_t pid)
{
    int64_t give_up = now_ns() + 30000000000;

    while (lives(pid) && now_ns() < give_up)
        gi_env_real.nap(gi_env_real.arg);
    cr_expect_not(lives(pid), "process %d is left over", (int)pid);
}

static inline int count_fds(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;

    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n;
}

static inline bool no_children(void)
{
    siginfo_t si;

    return waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) < 0;
}

/* Nothing is left of what a test began; some of it is reaped aside.  Criterion
 * does not count what fails when a test is over, but for a crash. */
static inline void leave_nothing(int fds)
{
    int64_t give_up = now_ns() + 30000000000;

    while ((!no_children() || count_fds() != fds) && now_ns() < give_up)
        gi_env_real.nap(gi_env_real.arg);
    if (no_children() && count_fds() == fds)
        return;
    fprintf(stderr, "children were not reaped, or %d descriptors are %d\n",
            fds, count_fds());
    abort();
}

#endif
