#define _GNU_SOURCE /* memfd_create */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "wire/brief.h"
#include "wire/msg.h"

static char secret_file[64];
static gale_diag why;

static void begin(void)
{
    int fd;

    strcpy(secret_file, P_tmpdir "/gale-brief-XXXXXX");
    fd = mkstemp(secret_file);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, "the cluster's\n", 14), 14);
    close(fd);
    why.text[0] = '\0';
}

static void end(void)
{
    unlink(secret_file);
}

TestSuite(brief, .init = begin, .fini = end);

/* As a supervisor hands it over. */
static int handed_over(const void *bytes, size_t len)
{
    int fd = memfd_create("brief", MFD_CLOEXEC);

    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, bytes, len), (ssize_t)len);
    cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static gi_secrets *told(const char *topology)
{
    gi_secrets_opts files = { .secret_file = secret_file };
    gi_secrets *s = NULL;
    char *bytes = NULL;
    size_t len = 0;

    cr_assert_eq(gi_brief_make(&bytes, &len, &files, topology, &why), GALE_OK,
                 "%s", why.text);
    int fd = handed_over(bytes, len);
    gi_brief_free(bytes, len);
    cr_assert_eq(gi_brief_take(&s, fd, &why), GALE_OK, "%s", why.text);
    close(fd);
    return s;
}

Test(brief, workers_of_one_topology_are_told_the_same_and_others_another)
{
    gi_secrets *a = told("words-1-5"), *b = told("words-1-5"),
               *c = told("words-2-6");

    cr_expect_eq(strlen(gi_secrets_secret(a)), 64);
    cr_expect_str_eq(gi_secrets_secret(a), gi_secrets_secret(b));
    cr_expect_str_neq(gi_secrets_secret(a), gi_secrets_secret(c));
    cr_expect_not(gi_secrets_secret_is(a, "the cluster's"),
                  "the secret itself is not told");
    cr_expect_str_eq(gi_secrets_token(a), "");
    gi_secrets_destroy(a);
    gi_secrets_destroy(b);
    gi_secrets_destroy(c);
}

/* By `printf 'gale worker of t' | openssl dgst -sha256 -hmac s`. */
Test(brief, the_word_is_a_known_sum)
{
    char word[GI_BRIEF_WORD];

    cr_assert_eq(gi_brief_word(word, "s", "t"), GALE_OK);
    cr_expect_str_eq(
        word,
        "49fc535ba9bbe3840c2ece42962f98468fd8f9b0cdcbeefd1fdf294d138622e7");
    cr_assert_eq(gi_brief_word(word, "", "t"), GALE_OK);
    cr_expect_str_eq(word, "", "no secret, no word");
}

Test(brief, without_secrets_there_is_a_brief_that_says_so)
{
    gi_secrets_opts none = { 0 };
    gi_secrets *s = NULL;
    char *bytes = NULL;
    size_t len = 0;

    cr_assert_eq(gi_brief_make(&bytes, &len, &none, "t", &why), GALE_OK);
    int fd = handed_over(bytes, len);
    gi_brief_free(bytes, len);
    cr_assert_eq(gi_brief_take(&s, fd, &why), GALE_OK, "%s", why.text);
    cr_expect_str_eq(gi_secrets_secret(s), "");
    cr_expect_not(gi_secrets_tls(s));
    gi_secrets_destroy(s);
    close(fd);
}

Test(brief, what_was_taken_is_not_there_for_others)
{
    gi_msg_brief m = { .secret = "a word" };
    gi_strbuf b = { 0 };
    gi_secrets *s = NULL;
    char left[8];

    gi_msg_write(&b, GI_M_brief, &m);
    int fd = handed_over(b.at, b.len);
    cr_assert_eq(gi_brief_take(&s, fd, &why), GALE_OK, "%s", why.text);
    cr_expect_str_eq(gi_secrets_secret(s), "a word");
    cr_expect_lt(lseek(fd, 0, SEEK_END), 1);
    cr_expect_eq(read(fd, left, sizeof(left)), 0);
    gi_secrets_destroy(s);
    gi_strbuf_fini(&b);
    close(fd);
}

static void refused(const void *bytes, size_t len, const char *words)
{
    gi_secrets *s = NULL;
    int fd = handed_over(bytes, len);

    why.text[0] = '\0';
    cr_expect_eq(gi_brief_take(&s, fd, &why), GALE_EFORMAT);
    cr_expect(strstr(why.text, "standard input") != NULL, "%s", why.text);
    cr_expect(strstr(why.text, words) != NULL, "%s", why.text);
    cr_expect_null(s);
    close(fd);
}

Test(brief, what_is_none_is_refused)
{
    gi_msg_brief m = { .ca = "-----BEGIN CERTIFICATE-----" };
    gi_strbuf b = { 0 };

    refused("", 0, "");
    refused("hello\n", 6, "");
    gi_msg_write(&b, GI_M_brief, &m);
    refused(b.at, b.len - 1, "");
    refused(b.at, b.len, "one certificate of two");
    b.len = 0;
    m.cert = m.ca;
    gi_msg_write(&b, GI_M_brief, &m);
    refused(b.at, b.len, "PRIVATE KEY");
    gi_strbuf_fini(&b);
}

Test(brief, a_file_that_cannot_be_read_is_named)
{
    gi_secrets_opts files = { .secret_file = "/no/such/file" };
    char *bytes = NULL;
    size_t len = 0;

    cr_expect_eq(gi_brief_make(&bytes, &len, &files, "t", &why), GALE_EIO);
    cr_expect(strstr(why.text, "/no/such/file") != NULL, "%s", why.text);
    cr_expect_null(bytes);
}

Test(brief, every_lack_of_memory_is_survived)
{
    gi_secrets_opts files = { .secret_file = secret_file };
    gale_err rv = GALE_ENOMEM;

    for (uint64_t n = 0; rv != GALE_OK && n < 64; n++) {
        gi_secrets *s = NULL;
        char *bytes = NULL;
        size_t len = 0;
        int fd = -1;

        gi_mem_fail_after(n, 1);
        rv = gi_brief_make(&bytes, &len, &files, "t", &why);
        gi_mem_fail_after(0, 0);
        if (rv == GALE_OK) {
            fd = handed_over(bytes, len);
            gi_mem_fail_after(n, 1);
            rv = gi_brief_take(&s, fd, &why);
            gi_mem_fail_after(0, 0);
            close(fd);
        }
        cr_expect(rv == GALE_OK || rv == GALE_ENOMEM, "%d after %d", (int)rv,
                  (int)n);
        gi_brief_free(bytes, len);
        gi_secrets_destroy(s);
    }
    cr_expect_eq(rv, GALE_OK);
}
