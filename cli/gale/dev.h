/* dev.h -- `gale dev`: Nimbus, a supervisor and a DRPC server as children of
 * one command.
 *
 * They are the same programs as on a real cluster, started anew if they die.
 * Nothing of it outlives the command: workers whose supervisor is gone become
 * children of this process, and are ended with it.  Only if it is killed they
 * live on, and the next one in the same directory goes on with them.
 */
#ifndef GI_CLI_GALE_DEV_H
#define GI_CLI_GALE_DEV_H

#include <signal.h>
#include <sys/types.h>

#include "cli/client.h"
#include "cli/gale/gale.h"

enum { GI_DEV_SLOTS = 4 }; /* if nobody says how many */

typedef struct gi_dev_child {
    const char *name;           /* "nimbus": the command, and of its log */
    pid_t pid;                  /* 0: none */
    int64_t began_ms, again_ms; /* again: when to start it anew; 0: it runs */
    unsigned deaths;            /* soon after its start, in a row */
} gi_dev_child;

typedef struct gi_dev {
    gi_gale *g;
    gi_client client, asks; /* of Nimbus, of the DRPC server */
    gi_pool pool;
    const char *dir, *conf; /* storm.local.dir; the file for the children */
    char url[64];
    uint16_t nimbus_port, supervisor_port, ports[GI_GALE_SLOTS];
    unsigned n_slots;
    unsigned n_kept;        /* of the ports: workers live there */
    uint16_t drpc_ports[3]; /* for who asks, for workers, for HTTP */
    int lock;               /* one of these a directory */
    int claim;              /* to the ports; -1: none */
    gi_dev_child nimbus, supervisor, drpc;
    pid_t program; /* `PROGRAM submit`; 0: none, or done */
    sigset_t signals;
    unsigned interrupts;
} gi_dev;

/* The settings for all of them, and everything they need.  An exit code. */
int gi_dev_prepare(gi_dev *d);

/* Started with our --config, and a log in DIR/logs. */
bool gi_dev_start(gi_dev *d, gi_dev_child *c);

/* Wait for a signal, at most so long.  Who died is seen to: of the
 * daemons it is known when to start them anew.  False: one of them does not
 * come up; said. */
bool gi_dev_turn(gi_dev *d, int64_t wait_ms);

/* Topologies drain, workers end, then the daemons; at once after a second
 * Ctrl-C.  Nothing is left afterwards. */
void gi_dev_end(gi_dev *d);

#endif
