/* line.h -- one channel (channel.h) over real connections.
 *
 * The channel decides; this does: it dials or listens, reads and writes whole
 * frames (conn.h), tells the channel what happened and obeys it.  What nng's
 * threads have to say waits in an inbox for the owner's next turn.
 *
 * At the end that listens, anybody can connect.  Until a connection has
 * greeted well it is a stranger: it may send one frame of the size of a
 * greeting, within a second, and there are few of them; one more, and the
 * oldest goes.
 *
 * Thread  owner, but for what `wake` is called on
 */
#ifndef GI_WIRE_LINE_H
#define GI_WIRE_LINE_H

#include "wire/channel.h"

typedef struct gi_line gi_line;

/* Zero means default. */
typedef struct gi_line_opts {
    gi_channel_opts channel; /* with `dials` the url is dialed */
    const char *url;         /* tcp://host:port; listening: port 0 is any */
    uint32_t payload_most;   /* GI_FRAME_PAYLOAD */
    void (*wake)(void *arg); /* there is need for a turn; on any thread, and
                              * not to call anything here */
    void *arg;
} gi_line_opts;

/* A frame that goes.  The caller fills in all but `parcel`, and leaves it be
 * until it comes back; the bytes of its header are written here. */
typedef struct gi_going {
    gi_parcel parcel;
    unsigned char *frame; /* GI_FRAME_HEAD bytes of room, then the payload */
    uint32_t raw, stored;
    uint16_t flags;
} gi_going;

/* A frame that came, and is to be executed. */
typedef struct gi_coming {
    void *block;    /* to be gi_free'd */
    gi_frame frame; /* its payload is part of the block */
} gi_coming;

/* GALE_EINVAL for opts that make no sense, GALE_EIO if it cannot listen there,
 * GALE_ENOMEM. */
gale_err gi_line_create(gi_line **out, const gi_line_opts *opts, int64_t now);

/* Gives the link up.  gi_line_abandon and gi_line_back must have been called
 * until nothing came; what was not taken is freed.  NULL is fine. */
void gi_line_destroy(gi_line *l);
void gi_line_abandon(gi_line *l, int64_t now);

/* The port it listens on. */
uint16_t gi_line_port(const gi_line *l);

/* Take in what happened, and do what is to be done.  Returns when the next
 * turn is due, if nobody wakes before. */
int64_t gi_line_turn(gi_line *l, int64_t now);

/* See gi_channel_offer.  It leaves at the next turn. */
gale_err gi_line_offer(gi_line *l, gi_lane lane, gi_going *g);
gi_going *gi_line_back(gi_line *l);

/* False: nothing to take.  See gi_channel_arrived. */
bool gi_line_take(gi_line *l, gi_coming *out);

/* What the channel is told goes straight to it; then take a turn. */
gi_channel *gi_line_channel(gi_line *l);

#endif
