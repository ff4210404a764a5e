/* points.h -- names of the deliberate mistakes and rare states. */
#ifndef TESTS_SEEDS_POINTS_H
#define TESTS_SEEDS_POINTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/testpoint.h"

struct point {
    const char *name, *text;
};

extern const struct point bugs[GI_N_BUGS]; /* [0]: none */
extern const struct point states[GI_N_STATES];

/* Those of batches; a bug's number is GI_N_BUGS + 1 + its place, a state's
 * GI_N_STATES + its place. */
enum {
    N_BATCH_BUGS = GI_BUGS_END - GI_N_BUGS - 1,
    N_BATCH_STATES = GI_STATES_END - GI_N_STATES,
};
extern const struct point batch_bugs[N_BATCH_BUGS];
extern const struct point batch_states[N_BATCH_STATES];

/* Names and what they mean on stdout, as lines or as JSON.  Returns how the
 * program ends. */
int points_list(const struct point *at, size_t n, bool json);

#endif
