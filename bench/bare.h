/* bare.h -- counting words in one thread, without Gale. */
#ifndef BENCH_BARE_H
#define BENCH_BARE_H

#include "bench/text.h"
#include "bench/words.h"

/* As fast as we can write it: one pass, no queues, no copies, no ids; what
 * is shared with the topology is what words.h offers.
 *
 * `cuts` is room for BARE_CUTS of them. */
enum { BARE_CHUNK = 16384, BARE_CUTS = BARE_CHUNK + 1 };
void bare_count(words_table *t, const bench_text *text, uint32_t *cuts);

/* As most people would write it: a byte at a time, into a hash table of so
 * many places (a power of two, more than there are words).  What it counts is
 * added to `t` at the end. */
void bare_count_simply(words_table *t, const bench_text *text, size_t places,
                       uint32_t rounds);

#endif
