/* points.h -- names of the deliberate mistakes and rare states. */
#ifndef TESTS_SIM_POINTS_H
#define TESTS_SIM_POINTS_H

#include "base/testpoint.h"

struct point {
    const char *name, *text;
};

extern const struct point bugs[GI_N_BUGS]; /* [0]: none */
extern const struct point states[GI_N_STATES];

#endif
