/* cores.h -- how many processors may this process use? */
#ifndef GI_LOCAL_CORES_H
#define GI_LOCAL_CORES_H

#include <stdbool.h>
#include <stdint.h>

/* The smaller of its affinity mask and its cgroup's quota, at least 1. */
uint32_t gi_cores(void);

/* Does it pay that loops without work look for some before they sleep?  It is
 * quicker than to be woken, as long as nobody who has work waits for the core.
 * Threads of two workers on as many cores wait little for one another, and
 * less than a wake-up takes; those of four do nothing else.  `neighbours`:
 * other such workers on the machine. */
static inline bool gi_cores_to_look(uint32_t cores, uint32_t loops,
                                    uint32_t neighbours)
{
    return loops <= cores && loops * (neighbours + 1) <= 2 * cores;
}

#endif
