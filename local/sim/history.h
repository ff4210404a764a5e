/* history.h -- what happened in a run, event by event, and one number for all
 * of it.
 *
 * Two runs that did the same have the same hash; so the hash shows that a seed
 * gives one history, on every machine and with every compiler.  Nothing goes
 * in that may differ without meaning: no address, no wall-clock time.
 *
 * As text, an event is a line:
 *
 *     1204  1003.250112 ms  emit       split/0  root 0x3000007  default 'the'
 *     1205  1003.250112 ms  ack        split/0  root 0x3000007  'the cow'
 *     1306  3003.310400 ms  timed out  lines/0  id 7  root 0x3000007  count
 *
 * number, virtual time, what, the task (its index behind its component), and
 * what belongs to it: message id, root, the stream or the component meant, and
 * values.
 */
#ifndef GI_LOCAL_SIM_HISTORY_H
#define GI_LOCAL_SIM_HISTORY_H

#include <stdio.h>

#include "base/mix.h"
#include "topology/plan.h"

typedef struct gi_history {
    uint64_t hash;
    uint64_t events;
    const gi_plan *plan; /* for names in the log */
    FILE *log;           /* NULL: none */
    bool off;
} gi_history;

typedef struct gi_event {
    const char *what; /* "emit", "ack", "drop", ... */
    int64_t at_ns;
    uint32_t task;         /* 0: none */
    const char *number_is; /* "id", "loop", ...; NULL: there is none */
    uint64_t number;
    uint64_t root;    /* 0: none */
    const char *name; /* a stream, a component; NULL: none */
    gale_row row;     /* n 0: none */
} gi_event;

void gi_history_add(gi_history *h, const gi_event *e);

#endif
