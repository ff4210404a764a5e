/* exchange.h -- all links of one worker: a line (line.h) to each peer, and one
 * port at which those peers knock that dial.
 *
 * A peer is known by a 64-bit key, which both ends compute from its topology,
 * node and port (gi_peer_key).  Of two peers the one with the higher key
 * dials. A greeting says who greets, and whom; it comes to the line of that
 * peer, or is refused: by a stranger, of another topology, of another
 * assignment.  Why is counted, and logged now and then, by name and address.
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
    gi_channel_opts channel;   /* of every line; `dials` is not looked at */
    uint64_t key;              /* this worker's */
    const char *url;           /* to listen at: "tcp://0.0.0.0:6700" */
    uint32_t payload_most;     /* GI_FRAME_PAYLOAD */
    const gi_secrets *secrets; /* borrowed until destroy; NULL: none */
    void (*wake)(void *arg);
    void *arg;
} gi_exchange_opts;

typedef struct gi_peer_place {
    uint64_t key;
    const char *url;  /* "tcp://host:port"; where it listens */
    const char *name; /* "node:port", for the log */
} gi_peer_place;

uint64_t gi_peer_key(const char *topology, const char *node, uint16_t port);

/* GALE_EIO: it cannot listen there, `why` says so; GALE_EINVAL, GALE_ENOMEM.
 */
gale_err gi_exchange_create(gi_exchange **out, const gi_exchange_opts *opts,
                            int64_t now, gale_diag *why);

/* Every line must have been given up; see gi_line_destroy. */
void gi_exchange_destroy(gi_exchange *x);
uint16_t gi_exchange_port(const gi_exchange *x);

/* A line to this peer; its channel greets with the exchange's assignment.
 * GALE_EINVAL: there is one, or it is us; GALE_ENOMEM. */
gale_err gi_exchange_add(gi_exchange *x, const gi_peer_place *peer,
                         int64_t now, gi_line **out);

/* Takes a line back: gi_line_abandon was called, and gi_line_back until
 * nothing came. */
void gi_exchange_remove(gi_exchange *x, gi_line *line);

/* This worker runs another version of the assignment. */
void gi_exchange_assign(gi_exchange *x, uint64_t version, int64_t now);

/* See gi_line_turn, of all lines. */
int64_t gi_exchange_turn(gi_exchange *x, int64_t now);

#endif
