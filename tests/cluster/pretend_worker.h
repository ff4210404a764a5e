/* A worker for tests of supervisors, which is the test's own program.  What it
 * does stands in its duty, as the setting "do":
 *
 *     ""        turns, and says so
 *     busy=N    likewise, in N threads that never rest
 *     crash     says its last words, and aborts
 *     refuse    ends before it was heard
 *     hang      a callback does not return
 *     freeze    stands still
 *     stubborn  does not end when it is asked to
 *     invalid   does not validate
 *     slow      does not come to an end of validating
 */
#ifndef TESTS_PRETEND_WORKER_H
#define TESTS_PRETEND_WORKER_H

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "wire/duty.h"
#include "wire/progress.h"

enum { LOOPS = 32 };

static struct loop {
    atomic_uint_least64_t turns, thread;
    atomic_int_least64_t callback_since;
} loops[LOOPS];
static char what_to_do[64];
static volatile sig_atomic_t asked_to_end;

static inline int64_t worker_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline void worker_nap(int ms)
{
    struct timespec nap = { .tv_nsec = ms * 1000000L };

    nanosleep(&nap, NULL);
}

static inline void *loop_main(void *arg)
{
    struct loop *l = arg;
    bool busy = strncmp(what_to_do, "busy", 4) == 0;

    l->thread = (uint64_t)syscall(SYS_gettid);
    for (int turn = 0;; turn++) {
        if (turn > 5 && strcmp(what_to_do, "hang") == 0)
            l->callback_since = worker_now();
        while (turn > 5 && (strcmp(what_to_do, "hang") == 0 ||
                            strcmp(what_to_do, "freeze") == 0))
            worker_nap(100);
        l->turns++;
        if (!busy)
            worker_nap(20);
    }
    return NULL;
}

static inline void on_term(int sig)
{
    (void)sig;
    asked_to_end = 1;
}

static inline void read_duty(const char *dir, gi_progress *now)
{
    gi_pool pool = { 0 };
    gi_msg_duty duty;

    if (gi_duty_read(&duty, dir, &pool, NULL) == GALE_OK) {
        now->incarnation = duty.incarnation;
        now->number = duty.number;
        now->version = duty.topology[0].version;
        now->turn = duty.topology[0].turn;
        if (duty.topology[0].n_settings > 0)
            snprintf(what_to_do, sizeof(what_to_do), "%s",
                     duty.topology[0].settings[0].value);
    }
    gi_pool_fini(&pool);
}

/* As one that was built with another version of Gale looks to this one. */
static inline int be_strange(void)
{
    FILE *f = fopen(GI_PROGRESS_FILE, "w");

    if (f == NULL || fputs("a page of another version", f) < 0 ||
        fclose(f) != 0)
        return 4;
    while (asked_to_end == 0)
        worker_nap(20);
    return 0;
}

static inline int worker_main(const char *dir)
{
    gi_progress_loop seen[LOOPS];
    gi_progress now = { .n_loops = 1, .loops = seen };
    gi_progress_page *page;
    pthread_t thread;

    read_duty(dir, &now);
    if (strcmp(what_to_do, "refuse") == 0) {
        fprintf(stderr, "this worker refuses\n");
        return 3;
    }
    if (strcmp(what_to_do, "stubborn") != 0)
        signal(SIGTERM, on_term);
    else
        signal(SIGTERM, SIG_IGN);
    if (strcmp(what_to_do, "strange") == 0)
        return be_strange();
    if (strncmp(what_to_do, "busy=", 5) == 0)
        now.n_loops = (uint32_t)strtoul(what_to_do + 5, NULL, 10);
    if (gi_progress_create(&page, dir, now.incarnation, now.n_loops, 0) !=
        GALE_OK)
        return 4;
    for (uint32_t i = 0; i < now.n_loops; i++)
        if (pthread_create(&thread, NULL, loop_main, &loops[i]) != 0)
            return 5;
    printf("turning\n");
    fflush(stdout);
    now.state = GI_PROGRESS_RUNNING;
    for (int round = 0; asked_to_end == 0; round++) {
        for (uint32_t i = 0; i < now.n_loops; i++)
            seen[i] = (gi_progress_loop){
                .turns = loops[i].turns,
                .callback_since = loops[i].callback_since,
                .thread = loops[i].thread,
            };
        now.beats++;
        gi_progress_write(page, &now);
        worker_nap(20);
        if (round > 5 && strcmp(what_to_do, "crash") == 0) {
            fprintf(stderr, "these are my last words\n");
            abort();
        }
        read_duty(dir, &now);
    }
    return 0;
}

static inline int validate_main(const char *settings)
{
    char text[256] = "";
    FILE *f = fopen(settings, "r");

    if (f == NULL || fread(text, 1, sizeof(text) - 1, f) == 0)
        return 9;
    fclose(f);
    if (strstr(text, "invalid") != NULL) {
        fprintf(stderr, "bolt 'count' reads from nowhere\n");
        return 1;
    }
    while (strstr(text, "slow") != NULL)
        worker_nap(100);
    return 0;
}

#endif
