/* failpoint.h -- calls that can be made to fail: allocations, writes, syncs.
 *
 * Whoever allocates, writes to a file or syncs one asks here first, and takes
 * a yes for the failure it is.  Unless a test or a fault plan armed the point
 * the answer is no, for the price of a count and a load.  Points belong to the
 * process: of two runs in it with such faults, each gets the other's as well.
 */
#ifndef GI_BASE_FAILPOINT_H
#define GI_BASE_FAILPOINT_H

#include <stdbool.h>
#include <stdint.h>

typedef enum gi_point {
    GI_POINT_MEMORY,
    GI_POINT_WRITE,
    GI_POINT_SYNC,
    GI_N_POINTS
} gi_point;

/* Which calls fail, counted from the one after this was said. */
typedef struct gi_point_plan {
    uint64_t first;        /* 1: the next one; 0: none by number */
    uint64_t count;        /* that one and those behind it, so many in all */
    uint64_t every;        /* then one in so many; 0: no more */
    uint64_t chance, seed; /* each, by chance of 2^64 */
} gi_point_plan;

/* Must this call fail?  Thread  any */
bool gi_point_fails(gi_point p);

enum { GI_POINT_PLANS = 256 };

/* Arm it by one of GI_POINT_PLANS plans, which are there side by side.  Thread
 * any; affects all threads, and those who ask meanwhile may get either answer.
 */
void gi_point_arm(gi_point p, uint32_t plan_no, const gi_point_plan *plan);

/* No call fails any more. */
void gi_point_disarm(gi_point p);

uint64_t gi_point_asked(gi_point p);  /* since the process began */
uint64_t gi_point_failed(gi_point p); /* likewise */

#endif
