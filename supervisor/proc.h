/* proc.h -- what the system knows of a process: /proc, read and no more. */
#ifndef GI_SUPERVISOR_PROC_H
#define GI_SUPERVISOR_PROC_H

#include <sys/types.h>

#include "gale/base.h"

typedef struct gi_proc_stat {
    char state; /* R S D T t Z X I */
    pid_t group, session;
    uint64_t began; /* in ticks after the system's start: with the pid and
                       the system's start it names a process for all times */
} gi_proc_stat;

/* GALE_ENOTFOUND: there is no such process. */
gale_err gi_proc_look(pid_t pid, gi_proc_stat *out);

/* Whose it is, by its real user.  GALE_ENOTFOUND. */
gale_err gi_proc_user(pid_t pid, uint32_t *uid);

/* The value of `name` in the environment with which it began.  ENOTFOUND: it
 * has none, or may not be asked.  EBUSY: all of it is empty, as it is for a
 * moment while a process turns into another program. */
gale_err gi_proc_env(pid_t pid, const char *name, char *value, size_t size);

/* A thread's state, and the processor time it had. */
gale_err gi_proc_thread(pid_t pid, pid_t tid, char *state, uint64_t *cpu_ns);

/* Each process there is; GALE_EIO: /proc cannot be read. */
gale_err gi_proc_each(void (*fn)(void *arg, pid_t pid), void *arg);

/* Which start of the system this is: 36 characters. */
enum { GI_BOOT_ID = 36 };
gale_err gi_proc_boot_id(char id[GI_BOOT_ID + 1]);

#endif
