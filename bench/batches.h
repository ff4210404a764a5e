/* batches.h -- what exactly_once.c needs beside its two sides. */
#ifndef BENCH_BATCHES_H
#define BENCH_BATCHES_H

#include "bench/bench.h"
#include "gale/trident.h"

enum { BATCHES_KEYS = 100000 };

/* A directory of that form ("...XXXXXX") below the working directory; and all
 * of it removed.  False: said on stderr. */
bool batches_dir(char *form);
void batches_remove(const char *dir);

/* Define a program for so many tasks and run it, with its states in `dir`. */
bool batches_run(void (*define)(gale_trident *t, uint32_t tasks),
                 uint32_t loops, const char *dir, gale_run_result *r);

/* What its state "counts" has. */
bool batches_scan(const char *dir, gale_map_pair pair);

/* One tuple at a time: from when it is there until it is on the disk, in ms.
 */
bool batches_commit(bench_samples *ms);

/* A state of a million keys, left without a word: opened again, in ms. */
bool batches_recover(double *ms);

#endif
