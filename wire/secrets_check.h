/* secrets_check.h -- whether a certificate is of use, before somebody at the
 * other end finds that it is not.  Within wire/ only.
 *
 * Thread  any
 */
#ifndef GI_WIRE_SECRETS_CHECK_H
#define GI_WIRE_SECRETS_CHECK_H

#include "wire/secrets.h"

/* Do certificate and key fit together, is it valid today, and of this
 * authority?
 *
 *   ca, own  what is in o->ca_file and o->cert_file, as text
 *
 * GALE_EFORMAT, and `why` says what is wrong; GALE_ENOMEM. */
gale_err gi_secrets_check(const gi_secrets_opts *o, const char *ca,
                          const char *own, gale_diag *why);

#endif
