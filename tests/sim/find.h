/* find.h -- what is said about runs: a violation, the sums, the tables. */
#ifndef TESTS_SIM_FIND_H
#define TESTS_SIM_FIND_H

#include "hunt.h"

/* A violation: made as small as it gets in `shrink_s` seconds, the scenario,
 * and the last of its history. */
void print_find(const scenario *s, const outcome *found, double shrink_s,
                FILE *to);

void print_result(const hunt_result *r, FILE *to);
void print_result_json(const hunt_result *r, const outcome *first, FILE *to);

/* How many never occurred; each is named. */
uint32_t print_states(const hunt_result *r, FILE *to);

#endif
