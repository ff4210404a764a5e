/* gen.h -- from a seed to a scenario. */
#ifndef TESTS_SIM_GEN_H
#define TESTS_SIM_GEN_H

#include "scenario.h"

enum gen_mode { MODE_BOTH, MODE_SAFETY, MODE_LIVENESS };

typedef struct gen_opts {
    const char *topology; /* one of gen_topologies; NULL: random */
    uint64_t roots;       /* 0: by chance */
    enum gen_mode mode;   /* BOTH: by chance */
} gen_opts;

/* chain, diamond, ...; ends with NULL. */
extern const char *const gen_topologies[];

void generate(scenario *s, uint64_t seed, const gen_opts *o);

#endif
