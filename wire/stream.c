#include "wire/stream.h"

#include <arpa/inet.h>
#include <stdio.h>

/* Closing ends what TLS left behind, even if it was closed before; a plain
 * stream that was closed before wants it to be aborted.  One that we closed
 * has its peer until he hangs up, too. */
static void mind_the_end(gi_stream *s, nng_aio *aio)
{
    nng_sockaddr peer;

    if (!atomic_load(&s->closed) &&
        nng_stream_get_addr(s->s, NNG_OPT_REMADDR, &peer) == 0)
        return;
    nng_stream_close(s->s);
    nng_aio_abort(aio, NNG_ECONNSHUT);
}

void gi_stream_recv(gi_stream *s, nng_aio *aio)
{
    nng_stream_recv(s->s, aio);
    mind_the_end(s, aio);
}

void gi_stream_send(gi_stream *s, nng_aio *aio)
{
    nng_stream_send(s->s, aio);
    mind_the_end(s, aio);
}

/* First said, then done: whoever begins meanwhile either comes before the
 * close, which ends it, or sees that it was said. */
void gi_stream_close(gi_stream *s)
{
    atomic_store(&s->closed, true);
    nng_stream_close(s->s);
}

bool gi_stream_is_plain(nng_stream *s)
{
    bool verified;

    return nng_stream_get_bool(s, NNG_OPT_TLS_VERIFIED, &verified) ==
           NNG_ENOTSUP;
}

void gi_stream_peer(nng_stream *s, char to[GI_STREAM_PEER])
{
    char host[INET6_ADDRSTRLEN] = "?";
    nng_sockaddr a;

    snprintf(to, GI_STREAM_PEER, "?");
    if (nng_stream_get_addr(s, NNG_OPT_REMADDR, &a) != 0)
        return;
    if (a.s_family == NNG_AF_INET) {
        inet_ntop(AF_INET, &a.s_in.sa_addr, host, sizeof(host));
        snprintf(to, GI_STREAM_PEER, "%s:%u", host, ntohs(a.s_in.sa_port));
    } else if (a.s_family == NNG_AF_INET6) {
        inet_ntop(AF_INET6, a.s_in6.sa_addr, host, sizeof(host));
        snprintf(to, GI_STREAM_PEER, "[%s]:%u", host, ntohs(a.s_in6.sa_port));
    }
}
