#define _GNU_SOURCE /* P_PIDFD */
#include "supervisor/process.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/mem.h"
#include "supervisor/proc.h"
#include "supervisor/process_child.h"
#include "supervisor/process_start.h"

static gi_ending ending_of(const siginfo_t *si)
{
    if (si->si_code == CLD_EXITED)
        return (gi_ending){ GI_END_EXIT, si->si_status, false };
    return (gi_ending){ GI_END_SIGNAL, si->si_status,
                        si->si_code == CLD_DUMPED };
}

struct orphans {
    const gi_process *p;
    bool ours;
    bool unclear; /* there is one that cannot be told from others now */
};

static bool is_member(const struct orphans *o, pid_t pid, gi_proc_stat *stat)
{
    return gi_proc_look(pid, stat) == GALE_OK && stat->group == o->p->pid &&
           stat->state != 'Z' && stat->state != 'X';
}

/* Does it belong to this incarnation?  That it is in the group proves nothing,
 * since the group's leader may be gone and reaped, and its number another's.
 */
static void see_member(void *arg, pid_t pid)
{
    struct orphans *o = arg;
    char text[GI_COOKIE_MOST];
    gi_proc_stat stat, then;
    gi_cookie cookie;

    if (!is_member(o, pid, &stat))
        return;
    gale_err rv = gi_proc_env(pid, GI_COOKIE_NAME, text, sizeof(text));

    if (!is_member(o, pid, &then) || then.began != stat.began)
        return;
    o->unclear |= rv == GALE_EBUSY;
    o->ours |= rv == GALE_OK && gi_cookie_read(&cookie, text) == GALE_OK &&
               cookie.incarnation == o->p->incarnation;
}

/* One of ours proves that all are, since a group keeps its number as long as
 * it has a member.  One that is just turning into another program says
 * nothing, and is looked at again for about a second. */
static void kill_orphans(const gi_process *p)
{
    enum { LOOKS = 45 };
    struct orphans o = { .p = p, .unclear = true };

    for (int i = 0; !o.ours && o.unclear && i < LOOKS; i++) {
        if (i > 0)
            poll(NULL, 0, i);
        o.unclear = false;
        if (gi_proc_each(see_member, &o) != GALE_OK)
            return; /* without /proc nobody can tell friend from foe */
    }
    if (o.ours)
        kill(-p->pid, SIGKILL);
}

/* It is dead.  While a child is not reaped its number is taken, so the group
 * of that number is its own. */
static gi_ending bury(gi_process *p)
{
    gi_ending ending = { .kind = GI_END_UNKNOWN };
    siginfo_t si;

    if (p->child && gi_process_wait(p->pidfd, &si, WNOHANG | WNOWAIT) == 0 &&
        si.si_pid != 0) {
        kill(-p->pid, SIGKILL);
        ending = ending_of(&si);
        gi_process_reap(p->pidfd);
    } else {
        kill_orphans(p);
    }
    p->over = true;
    return ending;
}

static void on_death(evutil_socket_t fd, short what, void *arg)
{
    gi_process *p = arg;

    (void)fd;
    (void)what;
    if (p->over)
        return;
    gi_ending ending = bury(p);
    p->ended(p->arg, p, ending);
}

static gale_err watch(gi_process *p, struct event_base *base)
{
    p->event = event_new(base, p->pidfd, EV_READ, on_death, p);
    if (p->event == NULL)
        return GALE_ENOMEM;
    return event_add(p->event, NULL) == 0 ? GALE_OK : GALE_EIO;
}

static gi_process *make(gi_process_ended ended, void *arg)
{
    gi_process *p = gi_alloc(sizeof(*p));

    if (p == NULL)
        return NULL;
    p->pidfd = p->gate = -1;
    p->ended = ended;
    p->arg = arg;
    return p;
}

static gale_err hold(gi_process *p, struct event_base *base,
                     const gi_process_spec *spec, gale_diag *why)
{
    gale_err rv = gi_process_fork(spec, &p->pid, &p->gate, why);
    gi_proc_stat stat;

    if (rv != GALE_OK)
        return rv;
    p->child = true;
    p->incarnation = spec->cookie->incarnation;
    p->pidfd = pidfd_open(p->pid, 0);
    rv = p->pidfd < 0 ? GALE_EIO : watch(p, base);
    if (rv == GALE_OK)
        rv = gi_proc_look(p->pid, &stat);
    if (rv == GALE_OK)
        p->began = stat.began;
    else
        gi_diag_say(why, "cannot watch it: %s", strerror(errno));
    return rv == GALE_ENOTFOUND ? GALE_EIO : rv;
}

gale_err gi_process_hold(gi_process **out, struct event_base *base,
                         const gi_process_spec *spec, gi_process_ended ended,
                         void *arg, gale_diag *why)
{
    gi_process *p = make(ended, arg);
    gale_err rv = GALE_ENOMEM;

    if (p != NULL)
        rv = hold(p, base, spec, why);
    if (rv != GALE_OK) {
        gi_process_close(p);
        return rv;
    }
    *out = p;
    return GALE_OK;
}

/* End of file: its end was closed by the exec, or by its death, and of that we
 * hear in due course. */
