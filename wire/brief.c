#include "wire/brief.h"

#include <errno.h>
#include <fcntl.h>
#include <mbedtls/md.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/mem.h"
#include "wire/msg.h"

enum { SUM = 32 };
_Static_assert(GI_BRIEF_WORD == 2 * SUM + 1, "two digits a byte");

/* A sum that is made for nothing else. */
static bool sum(unsigned char out[SUM], const char *secret,
                const char *topology)
{
    static const char what[] = "gale worker of ";
    mbedtls_md_context_t md;
    bool ok;

    mbedtls_md_init(&md);
    ok = mbedtls_md_setup(&md, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256),
                          1) == 0 &&
         mbedtls_md_hmac_starts(&md, (const unsigned char *)secret,
                                strlen(secret)) == 0 &&
         mbedtls_md_hmac_update(&md, (const unsigned char *)what,
                                sizeof(what) - 1) == 0 &&
         mbedtls_md_hmac_update(&md, (const unsigned char *)topology,
                                strlen(topology)) == 0 &&
         mbedtls_md_hmac_finish(&md, out) == 0;
    mbedtls_md_free(&md);
    return ok;
}

gale_err gi_brief_word(char word[GI_BRIEF_WORD], const char *secret,
                       const char *topology)
{
    unsigned char bytes[SUM];

    word[0] = '\0';
    if (*secret == '\0')
        return GALE_OK;
    if (!sum(bytes, secret, topology))
        return GALE_EIO;
    for (int i = 0; i < SUM; i++)
        snprintf(word + (size_t)2 * (size_t)i, 3, "%02x", bytes[i]);
    return GALE_OK;
}

gale_err gi_brief_make(char **bytes, size_t *len, const gi_secrets_opts *files,
                       const char *topology, gale_diag *why)
{
    gi_secrets_opts needed = *files;
    gi_secrets_texts t = { 0 };
    char word[GI_BRIEF_WORD] = "";
    gi_strbuf b = { 0 };
    gale_err e;

    needed.token_file = NULL; /* that is for clients */
    e = gi_secrets_read(&t, &needed, why);
    if (e == GALE_OK)
        e = gi_brief_word(word, t.secret == NULL ? "" : t.secret, topology);
    if (e == GALE_OK) {
        gi_msg_brief m = { .ca = t.ca, .cert = t.cert, .secret = word };

        gi_msg_write(&b, GI_M_brief, &m);
        *len = b.len;
        *bytes = gi_strbuf_take(&b);
        e = *bytes == NULL ? GALE_ENOMEM : GALE_OK;
    }
    explicit_bzero(word, sizeof(word));
    gi_secrets_texts_fini(&t);
    return e;
}

void gi_brief_free(char *bytes, size_t len)
{
    if (bytes != NULL)
        explicit_bzero(bytes, len);
    gi_free(bytes);
}

/* --------------------------------------------------- the worker's side -- */

static gale_err read_all(int fd, char **out, size_t *len)
{
    char *bytes = gi_alloc(GI_BRIEF_MOST);
    size_t have = 0;
    ssize_t n = 1;

    if (bytes == NULL)
        return GALE_ENOMEM;
    while (n != 0 && have < GI_BRIEF_MOST) {
        n = read(fd, bytes + have, GI_BRIEF_MOST - have);
        if (n > 0)
            have += (size_t)n;
        else if (n < 0 && errno != EINTR)
            break;
    }
    *out = bytes;
    *len = have;
    return n < 0 ? GALE_EIO : GALE_OK;
}

static gale_err close_to_others(int fd)
{
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int rc = nothing < 0 ? -1 : dup2(nothing, fd);

    if (nothing >= 0)
        close(nothing);
    return rc < 0 ? GALE_EIO : GALE_OK;
}

/* "" is none. */
static char *text_of(const char *text)
{
    return *text == '\0' ? NULL : (char *)(uintptr_t)text;
}

static void wipe(const char *text)
{
    explicit_bzero((char *)(uintptr_t)text, strlen(text));
}

static gale_err understand(gi_secrets **out, const char *bytes, size_t len,
                           gale_diag *why)
{
    static const gi_secrets_opts names = {
        .ca_file = "the authority's certificate",
        .cert_file = "this worker's certificate",
    };
    gi_pool pool = { 0 };
    gi_msg_brief m;
    gale_err e = gi_msg_read(GI_M_brief, bytes, len, &pool, &m, NULL, why);

    if (e == GALE_OK) {
        gi_secrets_texts t = { .ca = text_of(m.ca),
                               .cert = text_of(m.cert),
                               .secret = text_of(m.secret) };

        if ((t.ca == NULL) != (t.cert == NULL)) {
            gi_diag_say(why, "one certificate of two");
            e = GALE_EFORMAT;
        } else {
            e = gi_secrets_make(out, &t, &names, why);
        }
        wipe(m.cert);
        wipe(m.secret);
    }
    gi_pool_fini(&pool);
    return e;
}

gale_err gi_brief_take(gi_secrets **out, int fd, gale_diag *why)
{
    gale_diag what = { "" };
    char *bytes = NULL;
    size_t len = 0;
    gale_err e = read_all(fd, &bytes, &len);

    if (e == GALE_OK)
        e = close_to_others(fd);
    if (e == GALE_EIO)
        gi_diag_say(&what, "%s", strerror(errno));
    if (e == GALE_OK)
        e = understand(out, bytes, len, &what);
    if (e != GALE_OK)
        gi_diag_say(why, "what the supervisor says by standard input: %.300s",
                    what.text[0] == '\0' ? gale_err_text(e) : what.text);
    gi_brief_free(bytes, len);
    return e;
}
