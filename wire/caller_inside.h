/* caller_inside.h -- what caller.c (a connection) and callers.c (all of them)
 * share.
 */
#ifndef GI_WIRE_CALLER_INSIDE_H
#define GI_WIRE_CALLER_INSIDE_H

#include "wire/answer_inside.h"
#include "wire/stream.h"

enum {
    GI_CALLER_GREETING = 8,
    GI_CALLER_NUMBER = 4,
    GI_CALLER_HEAD = 8 + GI_CALLER_NUMBER,
    GI_CALLER_REPLIES = 4, /* that he may leave untaken, and still ask */
};

/* What is to be sent. */
typedef struct gi_reply_parcel {
    struct gi_reply_parcel *next;
    size_t len, sent;
    unsigned char bytes[];
} gi_reply_parcel;

struct gi_caller {
    gi_answerer *a;
    uint64_t id;
    gi_stream stream;
    nng_aio *rx, *tx;
    nng_sockaddr from;

    /* what is being read: of whoever reads, one at a time */
    bool greeted, has_asked;
    gi_known who;
    int64_t began; /* to be read, what now comes; 0: nothing */
    unsigned char head[GI_CALLER_HEAD];
    unsigned char *body;    /* NULL: its head still comes */
    size_t have, len, room; /* of the body; room for so much as yet */

    /* guarded by the answerer's lock */
    gi_caller *prev, *next;
    gi_reply_parcel *first, *last; /* the first is being sent */
    uint32_t n_parcels, n_asked;   /* he waits for so many replies */
    bool paused, down;
    bool sent_away; /* his connection was closed, and he is soon down */
    int64_t due;    /* what he began to say must be said by then; 0: nothing */
    bool held;      /* he is being let in, and not to be freed */
};

/* Takes `stream`, in any case.  NULL: no memory. */
gi_caller *gi_caller_create(gi_answerer *a, nng_stream *stream);
void gi_caller_begin(gi_caller *c); /* to speak with him */
void gi_caller_destroy(gi_caller *c);

#endif
