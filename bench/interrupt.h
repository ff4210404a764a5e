/* interrupt.h -- who interrupts a measurement finds nothing of it left. */
#ifndef BENCH_INTERRUPT_H
#define BENCH_INTERRUPT_H

#include "bench/house.h"

/* From now on SIGINT and SIGTERM end this cluster, remove its directory, and
 * this process ends with 130 or 143.  A second one ends it at once.  NULL:
 * there is none any more.  `h` is borrowed until then. */
void bench_interrupt_ends(const bench_house *h);

#endif
