/* Asking and answering with certificates. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/wire/certs.h"
#include "tests/unit/wire/port.h"

/* Ask the port of somebody with `theirs`, as somebody with `ours`. */
static gale_err ask(const gi_secrets *theirs, const gi_secrets *ours,
                    uint32_t n, gale_diag *why)
{
    gi_answerer_opts with = { .secrets = theirs };
    struct port p;
    gi_asker *a = NULL;
    gale_err e;

    cr_assert_eq(port_open(&p, 0, port_echo, &with), GALE_OK);
    const char *url = p.url;
    gi_asker_opts o = {
        .urls = &url, .n_urls = 1, .secrets = ours, .hasty = true
    };
    cr_assert_eq(gi_asker_create(&a, &o, why), GALE_OK, "%s", why->text);
    e = port_look(a, "wordcount", 2000, why);
    for (uint32_t i = 1; i < n && e == GALE_OK; i++)
        e = port_look(a, "wordcount", 2000, why);
    cr_expect_eq(port_taken(&p), e == GALE_OK ? n : 0);
    gi_asker_destroy(a);
    port_close(&p);
    return e;
}

Test(answer_tls, those_of_one_cluster_understand_each_other)
{
    gi_secrets *node = certs("", "node"), *other = certs("", "other");
    gale_diag why = { "" };

    cr_expect_eq(ask(node, other, 50, &why), GALE_OK, "%s", why.text);
    gi_secrets_destroy(node);
    gi_secrets_destroy(other);
}

Test(answer_tls, a_certificate_of_another_authority_is_none)
{
    gi_secrets *node = certs("", "node"), *alien = certs("foreign/", "node");
    gale_diag why = { "" };

    cr_expect_neq(ask(node, alien, 1, &why), GALE_OK);
    cr_expect(why.text[0] != '\0');
    cr_expect_neq(ask(alien, node, 1, &why), GALE_OK);
    gi_secrets_destroy(node);
    gi_secrets_destroy(alien);
}

Test(answer_tls, who_comes_without_a_certificate_is_kept_out)
{
    gi_secrets *node = certs("", "node");
    gale_diag why = { "" };

    cr_expect_neq(ask(node, NULL, 1, &why), GALE_OK);
    cr_expect(strstr(why.text, "if it wants TLS") != NULL ||
                  strstr(why.text, "no answer in time") != NULL, /* slow */
              "%s", why.text);
    gi_secrets_destroy(node);
}

Test(answer_tls, who_wants_tls_says_nothing_where_there_is_none)
{
    gi_secrets *node = certs("", "node");
    gale_diag why = { "" };

    cr_expect_neq(ask(NULL, node, 1, &why), GALE_OK);
    cr_expect(why.text[0] != '\0');
    gi_secrets_destroy(node);
}
