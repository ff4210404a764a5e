/* cookie.h -- what a worker carries in its environment, to be known by.
 *
 * A supervisor that starts anew looks for workers that carry its cookies.  So
 * it finds every one of them, whatever became of its record.
 */
#ifndef GI_SUPERVISOR_COOKIE_H
#define GI_SUPERVISOR_COOKIE_H

#include "supervisor/order.h"

#define GI_COOKIE_NAME "GALE_WORKER"

enum { GI_NODE_ID_MOST = 127, GI_COOKIE_MOST = 640 };

typedef struct gi_cookie {
    char node[GI_NODE_ID_MOST + 1]; /* the supervisor's id */
    uint16_t port; /* 0: no worker, but a program being checked */
    uint64_t incarnation, since;
    char program[GI_PROGRAM_MOST + 1];
    char topology[GI_TOPOLOGY_ID_MOST + 1];
} gi_cookie;

/* For an order's worker.  GALE_EINVAL: a name that cannot be in one. */
gale_err gi_cookie_make(gi_cookie *c, const char *node, uint16_t port,
                        uint64_t incarnation, const gi_order *order);

/* "GALE_WORKER=node/port/incarnation/since/program/topology"; 0: no room. */
size_t gi_cookie_write(const gi_cookie *c, char *text, size_t size);

/* From what follows the '='.  GALE_EFORMAT: it is none. */
gale_err gi_cookie_read(gi_cookie *c, const char *text);

#endif
