/* options.h -- gale-sim's command line. */
#ifndef TESTS_SIM_OPTIONS_H
#define TESTS_SIM_OPTIONS_H

#include "hunt.h"

typedef struct options {
    hunt_opts hunt;
    double shrink_s;
    const char **files; /* scenarios */
    uint32_t n_files;
} options;

/* False: a mistake, which was told on standard error. */
bool options_read(options *o, int argc, char **argv);
void options_help(FILE *to);

#endif
