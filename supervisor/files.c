#include "supervisor/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void gi_path(char out[GI_PATH_MOST], const char *format, ...)
{
    va_list ap;
    int n;

    va_start(ap, format);
    n = vsnprintf(out, GI_PATH_MOST, format, ap);
    va_end(ap);
    if (n < 0 || n >= GI_PATH_MOST)
        out[0] = '\0';
}

/* Those on the way to ours hold nothing to hide. */
static bool make_one(const char *path, bool last)
{
    struct stat st;

    if (mkdir(path, last ? 0750 : 0755) == 0)
        return true;
    return errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

gale_err gi_dir_make(const char *path)
{
    char part[GI_PATH_MOST];
    size_t len = strlen(path);

    if (len == 0 || len >= sizeof(part)) {
        errno = len == 0 ? ENOENT : ENAMETOOLONG;
        return GALE_EIO;
    }
    for (size_t i = 1; i <= len; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (!make_one(part, i == len))
            return GALE_EIO;
    }
    return GALE_OK;
}

/* Deeper than this nobody builds by accident. */
enum { DEPTH = 32 };

static bool clear_at(int dir, int depth);

static bool remove_at(int dir, const char *name, int depth)
{
    int fd;

    if (unlinkat(dir, name, 0) == 0)
        return true;
    if (errno != EISDIR && errno != EPERM)
        return errno == ENOENT;
    fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return false;
    return clear_at(fd, depth + 1) && unlinkat(dir, name, AT_REMOVEDIR) == 0;
}

/* Takes `dir`. */
static bool clear_at(int dir, int depth)
{
    DIR *d = depth > DEPTH ? NULL : fdopendir(dir);
    const struct dirent *e;
    bool ok = true;

    if (d == NULL) {
        close(dir);
        return false;
    }
    while ((e = readdir(d)) != NULL)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            ok = remove_at(dir, e->d_name, depth) && ok;
    closedir(d);
    return ok;
}

void gi_dir_remove(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd >= 0 && clear_at(fd, 0))
        rmdir(path);
}

static bool put_aside(const char *path)
{
    struct timespec now;
    char aside[GI_PATH_MOST];

    clock_gettime(CLOCK_REALTIME, &now);
    gi_path(aside, "%s.left.%lld%09ld", path, (long long)now.tv_sec,
            now.tv_nsec);
    return rename(path, aside) == 0;
}

/* Somebody else's hands may be in the old one, and stay there. */
gale_err gi_dir_fresh(const char *path, uid_t uid, gid_t gid)
{
    mode_t mode = uid == geteuid() ? 0750 : 0700;

    gi_dir_remove(path);
    if (mkdir(path, mode) != 0 &&
        (errno != EEXIST || !put_aside(path) || mkdir(path, mode) != 0))
        return GALE_EIO;
    if (uid == geteuid())
        return GALE_OK;
    return lchown(path, uid, gid) == 0 ? GALE_OK : GALE_EIO;
}

gale_err gi_dir_let_pass(const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return GALE_EIO;
    if ((st.st_mode & S_IXOTH) != 0)
        return GALE_OK;
    return chmod(path, (st.st_mode & 07777) | S_IXOTH) == 0 ? GALE_OK
                                                            : GALE_EIO;
}

gale_err gi_file_text(const char *path, char *text, size_t size)
{
    int fd;
    ssize_t n;

    do
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return errno == ENOENT ? GALE_ENOTFOUND : GALE_EIO;
    do
        n = read(fd, text, size - 1);
    while (n < 0 && errno == EINTR);
    close(fd);
    if (n < 0)
        return GALE_EIO;
    text[n] = '\0';
    text[strcspn(text, "\r\n")] = '\0';
    return GALE_OK;
}
