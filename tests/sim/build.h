/* build.h -- a scenario's topology and plan. */
#ifndef TESTS_SIM_BUILD_H
#define TESTS_SIM_BUILD_H

#include "work.h"

enum { N_SETTINGS = 13 };

/* Stays where it is as long as the plan lives. */
struct built {
    gi_plan *plan;
    gi_fault_plan *faults;
    char name[MAX_PARTS][16];
    struct role role[MAX_PARTS];
    gale_input in[MAX_PARTS][MAX_INPUTS + 1];
    gale_component parts[MAX_PARTS];
    char value[N_SETTINGS][24];
    gale_setting settings[N_SETTINGS + 1];
};

/* False, and `why`: the scenario makes no sense. */
bool build(struct built *b, const scenario *s, gale_diag *why);
void build_drop(struct built *b);

#endif
