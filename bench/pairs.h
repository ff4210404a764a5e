/* pairs.h -- as little work as can be, so that the way itself is measured.
 *
 *     numbers (2) --by number--> sink (2)
 *
 * Half of the tuples go to the other process, if there are two of them.  What
 * is measured stands in a file that all have mapped.  Words: "pairs", file; or
 * "crowd", file, for eight of each.
 */
#ifndef BENCH_PAIRS_H
#define BENCH_PAIRS_H

#include <stdatomic.h>

#include "base/hist.h"
#include "gale/gale.h"

enum { PAIRS = 2, PAIRS_CROWD = 8 };

/* Written by one task, read by who measures. */
typedef struct pairs_task {
    _Alignas(64) _Atomic uint64_t emitted;
    _Alignas(64) _Atomic uint64_t acked;
    _Alignas(64) _Atomic uint64_t executed;
    _Atomic uint32_t phase; /* that the histogram is of */
    gi_hist latency;        /* ns, from when it was due; if there is a pace */
} pairs_task;

typedef struct pairs_board {
    _Atomic int64_t interval_ns; /* of a spout; 0: always due */
    _Atomic uint32_t phase;      /* histograms begin anew when it changes */
    _Atomic uint32_t stop;
    pairs_task task[PAIRS_CROWD];
} pairs_board;

extern const gale_topology pairs_topology, crowd_topology;

pairs_board *pairs_map(const char *path, bool make);
void pairs_unmap(pairs_board *b);
uint64_t pairs_acked(const pairs_board *b);
uint64_t pairs_emitted(const pairs_board *b);
uint64_t pairs_executed(const pairs_board *b);

/* Until more than `n` are acked, or a new phase was seen by the first `tasks`.
 * False: nothing happens for half a minute, said on stderr. */
bool pairs_acks_more(const pairs_board *b, uint64_t n);
bool pairs_begin_phase(pairs_board *b, uint32_t tasks);

/* No more tuples; true when all that were emitted are acked, and as many were
 * executed.  Else said on stderr. */
bool pairs_settle(pairs_board *b);

#endif
