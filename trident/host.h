/* host.h -- a part of a program in a task: the bolt behind it.
 *
 * What comes in is rows, reports, and what the coordinator says.  Whether all
 * of a batch is here, the tracker knows; what is done with it, the steps; this
 * holds both together and answers for tuples:
 *
 *     rows      nobody waits for them, their reports vouch for them
 *     reports   held until the round is finished, so that a task that dies
 *               fails the batch at once; if the part commits, until all are
 *               here: then the batch is processed
 *     batch     likewise
 *     commit    done at once: a part that is told to has all of the batch;
 *               a late one (program.h) is told by reports
 *
 * A task of a home has a host for each part in it (lodge.h).
 *
 * Parts of it: part.c (the bolt), lodge.c and host.c (made and unmade), round
 * ends and answers in settle.c, send.c (SEND), emitter.c (SOURCE).
 */
#ifndef GI_TRIDENT_HOST_H
#define GI_TRIDENT_HOST_H

#include "gale/bolt.h"
#include "trident/op.h"
#include "trident/tracker.h"

/* The tasks of a part that reports to this one, or that this one reports to:
 * task first + i has the number base + i among all of them. */
typedef struct gi_peers {
    const gi_part *part;
    uint32_t first, n, base;
} gi_peers;

/* What a round has sent to a task of a reader. */
typedef struct gi_sent {
    uint64_t n, sum;
} gi_sent;

/* One attempt of one batch here. */
typedef struct gi_stay {
    gi_round round;
    gi_record *record;
    struct gi_stay *next; /* emitting: the next in turn */
    gale_held *held;      /* to be answered */
    uint32_t n_held, cap_held;
    gi_sent *sent;   /* [n_to], by number among those it reports to */
    uint64_t n_rows; /* sent, for marks */
    bool emitting;   /* the source is at it */
    bool processed;  /* a part that commits has answered for the batch */
    uint32_t early;  /* late parts: reports of those who are not */
    /* SOURCE: emitter.c */
    int64_t begun_ms;
    uint64_t after; /* the attempt where it goes on; 0: a batch that counts */
    struct gi_portion *portions;
    uint32_t n_portions, portion;
} gi_stay;

typedef struct gi_host {
    const gi_part *part;
    gale_task *task;
    gale_bolt_ctx *ctx; /* of the callback that runs */
    gi_step *steps;
    gi_tracker tracker;

    uint32_t coordinator; /* its task */
    uint64_t committed;   /* the last attempt that was, here */

    gi_peers *from; /* upstream, ... */
    uint32_t n_from, n_early;
    gi_peers *to; /* ... and readers */
    uint32_t n_to;
    uint32_t *sent_to; /* room for whom a row was sent to */

    gi_stay *emitting; /* first in turn */
    struct gi_emitter *emitter;
    struct gi_seat *seat; /* of a DRPC stream: where answers go */
    gale_diag why;
} gi_host;

/* host.c: `steps` are those of all parts of the home, this one's from `first`
 * on. */
gale_err gi_host_open(gi_host *h, const gi_part *part, gale_bolt_ctx *ctx,
                      gi_step *steps, uint32_t first, uint32_t n_steps);
gale_err gi_host_open_steps(gi_host *h); /* once all hosts are open */
void gi_host_close(gi_host *h);

/* Those of that part; NULL: it is none of them. */
const gi_peers *gi_peers_of(const gi_peers *list, uint32_t n, uint32_t part);

/* Does that part finish a batch while it is processed, although this one does
 * so only while it is committed? */
static inline bool gi_host_is_early(const gi_host *h, const gi_part *from)
{
    return h->part->late && !from->late && !from->commits;
}

/* settle.c: the stay of a record, made if it has none; NULL without memory. */
gi_stay *gi_stay_of(gi_host *h, gi_record *r);
/* Keep the tuple that is being executed until it is over. */
bool gi_stay_hold(gi_host *h, gi_stay *s, const gale_tuple *in);
/* It is over: fail or ack what is held. */
void gi_stay_fail(gi_host *h, gi_stay *s);
/* Whatever is to be done now that something has changed: finish, answer. */
void gi_stay_look(gi_host *h, gi_stay *s);
/* All of it is here, and it is this one's turn: the tuple that is executed
 * says so.  False: it has failed.  `s` is gone either way. */
bool gi_stay_commit(gi_host *h, gi_stay *s);
/* For the tracker. */
void gi_stay_drop(void *host, gi_record *r);

/* send.c: what it sent to each, as reports, anchored to what is held. */
void gi_send_reports(gi_host *h, gi_stay *s);

/* emitter.c */
gale_err gi_emitter_open(gi_host *h);
void gi_emitter_close(gi_host *h);
void gi_emitter_begin(gi_host *h, gi_stay *s, gale_str plan, uint64_t after);
/* Some tuples more; called in tick. */
void gi_emitter_turn(gi_host *h);
void gi_emitter_forget(gi_host *h, gi_stay *s);
/* Make it durable how far the batch went; in the commit phase. */
bool gi_emitter_commit(gi_host *h, gi_stay *s);
void gi_emitter_committed(gi_host *h, uint64_t txid);

#endif
