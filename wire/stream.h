/* stream.h -- reading and writing a byte stream of nng, so that each ends.
 *
 * In nng 1.5.2 what is begun on a stream that broke, or was closed, a moment
 * before never ends: plain streams leave it where nobody looks again, and
 * those of TLS do so even if it is aborted.  So whoever begins looks
 * afterwards whether there is a peer, and whether we closed it ourselves;
 * whatever breaks or is closed later ends what is under way.
 *
 * Thread  whoever may read, or write, the stream, and any to close it; it is
 *         not freed meanwhile
 */
#ifndef GI_WIRE_STREAM_H
#define GI_WIRE_STREAM_H

#include <nng/nng.h>
#include <stdatomic.h>
#include <stdbool.h>

typedef struct gi_stream {
    nng_stream *s;
    _Atomic bool closed; /* by gi_stream_close */
} gi_stream;

/* As nng_stream_recv and nng_stream_send; if the peer has gone, or it was
 * closed, the stream is closed and `aio` ends with an error. */
void gi_stream_recv(gi_stream *s, nng_aio *aio);
void gi_stream_send(gi_stream *s, nng_aio *aio);

/* What is under way ends, and so does what is begun later. */
void gi_stream_close(gi_stream *s);

/* Can what was begun and did not end at once be taken back?  With TLS that
 * would end the stream. */
bool gi_stream_is_plain(nng_stream *s);

enum { GI_STREAM_PEER = 64 };

/* Who is at the other end: "1.2.3.4:5", "[::1]:5"; "?" if he has gone. */
void gi_stream_peer(nng_stream *s, char to[GI_STREAM_PEER]);

#endif
