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
 *     commit    held until the round is finished
 *
 * Parts of it: part.c (the bolt), host.c (made and unmade), round ends and
 * answers in settle.c, send.c (SEND), emitter.c (SOURCE).
 */
#ifndef GI_TRIDENT_HOST_H
#define GI_TRIDENT_HOST_H

#include "gale/bolt.h"
#include "trident/op.h"
#include "trident/tracker.h"

/* Where rows of one upstream part's stream go. */
typedef struct gi_way {
    const char *stream; /* as tuples say it; NULL: not met yet */
    const char *name;
    gi_step *entry;
} gi_way;

/* An upstream task. */
typedef struct gi_sender {
    uint32_t part;
    gi_way *ways; /* those of its part */
    uint32_t n_ways;
} gi_sender;

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
    gi_sent *sent;   /* [n_reader_tasks] */
    uint64_t n_rows; /* sent, for marks */
    bool emitting;   /* the source is at it */
    bool processed;  /* a part that commits has answered for the batch */
    bool commit;     /* the coordinator has said so */
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
    uint32_t low;         /* senders[i] is task low + i */
    uint32_t n_senders;
    gi_sender *senders;
    uint32_t *from; /* [n_senders]: number among those that report */
    gi_way *ways;

    uint32_t reader_low; /* likewise for those who read */
    uint32_t n_readers;
    bool *reads;  /* [n_readers]: is it a reader? */
    uint32_t *to; /* room for whom a row was sent to */

    gi_stay *emitting; /* first in turn */
    struct gi_emitter *emitter;
    struct gi_seat *seat; /* of a DRPC stream: where answers go */
    gale_diag why;
} gi_host;

/* host.c */
gale_err gi_host_open(gi_host *h, gale_bolt_ctx *ctx);
void gi_host_close(gi_host *h);

/* settle.c: the stay of a record, made if it has none; NULL without memory. */
gi_stay *gi_stay_of(gi_host *h, gi_record *r);
/* Keep the tuple that is being executed until it is over. */
bool gi_stay_hold(gi_host *h, gi_stay *s, const gale_tuple *in);
/* It is over: fail or ack what is held. */
void gi_stay_fail(gi_host *h, gi_stay *s);
/* Whatever is to be done now that something has changed: finish, answer. */
void gi_stay_look(gi_host *h, gi_stay *s);
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
