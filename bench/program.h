/* program.h -- gale-bench as the program of a topology on a cluster. */
#ifndef BENCH_PROGRAM_H
#define BENCH_PROGRAM_H

#include <stdbool.h>

/* Is this command line one for a topology's program: submit, validate,
 * worker?  Then *code is the exit code. */
bool bench_program(int argc, char **argv, int *code);

#endif
