/* port_inside.h -- what the files of the port share.  See port.h.
 *
 *     port.c      making it, the turn, who is where
 *     port_out.c  batches and notes into frames, and frames that come back
 *     port_in.c   frames into batches and notes
 *     probe.c     is there old work anywhere?
 */
#ifndef GI_WORKER_PORT_INSIDE_H
#define GI_WORKER_PORT_INSIDE_H

#include "wire/notes.h"
#include "wire/probes.h"
#include "wire/tuples.h"
#include "worker/loop.h"
#include "worker/port.h"
#include "worker/probe.h"

/* A frame that left, and what it counts for until it comes back. */
typedef struct gi_sent {
    gi_going going; /* first: what comes back is one of these */
    struct gi_sent *next;
    gi_queue batches; /* of tuples: kept until they are executed */
    uint32_t berth;   /* theirs */
    gi_notes notes;   /* in it; they count as one piece of work, ... */
    uint16_t epoch;   /* ... of this epoch */
    uint32_t cap;     /* bytes for the payload */
    unsigned char bytes[];
} gi_sent;

/* A frame that came, while its batches are at tasks here. */
typedef struct gi_coming_slot {
    uint64_t from, no;
    uint32_t peer;
    uint32_t left; /* batches; 0: the slot is free */
    uint32_t next; /* free one + 1 */
} gi_coming_slot;

enum { GI_PROBES_WAITING = 16 };

/* Of somebody who has died: what is as old as that fails at a certain time. */
typedef struct gi_mourning {
    uint32_t died_ms;
    int64_t until_ns; /* 0: there is nobody to mourn for */
} gi_mourning;

/* The batches for one component of a peer; those that go along a cycle have a
 * berth of their own.  Each has its share of the link's room: if those for a
 * bolt could fill it, those for its sinks would find none, and two workers
 * could wait for each other. */
typedef struct gi_berth {
    gi_queue waiting;   /* batches, for room on the link */
    uint32_t under_way; /* frames */
} gi_berth;

typedef struct gi_far {
    bool used;          /* tasks run there */
    uint32_t counted;   /* the last component that was seen there + 1 */
    gi_berth *berths;   /* [2 * n_comps] */
    uint32_t n_waiting; /* batches in all of them */
    uint32_t share;     /* frames of each */

    /* Notes to go, and the epoch of the oldest. */
    gi_note *notes;
    uint32_t n_notes, cap_notes;
    uint16_t notes_epoch;
    gi_probe_note probe[GI_PROBES_WAITING];
    uint32_t n_probes;

    uint64_t ended; /* incarnations of it, as far as we know */
    gi_mourning mourning;
    gi_probe_peer old; /* probe.c's */
} gi_far;

struct gi_port {
    gi_loop *loop;
    gi_carrier carrier;
    uint32_t n_peers;
    gi_far *peers;
    uint32_t *peer_of; /* [n_tasks] */
    uint32_t n_berths;
    uint32_t *in_turn; /* [n_berths]: sinks first */
    uint32_t frames;
    gi_queue nowhere; /* batches for tasks of which nobody knows where */
    gi_rules rules;
    int64_t grace_ns;
    gi_mourning hearsay;  /* others have told of a death */
    int64_t due_ns;       /* the carrier's */
    bool offered;         /* something, in this turn */
    uint16_t notes_epoch; /* of the notes that are being taken */

    unsigned char *packing; /* room to compress in */
    uint32_t cap_packing;
    gi_sent *spare; /* frames of the usual size, to be used again */
    uint32_t n_spare;
    gi_coming_slot *coming;
    uint32_t n_coming, free_coming;
    int64_t next_complaint_ns;

    gi_probe probe;
    pthread_mutex_t lock;  /* guards: */
    uint32_t *new_peer_of; /* to be obeyed; NULL: nothing new */
    gi_port_counts count;
};

gale_err gi_port_create(gi_port **out, gi_loop *l, const gi_port_opts *opts);
void gi_port_destroy(gi_port *p); /* NULL is fine */

/* Thread  the port's loop, all of them. */
bool gi_port_turn(gi_port *p);
int64_t gi_port_next_ns(const gi_port *p);

/* A peer says that the worker has died where this task was. */
void gi_port_hear(gi_port *p, uint32_t task);

/* Is there a death because of which trees will fail shortly? */
bool gi_port_mourns(const gi_port *p);

/* --------------------------------------------------------- port_out.c -- */

/* A batch for a task elsewhere. */
void gi_port_send(gi_port *p, gi_batch *b);

/* Notes are about to be taken that count as work of this epoch; one of them.
 */
void gi_port_notes_from(gi_port *p, uint16_t epoch);
void gi_port_note(gi_port *p, const gi_note *note);

/* The trees of this batch fail, and it goes back. */
void gi_port_lose(gi_port *p, gi_batch *b);

/* What waits goes as far as there is room.  What came back is dealt with. */
void gi_port_offer_all(gi_port *p, uint32_t peer);
bool gi_port_take_back(gi_port *p, uint32_t peer);
void gi_port_free_sent(gi_port *p, gi_sent *s);

/* ---------------------------------------------------------- port_in.c -- */

bool gi_port_take_in(gi_port *p, uint32_t peer);

/* A batch of the port's own was read. */
void gi_port_came_back(gi_port *p, const gi_batch *b);

/* ------------------------------------------------------------ probe.c -- */

bool gi_probe_turn(gi_port *p);
void gi_probe_tell(gi_port *p, uint32_t peer, gi_probe_what what,
                   uint32_t round, uint16_t epoch, uint32_t value);
void gi_probe_take(gi_port *p, uint32_t peer, const gi_probe_note *n);

/* Thread  any.  By what the last answers say, at `clock`; if there are none,
 * so that nothing is found lost. */
void gi_probe_judge(gi_port *p, uint32_t clock, gi_judge *j);
void gi_probe_wanted(gi_port *p);

#endif
