/* process.h -- a worker of a cluster, as a process of its own: what
 * `PROGRAM worker DIR` does.
 *
 *     STARTING   tasks are opened, lines to the other workers found
 *     RUNNING    the duty is obeyed, and whatever becomes of it
 *     CLOSING    spouts stop, trees end, tasks are closed, goodbye is said
 *
 * One thread reads the duty, watches the loops and writes the progress page;
 * loops are never asked for anything.  It ends
 *
 *     0  in order: SIGTERM, or its own tasks are others now, so that it has to
 *        be started anew
 *     1  a task refused to open or gave up (gale_task_fatal), or the system
 *        refused something
 *     2  the duty is none, or is not for this program
 *
 * and the last words are on the page and on standard error.
 *
 * What is secret its supervisor says by standard input (wire/brief.h).  Of one
 * that is started by hand the environment names the files: GALE_TLS_CA_FILE
 * and GALE_TLS_CERT_FILE, and GALE_SECRET_FILE for what workers show each
 * other.  Without TLS it listens on a loopback address only, unless GALE_OPEN
 * is 1.
 */
#ifndef GI_LOCAL_PROCESS_PROCESS_H
#define GI_LOCAL_PROCESS_PROCESS_H

#include "gale/topology.h"

/* Returns the status to end with. */
int gi_process_serve(const gale_topology *t, const char *dir);

#endif
