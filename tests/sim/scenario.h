/* scenario.h -- one simulated run, as plain data: a topology and what its
 * parts do, settings, and what goes wrong.
 *
 * A seed is made into a scenario (gen.h), and a scenario can be written down
 * and read back.  What is kept for later is the scenario, not the seed: the
 * generator may change, and an old find stays what it was.
 *
 *     # what this found
 *     seed=42 live=1 roots=200 loops=2 timeout=5000
 *     spout s0 tasks=2 replays=1
 *     bolt b1 tasks=3 fan=2 fail=5 from=0:0:shuffle,2:1:fields
 *     bolt b2 kind=1 tick=100 from=1:0:all
 *     fault kill=b1/1@2s
 *
 * Numbers that are not named have their plainest value.
 */
#ifndef TESTS_SIM_SCENARIO_H
#define TESTS_SIM_SCENARIO_H

#include <stdio.h>

#include "gale/topology.h"

enum {
    MAX_PARTS = 12,
    MAX_INPUTS = 6,
    MAX_SCENARIO_TASKS = 60, /* a tuple's receivers are bits of one word */
    MAX_FAULTS = 32,
    MAX_FAULT_TEXT = 80,
};

/* What a bolt is. */
enum part_kind {
    PART_PLAIN, /* answers at once, or holds and answers in its tick */
    PART_JOIN,  /* holds two and emits anchored to both */
    PART_GRAVE, /* reads dead letters */
    N_PART_KINDS,
};

/* Streams of every part: two that groupings divide, one where the sender
 * names the task, and (of spouts) the dead letters. */
enum { STREAM_MAIN, STREAM_SIDE, STREAM_NAMED, STREAM_DEAD, N_STREAMS };

/* X(name in text, plainest value, largest value) */
#define PART_NUMBERS(X)                                                 \
    X(tasks, 1, 8)                                                      \
    X(executors, 0, 8) /* 0: one a task */                              \
    X(blocking, 0, 1)                                                   \
    X(tick, 0, 60000)     /* ms */                                      \
    X(replays, 0, 1)      /* spouts: emit again by themselves */        \
    X(untracked, 0, 1000) /* spouts: so many of 1000 go untracked */    \
    X(burst, 8, 1000)     /* spouts: messages between two pauses ... */ \
    X(pause, 0, 60000)    /* ... of so many ms at most */               \
    X(kind, 0, N_PART_KINDS - 1)                                        \
    X(fan, 1, 8)       /* bolts: tuples a stream for each that comes */ \
    X(fail, 0, 1000)   /* bolts: so many of 1000 are failed, ... */     \
    X(hold, 0, 1000)   /* ... held for a while, ... */                  \
    X(forget, 0, 1000) /* ... never answered, ... */                    \
    X(touch, 0, 1000)  /* ... (of those held) touched in a tick, ... */ \
    X(loose, 0, 1000)  /* ... and emitted unanchored */                 \
    X(together, 0, 1)  /* bolts: take several at once */                \
    X(fused, 0, 1)     /* bolts: are called, where they can be */

#define SCENARIO_NUMBERS(X)                                                  \
    X(seed, 1, UINT64_MAX)                                                   \
    X(live, 0, 1)        /* faults stop, and all must settle */              \
    X(roots, 1, 1000000) /* messages of all spouts together */               \
    X(size, 12, 1000)    /* tuples of a tree, at most */                     \
    X(pad, 0, 4000)      /* bytes that a tuple carries, at most */           \
    X(loops, 1, 8)                                                           \
    X(timeout, 5000, 600000)                                                 \
    X(pending, 16, 100000)                                                   \
    X(batch, 32768, 1048576)                                                 \
    X(credit, 4, 64)                                                         \
    X(ackers, 1, 100) /* 99: not set */                                      \
    X(limit, 0, 1000) /* replays before a tuple is given up */               \
    X(backoff, 10, 60000)                                                    \
    X(backoff_max, 1000, 600000)                                             \
    X(cycle_kib, 1024, 1048576)                                              \
    X(fault_seed, 1, UINT64_MAX)                                             \
    X(until, 3600000, 3600000) /* ms: nothing goes wrong after it */         \
    X(drain, 0, 3600000) /* ms: spouts stop then till all is quiet; 0: no */ \
    X(aware, 0, 1)       /* of loads: shuffles may stay on their loop */

typedef struct part_input {
    uint32_t from;   /* the `no` of a part */
    uint32_t stream; /* its number */
    gale_grouping how;
} part_input;

typedef struct part {
    bool spout;
    uint32_t no; /* its name is s3 or b3 and stays */
#define X(name, plain, most) uint64_t name;
    PART_NUMBERS(X)
#undef X
    uint32_t n_inputs;
    part_input in[MAX_INPUTS];
} part;

typedef struct scenario {
#define X(name, plain, most) uint64_t name;
    SCENARIO_NUMBERS(X)
#undef X
    uint32_t n_parts;
    part parts[MAX_PARTS]; /* spouts first */
    uint32_t n_faults;
    char fault[MAX_FAULTS][MAX_FAULT_TEXT]; /* each as in a fault plan */
} scenario;

/* One number of a scenario or a part, for who goes over all of them. */
typedef struct number {
    const char *name;
    size_t offset;
    uint64_t plain, most;
} number;
extern const number part_numbers[], scenario_numbers[]; /* end: name NULL */

static inline uint64_t *number_at(void *of, const number *n)
{
    return (uint64_t *)(void *)((char *)of + n->offset);
}

void scenario_plain(scenario *s); /* no parts, plainest numbers */
void part_plain(part *p, bool spout, uint32_t no);
part *scenario_part(scenario *s, uint32_t no); /* NULL: there is none */
uint32_t scenario_tasks(const scenario *s);
void scenario_drop_part(scenario *s, uint32_t at); /* and what names it */
void scenario_drop_fault(scenario *s, uint32_t at);
void scenario_name(const part *p, char name[16]);
const char *grouping_word(gale_grouping how);

/* The faults as one plan for gi_fault_plan_parse. */
void scenario_faults(const scenario *s, char *to, size_t len);

void scenario_print(const scenario *s, FILE *to);

/* False: `why` says which line is wrong, and how. */
bool scenario_read(scenario *s, FILE *from, gale_diag *why);

#endif
