/* line_inside.h -- what the files of the line share.  See line.h. */
#ifndef GI_WIRE_LINE_INSIDE_H
#define GI_WIRE_LINE_INSIDE_H

#include "wire/conn.h"
#include "wire/letter.h"
#include "wire/line.h"

enum { GI_GUESTS = 8, GI_PATIENCE_NS = 1000000000 };

/* A connection.  `own` is what control frames are written to. */
typedef struct gi_guest {
    gi_conn *conn; /* NULL: nobody */
    uint64_t id;
    int64_t until; /* strangers and those who are let go: no longer */
    bool stranger;
    bool parting; /* out of the channel's sight */
    bool said;    /* and was told why: it is for him to go */
    unsigned char *own;
} gi_guest;

struct gi_line {
    gi_channel *channel;
    uint32_t payload_most;
    gi_inbox inbox;
    gi_guest guest[GI_GUESTS];
    uint64_t last_id;
    uint64_t *numbers;     /* of the letter that is looked at */
    gi_came *first, *last; /* taken by the channel, not by the caller */
    gi_going *sending;     /* on its way out over... */
    uint64_t sending_on;
    gi_going *returned; /* came back meanwhile */

    nng_stream_dialer *dialer;
    nng_stream_listener *listener;
    nng_aio *aio; /* of either */
    uint16_t port;
    bool asked;      /* the aio is under way */
    bool dial_again; /* what is under way is not wanted any more */
    int64_t accept_at;
    /* guarded by the inbox's lock */
    bool answered;
    nng_stream *stream; /* NULL: it failed */
};

/* ------------------------------------------------------ in line_door.c -- */

gale_err gi_line_open_door(gi_line *l, const gi_line_opts *o);
void gi_line_close_door(gi_line *l);

/* Dial, or wait for somebody. */
void gi_line_ask(gi_line *l);
/* What has come of it? */
void gi_line_look_at_door(gi_line *l, int64_t now);

gi_guest *gi_line_guest(gi_line *l, uint64_t id); /* NULL: has gone */
void gi_line_dismiss(gi_line *l, gi_guest *g);

#endif
