/* scope.h -- how far a shuffle reaches: to the readers on the sender's own
 * loop, or to all of them.
 *
 * A tuple for another loop goes through a ring into memory that is cold there,
 * and a note about it may have to come back.  So a shuffle stays at home while
 * each loop has as much to do by itself as the others, or little, or what
 * crossing costs is more than there is to be gained.
 *
 *     home   until a loop is busy for `high` of its time, and would be less so
 *            by a gap if all shared: each would have the average of what all
 *            have to do now, and what crossing costs
 *     all    for a while, then home again, to see how it is now: 20 ms at
 *            first, four times as long whenever home went wrong soon, up to
 *            five seconds; or until all loops together have less to do than
 *            `low`
 *
 * It begins with all, for nothing is known.  All loops of a worker go by one
 * word, which whoever sees a reason changes: two that decide each for itself
 * could take turns in giving one another work.
 *
 * Once there is a choice, what is seen while it is all says nothing about how
 * it would be at home: hence the trials.  They cost little, for they are short
 * and become rare.
 *
 * Loads are thousandths of a loop's time.  Pure.
 */
#ifndef GI_WORKER_SCOPE_H
#define GI_WORKER_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    GI_SCOPE_WAIT_MS = 20,  /* how long all, ... */
    GI_SCOPE_LEVELS = 4,    /* ... so often made four times as long at most */
    GI_SCOPE_PROVEN = 8,    /* home lasted for so many waits: it was right */
    GI_SCOPE_SETTLE_MS = 4, /* of home: what went elsewhere is still on its
                               way, so loads say nothing yet */
    GI_SCOPE_GAP = 40,      /* what is won by less is not worth it */
    GI_LOAD_FULL = 1000,
};

typedef struct gi_scope_rule {
    uint32_t high, low; /* low <= high */
} gi_scope_rule;

/* What one loop has seen since then. */
typedef struct gi_scope_loads {
    uint64_t since_ms;
    uint32_t own;
    uint32_t n, sum;   /* of it and of those that its shuffles reach */
    uint32_t crossing; /* what it would have to do more if all shared */
} gi_scope_loads;

/* The word: in its low byte how often the wait was made longer, above it the
 * millisecond until which it is all.  0: not yet begun. */
static inline uint64_t gi_scope_word(uint64_t until_ms, uint64_t level)
{
    return until_ms << 8 | level;
}

static inline uint64_t gi_scope_begin(uint64_t now_ms)
{
    return gi_scope_word(now_ms + GI_SCOPE_WAIT_MS, 0);
}

static inline bool gi_scope_home(uint64_t word, uint64_t now_ms)
{
    return now_ms >= word >> 8;
}

/* The word from now on. */
uint64_t gi_scope_next(uint64_t word, const gi_scope_rule *rule,
                       uint64_t now_ms, const gi_scope_loads *loads);

#endif
