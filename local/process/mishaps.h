/* mishaps.h -- the last few errors that components reported, as they
 * went to the log: for those who look at a worker and not at its log.
 *
 * Thread  any
 */
#ifndef GI_LOCAL_PROCESS_MISHAPS_H
#define GI_LOCAL_PROCESS_MISHAPS_H

#include "topology/plan.h"
#include "wire/progress.h"

typedef struct gi_mishaps gi_mishaps;

/* From here on, of the tasks of this plan, which is borrowed until destroy;
 * one at a time in a process.  GALE_ENOMEM. */
gale_err gi_mishaps_create(gi_mishaps **out, const gi_plan *plan);
void gi_mishaps_destroy(gi_mishaps *m); /* no task may run; NULL is fine */

/* The latest last; how many.  Texts are borrowed until the next call. */
uint32_t gi_mishaps_list(gi_mishaps *m, gi_msg_mishap out[GI_MISHAPS]);

#endif
