/* whose.h -- whose the other end of a connection is, as the kernel knows it.
 *
 * Of every TCP connection whose ends are both on this machine it says which
 * user has them; so who somebody is there need not be taken on trust.
 *
 * Thread  any
 */
#ifndef GI_WIRE_WHOSE_H
#define GI_WIRE_WHOSE_H

#include <nng/nng.h>

#include "gale/base.h"

typedef enum gi_whose {
    GI_WHOSE_ELSEWHERE, /* another machine's, or it cannot be known here */
    GI_WHOSE_KNOWN,
    GI_WHOSE_UNCLEAR, /* of this machine; but he hung up, or is not found */
} gi_whose;

/* *uid is written if it is known. */
gi_whose gi_whose_stream(nng_stream *s, uint32_t *uid);

/* The same for a connection's two addresses.  False: the kernel does not
 * answer such questions.
 *
 *   ours, his  what the two ends are bound to, here and there */
bool gi_whose_ask(const nng_sockaddr *ours, const nng_sockaddr *his,
                  gi_whose *out, uint32_t *uid);

/* The same for a connection's two addresses, in a file such as /proc/net/tcp:
 * slow, where there are many connections. */
gi_whose gi_whose_in(const char *file, const nng_sockaddr *ours,
                     const nng_sockaddr *his, uint32_t *uid);

/* The name of that user, or its number; to be gi_free'd.  NULL: no memory. */
char *gi_whose_name(uint32_t uid);

#endif
