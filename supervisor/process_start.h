/* process_start.h -- the parent's half of starting a process, and of its end;
 * what process.c, process_start.c and process_reap.c share. */
#ifndef GI_SUPERVISOR_PROCESS_START_H
#define GI_SUPERVISOR_PROCESS_START_H

#include <signal.h>

#include "supervisor/process.h"

struct event;

struct gi_process {
    pid_t pid;
    int pidfd, gate; /* -1: none; no gate: it is through, or was adopted */
    uint64_t began, incarnation;
    bool child; /* ours, so that it is for us to reap */
    bool over;
    struct event *event;
    gi_process_ended ended;
    void *arg;
};

/* Forks, and waits at the gate; *gate is our end of it. */
gale_err gi_process_fork(const gi_process_spec *spec, pid_t *pid, int *gate,
                         gale_diag *why);

/* waitid for the end of a child, however often it is interrupted. */
int gi_process_wait(int pidfd, siginfo_t *si, int how);

/* Reaps one that is dead, and returns at once.  To reap a process the kernel
 * has to clear /proc of it; while others look there, that may take a tenth of
 * a second. */
void gi_process_reap(int pidfd);

#endif
