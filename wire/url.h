/* url.h -- "tcp://HOST:PORT": where does it lead?  Pure. */
#ifndef GI_WIRE_URL_H
#define GI_WIRE_URL_H

#include "gale/base.h"

/* Can nobody but this machine be reached there, or reach it? */
bool gi_url_loopback(const char *url);

/* May it be used without TLS?  If it leads elsewhere, only if that was said
 * (`open`); else GALE_EINVAL, and `why` says what to do. */
gale_err gi_url_allowed(const char *url, bool tls, bool open, gale_diag *why);

/* By which others reach who was asked to listen at `asked`: with the port that
 * it got; and if its address stands for all of this machine's, with `host`. */
void gi_url_tell(char *to, size_t size, const char *asked, const char *host,
                 uint16_t port);

#endif
