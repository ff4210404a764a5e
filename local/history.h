/* history.h -- what happened in a run, event by event, and one number for all
 * of it.
 *
 * Two runs that did the same have the same hash; so the hash shows that a seed
 * gives one history, on every machine and with every compiler.  Nothing goes
 * in that may differ without meaning: no address, no wall-clock time.
 */
#ifndef GI_LOCAL_HISTORY_H
#define GI_LOCAL_HISTORY_H

#include <stdio.h>

#include "base/mix.h"
#include "gale/value.h"

typedef struct gi_history {
    uint64_t hash;
    uint64_t events;
    FILE *log; /* NULL: none */
    bool off;
} gi_history;

/* An event: what, when, to whom, and two numbers that belong to it. */
typedef struct gi_event {
    const char *what; /* "execute", "ack", "drop", ... */
    int64_t at_ns;
    uint32_t task; /* 0: none */
    uint64_t a, b;
} gi_event;

void gi_history_add(gi_history *h, const gi_event *e);

/* The same with the values of a row. */
void gi_history_add_row(gi_history *h, const gi_event *e, gale_row row);

#endif
