#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/unit/wire/old_certs.h"
#include "wire/secrets.h"

static char dir[64];
static gale_diag why;

static void begin(void)
{
    strcpy(dir, P_tmpdir "/gale-secrets-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    why.text[0] = '\0';
}

static void end(void)
{
    char command[128];

    snprintf(command, sizeof(command), "rm -rf %s", dir);
    cr_assert_eq(system(command), 0);
}

TestSuite(secrets, .init = begin, .fini = end);

/* A file of that content and mode; its name. */
static const char *file(const char *name, const char *text, mode_t mode)
{
    static char path[4][128];
    static unsigned n;
    char *at = path[n++ % 4];
    FILE *f;

    snprintf(at, sizeof(path[0]), "%s/%s", dir, name);
    f = fopen(at, "w");
    cr_assert_not_null(f);
    fputs(text, f);
    fclose(f);
    cr_assert_eq(chmod(at, mode), 0);
    return at;
}

static gi_secrets *load(gi_secrets_opts o)
{
    gi_secrets *s = NULL;

    cr_assert_eq(gi_secrets_load(&s, &o, &why), GALE_OK, "%s", why.text);
    return s;
}

static void expect_refused(gi_secrets_opts o, gale_err e, const char *words)
{
    gi_secrets *s = NULL;

    cr_expect_eq(gi_secrets_load(&s, &o, &why), e, "%s", why.text);
    cr_expect_null(s);
    cr_expect(strstr(why.text, words) != NULL, "%s", why.text);
}

Test(secrets, none_are_needed)
{
    gi_secrets *s = load((gi_secrets_opts){ 0 });

    cr_expect_not(gi_secrets_tls(s) || gi_secrets_tls(NULL));
    cr_expect_str_eq(gi_secrets_token(s), "");
    cr_expect_str_eq(gi_secrets_secret(NULL), "");
    cr_expect(gi_secrets_token_is(s, "whatever"));
    cr_expect(gi_secrets_secret_is(NULL, ""));
    gi_secrets_destroy(s);
    gi_secrets_destroy(NULL);
}

Test(secrets, a_token_is_the_line_of_its_file_and_no_other_will_do)
{
    gi_secrets *s =
        load((gi_secrets_opts){ .token_file = file("t", "sesame\n", 0600),
                                .secret_file = file("s", "hush", 0400) });

    cr_expect_str_eq(gi_secrets_token(s), "sesame");
    cr_expect_str_eq(gi_secrets_secret(s), "hush");
    cr_expect(gi_secrets_token_is(s, "sesame"));
    cr_expect_not(gi_secrets_token_is(s, "sesame "));
    cr_expect_not(gi_secrets_token_is(s, "sesam"));
    cr_expect_not(gi_secrets_token_is(s, "sesamesesame"));
    cr_expect_not(gi_secrets_token_is(s, "tesame"));
    cr_expect_not(gi_secrets_token_is(s, ""));
    cr_expect_not(gi_secrets_secret_is(s, "sesame"));
    gi_secrets_destroy(s);
}

Test(secrets, a_file_that_others_may_read_or_change_is_refused)
{
    gi_secrets_opts o = { .token_file = file("t", "sesame\n", 0640) };

    expect_refused(o, GALE_EIO, "chmod 600");
    cr_expect(strstr(why.text, o.token_file) != NULL);
    o.token_file = file("t", "sesame\n", 0602);
    expect_refused(o, GALE_EIO, "0602");
    o.token_file = NULL;
    o.secret_file = file("t", "sesame\n", 0604);
    expect_refused(o, GALE_EIO, "0604");
    o.secret_file = NULL;
    o.ca_file = file("ca", "-----BEGIN CERTIFICATE-----\n", 0666);
    o.cert_file = file("own", "", 0600);
    expect_refused(o, GALE_EIO, "chmod go-w");
}

Test(secrets, a_file_of_somebody_else_is_refused)
{
    gi_secrets_opts o = { .token_file = file("t", "sesame\n", 0600) };

    if (geteuid() != 0)
        cr_skip_test("only root can give files away");
    cr_assert_eq(chown(o.token_file, 12345, 12345), 0);
    expect_refused(o, GALE_EIO, "belongs to user 12345");
}

Test(secrets, what_is_no_token_is_refused_with_its_name)
{
    gi_secrets_opts o = { .token_file = file("t", " \n", 0600) };
    char long_one[2000];

    expect_refused(o, GALE_EFORMAT, "empty");
    o.token_file = file("t", "one\ntwo\n", 0600);
    expect_refused(o, GALE_EFORMAT, "more than one line");
    memset(long_one, 'x', sizeof(long_one));
    long_one[sizeof(long_one) - 1] = '\0';
    o.token_file = file("t", long_one, 0600);
    expect_refused(o, GALE_EFORMAT, "more than 1024");
    o.token_file = "/nowhere/at/all";
    expect_refused(o, GALE_EIO, "'/nowhere/at/all': No such file");
    o.token_file = dir;
    expect_refused(o, GALE_EIO, "is not a file");
}

Test(secrets, what_is_no_certificate_is_refused_with_its_name)
{
    const char *good = "-----BEGIN CERTIFICATE-----\nAAAA\n"
                       "-----END CERTIFICATE-----\n";
    gi_secrets_opts o = { .ca_file = file("ca", "hello\n", 0644) };

    expect_refused(o, GALE_EINVAL, "of no use without a certificate");
    o.cert_file = file("own", good, 0600);
    expect_refused(o, GALE_EFORMAT, "ca' has no BEGIN CERTIFICATE");
    o.ca_file = file("ca", good, 0644);
    expect_refused(o, GALE_EFORMAT, "own' has no PRIVATE KEY");
    o.cert_file = file("own",
                       "-----BEGIN CERTIFICATE-----\nAAAA\n"
                       "-----END CERTIFICATE-----\nPRIVATE KEY\n",
                       0600);
    expect_refused(o, GALE_EFORMAT, "ca' is not a PEM file");
    o.ca_file = NULL;
    expect_refused(o, GALE_EINVAL, "of no use without the authority's");
}

Test(secrets, an_address_is_told_to_nng_with_tls_or_without)
{
    gi_secrets *s = load((gi_secrets_opts){ 0 });
    char *url;

    cr_assert_eq(gi_secrets_url(s, "tcp://a:1", &url, &why), GALE_OK);
    cr_expect_str_eq(url, "tcp://a:1");
    gi_free(url);
    cr_expect_eq(gi_secrets_url(s, "tls+tcp://a:1", &url, &why), GALE_EINVAL);
    cr_expect(strstr(why.text, "tls+tcp://a:1") != NULL);
    cr_expect_eq(gi_secrets_url(NULL, "a:1", &url, &why), GALE_EINVAL);
    cr_expect(strstr(why.text, "tcp://HOST:PORT") != NULL);
    gi_secrets_destroy(s);
}

/* Those that scripts/make-certs made. */
static gi_secrets_opts certs(void)
{
    static char ca[512], own[512];
    const char *from = getenv("GALE_CERTS");

    if (from == NULL)
        cr_skip_test("GALE_CERTS is not set; ctest sets it");
    snprintf(ca, sizeof(ca), "%s/ca.pem", from);
    snprintf(own, sizeof(own), "%s/node.pem", from);
    return (gi_secrets_opts){ .ca_file = ca, .cert_file = own };
}

Test(secrets, with_certificates_there_is_tls)
{
    gi_secrets *s = load(certs());
    char *url;

    cr_expect(gi_secrets_tls(s));
    cr_expect(gi_secrets_client(s) != NULL && gi_secrets_server(s) != NULL);
    cr_assert_eq(gi_secrets_url(s, "tcp://a:1", &url, &why), GALE_OK);
    cr_expect_str_eq(url, "tls+tcp://a:1");
    gi_free(url);
    cr_assert_eq(gi_secrets_url(s, "tls+tcp://a:1", &url, &why), GALE_OK);
    cr_expect_str_eq(url, "tls+tcp://a:1");
    gi_free(url);
    gi_secrets_destroy(s);
}

/* A certificate and a key, to be kept by nobody else. */
static const char *pair(const char *name, const char *cert, const char *key)
{
    static char both[4096];

    snprintf(both, sizeof(both), "%s%s", cert, key);
    return file(name, both, 0600);
}

Test(secrets, a_certificate_must_be_valid_today)
{
    expect_refused(
        (gi_secrets_opts){ .ca_file = file("ca", cert_expired, 0644),
                           .cert_file = pair("own", cert_expired, cert_key) },
        GALE_EFORMAT,
        "own' has expired: it was valid until 2020-02-01 00:00 UTC");
    expect_refused(
        (gi_secrets_opts){ .ca_file = file("ca", cert_too_early, 0644),
                           .cert_file =
                               pair("own", cert_too_early, cert_key) },
        GALE_EFORMAT, "is not valid yet, but from 2899-01-01");
}

/* Of a file, what begins with `from`. */
static const char *part_of(const char *path, const char *from)
{
    static char text[8192];
    FILE *f = fopen(path, "r");
    char *at;

    cr_assert_not_null(f);
    text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
    fclose(f);
    at = strstr(text, from);
    cr_assert_not_null(at);
    return at;
}

Test(secrets, a_key_must_be_that_of_its_certificate)
{
    gi_secrets_opts o = certs();

    o.cert_file = pair("own", cert_expired,
                       part_of(o.cert_file, "-----BEGIN PRIVATE KEY"));
    expect_refused(o, GALE_EFORMAT, "own' is not that of its certificate");
}

Test(secrets, a_certificate_must_be_of_the_authority)
{
    gi_secrets_opts o = certs();
    char other[512];

    snprintf(other, sizeof(other), "%s/foreign/ca.pem", getenv("GALE_CERTS"));
    o.ca_file = other;
    expect_refused(o, GALE_EFORMAT, "is not of the authority in");
}

Test(secrets, any_allocation_may_fail)
{
    gi_secrets_opts o = { .token_file = file("t", "sesame\n", 0600),
                          .secret_file = file("s", "hush\n", 0600) };
    gale_err e = GALE_ENOMEM;
    gi_secrets *s = NULL;
    uint64_t n = 0;

    if (getenv("GALE_CERTS") != NULL) {
        gi_secrets_opts tls = certs();

        o.ca_file = tls.ca_file;
        o.cert_file = tls.cert_file;
    }
    while (e == GALE_ENOMEM) {
        gi_mem_fail_after(n++, 1);
        e = gi_secrets_load(&s, &o, &why);
        gi_mem_fail_after(0, 0);
    }
    cr_expect_eq(e, GALE_OK);
    cr_expect_geq(n, 4, "%llu", (unsigned long long)n);
    gi_secrets_destroy(s);
}
