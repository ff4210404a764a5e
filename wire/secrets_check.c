#include "wire/secrets_check.h"

#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>
#include <string.h>

#include "base/diag.h"

static void complain(gale_diag *why, const char *file, const char *what,
                     const mbedtls_x509_time *t)
{
    gi_diag_say(why, "the certificate in '%s' %s %04d-%02d-%02d %02d:%02d UTC",
                file, what, t->year, t->mon, t->day, t->hour, t->min);
}

static gale_err check_time(const mbedtls_x509_crt *c, const char *file,
                           gale_diag *why)
{
    if (mbedtls_x509_time_is_past(&c->valid_to)) {
        complain(why, file, "has expired: it was valid until", &c->valid_to);
        return GALE_EFORMAT;
    }
    if (mbedtls_x509_time_is_future(&c->valid_from)) {
        complain(why, file, "is not valid yet, but from", &c->valid_from);
        return GALE_EFORMAT;
    }
    return GALE_OK;
}

/* The first one in the file is ours. */
static gale_err check(const gi_secrets_opts *o, mbedtls_x509_crt *ca,
                      mbedtls_x509_crt *own, mbedtls_pk_context *key,
                      gale_diag *why)
{
    uint32_t flags = 0;
    gale_err e;

    if (mbedtls_pk_check_pair(&own->pk, key) != 0) {
        gi_diag_say(why, "the key in '%s' is not that of its certificate",
                    o->cert_file);
        return GALE_EFORMAT;
    }
    e = check_time(own, o->cert_file, why);
    if (e == GALE_OK && ca->next == NULL)
        e = check_time(ca, o->ca_file, why);
    if (e == GALE_OK && mbedtls_x509_crt_verify(own, ca, NULL, NULL, &flags,
                                                NULL, NULL) != 0) {
        gi_diag_say(why,
                    "the certificate in '%s' is not of the authority in '%s'",
                    o->cert_file, o->ca_file);
        e = GALE_EFORMAT;
    }
    return e;
}

gale_err gi_secrets_check(const gi_secrets_opts *o, const char *ca,
                          const char *own, gale_diag *why)
{
    const unsigned char *pem = (const unsigned char *)own;
    mbedtls_x509_crt authority, ours;
    mbedtls_pk_context key;
    gale_err e = GALE_EFORMAT;

    mbedtls_x509_crt_init(&authority);
    mbedtls_x509_crt_init(&ours);
    mbedtls_pk_init(&key);
    if (mbedtls_x509_crt_parse(&authority, (const unsigned char *)ca,
                               strlen(ca) + 1) != 0)
        gi_diag_say(why, "'%s' is not a PEM file of certificates", o->ca_file);
    else if (mbedtls_x509_crt_parse(&ours, pem, strlen(own) + 1) != 0 ||
             mbedtls_pk_parse_key(&key, pem, strlen(own) + 1, NULL, 0) != 0)
        gi_diag_say(why, "'%s' is not a PEM file of a certificate and its key",
                    o->cert_file);
    else
        e = check(o, &authority, &ours, &key, why);
    mbedtls_pk_free(&key);
    mbedtls_x509_crt_free(&ours);
    mbedtls_x509_crt_free(&authority);
    return e;
}
