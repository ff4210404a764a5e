/* plan.h -- what shall go wrong, where, how often, and when.
 *
 *     drop=0.01,kill=count/2@3s,delay=split>count:5%:20ms,seed=7
 *
 * A plan is a list of faults, parted by commas or ends of lines:
 *
 *     KIND=[WHERE:][CHANCE:][TIME][@WHEN]
 *
 * WHERE    count         a component: what comes to it, or its tasks
 *          count/2       one task of it, counted from 0
 *          split>count   the tuples from one component to another
 *          __acker       what spouts, bolts and ackers tell one another
 *          (nothing)     every component; never __acker
 * CHANCE   0.01 or 1%    of each tuple, note or call
 * TIME     20ms, 3s, 1h  how long, or how far
 * WHEN     3s            once, so long after the start
 *          3s+500ms      then again and again
 *          1000          at the thousandth tuple that the task is given, call
 *                        of the spout's next, allocation, write or sync
 *          1000+10       then at every tenth
 *
 *     kind        where            needs          what happens
 *     drop        edge, __acker    CHANCE         lost without a word
 *     duplicate   edge, __acker    CHANCE         comes twice
 *     reorder     edge, __acker    CHANCE         those behind it come first
 *     delay       edge, __acker    CHANCE TIME    it and all behind it wait
 *     late        edge, __acker    CHANCE TIME    looks lost, comes after all
 *     fail        task             CHANCE | WHEN  a bolt's answer becomes FAIL
 *     slow        task             TIME [CHANCE]  its callbacks take longer
 *     hang        task             TIME, CHANCE | WHEN   one does not return
 *     kill        task, __acker    CHANCE | WHEN  dies with all it knew, and
 *                                                 starts anew; an acker at
 *                                                 a time only
 *     restart     task             WHEN           stopped and started again
 *     memory      -                CHANCE | WHEN  an allocation fails
 *     write sync  -                WHEN           so does a write, a sync
 *     clock       -                TIME, WHEN     wall clock jumps, +1h or -1h
 *     suspend     -                TIME, WHEN     the process stands still
 *     seed        -                a number       of all chance in the plan
 *     until       -                TIME           nothing goes wrong after it
 *
 * A component's name of other signs than letters, digits, '_', '.', '$' and
 * '-', or one that looks like a number or a time, is written in quotes:
 * drop="a:b">count:0.01; within them a backslash stands before '"' and itself.
 *
 * A plan is pure data: faults.h makes it happen.
 */
#ifndef GI_LOCAL_FAULTS_PLAN_H
#define GI_LOCAL_FAULTS_PLAN_H

#include "base/report.h"
#include "topology/plan.h"

#define GI_ACKER "__acker"

enum { GI_FAULTS_MOST = 256, GI_FAULTS_TEXT_MOST = 64 << 10 };

/* One list: the enum, the names in plans, and what the summary calls them. */
#define GI_FAULT_KINDS(X)                     \
    X(DROP, "drop", "dropped")                \
    X(DUPLICATE, "duplicate", "duplicated")   \
    X(REORDER, "reorder", "reordered")        \
    X(DELAY, "delay", "delayed")              \
    X(LATE, "late", "late")                   \
    X(FAIL, "fail", "failed")                 \
    X(SLOW, "slow", "slowed")                 \
    X(HANG, "hang", "hung")                   \
    X(KILL, "kill", "killed")                 \
    X(RESTART, "restart", "restarted")        \
    X(MEMORY, "memory", "allocations failed") \
    X(WRITE, "write", "writes failed")        \
    X(SYNC, "sync", "syncs failed")           \
    X(CLOCK, "clock", "clock jumps")          \
    X(SUSPEND, "suspend", "times suspended")

typedef enum gi_fault_kind {
#define X(kind, name, done) GI_FAULT_##kind,
    GI_FAULT_KINDS(X)
#undef X
        GI_N_FAULT_KINDS
} gi_fault_kind;

const char *gi_fault_name(gi_fault_kind kind); /* "drop" */
const char *gi_fault_done(gi_fault_kind kind); /* "dropped" */

/* For help: "[WHERE:]CHANCE", and "it is lost without a word". */
const char *gi_fault_form(gi_fault_kind kind);
const char *gi_fault_about(gi_fault_kind kind);

typedef enum gi_fault_when {
    GI_FAULT_ALWAYS = 0, /* as chance has it */
    GI_FAULT_AT_TIME,    /* at and every: ns since the start */
    GI_FAULT_AT_COUNT,   /* at and every: the how-many-th */
} gi_fault_when;

#define GI_FAULT_ANY UINT32_MAX

typedef struct gi_fault {
    gi_fault_kind kind;
    bool acks;       /* WHERE is __acker */
    uint32_t from;   /* index in plan->comps, or GI_FAULT_ANY */
    uint32_t comp;   /* likewise: the receiving one, or whose tasks */
    uint32_t task;   /* index of the task, or of the acker; GI_FAULT_ANY */
    uint64_t chance; /* of 2^64; UINT64_MAX: always (also where CHANCE is
                        missing); 0: never */
    int64_t ns;      /* TIME; of CLOCK with a sign */
    gi_fault_when when;
    uint64_t at, every; /* every 0: once */
} gi_fault;

typedef struct gi_fault_plan {
    gi_fault *at;
    uint32_t n;
    uint64_t seed;    /* 1 if the text names none */
    bool seeded;      /* it names one */
    int64_t until_ns; /* INT64_MAX: for ever */
} gi_fault_plan;

/* Read `text` against the components of `plan` (borrowed during the call).
 * Every mistake is added to `r`, with the entry it is in, what is wrong and
 * the nearest right thing; `from` says where the text comes from
 * ("--faults").  An empty text is a plan without faults.
 *
 * Returns GALE_OK; GALE_ECONF if `r` has something to say; GALE_ENOMEM. */
gale_err gi_fault_plan_parse(gi_fault_plan **out, const char *text,
                             const char *from, const gi_plan *plan,
                             gi_report *r);
void gi_fault_plan_destroy(gi_fault_plan *f); /* NULL is fine */

/* The plan that the settings of `plan` ask for (topology.faults); NULL if they
 * ask for none.  Returns as above; the second says it in `why`, which may be
 * NULL. */
gale_err gi_fault_plan_ask(gi_fault_plan **out, const gi_plan *plan,
                           gi_report *r);
gale_err gi_fault_plan_of(gi_fault_plan **out, const gi_plan *plan,
                          gale_diag *why);

/* The text of a plan, or of one fault, such that reading it gives the same
 * again: a new string, free with gi_free; NULL without memory. */
char *gi_fault_plan_text(const gi_fault_plan *f, const gi_plan *plan);
char *gi_fault_text(const gi_fault *f, const gi_plan *plan);

#endif
