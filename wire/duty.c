/* duty.c -- see duty.h.  The bytes of the file:
 *
 *   8 magic | 4 version | 4 length of all | a gi_msg_duty | 4 CRC-32C of all
 *   before it.  Numbers are little-endian.
 */
#include "wire/duty.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bell.h"
#include "base/bytes.h"
#include "base/crc32c.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"

static const char magic[8] = { 'G', 'A', 'L', 'E', 'D', 'U', 'T', 'Y' };

enum { VERSION = 1, HEAD = 16, TAIL = 4 };

gale_err gi_duty_encode(const gi_msg_duty *duty, char **bytes, size_t *len)
{
    gi_strbuf b = { 0 };
    char number[4];

    gi_strbuf_add(&b, magic, sizeof(magic));
    gi_put_le32(number, VERSION);
    gi_strbuf_add(&b, number, sizeof(number));
    gi_strbuf_add(&b, number, sizeof(number)); /* the length, once known */
    gi_msg_write(&b, GI_M_duty, duty);
    if (!b.failed) {
        gi_put_le32(b.at + sizeof(magic) + 4, (uint32_t)b.len + TAIL);
        gi_put_le32(number, gi_crc32c(0, b.at, b.len));
        gi_strbuf_add(&b, number, sizeof(number));
    }
    *len = b.len;
    *bytes = gi_strbuf_take(&b);
    return *bytes == NULL ? GALE_ENOMEM : GALE_OK;
}

static void say(gale_diag *why, const char *what)
{
    gi_diag_say(why, "%s", what);
}

gale_err gi_duty_decode(gi_msg_duty *out, const void *bytes, size_t len,
                        gi_pool *pool, gale_diag *why)
{
    const char *at = bytes;
    gale_err rv;

    if (len < HEAD + TAIL || memcmp(at, magic, sizeof(magic)) != 0) {
        say(why, "it is not the duty of a worker");
        return GALE_EFORMAT;
    }
    if (gi_get_le32(at + sizeof(magic)) != VERSION) {
        say(why, "it is of another version of Gale");
        return GALE_EFORMAT;
    }
    if (gi_get_le32(at + sizeof(magic) + 4) != len ||
        gi_get_le32(at + len - TAIL) != gi_crc32c(0, at, len - TAIL)) {
        say(why, "it is damaged");
        return GALE_EFORMAT;
    }
    rv = gi_msg_read(GI_M_duty, at + HEAD, len - HEAD - TAIL, pool, out, NULL,
                     why);
    if (rv == GALE_OK && out->n_topology != 1) {
        say(why, "it names no topology, or several");
        rv = GALE_EFORMAT;
    }
    return rv;
}

/* Without memory he finds it by himself, a little later. */
static void ring(const char *dir)
{
    char *path = gi_file_path(dir, GI_BELL_FILE);

    if (path != NULL)
        gi_bell_ring(path);
    gi_free(path);
}

int gi_duty_bell(const char *dir)
{
    char *path = gi_file_path(dir, GI_BELL_FILE);
    int bell = path == NULL ? -1 : gi_bell_hang(path);

    gi_free(path);
    return bell;
}

static gale_err put(const char *dir, const gi_msg_duty *duty,
                    gale_err (*write)(const char *, const void *, size_t))
{
    char *path = gi_file_path(dir, GI_DUTY_FILE), *bytes = NULL;
    size_t len;
    gale_err rv =
        path == NULL ? GALE_ENOMEM : gi_duty_encode(duty, &bytes, &len);

    if (rv == GALE_OK)
        rv = write(path, bytes, len);
    if (rv == GALE_OK)
        ring(dir);
    gi_free(bytes);
    gi_free(path);
    return rv;
}

gale_err gi_duty_write(const char *dir, const gi_msg_duty *duty)
{
    return put(dir, duty, gi_file_swap);
}

gale_err gi_duty_keep(const char *dir, const gi_msg_duty *duty)
{
    return put(dir, duty, gi_file_replace);
}

gale_err gi_duty_give(const char *dir, const char *beside, uid_t uid,
                      gid_t gid, const gi_msg_duty *duty)
{
    char *path = gi_file_path(dir, GI_DUTY_FILE), *bytes = NULL;
    size_t len;
    gale_err rv =
        path == NULL ? GALE_ENOMEM : gi_duty_encode(duty, &bytes, &len);

    if (rv == GALE_OK)
        rv = gi_file_give(path, beside, uid, gid, bytes, len);
    if (rv == GALE_OK)
        ring(dir);
    gi_free(bytes);
    gi_free(path);
    return rv;
}

gale_err gi_duty_read(gi_msg_duty *out, const char *dir, gi_pool *pool,
                      gale_diag *why)
{
    char *path = gi_file_path(dir, GI_DUTY_FILE), *bytes = NULL;
    gale_diag what = { 0 };
    size_t len;
    gale_err rv = GALE_ENOMEM;

    if (path != NULL)
        rv = gi_file_read(path, GI_DUTY_MOST, &bytes, &len);
    if (rv == GALE_ENOTFOUND)
        say(&what, "it is not there");
    else if (rv != GALE_OK)
        say(&what, gale_err_text(rv));
    else
        rv = gi_duty_decode(out, bytes, len, pool, &what);
    if (rv != GALE_OK)
        gi_diag_say(why, "%.300s/%s: %.1600s", dir, GI_DUTY_FILE, what.text);
    gi_free(bytes);
    gi_free(path);
    return rv;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool gi_duty_is_new(const char *dir, int *seen)
{
    char *path = gi_file_path(dir, GI_DUTY_FILE);
    struct stat was, is;
    int fd = -1;

    if (path != NULL && stat(path, &is) == 0 &&
        (*seen < 0 || fstat(*seen, &was) != 0 || !is_same(&was, &is)))
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    gi_free(path);
    if (fd < 0)
        return false;
    if (*seen >= 0)
        close(*seen);
    *seen = fd;
    return true;
}
