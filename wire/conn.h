/* conn.h -- one connection between two workers: whole frames go and come.
 *
 * A byte stream of nng, read by nng's threads, and written by them where there
 * is no room at once.  What they have to say (a frame came, one has left, it
 * is over) lies with the connection until the owner looks; an inbox, of many
 * connections, tells him that he should.
 * They touch nothing else of his.  A frame's header is looked at before there
 * is memory for its payload, and no more is read while the owner has enough to
 * do: how much a peer can make us keep is bounded.
 *
 * Thread  owner, but for gi_inbox_tell
 */
#ifndef GI_WIRE_CONN_H
#define GI_WIRE_CONN_H

#include <nng/nng.h>
#include <stdatomic.h>

#include "gale/base.h"
#include "wire/frame.h"
#include "wire/proof.h"

/* Where nng's threads leave word. */
typedef struct gi_inbox {
    _Atomic bool full; /* something was told since the owner's last look */
    void (*wake)(void *arg);
    void *arg;
} gi_inbox;

/* There is something to be looked at.  Thread  any */
void gi_inbox_tell(gi_inbox *in);

/* The owner looks now: at all that was told before, and maybe more. */
void gi_inbox_look(gi_inbox *in);

/* A frame that came, and was found sound. */
typedef struct gi_came {
    struct gi_came *next;
    gi_frame frame; /* its payload lies in `bytes` */
    size_t len;
    unsigned char bytes[];
} gi_came;

typedef struct gi_conn gi_conn;

enum {
    GI_CONN_HELD = 64,            /* frames read ahead, ... */
    GI_CONN_HELD_BYTES = 1 << 20, /* ... while they are less than this */
    GI_CONN_AHEAD = 128 << 10, /* bytes that may come with a frame's last, */
    GI_CONN_FIRST = 4 << 10,   /* and that a stranger may send at a time */
    GI_CONN_PIECES = 8,        /* frames in one write: as many as nng takes */
};

/* Takes `stream`, in any case.  First both ends show that they know the
 * secret, if `who` has one.  Then one frame with a payload of up to `limit`
 * bytes is read, and it waits for gi_conn_greeted. */
gale_err gi_conn_create(gi_conn **out, gi_inbox *in, nng_stream *stream,
                        uint32_t limit, const gi_prover *who);

/* Closes it at once; what was on its way is lost.  When it returns nng has let
 * go of all that was given it.  NULL is fine. */
void gi_conn_destroy(gi_conn *c);

/* From now on read ahead, and payloads of up to `limit` bytes. */
void gi_conn_greeted(gi_conn *c, uint32_t limit);

/* Has anything happened since this was asked before?  Then look: take until
 * there is nothing, is it down, is it busy. */
bool gi_conn_news(gi_conn *c);

/* The next frame that came, to be gi_free'd; NULL: none yet. */
gi_came *gi_conn_take(gi_conn *c);

/* Why nothing more will come. */
typedef struct gi_conn_end {
    gi_refusal refusal; /* of the last frame; GI_TAKEN: the stream ended */
    int error;          /* as nng says it */
} gi_conn_end;

/* Will nothing more come? */
bool gi_conn_down(gi_conn *c, gi_conn_end *why);
const char *gi_conn_end_text(const gi_conn_end *why);

/* Who is at the other end: "127.0.0.1:6700". */
const char *gi_conn_address(const gi_conn *c);

/* Are frames still on their way out? */
bool gi_conn_busy(gi_conn *c);

/* Send these frames, up to GI_CONN_PIECES of them, in one write.  They are
 * borrowed while it is busy; which it must not be, and mostly is not when this
 * returns. */
void gi_conn_send(gi_conn *c, const nng_iov *frames, unsigned n);

#endif
