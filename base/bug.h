/* bug.h -- the end of a process whose topology breaks a rule of the headers.
 */
#ifndef GI_BASE_BUG_H
#define GI_BASE_BUG_H

#include "gale/base.h"

/* Say what is wrong with the topology's code and end the process. */
_Noreturn void gi_bug(const char *format, ...) GALE_PRINTF(1, 2);

#endif
