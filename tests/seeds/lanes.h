/* lanes.h -- many seeds, over several processes: one that crashes or never
 * ends is a find like any other, and the next one goes on behind it. */
#ifndef TESTS_SEEDS_LANES_H
#define TESTS_SEEDS_LANES_H

#include "tests/seeds/args.h"

/* What the processes come to is in a struct of the caller's, one each, zeroed
 * at first and in memory that all share: plain data. */
typedef struct lanes_opts {
    const seeds_args *args;
    uint32_t most; /* seeds of one process, then another goes on; 0: all */

    size_t size; /* of a sum */
    void *arg;
    /* In the process: this seed, into `sum`. */
    void (*run)(uint64_t seed, void *sum, void *arg);
    /* Where it died over a seed: `status` of waitpid, and where its standard
     * error is (said.h). */
    void (*died)(uint64_t seed, int status, bool hangs, int said, void *sum);
    uint64_t (*runs)(const void *sum);
    uint64_t (*bad)(const void *sum);
    void (*add)(void *all, const void *sum);
} lanes_opts;

/* Adds all sums to *all.  Returns the seconds it took. */
double lanes_run(const lanes_opts *o, void *all);

double now_s(void);

#endif
