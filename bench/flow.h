/* flow.h -- a topology that writes down, in a file that all its workers have
 * mapped, what becomes of each number, and when.
 *
 *     numbers (2) --shuffle--> thrice (3) --by number--> sink (4)
 *
 * The file outlives every process.  A number that is acked is not begun again
 * when a spout is started anew.  Words: "flow" and the file.
 */
#ifndef BENCH_FLOW_H
#define BENCH_FLOW_H

#include <stdatomic.h>

#include "gale/gale.h"

enum { FLOW_SPOUTS = 2, FLOW_PARTS = 3, FLOW_MOST = 4 << 20 };

typedef struct flow_board {
    _Atomic uint32_t pace; /* ns between two numbers of a spout; 0: floods */
    _Atomic uint32_t n;    /* no number from here on is begun */
    _Atomic uint32_t begun, acked, parts, wrong_task;
    _Atomic uint32_t early;        /* acked, and a part was not counted */
    _Atomic int64_t acked_ns;      /* the last ack */
    _Atomic int64_t gap_ns;        /* the longest between two */
    _Atomic int64_t worst_ns;      /* the longest from begun to acked */
    _Atomic int64_t again_ns;      /* 0, and then: a number came again */
    _Atomic int64_t again_from_ns; /* ... after this */
    _Atomic uint8_t is_begun[FLOW_MOST], is_acked[FLOW_MOST];
    _Atomic uint8_t tries[FLOW_MOST]; /* how often it came to a thrice */
    _Atomic uint8_t count[FLOW_MOST][FLOW_PARTS];
    _Atomic uint8_t task[FLOW_MOST];
    _Atomic int64_t begun_ns[FLOW_MOST]; /* for the first time */
} flow_board;

extern const gale_topology flow_topology;

flow_board *flow_map(const char *path, bool make); /* NULL: errno says why */
void flow_unmap(flow_board *b);

typedef struct flow_sums {
    uint32_t begun, acked, unacked;
    uint32_t lost;       /* acked, and some part never came */
    uint64_t duplicated; /* parts that came once more */
} flow_sums;

flow_sums flow_count(const flow_board *b);

/* Is anything still to be acked that was begun before then? */
bool flow_owes(const flow_board *b, int64_t before_ns);

/* No more numbers; true when all that were begun are acked. */
bool flow_settle(flow_board *b, int64_t within_ns);

#endif
