/* interrupt.h -- who interrupts a measurement finds nothing of it left. */
#ifndef BENCH_INTERRUPT_H
#define BENCH_INTERRUPT_H

#include <sys/types.h>

/* From now on SIGINT and SIGTERM end the process that *of is (0, or `of` NULL:
 * none), remove the directory, and this process ends with 130 or 143.  A
 * second one ends it at once; one that is ignored stays so.  `dir` NULL: there
 * is nothing any more; until then both are borrowed. */
void bench_interrupt_ends(const char *dir, const pid_t *of);

#endif
