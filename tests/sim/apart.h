/* apart.h -- scenarios run in processes of their own, so that one that crashes
 * or never ends is a find like any other. */
#ifndef TESTS_SIM_APART_H
#define TESTS_SIM_APART_H

#include "run.h"

enum { SAID = 2000, HANGS_AFTER_S = 120 };

/* Memory that a process shares with those that it forks; the end: munmap. */
void *shared_memory(size_t size);

/* Run it in a process of its own.  A crash is the oracle "crash", with what
 * was said on standard error; one that never ends is "hangs". */
void run_apart(const scenario *s, const run_opts *o, outcome *out);

/* For those who fork by themselves: a file for a child's standard error; take
 * it for one's own; what stands at its end. */
int said_open(void);
void said_take(int fd);
void said_forget(void); /* in the child: begin anew */
void said_tail(int fd, char *to, size_t len);

/* How a child that did not end well is reported. */
void outcome_of_death(outcome *out, int status, bool hangs, int said);

#endif
