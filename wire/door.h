/* door.h -- the port at which peers knock: byte streams of nng, one at a time.
 *
 * Who comes waits, one ahead of the owner; more wait in the kernel.
 *
 * Thread  owner
 */
#ifndef GI_WIRE_DOOR_H
#define GI_WIRE_DOOR_H

#include "wire/conn.h"
#include "wire/secrets.h"

typedef struct gi_door gi_door;

/* Listens at `url`, "tcp://HOST:PORT"; with secrets that have TLS, by it.
 * GALE_EINVAL: that is no address; GALE_EIO: it cannot, and `why` says why;
 * GALE_ENOMEM.
 *
 *   in   told when there is somebody; borrowed until close */
gale_err gi_door_open(gi_door **out, const char *url,
                      const gi_secrets *secrets, gi_inbox *in, gale_diag *why);
void gi_door_close(gi_door *d); /* NULL is fine */
uint16_t gi_door_port(const gi_door *d);

/* Who knocked, to be nng_stream_free'd; NULL: nobody.
 *
 *   error  why nobody could be let in, as nng says it; else 0 */
nng_stream *gi_door_take(gi_door *d, int64_t now, int *error);

/* When to call it at the latest. */
int64_t gi_door_due(const gi_door *d);

#endif
