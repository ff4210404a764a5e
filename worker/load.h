/* load.h -- how busy a loop and others are, as it sees it, and what follows
 * from that for its shuffles (scope.h). */
#ifndef GI_WORKER_LOAD_H
#define GI_WORKER_LOAD_H

#include "worker/scope.h"
#include "worker/worker.h"

typedef struct gi_sight {
    int64_t turn_ns;            /* when the last turn began; 0: it was idle */
    int64_t look_ns;            /* look again then */
    int64_t since_ns, busy_ns;  /* of the loads: from when on, and what the
                                   loop's busy_ns was then, ... */
    uint64_t crossing;          /* ... and crossings() */
    struct gi_reached *reached; /* other loops that its shuffles reach */
    uint32_t n_reached;
    bool home; /* shuffles stay on this loop */
} gi_sight;

gale_err gi_load_init(gi_loop *l); /* when the tasks of all are made */
void gi_load_fini(gi_loop *l);
void gi_load_look(gi_loop *l); /* when look_ns has come */

#endif
