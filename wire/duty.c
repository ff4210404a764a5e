/* duty.c -- see duty.h.  The bytes of the file:
 *
 *   8 magic | 4 version | 4 length of all | a gi_msg_duty | 4 CRC-32C of all
 *   before it.  Numbers are little-endian.
 */
#include "wire/duty.h"

#include <errno.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/crc32c.h"
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
    if (why != NULL)
        snprintf(why->text, sizeof(why->text), "%s", what);
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

gale_err gi_duty_write(const char *dir, const gi_msg_duty *duty)
{
    char *path = gi_file_path(dir, GI_DUTY_FILE), *bytes = NULL;
    size_t len;
    gale_err rv =
        path == NULL ? GALE_ENOMEM : gi_duty_encode(duty, &bytes, &len);

    if (rv == GALE_OK)
        rv = gi_file_replace(path, bytes, len);
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
    if (rv != GALE_OK && why != NULL)
        snprintf(why->text, sizeof(why->text), "%.300s/%s: %.1600s", dir,
                 GI_DUTY_FILE, what.text);
    gi_free(bytes);
    gi_free(path);
    return rv;
}

gale_err gi_duty_watch(const char *dir, int *fd)
{
    int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

    if (watch < 0)
        return GALE_EIO;
    if (inotify_add_watch(watch, dir, IN_MOVED_TO | IN_ONLYDIR) < 0) {
        close(watch);
        return GALE_EIO;
    }
    *fd = watch;
    return GALE_OK;
}

void gi_duty_seen(int fd)
{
    _Alignas(struct inotify_event) char events[4096];
    ssize_t n;

    do
        n = read(fd, events, sizeof(events));
    while (n > 0 || (n < 0 && errno == EINTR));
}