static ssize_t hear(int gate, gi_child_failure *f)
{
    ssize_t n;

    do
        n = recv(gate, f, sizeof(*f), MSG_WAITALL);
    while (n < 0 && errno == EINTR);
    return n;
}

static void say_failure(const gi_child_failure *f, ssize_t n, gale_diag *why)
{
    static const char *const steps[] = {
#define X(name, text) text,
        GI_CHILD_STEPS(X)
#undef X
    };

    if (why == NULL)
        return;
    if (n == (ssize_t)sizeof(*f) && f->step >= 0 && f->step < GI_N_CHILD_STEPS)
        gi_diag_say(why, "it failed %s%s: %s",
                    f->step < GI_CHILD_PRIVILEGES ? "to set " : "",
                    steps[f->step], strerror(f->error));
    else
        gi_diag_say(why, "it did not get as far as its program in time");
}

gale_err gi_process_go(gi_process *p, gale_diag *why)
{
    struct timeval patience = { .tv_sec = 5 };
    gi_child_failure f;
    siginfo_t si;
    ssize_t n;

    if (p->gate < 0 || p->over)
        return GALE_EINVAL;
    if (setsockopt(p->gate, SOL_SOCKET, SO_RCVTIMEO, &patience,
                   sizeof(patience)) != 0 ||
        send(p->gate, "g", 1, MSG_NOSIGNAL) < 0)
        n = 0; /* it died at the gate; its pidfd says how */
    else
        n = hear(p->gate, &f);
    close(p->gate);
    p->gate = -1;
    if (n == 0)
        return GALE_OK;
    say_failure(&f, n, why);
    kill(-p->pid, SIGKILL);
    kill(p->pid, SIGKILL);
    gi_process_wait(p->pidfd, &si, 0);
    p->over = true;
    event_del(p->event);
    return GALE_EIO;
}

static bool is_dead(const gi_process *p)
{
    struct pollfd pfd = { .fd = p->pidfd, .events = POLLIN };
    int n;

    do
        n = poll(&pfd, 1, 0);
    while (n < 0 && errno == EINTR);
    return n != 0;
}

/* The pidfd first: if its process lives when all has been looked at, then all
 * that was seen is its own. */
static gale_err find(gi_process *p, uint64_t began, uint64_t incarnation)
{
    char text[GI_COOKIE_MOST];
    gi_proc_stat stat;
    gi_cookie cookie;

    p->pidfd = pidfd_open(p->pid, 0);
    if (p->pidfd < 0)
        return errno == ESRCH || errno == EINVAL ? GALE_ENOTFOUND : GALE_EIO;
    if (gi_proc_look(p->pid, &stat) != GALE_OK || stat.began != began ||
        stat.group != p->pid)
        return GALE_ENOTFOUND;
    if (gi_proc_env(p->pid, GI_COOKIE_NAME, text, sizeof(text)) == GALE_OK &&
        (gi_cookie_read(&cookie, text) != GALE_OK ||
         cookie.incarnation != incarnation))
        return GALE_ENOTFOUND;
    return is_dead(p) ? GALE_ENOTFOUND : GALE_OK;
}

gale_err gi_process_adopt(gi_process **out, struct event_base *base, pid_t pid,
                          uint64_t began, uint64_t incarnation,
                          gi_process_ended ended, void *arg)
{
    gi_process *p = make(ended, arg);
    gale_err rv = GALE_ENOMEM;

    if (p != NULL) {
        p->pid = pid;
        p->began = began;
        p->incarnation = incarnation;
        rv = find(p, began, incarnation);
        if (rv == GALE_OK)
            rv = watch(p, base);
    }
    if (rv != GALE_OK) {
        gi_process_close(p);
        return rv;
    }
    *out = p;
    return GALE_OK;
}

pid_t gi_process_pid(const gi_process *p)
{
    return p->pid;
}

uint64_t gi_process_began(const gi_process *p)
{
    return p->began;
}

void gi_process_term(gi_process *p)
{
    if (!p->over)
        pidfd_send_signal(p->pidfd, SIGTERM, NULL, 0);
}

/* A child that is not reaped holds its number, and so the group's.  An adopted
 * one holds it as long as it lives. */
void gi_process_kill(gi_process *p)
{
    if (p->over)
        return;
    if (p->child)
        kill(-p->pid, SIGKILL);
    else
        kill_orphans(p);
    pidfd_send_signal(p->pidfd, SIGKILL, NULL, 0);
}

/* What waits at the gate is not a worker yet: it ends, and is reaped here. */
static void end_at_gate(gi_process *p)
{
    siginfo_t si;

    close(p->gate);
    kill(p->pid, SIGKILL);
    if (p->pidfd >= 0)
        gi_process_wait(p->pidfd, &si, 0);
    else
        while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
}

void gi_process_close(gi_process *p)
{
    if (p == NULL)
        return;
    if (p->event != NULL) {
        event_del(p->event);
        event_free(p->event);
    }
    if (p->gate >= 0 && !p->over)
        end_at_gate(p);
    else if (p->gate >= 0)
        close(p->gate);
    if (p->pidfd >= 0)
        close(p->pidfd);
    gi_free(p);
}
