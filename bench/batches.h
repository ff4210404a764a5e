/* batches.h -- what exactly_once.c needs beside its two sides. */
#ifndef BENCH_BATCHES_H
#define BENCH_BATCHES_H

#include "bench/bench.h"
#include "gale/trident.h"

/* A directory of that form ("...XXXXXX") below the working directory; and all
 * of it removed, as an interrupt does, too; `form` is borrowed until then.
 * False: said on stderr. */
bool batches_dir(char *form);
void batches_remove(const char *dir);

/* Define a program for o->tasks tasks and run it, with its states in `dir`:
 * opaque, as they are if nothing is said.  `dir` NULL: in memory, with what
 * the coordinator remembers, and non-transactional; so it begins where the run
 * before it ended, until that is forgotten. */
typedef void (*batches_define)(gale_trident *t, const gale_state_opts *o);
bool batches_run(batches_define define, uint32_t loops, const char *dir,
                 gale_run_result *r);
void batches_forget(void);

/* What its state "counts" has. */
bool batches_scan(const char *dir, gale_map_pair pair, void *arg);

/* One tuple at a time: from when it is there until it is on the disk, in ms.
 */
bool batches_commit(bench_samples *ms);

/* A state of so many keys, left without a word: opened again, in ms. */
bool batches_recover(int64_t keys, unsigned repeats, bench_samples *ms);

#endif
