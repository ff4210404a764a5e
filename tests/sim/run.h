/* run.h -- one scenario, run and judged. */
#ifndef TESTS_SIM_RUN_H
#define TESTS_SIM_RUN_H

#include "base/testpoint.h"
#include "local/faults/plan.h"

#include "scenario.h"

/* Plain data: it comes back from a process of its own. */
typedef struct outcome {
    char wrong[24];  /* the oracle that was violated; "": none */
    char words[400]; /* what it says */
    uint64_t seed;
    uint64_t steps, hash, virtual_ns;
    uint64_t roots, acked, replayed, dead, lost;
    uint64_t faults[GI_N_FAULT_KINDS];
} outcome;

typedef struct run_opts {
    FILE *log;          /* NULL, or where the history goes */
    uint64_t max_steps; /* 0: so many as a run of this size may need */
    bool hash;          /* of the history */
} run_opts;

void run_scenario(const scenario *s, const run_opts *o, outcome *out);

#endif
