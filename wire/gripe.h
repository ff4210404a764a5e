/* gripe.h -- when to complain in the log about what others do: the first time,
 * and then once in ten seconds at most, with a count of those between.  Pure.
 */
#ifndef GI_WIRE_GRIPE_H
#define GI_WIRE_GRIPE_H

#include <stdbool.h>
#include <stdint.h>

#define GI_GRIPE_NS INT64_C(10000000000)

typedef struct gi_gripe {
    int64_t quiet_until; /* 0: never complained */
    uint64_t unsaid;
} gi_gripe;

/* True: say it, and that there were *unsaid more before. */
static inline bool gi_gripe_now(gi_gripe *g, int64_t now, uint64_t *unsaid)
{
    if (now < g->quiet_until) {
        g->unsaid++;
        return false;
    }
    *unsaid = g->unsaid;
    g->unsaid = 0;
    g->quiet_until = now + GI_GRIPE_NS;
    return true;
}

/* Say nothing of what happens before that, and forget what happened: it is
 * well again, or just begins. */
static inline void gi_gripe_hush(gi_gripe *g, int64_t until)
{
    g->unsaid = 0;
    g->quiet_until = until;
}

#endif
