/* line_inside.h -- what the files of line and exchange share.  See line.h. */
#ifndef GI_WIRE_LINE_INSIDE_H
#define GI_WIRE_LINE_INSIDE_H

#include "wire/conn.h"
#include "wire/exchange.h"
#include "wire/gripe.h"
#include "wire/letter.h"

enum { GI_GUESTS = 4 };

#define GI_PATIENCE_NS INT64_C(1000000000)
#define GI_HUSH_NS     INT64_C(3000000000) /* peers do not begin all at once */

/* What all lines of an exchange have in common. */
typedef struct gi_line_common {
    gi_inbox inbox;
    const gi_secrets *secrets;
    uint64_t key; /* ours */
    uint32_t payload_most;
    uint64_t last_id;  /* of a connection */
    uint64_t *numbers; /* room for those of the letter that is looked at */
} gi_line_common;

/* A connection: the one that the channel knows, or one that is let go. */
typedef struct gi_guest {
    gi_conn *conn; /* NULL: nobody */
    uint64_t id;
    int64_t until;      /* who is let go: no longer */
    bool parting;       /* out of the channel's sight */
    bool said;          /* and was told why: it is for him to go */
    unsigned char *own; /* what control frames are written to */
} gi_guest;

struct gi_line {
    gi_line *next; /* of the exchange */
    gi_line_common *common;
    gi_channel *channel;
    uint64_t key;
    char *name;
    gi_guest guest[GI_GUESTS];
    gi_came *first, *last; /* taken by the channel, not by the caller */

    /* letters to go in one write over `sending_on`; frames of the caller's in
     * such a write, until it is done; those of them that came back meanwhile
     */
    nng_iov piece[GI_CONN_PIECES];
    unsigned n_pieces;
    bool own_used; /* the guest's: one of the letters is there */
    gi_going *lent[GI_CONN_PIECES], *returned[GI_CONN_PIECES];
    unsigned n_lent, n_returned;
    uint64_t sending_on;

    gi_gripe gripe;
    int64_t due;     /* the next turn; ... */
    bool is_touched; /* ... or now, since the caller was at it */

    char *url; /* where the peer listens; NULL: not known, or not needed */
    nng_stream_dialer *dialer;
    nng_aio *aio;
    bool asked;      /* the aio is under way */
    bool dial_again; /* what is under way is not wanted any more */
    /* said by nng, then looked at when `answered` */
    nng_stream *stream;
    int error;
    _Atomic bool answered;
};

/* ----------------------------------------------------------- in line.c -- */

gale_err gi_line_create(gi_line **out, gi_line_common *common,
                        const gi_channel_opts *opts, const gi_peer_place *peer,
                        int64_t now);

/* Gives the link up.  gi_line_abandon and gi_line_back must have been called
 * until nothing came; what was not taken is freed.  NULL is fine. */
void gi_line_destroy(gi_line *l);

/* Take in what happened, and do what is to be done.  Returns when the next
 * turn is due, if nobody wakes before. */
int64_t gi_line_turn(gi_line *l, int64_t now);

/* Takes `conn`, over which the peer sent this HELLO.  It may not stay. */
void gi_line_welcome(gi_line *l, gi_conn *conn, const gi_letter *hello,
                     int64_t now);

void gi_line_dismiss(gi_line *l, gi_guest *g);
gi_guest *gi_line_guest(gi_line *l, uint64_t id); /* NULL: has gone */

/* ------------------------------------------------------ in line_send.c -- */

/* May a letter go over the channel's connection, with those gathered so far?
 */
bool gi_line_may_send(gi_line *l);

/* It goes with the next gi_line_send, which must come in the same turn. */
void gi_line_put(gi_line *l, gi_guest *g, const gi_letter *letter);

/* The last letter to whom the channel does not know, and who is not busy. */
void gi_line_refuse(gi_guest *g, const gi_letter *letter);

/* What was gathered goes.  True: it has gone, and there is room for more. */
bool gi_line_send(gi_line *l);

/* The connection has ended: nothing of it is being written. */
void gi_line_unlend(gi_line *l, uint64_t id);

/* ------------------------------------------------------ in line_dial.c -- */

/* From now on dial there.  NULL: it is not known where; the channel is to be
 * told, if it dials.  If it fails nothing has changed. */
gale_err gi_line_open_dialer(gi_line *l, const char *url);
void gi_line_close_dialer(gi_line *l);

void gi_line_dial(gi_line *l, int64_t now);
/* True: it was answered.  *s is NULL if nobody is there. */
bool gi_line_dialed(gi_line *l, nng_stream **s, int64_t now);

#endif
