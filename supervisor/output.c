#define _GNU_SOURCE /* O_NOFOLLOW */
#include "supervisor/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

static int open_file(const char *path, int flags)
{
    int fd;

    do
        fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640);
    while (fd < 0 && errno == EINTR);
    return fd;
}

static bool size_of(int fd, uint64_t *size)
{
    struct stat st;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return false;
    *size = (uint64_t)st.st_size;
    return true;
}

static size_t read_at(int fd, char *to, size_t len, uint64_t from)
{
    size_t got = 0;

    while (got < len) {
        ssize_t n = pread(fd, to + got, len - got, (off_t)(from + got));

        if (n == 0 || (n < 0 && errno != EINTR))
            break;
        if (n > 0)
            got += (size_t)n;
    }
    return got;
}

gale_err gi_output_open(const char *path, int *fd, uint64_t *end)
{
    int f = open_file(path, O_WRONLY | O_APPEND | O_CREAT);

    if (f < 0)
        return GALE_EIO;
    if (!size_of(f, end)) {
        close(f);
        return GALE_EIO;
    }
    *fd = f;
    return GALE_OK;
}

void gi_output_tail(const char *path, uint64_t from, char *text, size_t size)
{
    int fd = open_file(path, O_RDONLY);
    uint64_t end, most = size - 1;
    char *line;
    size_t n;

    text[0] = '\0';
    if (fd < 0)
        return;
    if (size_of(fd, &end)) {
        if (from > end)
            from = 0;
        bool cut = end - from > most;
        n = read_at(fd, text, cut ? (size_t)most : (size_t)(end - from),
                    cut ? end - most : from);
        for (size_t i = 0; i < n; i++)
            if (text[i] == '\0')
                text[i] = '.';
        while (n > 0 && text[n - 1] == '\n')
            n--;
        text[n] = '\0';
        line = cut ? strchr(text, '\n') : NULL;
        if (line != NULL)
            memmove(text, line + 1, strlen(line + 1) + 1);
    }
    close(fd);
}

static bool copy_end(int from, int to, uint64_t at, uint64_t end)
{
    enum { CHUNK = 65536 };
    char *chunk = gi_alloc(CHUNK);
    bool ok = chunk != NULL;

    while (ok && at < end) {
        size_t want = end - at < CHUNK ? (size_t)(end - at) : CHUNK;
        size_t n = read_at(from, chunk, want, at);
        ssize_t put = n == 0 ? -1 : write(to, chunk, n);

        if (put < 0 && errno == EINTR)
            continue;
        ok = put > 0;
        at += ok ? (uint64_t)put : 0;
    }
    gi_free(chunk);
    return ok;
}

gale_err gi_output_trim(const char *path, uint64_t most)
{
    char older[4096];
    int fd = open_file(path, O_RDWR), to;
    uint64_t end;
    bool ok = true;

    if (fd < 0)
        return GALE_EIO;
    if (!size_of(fd, &end)) {
        close(fd);
        return GALE_EIO;
    }
    if (end > most) {
        int n = snprintf(older, sizeof(older), "%s.1", path);

        to = n < 0 || (size_t)n >= sizeof(older)
                 ? -1
                 : open_file(older, O_WRONLY | O_CREAT | O_TRUNC);
        ok = to >= 0 && copy_end(fd, to, end - most / 2, end);
        if (to >= 0)
            close(to);
        /* A full disk is a reason to cut it all the more. */
        ok = ftruncate(fd, 0) == 0 && ok;
    }
    close(fd);
    return ok ? GALE_OK : GALE_EIO;
}
