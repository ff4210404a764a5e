/* home.h -- the directory of a supervisor, and what it is known by.
 *
 *     lock             held by the supervisor that lives here
 *     id               of this node: made once, at the first start
 *     incarnation      of its supervisor: one more at each start, or later
 *     record           see record.h
 *     programs/HASH    what was fetched
 *     topologies/ID/   the last that Nimbus said of a topology, as a duty
 *     workers/PORT/    the directory of a worker
 *     logs/ID/PORT.log what workers print, unless it is to be elsewhere
 */
#ifndef GI_SUPERVISOR_HOME_H
#define GI_SUPERVISOR_HOME_H

#include "supervisor/cookie.h"
#include "supervisor/files.h"

typedef struct gi_home {
    char *dir, *logs; /* absolute */
    char id[GI_NODE_ID_MOST + 1];
    uint64_t incarnation;
    int lock;
} gi_home;

/* A zeroed one is closed.  `log_dir` may be NULL.
 *
 * GALE_EIO: `why` says what is in the way; GALE_ELIMIT: another supervisor
 * lives there; GALE_EFORMAT: its id is none; GALE_ENOMEM. */
gale_err gi_home_open(gi_home *h, const char *dir, const char *log_dir,
                      gale_diag *why);
void gi_home_close(gi_home *h);

/* Workers of other users may get to their own directory and program, and see
 * nothing else.  GALE_EIO: `why` says what cannot be changed. */
gale_err gi_home_let_pass(const gi_home *h, gale_diag *why);

/* Paths below it. */
void gi_home_record(const gi_home *h, char out[GI_PATH_MOST]);
void gi_home_program(const gi_home *h, const char *hash,
                     char out[GI_PATH_MOST]);
void gi_home_topology(const gi_home *h, const char *id,
                      char out[GI_PATH_MOST]);
void gi_home_worker(const gi_home *h, uint16_t port, char out[GI_PATH_MOST]);
/* Beside a worker's directory, where it cannot get at it. */
void gi_home_beside(const gi_home *h, uint16_t port, char out[GI_PATH_MOST]);
void gi_home_log(const gi_home *h, const char *topology, uint16_t port,
                 char out[GI_PATH_MOST]);

#endif
