#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/mem.h"
#include "base/strbuf.h"

char *gi_file_path(const char *dir, const char *name)
{
    gi_strbuf b = { 0 };

    gi_strbuf_printf(&b, "%s/%s", dir, name);
    return gi_strbuf_take(&b);
}

bool gi_write_all(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;

    while (len > 0) {
        ssize_t n;

        errno = ENOSPC; /* if nothing is taken, and nobody says why */
        n = gi_point_fails(GI_POINT_WRITE) ? 0 : write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

bool gi_sync(int fd)
{
    errno = EIO; /* of a failure that was asked for */
    return !gi_point_fails(GI_POINT_SYNC) && fsync(fd) == 0;
}

/* Who shall have it; NULL: we. */
typedef struct whom {
    uid_t uid;
    gid_t gid;
} whom;

static bool give(int fd, const whom *to)
{
    return to == NULL ||
           (fchmod(fd, 0400) == 0 && fchown(fd, to->uid, to->gid) == 0);
}

static bool write_beside(const char *beside, const whom *to, const void *bytes,
                         size_t len, bool synced)
{
    int fd = open(beside,
                  O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    int error;
    bool ok;

    if (fd < 0)
        return false;
    ok = gi_write_all(fd, bytes, len) && give(fd, to) &&
         (!synced || gi_sync(fd));
    error = errno;
    if (close(fd) != 0)
        return false;
    errno = error;
    return ok;
}

static gale_err put(const char *path, const char *beside, const whom *to,
                    const void *bytes, size_t len, bool synced)
{
    int error;

    if (write_beside(beside, to, bytes, len, synced) &&
        rename(beside, path) == 0)
        return GALE_OK;
    error = errno;
    unlink(beside);
    errno = error;
    return GALE_EIO;
}

gale_err gi_file_give(const char *path, const char *beside, uid_t uid,
                      gid_t gid, const void *bytes, size_t len)
{
    whom to = { uid, gid };

    return put(path, beside, &to, bytes, len, false);
}

static gale_err replace(const char *path, const void *bytes, size_t len,
                        bool synced)
{
    static const char ending[] = ".new";
    size_t n = strlen(path);
    char *beside = gi_alloc(n + sizeof(ending));
    gale_err rv;

    if (beside == NULL)
        return GALE_ENOMEM;
    memcpy(beside, path, n);
    memcpy(beside + n, ending, sizeof(ending));
    rv = put(path, beside, NULL, bytes, len, synced);
    gi_free(beside);
    return rv;
}

gale_err gi_file_swap(const char *path, const void *bytes, size_t len)
{
    return replace(path, bytes, len, false);
}

gale_err gi_file_replace(const char *path, const void *bytes, size_t len)
{
    return replace(path, bytes, len, true);
}

bool gi_sync_dir_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *dir = slash == NULL   ? gi_strdup(".")
                : slash == path ? gi_strdup("/")
                                : gi_strndup(path, (size_t)(slash - path));
    int fd = -1, error = ENOMEM;
    bool ok = false;

    if (dir != NULL) {
        fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ok = fd >= 0 && gi_sync(fd);
        error = errno;
    }
    if (fd >= 0)
        close(fd);
    gi_free(dir);
    errno = error;
    return ok;
}

gale_err gi_file_keep(const char *path, const void *bytes, size_t len)
{
    gale_err rv = gi_file_replace(path, bytes, len);

    return rv == GALE_OK && !gi_sync_dir_of(path) ? GALE_EIO : rv;
}

/* What was `size` bytes long a moment ago may be shorter by now. */
static gale_err read_all(int fd, size_t size, char **bytes, size_t *len)
{
    char *all = gi_alloc(size + 1);
    size_t got = 0;

    if (all == NULL)
        return GALE_ENOMEM;
    while (got < size) {
        ssize_t n = read(fd, all + got, size - got);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            gi_free(all);
            return GALE_EIO;
        }
        if (n == 0)
            break;
        got += (size_t)n;
    }
    all[got] = '\0';
    *bytes = all;
    *len = got;
    return GALE_OK;
}

gale_err gi_file_read(const char *path, size_t most, char **bytes, size_t *len)
{
    struct stat st;
    gale_err rv;
    int fd;

    do
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? GALE_ENOTFOUND : GALE_EIO;
    if (fstat(fd, &st) != 0)
        rv = GALE_EIO;
    else if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > most)
        rv = GALE_EFORMAT;
    else
        rv = read_all(fd, (size_t)st.st_size, bytes, len);
    close(fd);
    return rv;
}
