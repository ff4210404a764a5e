#define _GNU_SOURCE /* close_range */
#include "supervisor/process_child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { GATE = 3, HIGH = 16 };

static _Noreturn void fail(int gate, gi_child_step step)
{
    gi_child_failure f = { step, errno };

    if (write(gate, &f, sizeof(f)) < 0)
        _exit(126);
    _exit(127);
}

/* 0, 1, 2, the gate, and nothing else.  Up and down again, so that none is
 * overwritten before it was moved. */
static bool arrange_fds(const gi_child *c)
{
    int in = fcntl(c->input, F_DUPFD_CLOEXEC, HIGH);
    int out = fcntl(c->output, F_DUPFD_CLOEXEC, HIGH);
    int gate = fcntl(c->gate, F_DUPFD_CLOEXEC, HIGH);

    if (in < 0 || out < 0 || gate < 0)
        return false;
    return dup2(in, 0) == 0 && dup2(out, 1) == 1 && dup2(out, 2) == 2 &&
           dup3(gate, GATE, O_CLOEXEC) == GATE &&
           close_range(GATE + 1, ~0u, 0) == 0;
}

/* Ignored signals stay ignored over an exec, blocked ones blocked. */
static bool default_signals(void)
{
    struct sigaction usual = { .sa_handler = SIG_DFL };
    sigset_t none;

    for (int s = 1; s < NSIG; s++)
        if (s != SIGKILL && s != SIGSTOP && sigaction(s, &usual, NULL) != 0 &&
            errno != EINVAL)
            return false;
    return sigemptyset(&none) == 0 &&
           sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

static bool set_limits(const gi_process_spec *spec)
{
    for (uint32_t i = 0; i < spec->n_limits; i++) {
        struct rlimit l = { spec->limits[i].most, spec->limits[i].most };

        if (setrlimit((__rlimit_resource_t)spec->limits[i].what, &l) != 0)
            return false;
    }
    return true;
}

/* For good: real, effective and saved.  Groups first, while that is allowed;
 * and it is seen to that there is no way back. */
static bool become(const gi_account *a)
{
    uid_t real, effective, saved;

    if (a == NULL)
        return true;
    if (setgroups((size_t)a->n_groups, a->groups) != 0 ||
        setresgid(a->gid, a->gid, a->gid) != 0 ||
        setresuid(a->uid, a->uid, a->uid) != 0 ||
        getresuid(&real, &effective, &saved) != 0)
        return false;
    errno = EPERM;
    return real == a->uid && effective == a->uid && saved == a->uid &&
           (a->uid == 0 || setuid(0) != 0);
}

/* Until the parent says go.  If it dies there is nobody to say it. */
static void wait_at_gate(void)
{
    char go;
    ssize_t n;

    do
        n = read(GATE, &go, 1);
    while (n < 0 && errno == EINTR);
    if (n != 1)
        _exit(0);
}

_Noreturn void gi_child_run(const gi_child *c)
{
    const gi_process_spec *spec = c->spec;

    setsid();
    if (!arrange_fds(c))
        fail(c->gate, GI_CHILD_FDS);
    if (!default_signals())
        fail(GATE, GI_CHILD_SIGNALS);
    wait_at_gate();
    umask(027);
    if (!set_limits(spec))
        fail(GATE, GI_CHILD_LIMITS);
    if (!become(spec->account))
        fail(GATE, GI_CHILD_USER);
    if (spec->dir != NULL && chdir(spec->dir) != 0)
        fail(GATE, GI_CHILD_DIR);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        fail(GATE, GI_CHILD_PRIVILEGES);
    execve(spec->program, (char *const *)spec->argv, c->envp);
    fail(GATE, GI_CHILD_EXEC);
}
