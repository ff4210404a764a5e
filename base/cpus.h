/* cpus.h -- how many processors may this process run on? */
#ifndef GI_BASE_CPUS_H
#define GI_BASE_CPUS_H

#include <stdint.h>

/* Those of its affinity mask, however many the machine has; 1 if the system
 * does not say.  Thread  any */
uint32_t gi_cpus(void);

#endif
