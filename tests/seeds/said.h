/* said.h -- what processes that were forked share with who forked them:
 * memory, and a file for what they say on standard error. */
#ifndef TESTS_SEEDS_SAID_H
#define TESTS_SEEDS_SAID_H

#include <stdbool.h>
#include <stddef.h>

enum { SAID = 2000, HANGS_AFTER_S = 120 };

/* Memory that a process shares with those that it forks; the end: munmap. */
void *shared_memory(size_t size);

/* A file for a child's standard error; take it for one's own; begin it anew;
 * what stands at its end. */
int said_open(void);
void said_take(int fd);
void said_forget(void);
void said_tail(int fd, char *to, size_t len);

/* How a child that did not end well is reported: the oracle "crash" or
 * "hangs", and in which words. */
void said_of_death(char *wrong, size_t wrong_len, char *words,
                   size_t words_len, int status, bool hangs, int said);

#endif
