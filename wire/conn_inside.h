/* conn_inside.h -- what the files of a connection share.  See conn.h. */
#ifndef GI_WIRE_CONN_INSIDE_H
#define GI_WIRE_CONN_INSIDE_H

#include <pthread.h>

#include "wire/conn.h"
#include "wire/stream.h"

struct gi_conn {
    gi_inbox *in;
    gi_stream stream;
    nng_aio *rx, *tx;
    nng_aio *at_once; /* calls nobody; NULL: the stream knows no such thing */
    char address[GI_STREAM_PEER];

    /* what is being read: of whoever reads, one at a time */
    gi_came *frame; /* of which `have` bytes are here; NULL: its header is not
                     * here yet */
    size_t have;
    unsigned char *ahead; /* bytes that came with those before: */
    uint32_t at, end, cap_ahead;
    unsigned char first_ahead[GI_CONN_FIRST]; /* it is there at first */

    gi_proof proof; /* likewise; before there are frames */

    _Atomic bool news;
    pthread_mutex_t lock; /* guards the rest */
    gi_came *first, *last;
    uint32_t held, held_most, limit;
    size_t held_bytes;
    bool paused, down, busy;
    gi_conn_end why;
    bool writing, proved;
    unsigned char word[GI_PROOF_MOST]; /* goes before frames */
    size_t word_at, word_end;
    nng_iov out[GI_CONN_PIECES]; /* what is left of it; empty: nothing */
    unsigned n_out;
};

/* Something happened that the owner should look at. */
void gi_conn_tell(gi_conn *c);

/* ---------------------------------------------------------- conn_send.c -- */

/* The proof has something to be said, before there are frames. */
void gi_conn_say(gi_conn *c, const unsigned char *word, size_t n);

/* nng's, when c->tx is done. */
void gi_conn_on_written(void *conn);

#endif
