/* args.h -- the command line of a program that hunts through seeds: what all
 * of them take, and what one adds of its own. */
#ifndef TESTS_SEEDS_ARGS_H
#define TESTS_SEEDS_ARGS_H

#include <stdbool.h>
#include <stdio.h>

#include "tests/seeds/points.h"

enum { SEEDS_FAULTS_BYTES = 2560 };

typedef struct seeds_args {
    uint64_t from, to; /* both included; to UINT64_MAX / 2: until time is up */
    double for_s;      /* 0: until all are done */
    uint32_t jobs;
    uint32_t bug; /* GI_BUG_NONE: none */
    bool fresh;   /* from is one that nobody ever ran */
    bool stop;    /* at the first violation */
    bool show, hashes, states, list_bugs, all_bugs, json, help;
    bool progress;       /* a live line on standard error */
    const char *history; /* NULL: nowhere */
    const char *faults;  /* in place of those drawn; NULL: those drawn */
    char all_faults[SEEDS_FAULTS_BYTES];
    char again[2 * SEEDS_FAULTS_BYTES]; /* besides the seed all that a run
                                         * depends on */
} seeds_args;

/* An option with a value that one program has.  False: it complained. */
typedef struct seeds_option {
    const char *name;
    bool again; /* a run depends on it */
    bool (*take)(void *arg, const char *value);
} seeds_option;

enum { SEEDS_OPTIONS_MOST = 8 }; /* of its own */

typedef struct seeds_program {
    const char *name;
    const struct point *bugs; /* that it may be told to have ... */
    uint32_t n_bugs, first;   /* ... and the number of the first one */
    const seeds_option *own;
    size_t n_own;
    void (*file)(void *arg, const char *name); /* NULL: it takes no files */
    void *arg;
} seeds_program;

/* False: a mistake, which was told on standard error. */
bool seeds_read(const seeds_program *p, seeds_args *a, int argc, char **argv);

/* A line or two on each of the options that all have. */
void seeds_help(FILE *to);

/* For those of its own: values, and false with a word on what is wrong. */
bool seeds_complain(const char *what, const char *value);
bool seeds_number(uint64_t *to, const char *value, uint64_t most);
bool seeds_seconds(double *to, const char *value);
bool seeds_name(const char *value, const char *const *names, size_t n,
                size_t *at);

/* The next entry of a list of faults, in `entry`; false: there is none. */
bool seeds_next_fault(const char **list, char *entry, size_t size);

#endif
