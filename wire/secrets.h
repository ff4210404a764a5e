/* secrets.h -- what daemons and clients are known by.
 *
 * On a loopback address nothing is needed.  Elsewhere links and ports speak
 * TLS, and both sides show a certificate of the cluster's own authority.  A
 * token lets clients in, a secret supervisors and workers; both are files that
 * only their owner may read, never arguments, and never in a log.
 */
#ifndef GI_WIRE_SECRETS_H
#define GI_WIRE_SECRETS_H

#include <nng/nng.h>

#include "gale/base.h"

struct nng_tls_config;

typedef struct gi_secrets_opts {
    const char *ca_file;    /* PEM; NULL: no TLS */
    const char *cert_file;  /* PEM: certificate and key, one after the other */
    const char *token_file; /* NULL: no token is asked for, or shown */
    const char *secret_file; /* likewise */
} gi_secrets_opts;

typedef struct gi_secrets gi_secrets;

/* Reads the files.  They must belong to who runs this, or to root; nobody else
 * may change them, nor, but for ca_file, read them.  GALE_EIO, GALE_EFORMAT:
 * `why` names the file, and what is wrong with it: that a certificate has
 * expired, say, or is not that of its key, or of another authority;
 * GALE_EINVAL: an authority without a certificate or the other way round;
 * GALE_ENOMEM. */
gale_err gi_secrets_load(gi_secrets **out, const gi_secrets_opts *opts,
                         gale_diag *why);
void gi_secrets_destroy(gi_secrets *s); /* wiped; NULL is fine */

/* What the files say, to be handed on to who may not read them.  NULL: there
 * is none. */
typedef struct gi_secrets_texts {
    char *ca, *cert, *token, *secret;
} gi_secrets_texts;

/* gi_secrets_load in two steps, and with its errors.  `names` says in words
 * what the texts are of. */
gale_err gi_secrets_read(gi_secrets_texts *out, const gi_secrets_opts *opts,
                         gale_diag *why);
gale_err gi_secrets_make(gi_secrets **out, const gi_secrets_texts *texts,
                         const gi_secrets_opts *names, gale_diag *why);
void gi_secrets_texts_fini(gi_secrets_texts *t); /* wiped */
void gi_secret_free(char *text);                 /* wiped; NULL is fine */

bool gi_secrets_tls(const gi_secrets *s); /* NULL: false */

/* For nng, as who dials or listens.  Borrowed. */
struct nng_tls_config *gi_secrets_client(const gi_secrets *s);
struct nng_tls_config *gi_secrets_server(const gi_secrets *s);

/* `url`, "tcp://HOST:PORT" or "tls+tcp://HOST:PORT", as nng has to be told:
 * with TLS whenever there is.  *out is to be gi_free'd.  GALE_EINVAL: it is
 * neither, or wants TLS in vain; GALE_ENOMEM. */
gale_err gi_secrets_url(const gi_secrets *s, const char *url, char **out,
                        gale_diag *why);

const char *gi_secrets_token(const gi_secrets *s); /* "": none; NULL ok */
const char *gi_secrets_secret(const gi_secrets *s);

/* Compares in a time that says nothing about where they differ.  If none is
 * asked for, any will do. */
bool gi_secrets_token_is(const gi_secrets *s, const char *token);
bool gi_secrets_secret_is(const gi_secrets *s, const char *secret);

#endif
