/* diff.h -- from what was assigned to what is: who must do what about it.
 *
 * A worker is named by topology, supervisor, port and since; one that is in
 * both assignments goes on, whatever else changes.  So a supervisor hears of
 * a worker to START, to STOP or to KEEP, and a worker that is kept, which of
 * its executors come and go, and which of its peers came, went or changed.
 */
#ifndef GI_NIMBUS_SCHEDULE_DIFF_H
#define GI_NIMBUS_SCHEDULE_DIFF_H

#include "nimbus/schedule/cluster.h"

typedef enum gi_change_kind { GI_STOP, GI_KEEP, GI_START } gi_change_kind;

/* What becomes of one worker.  Strings are borrowed from the assignments. */
typedef struct gi_change {
    gi_change_kind kind;
    const char *topology, *supervisor;
    const char *host; /* where it is now */
    uint16_t port;
    uint64_t since;
    bool moved; /* a worker that is kept has another host name than before */
    uint32_t n_come, n_go;
    const gi_executor *come, *go; /* their `worker` means nothing here */
} gi_change;

/* A topology, before and after; NULL: not there. */
typedef struct gi_before_after {
    const char *topology;
    const gi_assignment *before, *after;
} gi_before_after;

typedef struct gi_diff {
    uint32_t n;
    gi_change *changes; /* by topology as given, then supervisor, port */
    uint32_t *first;    /* [n_topologies + 1]: where each one's begin */
    const gi_change *
        *due; /* [n]: all, by supervisor, port, STOP before START */
    gi_pool pool;
} gi_diff;

/* The assignments are borrowed for as long as `out` is used.  GALE_ENOMEM. */
gale_err gi_diff_init(gi_diff *out, const gi_before_after *topologies,
                      uint32_t n);
void gi_diff_fini(gi_diff *d); /* zeroed is fine */

/* Must a kept worker of the same topology hear of this one? */
bool gi_change_concerns_peers(const gi_change *c);

#endif
