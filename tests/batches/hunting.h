/* hunting.h -- what is asked of trident-sim, and what comes of many seeds. */
#ifndef TESTS_BATCHES_HUNTING_H
#define TESTS_BATCHES_HUNTING_H

#include "batches.h"
#include "tests/seeds/args.h"

enum { MAX_BAD = 32, N_CELLS = 9 };

typedef struct options {
    seeds_args args;
    const char *store; /* how often its calls fail; NULL: as the seed draws */
} options;

typedef struct sums {
    uint64_t runs, twice, lives, steps, virtual_ns;
    uint64_t batches, commits, replays;
    uint64_t faults[GI_N_FAULT_KINDS], disk[N_DISK];
    uint64_t states[N_BATCH_STATES];
    uint64_t of_cell[N_CELLS], miscounted[N_CELLS];
    uint32_t n_bad;
    outcome bad[MAX_BAD]; /* the first ones, by seed */
    double seconds;
} sums;

/* False: a mistake, which was told on standard error. */
bool options_read(options *o, int argc, char **argv);
void options_help(FILE *to);

/* What a seed stands for, with the faults that were asked for. */
void hunt_scenario(scenario *s, uint64_t seed, const options *o);
void hunt(const options *o, sums *out);

/* One run in a process of its own. */
void run_apart(const scenario *s, FILE *log, outcome *out);

/* report.c: a violation, with the faults that it needs; the sums; the rare
 * states, of which it returns how many never occurred. */
void print_find(const scenario *s, const outcome *found, FILE *to);
void print_sums(const sums *r, FILE *to);
void print_json(const sums *r, FILE *to);
uint32_t print_states(const sums *r, FILE *to);

#endif
