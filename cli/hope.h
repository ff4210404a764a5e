/* hope.h -- faults that let nothing through: is a run getting anywhere?
 *
 * With faults that never end, no tree may ever be acked: each is replayed for
 * as long as the run lasts, and somebody waits.  Whoever sees no ack in three
 * time-outs, though trees failed meanwhile, is told so, once, and what to do.
 * Time is the run's own, virtual or not.
 */
#ifndef GI_CLI_HOPE_H
#define GI_CLI_HOPE_H

#include "gale/run.h"
#include "local/faults/plan.h"

typedef struct gi_hope {
    int64_t patience_ns; /* 0: there is nothing to be told, or it was */
    int64_t since_ns;
    uint64_t acked, failed; /* then */
} gi_hope;

/* `faults`: NULL, or borrowed during the call. */
void gi_hope_begin(gi_hope *h, const gi_plan *plan,
                   const gi_fault_plan *faults, int64_t now_ns);

/* Is it time to look?  Cheap. */
static inline bool gi_hope_due(const gi_hope *h, int64_t now_ns)
{
    return h->patience_ns != 0 && now_ns - h->since_ns >= h->patience_ns;
}

/* When that is due.  True, once: here is what to say. */
bool gi_hope_lost(gi_hope *h, const gale_run_result *r, int64_t now_ns,
                  char *text, size_t size);

#endif
