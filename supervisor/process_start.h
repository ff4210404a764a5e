/* process_start.h -- the parent's half of starting a process, and what
 * process.c and process_start.c share. */
#ifndef GI_SUPERVISOR_PROCESS_START_H
#define GI_SUPERVISOR_PROCESS_START_H

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

#endif
