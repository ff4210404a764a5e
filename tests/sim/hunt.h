/* hunt.h -- many seeds, over several processes. */
#ifndef TESTS_SIM_HUNT_H
#define TESTS_SIM_HUNT_H

#include "apart.h"
#include "gen.h"
#include "tests/seeds/args.h"

enum { MAX_BAD = 32 };

typedef struct hunt_opts {
    seeds_args args;
    gen_opts gen;
} hunt_opts;

/* Sums over all seeds. */
typedef struct hunt_result {
    uint64_t runs, steps, virtual_ns;
    uint64_t roots, acked, replayed, dead, lost;
    uint64_t faults[GI_N_FAULT_KINDS];
    uint64_t twice; /* runs that were made twice */
    uint64_t states[GI_N_STATES];
    double seconds;
    uint32_t n_bad; /* violations; the first MAX_BAD of them, by seed: */
    outcome bad[MAX_BAD];
} hunt_result;

/* What a seed stands for. */
void hunt_scenario(scenario *s, uint64_t seed, const hunt_opts *o);

void hunt(const hunt_opts *o, hunt_result *out);

#endif
