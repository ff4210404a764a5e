/* gen_inside.h -- what the two files of the generator share. */
#ifndef TESTS_SIM_GEN_INSIDE_H
#define TESTS_SIM_GEN_INSIDE_H

#include "base/mix.h"

#include "gen.h"

uint64_t draw(gi_rng *r, uint64_t from, uint64_t to); /* both included */
uint64_t draw_log(gi_rng *r, uint64_t from, uint64_t to);
bool once_in(gi_rng *r, uint64_t n);

void draw_faults(scenario *s, gi_rng *r);

#endif
