#include "wire/stream.h"

/* Closing ends what TLS left behind, even if it was closed before; a plain
 * stream that was closed before wants it to be aborted. */
static void mind_the_peer(nng_stream *s, nng_aio *aio)
{
    nng_sockaddr peer;

    if (nng_stream_get_addr(s, NNG_OPT_REMADDR, &peer) == 0)
        return;
    nng_stream_close(s);
    nng_aio_abort(aio, NNG_ECONNSHUT);
}

void gi_stream_recv(nng_stream *s, nng_aio *aio)
{
    nng_stream_recv(s, aio);
    mind_the_peer(s, aio);
}

void gi_stream_send(nng_stream *s, nng_aio *aio)
{
    nng_stream_send(s, aio);
    mind_the_peer(s, aio);
}
