/* cores.h -- how many processors may this process use? */
#ifndef GI_LOCAL_CORES_H
#define GI_LOCAL_CORES_H

#include <stdint.h>

/* The smaller of its affinity mask and its cgroup's quota, at least 1. */
uint32_t gi_cores(void);

#endif
