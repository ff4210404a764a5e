/* conn.h -- one connection between two workers: whole frames go and come.
 *
 * A byte stream of nng, read and written by nng's threads.  What they have to
 * say (a frame came, one has left, it is over) lies in an inbox until the
 * owner looks; they touch nothing else of his.  A frame's header is looked at
 * before there is memory for its payload, and no more is read while the owner
 * has enough to do: how much a peer can make us keep is bounded.
 *
 * Thread  owner, but for gi_inbox_tell
 */
#ifndef GI_WIRE_CONN_H
#define GI_WIRE_CONN_H

#include <nng/nng.h>
#include <pthread.h>

#include "gale/base.h"
#include "wire/frame.h"

/* Where nng's threads leave word. */
typedef struct gi_inbox {
    pthread_mutex_t lock;
    bool full; /* something was told since the owner's last look */
    void (*wake)(void *arg);
    void *arg;
} gi_inbox;

/* After this the owner looks.  Thread  any, not holding the lock */
void gi_inbox_tell(gi_inbox *in);

/* A frame that came, and was found sound. */
typedef struct gi_came {
    struct gi_came *next;
    gi_frame frame; /* its payload lies in `bytes` */
    size_t len;
    unsigned char bytes[];
} gi_came;

typedef struct gi_conn gi_conn;

enum {
    GI_CONN_HELD = 16,            /* frames read ahead, ... */
    GI_CONN_HELD_BYTES = 1 << 20, /* ... while they are less than this */
};

/* Takes `stream`, in any case.  One frame with a payload of up to `limit`
 * bytes is read, then it waits for gi_conn_greeted. */
gale_err gi_conn_create(gi_conn **out, gi_inbox *in, nng_stream *stream,
                        uint32_t limit);

/* Closes it at once; what was on its way is lost.  When it returns nng has let
 * go of all that was given it.  NULL is fine. */
void gi_conn_destroy(gi_conn *c);

/* From now on read ahead, and payloads of up to `limit` bytes. */
void gi_conn_greeted(gi_conn *c, uint32_t limit);

/* The next frame that came, to be gi_free'd; NULL: none yet. */
gi_came *gi_conn_take(gi_conn *c);

/* Will nothing more come?  *why: what was wrong with the last frame. */
bool gi_conn_down(gi_conn *c, gi_refusal *why);

/* Is a frame still on its way out? */
bool gi_conn_busy(gi_conn *c);

/* Send the `len` bytes at `frame`, borrowed while it is busy; which it must
 * not be. */
void gi_conn_send(gi_conn *c, void *frame, size_t len);

#endif
