/* certs.h -- certificates of GALE_CERTS, where scripts/make-certs was; ctest
 * sees to it. */
#ifndef TESTS_WIRE_CERTS_H
#define TESTS_WIRE_CERTS_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "wire/secrets.h"

/* Those of NAME, of the authority WHERE ("" or a directory and a slash); who
 * has none is skipped. */
static inline gi_secrets *certs(const char *where, const char *name)
{
    const char *from = getenv("GALE_CERTS");
    char ca[512], own[512];
    gi_secrets *s = NULL;
    gale_diag why = { "" };

    if (from == NULL)
        cr_skip_test("GALE_CERTS is not set; ctest sets it");
    snprintf(ca, sizeof(ca), "%s/%sca.pem", from, where);
    snprintf(own, sizeof(own), "%s/%s%s.pem", from, where, name);
    gi_secrets_opts o = { .ca_file = ca, .cert_file = own };
    cr_assert_eq(gi_secrets_load(&s, &o, &why), GALE_OK, "%s", why.text);
    return s;
}

#endif
