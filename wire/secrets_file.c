/* The files of secrets, read as texts. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/mem.h"
#include "wire/secrets.h"

enum { MOST_BYTES = 1 << 20, MOST_WORD = 1024 };

void gi_secret_free(char *text)
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
        gi_secret_free(text);
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
    gi_secret_free(text);
    return GALE_EFORMAT;
}

gale_err gi_secrets_read(gi_secrets_texts *out, const gi_secrets_opts *o,
                         gale_diag *why)
{
    gi_secrets_texts t = { 0 };
    gale_err e = GALE_OK;

    if ((o->ca_file == NULL) != (o->cert_file == NULL)) {
        gi_diag_say(why, "'%s' is of no use without %s",
                    o->ca_file != NULL ? o->ca_file : o->cert_file,
                    o->ca_file != NULL ? "a certificate and key of our own"
                                       : "the authority's certificate");
        return GALE_EINVAL;
    }
    if (o->ca_file != NULL)
        e = read_file(o->ca_file, false, &t.ca, why);
    if (e == GALE_OK && o->cert_file != NULL)
        e = read_file(o->cert_file, true, &t.cert, why);
    if (e == GALE_OK && o->token_file != NULL)
        e = read_word(o->token_file, &t.token, why);
    if (e == GALE_OK && o->secret_file != NULL)
        e = read_word(o->secret_file, &t.secret, why);
    if (e != GALE_OK)
        gi_secrets_texts_fini(&t);
    else
        *out = t;
    return e;
}

void gi_secrets_texts_fini(gi_secrets_texts *t)
{
    gi_secret_free(t->ca);
    gi_secret_free(t->cert);
    gi_secret_free(t->token);
    gi_secret_free(t->secret);
    *t = (gi_secrets_texts){ 0 };
}
