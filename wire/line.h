/* line.h -- the link to one peer: a channel (channel.h) over real connections.
 *
 * The channel decides; this does: it dials, or takes a connection over which
 * the peer has greeted from the exchange (exchange.h), which makes all lines;
 * it reads and writes whole frames (conn.h), tells the channel what happened
 * and obeys it.
 *
 * Thread  owner
 */
#ifndef GI_WIRE_LINE_H
#define GI_WIRE_LINE_H

#include "wire/channel.h"

typedef struct gi_line gi_line;

/* A frame that goes.  The caller fills in all but `parcel`, and leaves it be
 * until it comes back; the bytes of its header are written here. */
typedef struct gi_going {
    gi_parcel parcel;
    unsigned char *frame; /* GI_FRAME_HEAD bytes of room, then the payload */
    uint32_t raw, stored;
    uint16_t flags;
    bool lent; /* the line's own: it is being written */
} gi_going;

/* A frame that came, and is to be executed. */
typedef struct gi_coming {
    void *block;    /* to be gi_free'd */
    gi_frame frame; /* its payload is part of the block */
} gi_coming;

/* See gi_channel_offer.  It leaves at the next turn. */
gale_err gi_line_offer(gi_line *l, gi_lane lane, gi_going *g);

/* See gi_channel_back. */
gi_going *gi_line_back(gi_line *l);

/* False: nothing to take.  See gi_channel_arrived. */
bool gi_line_take(gi_line *l, gi_coming *out);

/* What the channel is told goes straight to it; then take a turn.  It must not
 * be told of connections and frames. */
gi_channel *gi_line_channel(gi_line *l);

/* See gi_channel_abandon. */
void gi_line_abandon(gi_line *l, int64_t now);

#endif
