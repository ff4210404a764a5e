/* exchange.h -- all links of one worker: a line (line.h) to each peer, and one
 * port at which those peers knock that dial.
 *
 * A peer is known by a 64-bit key, which both ends compute from its topology,
 * node and port (gi_peer_key).  Of two peers the one with the higher key
 * dials. A greeting says who greets, and whom; it comes to the line of that
 * peer, or is refused: by a stranger, of another topology, of another
 * assignment.  Why is counted, and logged now and then, by name and address.
 *
 * With a secret, both ends of each connection show first that they know it
 * (proof.h).  Anybody can connect.  Until a connection has greeted well it is
 * a stranger: it may send one frame of the size of a greeting, within four
 * seconds, and there are few more of them than there are peers; one too many,
 * and the oldest goes.
 *
 * Thread  owner, but for what `wake` is called on
 */
#ifndef GI_WIRE_EXCHANGE_H
#define GI_WIRE_EXCHANGE_H

#include "wire/line.h"
#include "wire/secrets.h"

typedef struct gi_exchange gi_exchange;

/* Zero means default. */
typedef struct gi_exchange_opts {
    gi_channel_opts channel;   /* of every line; `dials`, `key` and `peer_key`
                                * are not looked at */
    uint64_t key;              /* this worker's */
    const char *url;           /* to listen at: "tcp://0.0.0.0:6700" */
    uint32_t payload_most;     /* GI_FRAME_PAYLOAD */
    const gi_secrets *secrets; /* borrowed until destroy; NULL: none */
    void (*wake)(void *arg);   /* there is need for a turn; on any thread, and
                                * not to call anything here */
    void *arg;
} gi_exchange_opts;

typedef struct gi_peer_place {
    uint64_t key;
    const char *url;  /* "tcp://host:port"; where it listens.  NULL: nobody
                       * knows yet */
    const char *name; /* "node:port", for the log */
} gi_peer_place;

/* Never 0. */
uint64_t gi_peer_key(const char *topology, const char *node, uint16_t port);

/* GALE_EIO: it cannot listen there, `why` says so; GALE_EINVAL, GALE_ENOMEM.
 */
gale_err gi_exchange_create(gi_exchange **out, const gi_exchange_opts *opts,
                            int64_t now, gale_diag *why);

/* Every line must have been removed.  NULL is fine. */
void gi_exchange_destroy(gi_exchange *x);
uint16_t gi_exchange_port(const gi_exchange *x);

/* A line to this peer; its channel greets with the exchange's assignment.
 * GALE_EINVAL: there is one, or it is us, or that is no url; GALE_ENOMEM. */
gale_err gi_exchange_add(gi_exchange *x, const gi_peer_place *peer,
                         int64_t now, gi_line **out);

/* The peer listens somewhere else, or began to; it is dialed at once if it is
 * for us to dial.  A connection that holds is left alone.  GALE_EINVAL: that
 * is no url; GALE_ENOMEM. */
gale_err gi_exchange_move(gi_exchange *x, gi_line *line, const char *url,
                          int64_t now);

/* Takes a line back: gi_line_abandon was called, and gi_line_back until
 * nothing came. */
void gi_exchange_remove(gi_exchange *x, gi_line *line);

/* This worker runs another version of the assignment. */
void gi_exchange_assign(gi_exchange *x, uint64_t version, int64_t now);

/* Take in what happened, and do what is to be done.  Returns when the next
 * turn is due, if nobody wakes before.  After it see for each line what came
 * (gi_line_take), what is back (gi_line_back), and how it stands. */
int64_t gi_exchange_turn(gi_exchange *x, int64_t now);

/* X(name, what is counted) */
#define GI_EXCHANGE_COUNTS(X)                                     \
    X(strangers, "connections from somebody yet unknown")         \
    X(welcomed, "of them, those that greeted as a peer does")     \
    X(mistaken, "those that wanted somebody else")                \
    X(unknown, "those of a peer that is not known here")          \
    X(nonsense, "those that sent something else than a greeting") \
    X(silent, "those that took too long")                         \
    X(crowded, "those that had to make room for others")          \
    X(broken, "those that ended before they had greeted")         \
    X(turned_away, "connections that nothing was there for to serve")

typedef struct gi_exchange_counts {
#define X(name, text) uint64_t name;
    GI_EXCHANGE_COUNTS(X)
#undef X
} gi_exchange_counts;

void gi_exchange_look(const gi_exchange *x, gi_exchange_counts *out);

#endif
