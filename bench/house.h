/* house.h -- a cluster of processes to measure: `gale dev` in a directory of
 * its own, and a topology on it whose program is this very one.
 *
 * Processes are found in /proc by that directory, which stands in all their
 * command lines; so are those that nobody is the parent of any more.
 */
#ifndef BENCH_HOUSE_H
#define BENCH_HOUSE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef enum bench_role {
    BENCH_DEV = 1, /* the command `gale dev` */
    BENCH_NIMBUS = 2,
    BENCH_SUPERVISOR = 4,
    BENCH_WORKER = 8,
    BENCH_OTHER = 16, /* a program that is tried, say */
    BENCH_ALL = 31,
} bench_role;

typedef struct bench_process {
    bench_role role;
    pid_t pid;
    uint16_t port; /* of a worker */
} bench_process;

enum { BENCH_PROCESSES = 64 };

typedef struct bench_house {
    char dir[96], gale[512];
    char board[128]; /* a file for who likes one */
    char nimbus[64]; /* its url */
    pid_t dev;       /* 0: does not run */
    unsigned slots;  /* 0: as many as usual */
} bench_house;

/* A directory, and nothing in it.  `gale` NULL: the program beside this one.
 * False, here and below: said on stderr. */
bool bench_house_open(bench_house *h, const char *gale);
void bench_house_close(bench_house *h); /* kills what is left */

/* `gale dev`, until Nimbus and the supervisor know each other.  It ends, as by
 * Ctrl-C, when the thread that called this does. */
bool bench_house_begin(bench_house *h);
bool bench_house_end(bench_house *h); /* as Ctrl-C does */

/* `NAME -c SETTING ... BOARD` as a topology; settings end with NULL.  Comes
 * back after its first ack, if that is waited for. */
bool bench_house_submit(bench_house *h, const char *name,
                        const char *const *settings, bool wait);

/* `gale WORDS...`, ended by NULL, until it has ended with 0. */
bool bench_house_gale(bench_house *h, const char *const *words);

/* `gale kill NAME -w 0`, until its workers have ended. */
bool bench_house_stop(bench_house *h, const char *name);

/* Those that live and are of these roles; how many. */
uint32_t bench_house_find(const bench_house *h, unsigned roles,
                          bench_process *to);

/* Of the processor that its workers took so far, all threads; clocks of
 * processes are coarse: look a tenth of a second later at the earliest. */
double bench_house_cpu_ns(const bench_house *h);

/* All at once, as when the power goes; returns when nothing is left. */
bool bench_house_cut(bench_house *h);

/* The command, not what it has started. */
void bench_house_kill_dev(bench_house *h);

/* The directory of the worker at this port. */
void bench_house_worker(const bench_house *h, uint16_t port, char *to,
                        size_t len);

/* The last lines of all logs, to stderr. */
void bench_house_logs(const bench_house *h);

void bench_nap_us(long us);

#endif
