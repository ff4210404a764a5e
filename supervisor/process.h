/* process.h -- one worker's process: started, watched, ended.
 *
 * A process is made in two steps.  gi_process_hold makes one that waits at a
 * gate: it has its pid, and can be written into the record.  gi_process_go
 * lets it become the worker.  If the supervisor dies in between, the gate
 * breaks and what waited there ends; so there is never a worker of which the
 * record knows nothing.
 *
 * A worker has a session and a process group of its own, no descriptors but
 * three, signals as they are by default, an environment of a few names, and
 * can gain no privileges.  One that runs as another user has his groups and
 * home, and nothing of ours.  What is secret or long goes by standard input,
 * never by arguments.  Its output goes to a file, not to a pipe: workers
 * outlive their supervisor.
 *
 * Death is told by a pidfd in libevent's loop, whatever the process does about
 * SIGCHLD, within a millisecond.  Before it is reaped, while its number cannot
 * be anybody else's, the rest of its group is killed.  It is reaped by another
 * thread, for that may take long, and soon after its end was told.
 *
 * Thread  the event base's
 */
#ifndef GI_SUPERVISOR_PROCESS_H
#define GI_SUPERVISOR_PROCESS_H

#include <sys/resource.h>
#include <sys/types.h>

#include "supervisor/account.h"
#include "supervisor/cookie.h"
#include "supervisor/ending.h"

struct event_base;

typedef struct gi_process gi_process;

typedef struct gi_process_limit {
    int what; /* RLIMIT_... */
    rlim_t most;
} gi_process_limit;

/* All of it is borrowed until gi_process_hold returns. */
typedef struct gi_process_spec {
    const char *program;       /* a path */
    const char *const *argv;   /* ended by NULL */
    const char *const *env;    /* "NAME=value", ended by NULL; may be NULL.
                                  PATH, HOME, LANG, LC_ALL, TZ, TMPDIR and
                                  LD_LIBRARY_PATH are handed on without; to
                                  another user neither HOME nor TMPDIR */
    const gi_account *account; /* whose it is to be; NULL: ours */
    const gi_cookie *cookie;
    const char *dir;   /* to work in; NULL: ours */
    int output;        /* a descriptor for what it prints; -1: nowhere */
    const void *brief; /* what it reads from standard input */
    size_t brief_len;
    const gi_process_limit *limits;
    uint32_t n_limits;
} gi_process_spec;

/* It is over, and so is its group; called once, from the loop, never from
 * within a call here.  It may close the process. */
typedef void (*gi_process_ended)(void *arg, gi_process *p, gi_ending ending);

/* GALE_EIO: the system refuses, `why` says what; GALE_ENOMEM. */
gale_err gi_process_hold(gi_process **out, struct event_base *base,
                         const gi_process_spec *spec, gi_process_ended ended,
                         void *arg, gale_diag *why);

/* GALE_EIO: it did not become the worker; it is over, and reaped, `ended` is
 * not called, and it is still to be closed. */
gale_err gi_process_go(gi_process *p, gale_diag *why);

/* Watch one that was found: a group's leader of that start time, and if it
 * may be asked, with a cookie of that incarnation.  GALE_ENOTFOUND: that one
 * is gone, whoever has its number now; GALE_EIO; GALE_ENOMEM. */
gale_err gi_process_adopt(gi_process **out, struct event_base *base, pid_t pid,
                          uint64_t began, uint64_t incarnation,
                          gi_process_ended ended, void *arg);

pid_t gi_process_pid(const gi_process *p);
uint64_t gi_process_began(const gi_process *p);

/* SIGTERM to the process, which may see to its children; SIGKILL to its whole
 * group.  Of one that is over: nothing. */
void gi_process_term(gi_process *p);
void gi_process_kill(gi_process *p);

/* Look no more: it lives on.  One that waits at the gate ends.  NULL is fine;
 * of one that is over, forget it. */
void gi_process_close(gi_process *p);

#endif
