/* adopt.h -- which workers of this node live, after its supervisor was away.
 *
 * Workers are found by the cookie in their environment, each of them, and by
 * that alone; the record adds what a cookie has no room for.  A process whose
 * environment may not be read is believed to be what the record says, if its
 * number, its start time and the system's start are the same.
 */
#ifndef GI_SUPERVISOR_ADOPT_H
#define GI_SUPERVISOR_ADOPT_H

#include "supervisor/record.h"

/* A worker that lives.  `order` is the record's, or what the cookie knows:
 * version 0, and no executors. */
typedef void (*gi_adopt_found)(void *arg, const gi_recorded *worker);

/* Each worker of the node `id`; `record` may be NULL.  What it is told of is
 * borrowed until `found` returns.  GALE_EIO: /proc cannot be read. */
gale_err gi_adopt_find(const char *id, const gi_record *record,
                       gi_adopt_found found, void *arg);

#endif
