/* logs_old.h -- logs of workers whose topology is gone are removed after some
 * time.
 *
 * The directory may be shared with others: only files named as logs of workers
 * are (PORT.log, PORT.log.1) go, and what they leave empty.
 */
#ifndef GI_SUPERVISOR_LOGS_OLD_H
#define GI_SUPERVISOR_LOGS_OLD_H

#include "gale/base.h"

/* Below `dir`, what was not written to since `before` (seconds, wall clock),
 * but nothing of topologies that are in use.  How many files went. */
uint32_t gi_logs_drop_old(const char *dir, int64_t before,
                          bool (*in_use)(void *arg, const char *topology),
                          void *arg);

#endif
