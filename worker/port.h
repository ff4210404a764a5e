/* port.h -- the way to the other workers of the topology.
 *
 * Tasks that run elsewhere have outlets like any, and their loop is the port:
 * a loop without tasks, whose rings lead to and from all others.  What comes
 * to it over a ring is packed into frames for the worker where the task is;
 * what comes in frames goes on over rings, in batches of the port's own.
 *
 *   this worker                                       another one
 *   loop --batch--> [port: frame] ===carrier===> [port: batch] --> loop
 *     ^               |    ^                         |   ^           |
 *     +----back-------+    +------ executed ---------+   +---back----+
 *
 * A batch stays at the port until the other side has executed it, and only
 * then goes back to its loop: so it counts as under way here until it counts
 * there, and credit reaches from task to task.  If the other worker died, or
 * the task is to be found elsewhere, the trees of what was under way fail at
 * once (here the batch is still at hand); and trees that began before a worker
 * died and are still pending a moment later fail as well, since what it had
 * handled and not passed on is gone with it.
 *
 * Notes go the same way.  Ackers live with their spouts, so only ACK, FAIL and
 * TOUCH travel between workers.
 *
 * Whether a tree that looks lost waits in a queue of another worker is asked
 * when there is reason to (probe.h); nothing is sent about it otherwise.
 *
 * The port sends and receives through a table, the carrier: lines over real
 * connections, or channels over a network of the simulator's.
 *
 * Thread  the port's loop, but for gi_port_place
 */
#ifndef GI_WORKER_PORT_H
#define GI_WORKER_PORT_H

#include "wire/line.h"
#include "worker/worker.h"

/* One peer is a number from 0 on. */
typedef struct gi_carrier {
    void *arg;
    /* See gi_channel_room, gi_line_offer, gi_line_back, gi_line_take and
     * gi_channel_executed. */
    bool (*room)(void *arg, uint32_t peer, gi_lane lane, uint32_t bytes);
    gale_err (*offer)(void *arg, uint32_t peer, gi_lane lane, gi_going *g);
    gi_going *(*back)(void *arg, uint32_t peer);
    bool (*take)(void *arg, uint32_t peer, gi_coming *out);
    void (*executed)(void *arg, uint32_t peer, uint64_t from, uint64_t no);
    /* Is it worth while to compress what goes to it?  NULL: never. */
    bool (*packs)(void *arg, uint32_t peer);
    /* How many incarnations of the peer have ended so far. */
    uint64_t (*ended)(void *arg, uint32_t peer);
    /* Do what is to be done; returns when the next turn is due. */
    int64_t (*turn)(void *arg, int64_t now);
} gi_carrier;

struct gi_port_opts {
    const gi_carrier *carrier; /* borrowed until the worker is destroyed */
    uint32_t n_peers;          /* the most there can be at a time */
    /* [n_tasks], task - 1: the peer where it runs, or GI_HERE, or
     * GI_NOBODY_YET while nobody knows.  Which tasks run here is for good. */
    const uint32_t *peer_of;
    uint32_t frames;   /* of data that the carrier takes for a peer before they
                          are executed; 0: 128 */
    uint32_t grace_ms; /* after a worker died, before all trees as old as that
                          fail; 0: 50 */
};

#define GI_HERE       UINT32_MAX
#define GI_NOBODY_YET (UINT32_MAX - 1)

/* The payload of the largest frame there can be, for the carrier's limits. */
uint32_t gi_port_payload_most(const gi_plan *plan);

/* Thread  any.  From now on tasks run there: [n_tasks], copied.  The port
 * obeys in its next turn.  GALE_ENOMEM. */
gale_err gi_port_place(gi_worker *w, const uint32_t *peer_of);

/* Thread  any.  The carrier has something to do. */
void gi_port_wake(gi_worker *w);

/* X(name, what is counted) */
#define GI_PORT_COUNTS(X)                                          \
    X(frames, "frames that left")                                  \
    X(frames_in, "frames that came")                               \
    X(tuples, "tuples in them, ...")                               \
    X(tuples_in, "... and likewise")                               \
    X(saved, "bytes of them that were saved by compressing")       \
    X(notes, "notes in them, ...")                                 \
    X(notes_in, "... and likewise")                                \
    X(refused, "frames that came and made no sense")               \
    X(lost, "tuples of frames that were lost; their trees failed") \
    X(orphans, "tuples and notes for whom nobody is left")         \
    X(deaths, "incarnations of peers that ended")                  \
    X(probes, "times that all peers were asked about old work")

typedef struct gi_port_counts {
#define X(name, text) uint64_t name;
    GI_PORT_COUNTS(X)
#undef X
} gi_port_counts;

/* Thread  any. */
void gi_port_look(gi_worker *w, gi_port_counts *out);

#endif
