/* local.h -- a whole cluster in this process: the front door of this folder.
 *
 * gi_local gives each loop of a worker a thread.  It starts, watches, drains
 * and stops; it decides nothing that the worker could decide.
 *
 *     created -> opened -> running -> draining -> closed
 */
#ifndef GI_LOCAL_LOCAL_H
#define GI_LOCAL_LOCAL_H

#include "gale/run.h"
#include "local/faults/faults.h"

typedef struct gi_local gi_local;

typedef struct gi_local_opts {
    uint32_t loops;          /* 0: one a core */
    const char *const *args; /* borrowed until destroy */
    size_t n_args;
    const gi_fault_plan *faults; /* NULL: none; borrowed until destroy */
    const gi_port_opts *port;    /* the way to other workers; NULL: none */
    uint32_t beat_ms;            /* a loop sleeps no longer; 0: as it likes */
    uint32_t neighbours;         /* other workers like this on the machine */
} gi_local_opts;

/* `plan` is borrowed until destroy; with faults its callbacks are wrapped. */
gale_err gi_local_create(gi_local **out, gi_plan *plan,
                         const gi_local_opts *opts);

/* Start the threads; open and prepare every task.  GALE_EUSER if one
 * refused, GALE_EIO if a thread could not be started; nothing runs then. */
gale_err gi_local_start(gi_local *c, gale_diag *why);

/* The same in three steps, for who has something to do meanwhile: start the
 * threads; have all tasks been opened, or refused?; go on, or take it down. */
void gi_local_begin(gi_local *c);
bool gi_local_opened(gi_local *c);
gale_err gi_local_go(gi_local *c, gale_diag *why);

/* Let the spouts go, and stop them: no next is called any more. */
void gi_local_activate(gi_local *c, bool active);

/* Everything done?  See gi_worker_quiet. */
bool gi_local_quiet(gi_local *c);

/* Take no more input; then call close and cleanup of every task.  Returns at
 * once; gi_local_left says that no other callback is running any more,
 * gi_local_ended that all have been closed. */
void gi_local_halt(gi_local *c);
bool gi_local_left(gi_local *c);
bool gi_local_ended(gi_local *c);

/* The same, and wait until the threads have ended: for as long as it takes,
 * if a callback does not return. */
void gi_local_stop(gi_local *c);

void gi_local_destroy(gi_local *c); /* stopped or never started; NULL ok */

gi_worker *gi_local_worker(gi_local *c);
gi_faults *gi_local_faults(gi_local *c); /* NULL: there are none */

/* gi_worker_result, and what faults did. */
void gi_local_result(gi_local *c, gale_run_result *out);
const gi_plan *gi_local_plan(const gi_local *c);

/* Say by name which callbacks have run for longer than
 * topology.slow.callback.millis, one a loop and minute.  Call it now and then.
 */
void gi_local_watch(gi_local *c);

/* A loop, as gi_local_watch last saw it. */
typedef struct gi_local_loop {
    uint64_t turns;         /* so far */
    int64_t callback_since; /* ns of CLOCK_MONOTONIC; 0: in none */
    uint64_t thread;        /* as /proc/PID/task has it; 0: none yet */
    uint32_t task;          /* whose callback that is; 0: in none */
} gi_local_loop;
void gi_local_look(gi_local *c, uint32_t loop, gi_local_loop *out);

/* The driver that gale_local_run and the command line share: start, run
 * until quiet or told to stop, drain, stop. */
typedef struct gi_drive {
    uint32_t run_ms, drain_ms; /* 0: no limit; 0: the message timeout */
    /* Asked now and then (every few ms at first, then about 20 a second):
     * 0 go on, 1 drain, 2 stop at once.  NULL: never. */
    int (*asked)(void *arg, gi_local *c, bool draining);
    void *arg;
    /* The run is over, or stopping at once was asked for, and a second later
     * a callback has still not returned.  Must not return.  NULL: go on
     * waiting. */
    void (*stuck)(void *arg, gi_local *c, gale_err rv);
} gi_drive;

/* GALE_ETIME: trees were left when the drain ended. */
gale_err gi_local_drive(gi_local *c, const gi_drive *d, gale_diag *why);

/* Crashes of user code are named on stderr before the process ends; see
 * crash.c.  The second call of each does nothing. */
void gi_crash_catch(void);

/* For a thread that runs callbacks: an alternate stack, so that an overflow
 * can be told. */
void *gi_crash_stack(void);
void gi_crash_stack_free(void *stack);

#endif
