#include "wire/secrets.h"

#include <nng/supplemental/tls/tls.h>
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "base/mem.h"
#include "wire/secrets_check.h"

struct gi_secrets {
    nng_tls_config *client, *server; /* NULL: no TLS */
    char *token, *secret;
};

/* ---------------------------------------------------------------- TLS -- */

static gale_err refused(int rv, const char *file, const char *what,
                        gale_diag *why)
{
    if (rv == NNG_ENOMEM)
        return GALE_ENOMEM;
    gi_diag_say(why, "'%s' is not %s (%s)", file, what, nng_strerror(rv));
    return GALE_EFORMAT;
}

/* Both ends show a certificate, and want one of the cluster's authority.  It
 * vouches for the cluster's own and nobody else, so the host's name in it does
 * not matter: nodes come and go, and their certificates may be alike. */
static gale_err configure(nng_tls_config **out, nng_tls_mode mode,
                          const gi_secrets_opts *o, const char *ca,
                          const char *own, gale_diag *why)
{
    nng_tls_config *c;
    int rv = nng_tls_config_alloc(&c, mode);

    if (rv == NNG_ENOMEM)
        return GALE_ENOMEM;
    if (rv != 0) {
        gi_diag_say(why, "there is no TLS in this nng (%s)", nng_strerror(rv));
        return GALE_EIO;
    }
    *out = c;
    rv = nng_tls_config_ca_chain(c, ca, NULL);
    if (rv != 0)
        return refused(rv, o->ca_file, "a PEM file of certificates", why);
    rv = nng_tls_config_own_cert(c, own, own, NULL);
    if (rv != 0)
        return refused(rv, o->cert_file,
                       "a PEM file of a certificate and its key", why);
    rv = nng_tls_config_version(c, NNG_TLS_1_2, NNG_TLS_1_3);
    if (rv == 0)
        rv = nng_tls_config_auth_mode(c, NNG_TLS_AUTH_MODE_REQUIRED);
    return rv == 0 ? GALE_OK : refused(rv, o->ca_file, "of use", why);
}

/* What nng would say in one word for all. */
static gale_err look_for(const char *pem, const char *what, const char *file,
                         gale_diag *why)
{
    if (strstr(pem, what) != NULL)
        return GALE_OK;
    gi_diag_say(why, "'%s' has no %s in it", file, what);
    return GALE_EFORMAT;
}

static gale_err make_tls(gi_secrets *s, const gi_secrets_opts *o,
                         const gi_secrets_texts *t, gale_diag *why)
{
    gale_err e = look_for(t->ca, "BEGIN CERTIFICATE", o->ca_file, why);

    if (e == GALE_OK)
        e = look_for(t->cert, "BEGIN CERTIFICATE", o->cert_file, why);
    if (e == GALE_OK)
        e = look_for(t->cert, "PRIVATE KEY", o->cert_file, why);
    if (e == GALE_OK)
        e = configure(&s->client, NNG_TLS_MODE_CLIENT, o, t->ca, t->cert, why);
    if (e == GALE_OK)
        e = configure(&s->server, NNG_TLS_MODE_SERVER, o, t->ca, t->cert, why);
    return e == GALE_OK ? gi_secrets_check(o, t->ca, t->cert, why) : e;
}

/* ----------------------------------------------------- made and undone -- */

static gale_err copy(char **to, const char *text)
{
    if (text == NULL)
        return GALE_OK;
    *to = gi_strdup(text);
    return *to == NULL ? GALE_ENOMEM : GALE_OK;
}

gale_err gi_secrets_make(gi_secrets **out, const gi_secrets_texts *texts,
                         const gi_secrets_opts *names, gale_diag *why)
{
    gi_secrets *s = gi_alloc(sizeof(*s));
    gale_err e = s == NULL ? GALE_ENOMEM : GALE_OK;

    if (e == GALE_OK && texts->ca != NULL)
        e = make_tls(s, names, texts, why);
    if (e == GALE_OK)
        e = copy(&s->token, texts->token);
    if (e == GALE_OK)
        e = copy(&s->secret, texts->secret);
    if (e == GALE_ENOMEM)
        gi_diag_say(why, "%s", gale_err_text(e));
    if (e != GALE_OK) {
        gi_secrets_destroy(s);
        return e;
    }
    *out = s;
    return GALE_OK;
}

gale_err gi_secrets_load(gi_secrets **out, const gi_secrets_opts *opts,
                         gale_diag *why)
{
    gi_secrets_texts texts = { 0 };
    gale_err e = gi_secrets_read(&texts, opts, why);

    if (e == GALE_OK)
        e = gi_secrets_make(out, &texts, opts, why);
    else if (e == GALE_ENOMEM)
        gi_diag_say(why, "%s", gale_err_text(e));
    gi_secrets_texts_fini(&texts);
    return e;
}

void gi_secrets_destroy(gi_secrets *s)
{
    if (s == NULL)
        return;
    if (s->client != NULL)
        nng_tls_config_free(s->client);
    if (s->server != NULL)
        nng_tls_config_free(s->server);
    gi_secret_free(s->token);
    gi_secret_free(s->secret);
    gi_free(s);
}

/* --------------------------------------------------------------- asked -- */

bool gi_secrets_tls(const gi_secrets *s)
{
    return s != NULL && s->client != NULL;
}

struct nng_tls_config *gi_secrets_client(const gi_secrets *s)
{
    return s != NULL ? s->client : NULL;
}

struct nng_tls_config *gi_secrets_server(const gi_secrets *s)
{
    return s != NULL ? s->server : NULL;
}

gale_err gi_secrets_url(const gi_secrets *s, const char *url, char **out,
                        gale_diag *why)
{
    static const char plain[] = "tcp://", sealed[] = "tls+tcp://";
    bool is_sealed = strncmp(url, sealed, sizeof(sealed) - 1) == 0;
    bool is_plain = strncmp(url, plain, sizeof(plain) - 1) == 0;
    const char *rest = url + (is_sealed ? sizeof(sealed) : sizeof(plain)) - 1;
    size_t room;

    if (!is_sealed && !is_plain) {
        gi_diag_say(why, "'%s' is no address; one looks like tcp://HOST:PORT",
                    url);
        return GALE_EINVAL;
    }
    if (is_sealed && !gi_secrets_tls(s)) {
        gi_diag_say(why, "'%s' wants TLS, and there is no certificate for it",
                    url);
        return GALE_EINVAL;
    }
    room = sizeof(sealed) + strlen(rest);
    *out = gi_alloc(room);
    if (*out == NULL)
        return GALE_ENOMEM;
    snprintf(*out, room, "%s%s", gi_secrets_tls(s) ? sealed : plain, rest);
    return GALE_OK;
}

const char *gi_secrets_token(const gi_secrets *s)
{
    return s != NULL && s->token != NULL ? s->token : "";
}

const char *gi_secrets_secret(const gi_secrets *s)
{
    return s != NULL && s->secret != NULL ? s->secret : "";
}

/* As long as what was shown is long, whatever is in it. */
static bool same(const char *ours, const char *shown)
{
    size_t n = strlen(ours), m = strlen(shown);
    volatile unsigned char differ = n != m;

    if (n == 0)
        return true; /* none is asked for */
    for (size_t i = 0; i < m; i++)
        differ |= (unsigned char)(ours[i % n] ^ shown[i]);
    return differ == 0;
}

bool gi_secrets_token_is(const gi_secrets *s, const char *token)
{
    return same(gi_secrets_token(s), token);
}

bool gi_secrets_secret_is(const gi_secrets *s, const char *secret)
{
    return same(gi_secrets_secret(s), secret);
}
