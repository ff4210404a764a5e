#include "wire/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <nng/supplemental/tls/tls.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "wire/diag.h"
#include "wire/secrets_check.h"

enum { MOST_BYTES = 1 << 20, MOST_WORD = 1024 };

struct gi_secrets {
    nng_tls_config *client, *server; /* NULL: no TLS */
    char *token, *secret;
};

/* ------------------------------------------------------- reading a file -- */

static void wipe(char *text)
{
    if (text != NULL)
        explicit_bzero(text, strlen(text));
    gi_free(text);
}

/* May what it says be believed, and is it kept from others? */
static gale_err judge(const char *file, const struct stat *st, bool is_private,
                      gale_diag *why)
{
    unsigned mode = (unsigned)st->st_mode & 07777;

    if (!S_ISREG(st->st_mode)) {
        gi_diag_say(why, "'%s' is not a file", file);
        return GALE_EIO;
    }
    if (st->st_uid != geteuid() && st->st_uid != 0) {
        gi_diag_say(why,
                    "'%s' belongs to user %u; it must belong to user %u, who "
                    "runs this, or to root",
                    file, (unsigned)st->st_uid, (unsigned)geteuid());
        return GALE_EIO;
    }
    if (is_private && (mode & 077) != 0) {
        gi_diag_say(why, "'%s' is open to others (mode %04o): chmod 600 '%s'",
                    file, mode, file);
        return GALE_EIO;
    }
    if ((mode & 022) != 0) {
        gi_diag_say(
            why, "'%s' can be changed by others (mode %04o): chmod go-w '%s'",
            file, mode, file);
        return GALE_EIO;
    }
    if (st->st_size > MOST_BYTES) {
        gi_diag_say(why, "'%s' has %lld bytes; that is too much", file,
                    (long long)st->st_size);
        return GALE_EFORMAT;
    }
    return GALE_OK;
}

static gale_err read_all(int fd, const char *file, size_t size, char **out,
                         gale_diag *why)
{
    char *text = gi_alloc(size + 1);
    size_t have = 0;
    ssize_t n = 1;

    if (text == NULL)
        return GALE_ENOMEM;
    while (have < size && n > 0) {
        n = read(fd, text + have, size - have);
        if (n > 0)
            have += (size_t)n;
        else if (n < 0 && errno == EINTR)
            n = 1;
    }
    if (n < 0) {
        gi_diag_say(why, "cannot read '%s': %s", file, strerror(errno));
        wipe(text);
        return GALE_EIO;
    }
    if (memchr(text, '\0', have) != NULL) {
        gi_diag_say(why, "'%s' has a zero byte in it: it is not text", file);
        explicit_bzero(text, have);
        gi_free(text);
        return GALE_EFORMAT;
    }
    *out = text;
    return GALE_OK;
}

/* What is judged is what is read, whatever becomes of the name meanwhile. */
static gale_err read_file(const char *file, bool is_private, char **out,
                          gale_diag *why)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat st;
    gale_err e;

    if (fd < 0 || fstat(fd, &st) != 0) {
        gi_diag_say(why, "cannot read '%s': %s", file, strerror(errno));
        if (fd >= 0)
            close(fd);
        return GALE_EIO;
    }
    e = judge(file, &st, is_private, why);
    if (e == GALE_OK)
        e = read_all(fd, file, (size_t)st.st_size, out, why);
    close(fd);
    return e;
}

/* A token: the one line of the file. */
static gale_err read_word(const char *file, char **out, gale_diag *why)
{
    char *text = NULL;
    gale_err e = read_file(file, true, &text, why);
    size_t n;

    if (e != GALE_OK)
        return e;
    n = strlen(text);
    while (n > 0 && strchr(" \t\r\n", text[n - 1]) != NULL)
        text[--n] = '\0';
    if (n == 0)
        gi_diag_say(why, "'%s' is empty", file);
    else if (n > MOST_WORD)
        gi_diag_say(why, "'%s' has more than %d characters", file, MOST_WORD);
    else if (strpbrk(text, "\r\n") != NULL)
        gi_diag_say(why, "'%s' has more than one line", file);
    else {
        *out = text;
        return GALE_OK;
    }
    wipe(text);
    return GALE_EFORMAT;
}

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

static gale_err load_tls(gi_secrets *s, const gi_secrets_opts *o,
                         gale_diag *why)
{
    char *ca = NULL, *own = NULL;
    gale_err e;

    if (o->ca_file == NULL || o->cert_file == NULL) {
        gi_diag_say(why, "'%s' is of no use without %s",
                    o->ca_file != NULL ? o->ca_file : o->cert_file,
                    o->ca_file != NULL ? "a certificate and key of our own"
                                       : "the authority's certificate");
        return GALE_EINVAL;
    }
    e = read_file(o->ca_file, false, &ca, why);
    if (e == GALE_OK)
        e = look_for(ca, "BEGIN CERTIFICATE", o->ca_file, why);
    if (e == GALE_OK)
        e = read_file(o->cert_file, true, &own, why);
    if (e == GALE_OK)
        e = look_for(own, "BEGIN CERTIFICATE", o->cert_file, why);
    if (e == GALE_OK)
        e = look_for(own, "PRIVATE KEY", o->cert_file, why);
    if (e == GALE_OK)
        e = configure(&s->client, NNG_TLS_MODE_CLIENT, o, ca, own, why);
    if (e == GALE_OK)
        e = configure(&s->server, NNG_TLS_MODE_SERVER, o, ca, own, why);
    if (e == GALE_OK)
        e = gi_secrets_check(o, ca, own, why);
    wipe(ca);
    wipe(own);
    return e;
}

/* ----------------------------------------------------- made and undone -- */

gale_err gi_secrets_load(gi_secrets **out, const gi_secrets_opts *opts,
                         gale_diag *why)
{
    gi_secrets *s = gi_alloc(sizeof(*s));
    gale_err e = s == NULL ? GALE_ENOMEM : GALE_OK;

    if (e == GALE_OK && (opts->ca_file != NULL || opts->cert_file != NULL))
        e = load_tls(s, opts, why);
    if (e == GALE_OK && opts->token_file != NULL)
        e = read_word(opts->token_file, &s->token, why);
    if (e == GALE_OK && opts->secret_file != NULL)
        e = read_word(opts->secret_file, &s->secret, why);
    if (e == GALE_ENOMEM)
        gi_diag_say(why, "%s", gale_err_text(e));
    if (e != GALE_OK) {
        gi_secrets_destroy(s);
        return e;
    }
    *out = s;
    return GALE_OK;
}

void gi_secrets_destroy(gi_secrets *s)
{
    if (s == NULL)
        return;
    if (s->client != NULL)
        nng_tls_config_free(s->client);
    if (s->server != NULL)
        nng_tls_config_free(s->server);
    wipe(s->token);
    wipe(s->secret);
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
