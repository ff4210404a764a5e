#include "state/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/strbuf.h"

gale_err gi_io_failed(const char *path, gale_diag *why)
{
    gi_diag_say(why, "%s: %s", path,
                errno == ENOSPC ? "its disk is full" : strerror(errno));
    return GALE_EIO;
}

static char *path_of(const char *dir, uint64_t generation)
{
    gi_strbuf b = { 0 };

    gi_strbuf_printf(&b, "%s/log.%" PRIu64, dir, generation);
    return gi_strbuf_take(&b);
}

gale_err gi_dir_sync(const char *dir, gale_diag *why)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    gale_err rv = fd >= 0 && gi_sync(fd) ? GALE_OK : gi_io_failed(dir, why);

    if (fd >= 0)
        close(fd);
    return rv;
}

/* ------------------------------------------------------------- writing -- */

static bool write_at(int fd, const char *at, size_t len, uint64_t offset)
{
    while (len > 0) {
        ssize_t n;

        errno = ENOSPC; /* if nothing is taken, and nobody says why */
        n = gi_point_fails(GI_POINT_WRITE)
                ? 0
                : pwrite(fd, at, len, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
        offset += (uint64_t)n;
    }
    return true;
}

static bool sync_data(int fd)
{
    errno = EIO; /* of a failure that was asked for */
    return !gi_point_fails(GI_POINT_SYNC) && fdatasync(fd) == 0;
}

static gale_err open_log(gi_log *l, const char *dir, uint64_t generation,
                         int flags, gale_diag *why)
{
    *l = (gi_log){ .fd = -1, .generation = generation };
    l->path = path_of(dir, generation);
    if (l->path == NULL)
        return gi_stored_no_memory(why);
    l->fd = open(l->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    return l->fd < 0 ? gi_io_failed(l->path, why) : GALE_OK;
}

gale_err gi_log_create(gi_log *l, const char *dir, uint64_t generation,
                       gale_diag *why)
{
    char head[GI_LOG_HEAD];
    gale_err rv = open_log(l, dir, generation, O_CREAT | O_TRUNC, why);

    gi_log_head_write(head, generation);
    if (rv == GALE_OK &&
        (!write_at(l->fd, head, sizeof(head), 0) || !sync_data(l->fd)))
        rv = gi_io_failed(l->path, why);
    if (rv == GALE_OK)
        rv = gi_dir_sync(dir, why);
    l->size = sizeof(head);
    if (rv != GALE_OK)
        gi_log_close(l);
    return rv;
}

static bool write_again(int fd, uint64_t from, uint64_t to)
{
    char *bytes = gi_alloc(to - from);
    bool ok = bytes != NULL &&
              pread(fd, bytes, to - from, (off_t)from) == (ssize_t)(to - from);

    if (bytes == NULL)
        errno = ENOMEM;
    ok = ok && write_at(fd, bytes, to - from, from) && sync_data(fd);
    gi_free(bytes);
    return ok;
}

gale_err gi_log_continue(gi_log *l, const char *dir, uint64_t generation,
                         uint64_t good, uint64_t last, gale_diag *why)
{
    gale_err rv = open_log(l, dir, generation, 0, why);

    if (rv == GALE_OK && (ftruncate(l->fd, (off_t)good) != 0 ||
                          !write_again(l->fd, last, good)))
        rv = errno == ENOMEM ? gi_stored_no_memory(why)
                             : gi_io_failed(l->path, why);
    l->size = good;
    if (rv != GALE_OK)
        gi_log_close(l);
    return rv;
}

gale_err gi_log_append(gi_log *l, const char *bytes, size_t len,
                       gale_diag *why)
{
    gale_err rv;

    if (write_at(l->fd, bytes, len, l->size) && sync_data(l->fd)) {
        l->size += len;
        return GALE_OK;
    }
    rv = gi_io_failed(l->path, why);
    /* So that it is not there, if that is still possible. */
    if (ftruncate(l->fd, (off_t)l->size) != 0)
        errno = 0;
    return rv;
}

void gi_log_close(gi_log *l)
{
    if (l->fd >= 0)
        close(l->fd);
    gi_free(l->path);
    *l = (gi_log){ .fd = -1 };
}

/* ------------------------------------------------------------- reading -- */

static gale_err damaged(const char *path, size_t at, const char *what,
                        gale_diag *why)
{
    gi_diag_say(why,
                "%s: damaged at byte %zu: %s; put a copy of its directory in "
                "its place",
                path, at, what);
    return GALE_EFORMAT;
}

typedef struct reading {
    const char *path, *bytes;
    size_t len;
    uint64_t generation;
    bool last_log;
    gi_log_each each;
    void *arg;
    size_t at, last; /* record */
} reading;

static gale_err read_changes(reading *r, gale_str payload, gale_diag *why)
{
    gale_change c;
    gale_err rv = GALE_OK;
    size_t at = 0;

    while (rv == GALE_OK && gi_record_next(payload, &at, &c))
        rv = r->each(r->arg, &c);
    if (rv == GALE_OK && at != payload.len)
        rv = damaged(r->path, r->at, "a record that makes no sense", why);
    return rv;
}

static gale_err read_records(reading *r, gale_diag *why)
{
    gale_str payload;
    gale_err rv = GALE_OK;
    size_t size, next;

    while (rv == GALE_OK && r->at < r->len) {
        if (!gi_record_read(r->bytes, r->len, r->generation, r->at, &payload,
                            &size))
            break;
        rv = read_changes(r, payload, why);
        r->last = r->at;
        r->at += size;
    }
    if (rv != GALE_OK || r->at == r->len)
        return rv;
    next = gi_record_search(r->bytes, r->len, r->generation, r->at);
    if (next < r->len)
        return damaged(r->path, r->at, "records follow that are whole", why);
    return r->last_log ? GALE_OK
                       : damaged(r->path, r->at, "a later log follows", why);
}

gale_err gi_log_bytes(const char *dir, uint64_t generation, uint64_t *bytes)
{
    char *path = path_of(dir, generation);
    struct stat st;
    int rc = path == NULL ? ENOMEM : stat(path, &st) == 0 ? 0 : errno;

    gi_free(path);
    if (rc == 0)
        *bytes = (uint64_t)st.st_size;
    return rc == 0        ? GALE_OK
           : rc == ENOMEM ? GALE_ENOMEM
           : rc == ENOENT ? GALE_ENOTFOUND
                          : GALE_EIO;
}

gale_err gi_log_replay(const char *dir, uint64_t generation, bool last_log,
                       uint64_t most, gi_log_each each, void *arg,
                       uint64_t *good, uint64_t *last, gale_diag *why)
{
    char *path = path_of(dir, generation), *bytes = NULL;
    reading r = { .path = path,
                  .generation = generation,
                  .last_log = last_log,
                  .each = each,
                  .arg = arg,
                  .at = GI_LOG_HEAD,
                  .last = GI_LOG_HEAD };
    gale_err rv = path == NULL
                      ? GALE_ENOMEM
                      : gi_file_read(path, SIZE_MAX / 2, &bytes, &r.len);

    if (rv == GALE_OK && r.len > most)
        r.len = most;
    if (rv == GALE_OK && !gi_log_head_is(bytes, r.len, generation))
        rv = last_log && r.len <= GI_LOG_HEAD
                 ? GALE_ENOTFOUND
                 : damaged(path, 0, "that is no head of a log", why);
    else if (rv == GALE_EIO)
        rv = gi_io_failed(path, why);
    else if (rv == GALE_EFORMAT)
        rv = damaged(path, 0, "that is no file", why);
    if (rv == GALE_OK) {
        r.bytes = bytes;
        rv = read_records(&r, why);
    }
    *good = r.at;
    *last = r.last;
    gi_free(bytes);
    gi_free(path);
    return rv == GALE_ENOMEM ? gi_stored_no_memory(why) : rv;
}

gale_err gi_log_range(const char *dir, uint64_t from, uint64_t *lowest,
                      uint64_t *highest)
{
    DIR *d = opendir(dir);
    const struct dirent *e;
    bool found = false;

    while (d != NULL && (e = readdir(d)) != NULL) {
        char *end;
        uint64_t n;

        if (strncmp(e->d_name, "log.", 4) != 0)
            continue;
        n = strtoull(e->d_name + 4, &end, 10);
        if (*end != '\0' || n < from)
            continue;
        *lowest = !found || n < *lowest ? n : *lowest;
        *highest = !found || n > *highest ? n : *highest;
        found = true;
    }
    if (d != NULL)
        closedir(d);
    return found ? GALE_OK : GALE_ENOTFOUND;
}

void gi_log_remove(const char *dir, uint64_t generation)
{
    char *path = path_of(dir, generation);

    if (path != NULL)
        unlink(path);
    gi_free(path);
}
