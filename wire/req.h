/* req.h -- one connection to a port that answers (answer.h, or any REP of
 * nng), and one request at a time on it.
 *
 * It speaks what nng's REQ sockets speak, over a byte stream of nng's: such a
 * socket does not tell a port that refuses from one that is slow, dials on its
 * own, and takes its time from the clock on the wall.  Here the caller waits,
 * hears at once of what breaks, and every step has a deadline on the steady
 * clock (CLOCK_MONOTONIC).
 *
 * Thread  one at a time, but for gi_req_stop
 */
#ifndef GI_WIRE_REQ_H
#define GI_WIRE_REQ_H

#include <nng/nng.h>

#include "base/strbuf.h"
#include "wire/secrets.h"

typedef struct gi_req gi_req;

gale_err gi_req_create(gi_req **out); /* GALE_ENOMEM */
void gi_req_destroy(gi_req *r);       /* NULL is fine */

/* Steps give 0, or an error of nng: NNG_ECONNREFUSED, NNG_ETIMEDOUT: not until
 * `due`; NNG_ECANCELED: gi_req_stop; NNG_EPROTO: what answers there is no such
 * port, ...  After an error there is no connection. */

/* Connect to `url`, and hear that a port answers there.  `url` is as
 * gi_secrets_url makes it. */
int gi_req_open(gi_req *r, const char *url, const gi_secrets *secrets,
                int64_t due);
bool gi_req_is_open(const gi_req *r);
void gi_req_close(gi_req *r);

/* Send a request, and wait for its reply.
 *
 *   reply  in place of what was there
 *   most   bytes of it; NNG_EMSGSIZE if it is longer */
int gi_req_ask(gi_req *r, const void *request, size_t len, size_t most,
               gi_strbuf *reply, int64_t due);

/* Let the step that is being waited for end, and all after it, until told to
 * go on.  Thread  any */
void gi_req_stop(gi_req *r);
void gi_req_go_on(gi_req *r);

/* Sleep until `due` (gi_clock_ns); false: stopped. */
bool gi_req_nap(gi_req *r, int64_t due);

#endif
