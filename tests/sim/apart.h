/* apart.h -- scenarios run in processes of their own, so that one that crashes
 * or never ends is a find like any other. */
#ifndef TESTS_SIM_APART_H
#define TESTS_SIM_APART_H

#include "run.h"
#include "tests/seeds/said.h"

/* Run it in a process of its own.  A crash is the oracle "crash", with what
 * was said on standard error; one that never ends is "hangs". */
void run_apart(const scenario *s, const run_opts *o, outcome *out);

/* How a child that did not end well is reported. */
void outcome_of_death(outcome *out, int status, bool hangs, int said);

#endif
